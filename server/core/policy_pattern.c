/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy_rule.h"

/** Vault's test: it asks for a segment that begins with '+', and only later for one that is "+". */
static bool
has_segments(struct tsec_span text)
{
    if (text.len == 1 && text.ptr[0] == '+') {
        return true;
    }
    if (text.len >= 2 && text.ptr[0] == '+' && text.ptr[1] == '/') {
        return true;
    }
    return memmem(text.ptr, text.len, "/+", 2) != NULL;
}

static unsigned
count_pluses(struct tsec_span text)
{
    unsigned n = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '+' && (i == 0 || text.ptr[i - 1] == '/')
            && (i + 1 == text.len || text.ptr[i + 1] == '/')) {
            n++;
        }
    }
    return n;
}

struct policy_pattern
policy_pattern(struct tsec_span path)
{
    struct policy_pattern p = { .text = path };

    if (path.len > 0 && path.ptr[path.len - 1] == '*') {
        p.prefix = true;
        p.text.len--;
    }
    p.segments = p.text.len > 0 && has_segments(p.text);
    p.first_wild = p.text.len;
    if (p.segments) {
        const uint8_t *plus = memchr(p.text.ptr, '+', p.text.len);

        p.first_wild = (size_t)(plus - p.text.ptr);
        p.pluses = count_pluses(p.text);
    }
    return p;
}

int
policy_pattern_compare(const struct policy_pattern *a, const struct policy_pattern *b)
{
    if (a->first_wild != b->first_wild) {
        return a->first_wild > b->first_wild ? 1 : -1;
    }
    if (a->prefix != b->prefix) {
        return a->prefix ? -1 : 1;
    }
    if (a->pluses != b->pluses) {
        return a->pluses < b->pluses ? 1 : -1;
    }
    if (a->text.len != b->text.len) {
        return a->text.len > b->text.len ? 1 : -1;
    }
    return tsec_span_compare(a->text, b->text);
}

static size_t
segment_len(struct tsec_span rest)
{
    const uint8_t *slash = rest.len == 0 ? NULL : memchr(rest.ptr, '/', rest.len);

    return slash == NULL ? rest.len : (size_t)(slash - rest.ptr);
}

static bool
segments_match(const struct policy_pattern *pattern, struct tsec_span path)
{
    struct tsec_span want = pattern->text;
    struct tsec_span have = path;

    for (;;) {
        const size_t want_len = segment_len(want);
        const size_t have_len = segment_len(have);
        const bool plus = want_len == 1 && want.ptr[0] == '+';

        if (want_len == want.len && pattern->prefix) {
            return plus || tsec_span_starts(have, want);
        }
        if (!plus
            && !tsec_span_equal(tsec_span(want.ptr, want_len), tsec_span(have.ptr, have_len))) {
            return false;
        }
        if (want_len == want.len || have_len == have.len) {
            return want_len == want.len && have_len == have.len;
        }
        want = tsec_span(want.ptr + want_len + 1, want.len - want_len - 1);
        have = tsec_span(have.ptr + have_len + 1, have.len - have_len - 1);
    }
}

bool
policy_pattern_matches(const struct policy_pattern *pattern, struct tsec_span path)
{
    if (pattern->segments) {
        return segments_match(pattern, path);
    }
    return tsec_span_starts(path, pattern->text);
}
