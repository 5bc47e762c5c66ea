/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/member.h"

#include "base/base64.h"

static void
keep(const struct tsec_json_member *m, struct amc_member *members, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (tsec_json_string_is(m->name_raw, tsec_span_str(members[i].name))) {
            members[i].value = m->value;
            return;
        }
    }
}

tsec_rc
amc_members(struct tsec_span text, size_t max, const struct tsec_json_limits *limits,
            struct amc_member *members, size_t n, struct tsec_err *err)
{
    if (text.len > max) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%zu bytes, %zu is the limit", text.len, max);
    }
    TSEC_TRY(tsec_json_check(text, limits, err));
    if (tsec_json_type_of(tsec_json_trim(text)) != TSEC_JSON_OBJECT) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "no JSON object");
    }

    struct tsec_json_walk walk = tsec_json_walk(tsec_json_trim(text));
    struct tsec_json_member m;

    for (size_t i = 0; i < n; i++) {
        members[i].value = tsec_span(NULL, 0);
    }
    while (tsec_json_next(&walk, &m)) {
        keep(&m, members, n);
    }
    return TSEC_OK;
}

/* What stands between the quotes.  base64url needs no escapes, so that text with one is none. */
static bool
quoted(const struct amc_member *member, struct tsec_span *inner)
{
    if (tsec_json_type_of(member->value) != TSEC_JSON_STRING) {
        return false;
    }
    *inner = tsec_span(member->value.ptr + 1, member->value.len - 2);
    return true;
}

bool
amc_member_fixed(const struct amc_member *member, uint8_t *out, size_t len)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(len);
    struct tsec_span text;

    if (!quoted(member, &text)
        || tsec_failed(tsec_base64_decode(&bytes, TSEC_BASE64_URL, text, NULL))
        || bytes.len != len) {
        return false;
    }
    memcpy(out, bytes.ptr, len);
    return true;
}

bool
amc_member_bytes(const struct amc_member *member, struct tsec_buf *out, struct tsec_span *got)
{
    const size_t before = out->len;
    struct tsec_span text;

    if (!quoted(member, &text)
        || tsec_failed(tsec_base64_decode(out, TSEC_BASE64_URL, text, NULL))) {
        return false;
    }
    *got = out->len == before ? tsec_span("", 0) : tsec_span(out->ptr + before, out->len - before);
    return true;
}

bool
amc_member_plain(const struct amc_member *member, struct tsec_buf *out, struct tsec_span *got)
{
    const size_t before = out->len;
    struct tsec_span text;

    if (!quoted(member, &text)) {
        return false;
    }
    tsec_json_unescape(out, member->value);
    if (out->failed) {
        return false;
    }
    *got = out->len == before ? tsec_span("", 0) : tsec_span(out->ptr + before, out->len - before);
    return tsec_text_plain(*got);
}

bool
amc_member_text(const struct amc_member *member, char *out, size_t max)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(max);
    struct tsec_span text;

    if (!amc_member_plain(member, &bytes, &text) || text.len == 0 || text.len > max) {
        return false;
    }
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return true;
}

bool
amc_member_int(const struct amc_member *member, int64_t min, int64_t max, int64_t *out)
{
    return tsec_json_type_of(member->value) == TSEC_JSON_NUMBER
           && tsec_json_to_i64(member->value, out) && *out >= min && *out <= max;
}

bool
amc_member_is(const struct amc_member *member, const char *text)
{
    return tsec_json_type_of(member->value) == TSEC_JSON_STRING
           && tsec_json_string_is(member->value, tsec_span_str(text));
}

bool
amc_member_bool(const struct amc_member *member, bool *out)
{
    const enum tsec_json_type type = tsec_json_type_of(member->value);

    *out = type == TSEC_JSON_TRUE;
    return type == TSEC_JSON_TRUE || type == TSEC_JSON_FALSE;
}
