/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_json.h"

#include <assert.h>
#include <string.h>

#include "base/hex.h"

static bool
escaped(struct tsec_span raw)
{
    return memchr(raw.ptr, '\\', raw.len) != NULL;
}

static struct tsec_span
inside(struct tsec_span raw)
{
    return raw.len < 2 ? tsec_span(NULL, 0) : tsec_span(raw.ptr + 1, raw.len - 2);
}

/* Names by their length and last character, which tell most of them apart: first[bucket] is one
 * more than the index of the first, next[i] of the one after names[i]. */
enum { BUCKETS = 64 };

struct index {
    uint8_t first[BUCKETS];
    uint8_t next[MAA_PICK_MAX];
};

static size_t
bucket_of(size_t len, uint8_t last)
{
    return (len * 5 + last) % BUCKETS;
}

static void
index_names(struct index *x, const struct tsec_span *names, size_t n)
{
    memset(x->first, 0, sizeof(x->first));
    for (size_t i = n; i > 0; i--) {
        const struct tsec_span name = names[i - 1];
        uint8_t *first = &x->first[bucket_of(name.len, name.ptr[name.len - 1])];

        x->next[i - 1] = *first;
        *first = (uint8_t)i;
    }
}

/* The index of the name, or n. */
static size_t
find(const struct index *x, const struct tsec_span *names, size_t n, struct tsec_span raw)
{
    if (escaped(raw)) {
        for (size_t i = 0; i < n; i++) {
            if (tsec_json_string_is(raw, names[i])) {
                return i;
            }
        }
        return n;
    }

    size_t at = raw.len < 3 ? 0 : x->first[bucket_of(raw.len - 2, raw.ptr[raw.len - 2])];

    while (at > 0 && !tsec_span_equal(inside(raw), names[at - 1])) {
        at = x->next[at - 1];
    }
    return at > 0 ? at - 1 : n;
}

void
maa_pick(struct tsec_span object, const struct tsec_span *names, size_t n, struct tsec_span *values)
{
    struct tsec_json_walk walk = tsec_json_walk(object);
    struct tsec_json_member m;
    struct index x;

    assert(n <= MAA_PICK_MAX);
    for (size_t i = 0; i < n; i++) {
        values[i] = tsec_span(NULL, 0);
    }
    if (tsec_json_type_of(object) != TSEC_JSON_OBJECT) {
        return;
    }
    index_names(&x, names, n);
    while (tsec_json_next(&walk, &m)) {
        const size_t at = find(&x, names, n, m.name_raw);

        if (at < n) {
            values[at] = m.value;
        }
    }
}

bool
maa_bool(struct tsec_span value, bool *out)
{
    const enum tsec_json_type type = tsec_json_type_of(value);

    *out = type == TSEC_JSON_TRUE;
    return type == TSEC_JSON_TRUE || type == TSEC_JSON_FALSE;
}

bool
maa_number(struct tsec_span value, uint64_t max, uint64_t *out)
{
    int64_t n = 0;

    *out = 0;
    if (tsec_json_type_of(value) != TSEC_JSON_NUMBER || value.ptr[0] == '-'
        || !tsec_json_to_i64(value, &n) || (uint64_t)n > max) {
        return false;
    }
    *out = (uint64_t)n;
    return true;
}

bool
maa_string(struct tsec_span value, struct tsec_buf *copy, struct tsec_span *out)
{
    if (tsec_json_type_of(value) != TSEC_JSON_STRING) {
        return false;
    }
    *out = inside(value);
    if (escaped(value)) {
        tsec_buf_reset(copy);
        tsec_json_unescape(copy, value);
        *out = tsec_buf_span(copy);
    }
    return !copy->failed;
}

bool
maa_hex(struct tsec_span value, uint8_t *out, size_t len)
{
    TSEC_AUTO_BUF struct tsec_buf copy = TSEC_BUF_INIT(MAA_STRING_MAX);
    struct tsec_span text;

    memset(out, 0, len);
    return maa_string(value, &copy, &text) && text.len == 2 * len
           && tsec_hex_decode(text, out, len);
}

bool
maa_base64(struct tsec_span value, enum tsec_base64_kind kind, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf copy = TSEC_BUF_INIT(MAA_STRING_MAX);
    struct tsec_span text;

    return maa_string(value, &copy, &text)
           && !tsec_failed(tsec_base64_decode(out, kind, text, NULL));
}

bool
maa_says(struct tsec_span value, const char *text)
{
    return tsec_json_type_of(value) == TSEC_JSON_STRING
           && tsec_json_string_is(value, tsec_span_str(text));
}

struct tsec_span
maa_shown(struct tsec_span value)
{
    enum { SHOWN_MAX = 80 };

    if (value.len == 0) {
        return tsec_span_str("absent");
    }
    if (value.len > SHOWN_MAX) {
        value.len = SHOWN_MAX;
    }
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] < ' ' || value.ptr[i] > '~') {
            return tsec_span_str("not plain ASCII");
        }
    }
    return value;
}
