/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_scan.h"

#include "codec/json_names.h"
#include "codec/json_text.h"

enum { DEPTH_MAX = 64 };

enum want {
    WANT_VALUE,
    WANT_VALUE_OR_END, /* after '[' */
    WANT_KEY,
    WANT_KEY_OR_END, /* after '{' */
    WANT_AFTER,      /* after a value: a comma, or the end of what it is in */
};

struct scan {
    struct tsec_span text;
    struct tsec_span rest;
    struct tsec_json_limits limits;
    enum want want;
    size_t members;
    unsigned depth;
    struct {
        bool object;
        size_t names; /* where the names of this object begin */
    } open[DEPTH_MAX];
    struct tsec_json_names names;
    struct tsec_err *err;
};

static size_t
offset(const struct scan *s)
{
    return s->text.len - s->rest.len;
}

#define BAD(s, what) TSEC_FAIL((s)->err, TSEC_E_INVALID, "JSON: " what " at byte %zu", offset(s))

static bool
take(struct scan *s, uint8_t c)
{
    if (s->rest.len == 0 || s->rest.ptr[0] != c) {
        return false;
    }
    s->rest = tsec_json_from(s->rest, 1);
    return true;
}

static bool
skip_char(struct scan *s, bool nul)
{
    struct tsec_json_char c;
    const bool good =
        tsec_json_char_take(&s->rest, &c) && (nul || c.len != 1 || c.bytes[0] != '\0');

    explicit_bzero(&c, sizeof(c)); /* it may be of a secret */
    return good;
}

/* Goes over a string.  Its first byte is a quote. */
static tsec_rc
string(struct scan *s, bool nul, struct tsec_json_name *out)
{
    const uint8_t *start = s->rest.ptr;

    out->escaped = false;
    s->rest = tsec_json_from(s->rest, 1);
    for (;;) {
        s->rest = tsec_json_from(s->rest, tsec_json_plain(s->rest));
        if (take(s, '"')) {
            out->raw = tsec_span(start, (size_t)(s->rest.ptr - start));
            return TSEC_OK;
        }
        if (s->rest.len == 0) {
            return BAD(s, "string without end");
        }
        out->escaped |= s->rest.ptr[0] == '\\';
        if (!skip_char(s, nul)) {
            return BAD(s, "bad character or escape in a string");
        }
    }
}

static size_t
digits(struct scan *s)
{
    size_t n = 0;

    while (n < s->rest.len && s->rest.ptr[n] >= '0' && s->rest.ptr[n] <= '9') {
        n++;
    }
    s->rest = tsec_json_from(s->rest, n);
    return n;
}

static tsec_rc
number(struct scan *s)
{
    (void)take(s, '-');
    if (!take(s, '0') && digits(s) == 0) {
        return BAD(s, "no value");
    }
    if (take(s, '.') && digits(s) == 0) {
        return BAD(s, "number without digits after the point");
    }
    if (take(s, 'e') || take(s, 'E')) {
        if (!take(s, '+')) {
            (void)take(s, '-');
        }
        if (digits(s) == 0) {
            return BAD(s, "number without an exponent");
        }
    }
    s->want = WANT_AFTER;
    return TSEC_OK;
}

static tsec_rc
word(struct scan *s, const char *text)
{
    const struct tsec_span w = tsec_span_str(text);

    if (!tsec_span_starts(s->rest, w)) {
        return BAD(s, "no value");
    }
    s->rest = tsec_json_from(s->rest, w.len);
    s->want = WANT_AFTER;
    return TSEC_OK;
}

static tsec_rc
open_container(struct scan *s, bool object)
{
    if (s->depth >= s->limits.depth_max || s->depth >= DEPTH_MAX) {
        return BAD(s, "too deep");
    }
    s->rest = tsec_json_from(s->rest, 1);
    s->open[s->depth].object = object;
    s->open[s->depth].names = s->names.len;
    s->depth++;
    s->want = object ? WANT_KEY_OR_END : WANT_VALUE_OR_END;
    return TSEC_OK;
}

static tsec_rc
close_container(struct scan *s)
{
    s->depth--;
    s->want = WANT_AFTER;
    if (s->open[s->depth].object && tsec_json_names_pop(&s->names, s->open[s->depth].names)) {
        return BAD(s, "a member name twice in the object that ends");
    }
    return TSEC_OK;
}

/* Members and elements are counted where they begin. */
static tsec_rc
count(struct scan *s)
{
    if (s->members >= s->limits.members_max) {
        return BAD(s, "too many members");
    }
    s->members++;
    return TSEC_OK;
}

static tsec_rc
key(struct scan *s)
{
    struct tsec_json_name name;

    if (s->rest.len == 0 || s->rest.ptr[0] != '"') {
        return BAD(s, "no member name");
    }
    TSEC_TRY(count(s));
    TSEC_TRY(string(s, false, &name));
    s->rest = tsec_json_skip_space(s->rest);
    if (!take(s, ':')) {
        return BAD(s, "no colon");
    }
    s->want = WANT_VALUE;
    return tsec_json_names_push(&s->names, name, s->err);
}

static tsec_rc
value(struct scan *s)
{
    struct tsec_json_name ignored;

    if (s->depth > 0 && !s->open[s->depth - 1].object) {
        TSEC_TRY(count(s));
    }
    switch (s->rest.len == 0 ? 0 : s->rest.ptr[0]) {
    case '{':
        return open_container(s, true);
    case '[':
        return open_container(s, false);
    case '"':
        s->want = WANT_AFTER;
        return string(s, s->limits.nul, &ignored);
    case 't':
        return word(s, "true");
    case 'f':
        return word(s, "false");
    case 'n':
        return word(s, "null");
    default:
        return number(s);
    }
}

static tsec_rc
after(struct scan *s)
{
    const bool object = s->open[s->depth - 1].object;

    if (take(s, ',')) {
        s->want = object ? WANT_KEY : WANT_VALUE;
        return TSEC_OK;
    }
    if (take(s, object ? '}' : ']')) {
        return close_container(s);
    }
    return BAD(s, "no comma and no end");
}

static tsec_rc
step(struct scan *s)
{
    switch (s->want) {
    case WANT_KEY_OR_END:
        return take(s, '}') ? close_container(s) : key(s);
    case WANT_KEY:
        return key(s);
    case WANT_VALUE_OR_END:
        return take(s, ']') ? close_container(s) : value(s);
    case WANT_AFTER:
        return after(s);
    case WANT_VALUE:
    default:
        return value(s);
    }
}

static tsec_rc
scan_all(struct scan *s)
{
    do {
        s->rest = tsec_json_skip_space(s->rest);
        TSEC_TRY(step(s));
    } while (s->depth > 0 || s->want != WANT_AFTER);
    s->rest = tsec_json_skip_space(s->rest);
    return s->rest.len == 0 ? TSEC_OK : BAD(s, "something after the value");
}

tsec_rc
tsec_json_check(struct tsec_span text, const struct tsec_json_limits *limits, struct tsec_err *err)
{
    struct scan s; /* not zeroed as a whole: every part is set before it is read */

    s.text = text;
    s.rest = text;
    s.limits = *limits;
    s.want = WANT_VALUE;
    s.members = 0;
    s.depth = 0;
    s.err = err;
    tsec_json_names_init(&s.names);

    const tsec_rc rc = scan_all(&s);

    tsec_json_names_done(&s.names);
    return rc;
}
