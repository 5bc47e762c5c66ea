/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy_rule.h"

enum { PIECES_MAX = 16 }; /* of one path: eight templates and the text before each */

static size_t
find(struct tsec_span text, const char *mark)
{
    const uint8_t *found = text.len == 0 ? NULL : memmem(text.ptr, text.len, mark, 2);

    return found == NULL ? text.len : (size_t)(found - text.ptr);
}

static struct tsec_span
behind(struct tsec_span text, size_t n)
{
    return tsec_span(text.ptr + n, text.len - n);
}

static struct tsec_span
trim(struct tsec_span text)
{
    while (text.len > 0 && text.ptr[0] == ' ') {
        text = behind(text, 1);
    }
    while (text.len > 0 && text.ptr[text.len - 1] == ' ') {
        text.len--;
    }
    return text;
}

static tsec_rc
split(struct tsec_span path, struct policy_piece pieces[PIECES_MAX], size_t *n,
      struct tsec_err *err)
{
    struct tsec_span rest = path;

    while (rest.len > 0) {
        const size_t open = find(rest, "{{");
        const size_t close = find(rest, "}}");

        if (*n + 2 > PIECES_MAX) {
            return TSEC_FAIL(err, TSEC_E_INVALID,
                             "failed to parse policy: too many templates in one path");
        }
        if (close < open || (open < rest.len && close == rest.len)) {
            return TSEC_FAIL(err, TSEC_E_INVALID,
                             "failed to parse policy: failed to validate policy templating: "
                             "unbalanced templating characters");
        }
        pieces[(*n)++] = (struct policy_piece){ tsec_span(rest.ptr, open), false };
        if (open == rest.len) {
            return TSEC_OK;
        }
        const struct tsec_span name = trim(tsec_span(rest.ptr + open + 2, close - open - 2));

        if (name.len == 0 || memchr(name.ptr, '{', name.len) != NULL) {
            return TSEC_FAIL(err, TSEC_E_INVALID,
                             "failed to parse policy: failed to validate policy templating: "
                             "invalid template");
        }
        pieces[(*n)++] = (struct policy_piece){ name, true };
        rest = behind(rest, close + 2);
    }
    return TSEC_OK;
}

tsec_rc
policy_template_read(struct tsec_arena *arena, struct tsec_span path, struct policy_rule *out,
                     struct tsec_err *err)
{
    struct policy_piece pieces[PIECES_MAX] = { 0 };
    struct policy_piece *kept;
    size_t n = 0;

    TSEC_TRY(split(path, pieces, &n, err));
    if (n < 2) {
        return TSEC_OK; /* no template in it */
    }
    kept = tsec_arena_alloc(arena, n * sizeof(*kept));
    if (kept == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a policy");
    }
    memcpy(kept, pieces, n * sizeof(*kept));
    out->pieces = kept;
    out->pieces_len = n;
    return TSEC_OK;
}

static const struct policy_value *
find_value(const struct policy_query *query, struct tsec_span name)
{
    for (size_t i = 0; i < query->values_len; i++) {
        if (tsec_span_is(name, query->values[i].name)) {
            return &query->values[i];
        }
    }
    return NULL;
}

/** A value must stay what it is: part of one segment, and never a wildcard. */
static bool
is_harmless(struct tsec_span value)
{
    if (value.len == 0 || tsec_span_is(value, "+")) {
        return false;
    }
    for (size_t i = 0; i < value.len; i++) {
        const uint8_t byte = value.ptr[i];

        if (byte < 0x20 || byte == 0x7f || byte == '/' || byte == '*') {
            return false;
        }
    }
    return true;
}

bool
policy_rule_resolve(const struct policy_rule *rule, const struct policy_query *query,
                    char buf[POLICY_PATH_MAX], struct tsec_span *path)
{
    size_t len = 0;

    for (size_t i = 0; i < rule->pieces_len; i++) {
        struct tsec_span text = rule->pieces[i].text;

        if (rule->pieces[i].is_name) {
            const struct policy_value *found = find_value(query, text);

            if (found == NULL || !is_harmless(found->value)) {
                return false;
            }
            text = found->value;
        }
        if (text.len > POLICY_PATH_MAX - len) {
            return false;
        }
        memcpy(buf + len, text.ptr, text.len);
        len += text.len;
    }
    *path = tsec_span(buf, len);
    return true;
}
