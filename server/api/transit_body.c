/* SPDX-License-Identifier: Apache-2.0 */
#include "api/transit_body.h"

static const char *const names[TRANSIT_IN_MEMBERS] = {
#define X(name, text) [TRANSIT_IN_##name] = (text),
    TRANSIT_MEMBERS(X)
#undef X
};

static enum transit_member
member_named(struct tsec_span raw)
{
    enum transit_member m = 0;

    while (m < TRANSIT_IN_MEMBERS && !tsec_json_string_is(raw, tsec_span_str(names[m]))) {
        m++;
    }
    return m;
}

void
transit_body_of(struct tsec_span object, struct transit_body *out)
{
    struct tsec_json_walk walk = tsec_json_walk(object);
    struct tsec_json_member member;

    memset(out, 0, sizeof(*out));
    while (tsec_json_next(&walk, &member)) {
        const enum transit_member m = member_named(member.name_raw);
        const enum tsec_json_type type = tsec_json_type_of(member.value);

        if (m < TRANSIT_IN_MEMBERS && type != TSEC_JSON_NULL) {
            out->values[m] = (struct transit_value){ type, member.value };
        }
    }
}

tsec_rc
transit_body_read(struct api_call *call, struct transit_body *out, struct tsec_err *err)
{
    const struct tsec_json_limits limits = TSEC_JSON_LIMITS_DEFAULT;
    const struct tsec_span text = tsec_json_trim(call->req->body);

    memset(out, 0, sizeof(*out));
    if (text.len == 0) {
        return TSEC_OK;
    }
    if (tsec_failed(tsec_json_check(text, &limits, err))) {
        return api_refusef(call, TSEC_E_INVALID, "failed to decode JSON input: %s",
                           err == NULL ? "not JSON" : err->detail);
    }
    if (tsec_json_type_of(text) == TSEC_JSON_OBJECT) {
        transit_body_of(text, out);
        return TSEC_OK;
    }
    return tsec_json_type_of(text) == TSEC_JSON_NULL
               ? TSEC_OK
               : api_refuse(call, TSEC_E_INVALID, "failed to decode JSON input: not an object");
}

static tsec_rc
mismatch(const struct transit_body *body, enum transit_member member, const char *what,
         struct tsec_err *err)
{
    if (body->item) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "failed to parse batch input: '[%zu].%s' expected %s",
                         body->index, names[member], what);
    }
    return TSEC_FAIL(err, TSEC_E_INVALID, "error converting input for field \"%s\": expected %s",
                     names[member], what);
}

static tsec_rc
unescape(struct tsec_span raw, struct tsec_arena *arena, struct tsec_span *out,
         struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(raw.len);

    tsec_json_unescape(&text, raw);
    TSEC_TRY(tsec_buf_check(&text, err));
    *out = tsec_span(tsec_arena_dup(arena, tsec_buf_span(&text)), text.len);
    return out->ptr == NULL ? TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a member of a body") : TSEC_OK;
}

/* Whether a clever escape has to be undone; most text has none. */
static bool
plain(struct tsec_span raw)
{
    return memchr(raw.ptr, '\\', raw.len) == NULL;
}

tsec_rc
transit_text(const struct transit_body *body, enum transit_member member, struct tsec_arena *arena,
             struct tsec_span *out, struct tsec_err *err)
{
    const struct transit_value *value = &body->values[member];

    if (value->type == TSEC_JSON_NONE) {
        return TSEC_OK;
    }
    if (value->type != TSEC_JSON_STRING) {
        return mismatch(body, member, "a string", err);
    }
    if (!plain(value->raw)) {
        return unescape(value->raw, arena, out, err);
    }
    *out = tsec_span(value->raw.ptr + 1, value->raw.len - 2);
    return TSEC_OK;
}

static bool
is_one_of(struct tsec_span raw, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (tsec_span_is(raw, words[i])) {
            return true;
        }
    }
    return false;
}

tsec_rc
transit_flag(const struct transit_body *body, enum transit_member member, bool *out,
             struct tsec_err *err)
{
    static const char *const yes[] = { "true",     "1",     "\"true\"", "\"True\"",
                                       "\"TRUE\"", "\"1\"", "\"t\"",    "\"T\"" };
    static const char *const no[] = { "false", "0",     "\"false\"", "\"False\"", "\"FALSE\"",
                                      "\"0\"", "\"f\"", "\"F\"",     "\"\"" };
    const struct transit_value *value = &body->values[member];

    if (value->type == TSEC_JSON_NONE) {
        return TSEC_OK;
    }
    *out = is_one_of(value->raw, yes, TSEC_ARRAY_LEN(yes));
    if (!*out && !is_one_of(value->raw, no, TSEC_ARRAY_LEN(no))) {
        return mismatch(body, member, "true or false", err);
    }
    return TSEC_OK;
}

tsec_rc
transit_number(const struct transit_body *body, enum transit_member member, int64_t *out,
               struct tsec_err *err)
{
    const struct transit_value *value = &body->values[member];

    if (value->type == TSEC_JSON_NONE) {
        return TSEC_OK;
    }
    if (!tsec_json_to_i64(value->raw, out)) {
        return mismatch(body, member, "a whole number", err);
    }
    return TSEC_OK;
}
