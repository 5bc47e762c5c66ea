/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_names.h"
#include "codec/json_scan.h"
#include "codec/json_text.h"

struct tsec_span
tsec_json_trim(struct tsec_span text)
{
    text = tsec_json_skip_space(text);
    while (text.len > 0 && tsec_is_space(text.ptr[text.len - 1])) {
        text.len--;
    }
    return text;
}

enum tsec_json_type
tsec_json_type_of(struct tsec_span value)
{
    value = tsec_json_skip_space(value);
    switch (value.len == 0 ? 0 : value.ptr[0]) {
    case 0:
        return TSEC_JSON_NONE;
    case '{':
        return TSEC_JSON_OBJECT;
    case '[':
        return TSEC_JSON_ARRAY;
    case '"':
        return TSEC_JSON_STRING;
    case 't':
        return TSEC_JSON_TRUE;
    case 'f':
        return TSEC_JSON_FALSE;
    case 'n':
        return TSEC_JSON_NULL;
    default:
        return TSEC_JSON_NUMBER;
    }
}

/* Whether an odd number of backslashes stands before that byte, which is inside a string. */
static bool
is_escaped(struct tsec_span text, size_t at)
{
    size_t n = 0;

    while (n < at && text.ptr[at - n - 1] == '\\') {
        n++;
    }
    return n % 2 == 1;
}

/* Length of the string at the start of `text`, with its quotes.  What is between them was checked:
 * only the end is looked for. */
static size_t
string_len(struct tsec_span text)
{
    size_t n = 1;

    while (n < text.len) {
        const uint8_t *quote = memchr(text.ptr + n, '"', text.len - n);

        if (quote == NULL) {
            break;
        }
        n = (size_t)(quote - text.ptr);
        if (!is_escaped(text, n)) {
            return n + 1;
        }
        n++;
    }
    return text.len;
}

/* Length of the value at the start of `text`: brackets are counted, strings jumped over. */
static size_t
value_len(struct tsec_span text)
{
    size_t n = 0;
    size_t depth = 0;

    while (n < text.len) {
        const uint8_t c = text.ptr[n];
        const bool end = c == '}' || c == ']';

        if (depth == 0 && (end || c == ',' || tsec_is_space(c))) {
            break;
        }
        n += c == '"' ? string_len(tsec_json_from(text, n)) : 1;
        depth += c == '{' || c == '[' ? 1 : 0;
        depth -= end ? 1 : 0;
        if (depth == 0 && (end || c == '"')) {
            break;
        }
    }
    return n;
}

struct tsec_json_walk
tsec_json_walk(struct tsec_span value)
{
    const enum tsec_json_type type = tsec_json_type_of(value);
    struct tsec_json_walk walk = { { NULL, 0 } };

    if (type == TSEC_JSON_OBJECT || type == TSEC_JSON_ARRAY) {
        walk.rest = tsec_json_from(tsec_json_skip_space(value), 1);
    }
    return walk;
}

static struct tsec_span
take(struct tsec_span *rest, size_t n)
{
    const struct tsec_span taken = tsec_span(rest->ptr, n);

    *rest = tsec_json_skip_space(tsec_json_from(*rest, n));
    return taken;
}

bool
tsec_json_next(struct tsec_json_walk *walk, struct tsec_json_member *out)
{
    struct tsec_span rest = tsec_json_skip_space(walk->rest);

    if (rest.len > 0 && rest.ptr[0] == ',') {
        rest = tsec_json_skip_space(tsec_json_from(rest, 1));
    }
    if (rest.len == 0 || rest.ptr[0] == '}' || rest.ptr[0] == ']') {
        walk->rest = tsec_span(NULL, 0);
        return false;
    }
    out->name_raw = tsec_span(NULL, 0);
    out->value = take(&rest, value_len(rest));
    /* only a member's name has a colon after it */
    if (rest.len > 0 && rest.ptr[0] == ':') {
        out->name_raw = out->value;
        (void)take(&rest, 1);
        out->value = take(&rest, value_len(rest));
    }
    walk->rest = rest;
    return true;
}

static struct tsec_span
inside_of(struct tsec_span raw)
{
    return raw.len < 2 ? tsec_span(NULL, 0) : tsec_span(raw.ptr + 1, raw.len - 2);
}

bool
tsec_json_string_is(struct tsec_span raw, struct tsec_span text)
{
    struct tsec_span rest = inside_of(raw);
    struct tsec_json_char c;

    while (rest.len > 0) {
        const size_t run = tsec_json_plain(rest);

        if (!tsec_span_starts(text, tsec_span(rest.ptr, run))) {
            return false;
        }
        text = tsec_json_from(text, run);
        rest = tsec_json_from(rest, run);
        if (rest.len == 0) {
            break;
        }
        if (!tsec_json_char_take(&rest, &c) || !tsec_span_starts(text, tsec_span(c.bytes, c.len))) {
            return false;
        }
        text = tsec_json_from(text, c.len);
    }
    return text.len == 0;
}

bool
tsec_json_strings_equal(struct tsec_span raw_a, struct tsec_span raw_b)
{
    return tsec_span_equal(raw_a, raw_b) || tsec_json_strings_compare(raw_a, raw_b) == 0;
}

enum tsec_json_type
tsec_json_member(struct tsec_span object, const char *name, struct tsec_span *value)
{
    struct tsec_json_walk walk = tsec_json_walk(object);
    const struct tsec_span wanted = tsec_span_str(name);
    struct tsec_json_member m;

    *value = tsec_span(NULL, 0);
    if (tsec_json_type_of(object) != TSEC_JSON_OBJECT) {
        return TSEC_JSON_NONE;
    }
    while (tsec_json_next(&walk, &m)) {
        if (tsec_json_string_is(m.name_raw, wanted)) {
            *value = m.value;
            return tsec_json_type_of(m.value);
        }
    }
    return TSEC_JSON_NONE;
}

void
tsec_json_unescape(struct tsec_buf *out, struct tsec_span raw)
{
    struct tsec_span rest = inside_of(raw);
    struct tsec_json_char c;

    tsec_buf_reserve(out, rest.len); /* never longer than it stands there */
    while (rest.len > 0) {
        const size_t run = tsec_json_plain(rest);

        tsec_buf_put(out, rest.ptr, run);
        rest = tsec_json_from(rest, run);
        if (rest.len == 0) {
            break;
        }
        if (!tsec_json_char_take(&rest, &c)) {
            out->failed = true; /* not checked text */
            return;
        }
        tsec_buf_put(out, c.bytes, c.len);
        explicit_bzero(c.bytes, sizeof(c.bytes));
    }
}

bool
tsec_json_to_i64(struct tsec_span value, int64_t *out)
{
    struct tsec_span rest = tsec_json_trim(value);
    int64_t n = 0;

    if (tsec_json_type_of(rest) == TSEC_JSON_STRING) {
        rest = inside_of(rest);
    }

    const bool minus = rest.len > 0 && rest.ptr[0] == '-';

    rest = tsec_json_from(rest, minus ? 1 : 0);
    if (rest.len == 0 || (rest.len > 1 && rest.ptr[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < rest.len; i++) {
        const int64_t digit = (int64_t)rest.ptr[i] - '0';

        /* downwards, because the range below zero is the larger one */
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(n, 10, &n)
            || __builtin_sub_overflow(n, digit, &n)) {
            return false;
        }
    }
    if (!minus && __builtin_sub_overflow(0, n, &n)) {
        return false;
    }
    *out = n;
    return true;
}
