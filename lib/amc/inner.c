/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/inner.h"

#include "amc/member.h"
#include "base/base64.h"
#include "codec/json_out.h"

/* A body is checked once more by whatever reads it, with limits of its own; these are wider, by the
 * message around it too. */
enum { DEPTH_MAX = 64, MEMBERS_MAX = 1024 * 1024 };

static const struct tsec_json_limits limits = { .depth_max = DEPTH_MAX,
                                                .members_max = MEMBERS_MAX + 32,
                                                .nul = true };
static const struct tsec_json_limits body_limits = { .depth_max = DEPTH_MAX - 1,
                                                     .members_max = MEMBERS_MAX,
                                                     .nul = true };

#define REFUSE(err) TSEC_FAIL((err), TSEC_E_INVALID, "inner: a member is not what it must be")

/* ---- read ---- */

static bool
read_plain(const struct amc_member *member, struct tsec_buf *bytes, struct tsec_span *out)
{
    return !amc_member_there(member) || amc_member_plain(member, bytes, out);
}

static bool
read_body(const struct amc_member *json, const struct amc_member *b64u, struct tsec_buf *bytes,
          struct tsec_span *out)
{
    if (amc_member_there(json) && amc_member_there(b64u)) {
        return false;
    }
    *out = json->value;
    return !amc_member_there(b64u) || amc_member_bytes(b64u, bytes, out);
}

/* Checks the text, and makes the room that spans may point into. */
static tsec_rc
open_text(struct tsec_span text, struct amc_member *m, size_t n, struct tsec_buf *bytes,
          struct tsec_err *err)
{
    TSEC_TRY(amc_members(text, AMC_PLAIN_MAX, &limits, m, n, err));
    tsec_buf_reserve(bytes, text.len);
    return tsec_buf_check(bytes, err);
}

enum {
    RQ_TOKEN,
    RQ_WRAP_TTL,
    RQ_IDEMPOTENCY,
    RQ_TYPE,
    RQ_METHOD,
    RQ_PATH,
    RQ_BODY,
    RQ_BODY_B64U,
    RQ_MEMBERS
};

tsec_rc
amc_inner_request_parse(struct tsec_span text, struct tsec_buf *bytes,
                        struct amc_inner_request *out, struct tsec_err *err)
{
    struct amc_member m[RQ_MEMBERS] = {
        [RQ_TOKEN] = { .name = "token" },
        [RQ_WRAP_TTL] = { .name = "wrap_ttl" },
        [RQ_IDEMPOTENCY] = { .name = "idempotency_key" },
        [RQ_TYPE] = { .name = "content_type" },
        [RQ_METHOD] = { .name = "method" },
        [RQ_PATH] = { .name = "path" },
        [RQ_BODY] = { .name = "body" },
        [RQ_BODY_B64U] = { .name = "body_b64u" },
    };

    memset(out, 0, sizeof(*out));
    TSEC_TRY(open_text(text, m, RQ_MEMBERS, bytes, err));
    if (!read_plain(&m[RQ_TOKEN], bytes, &out->token)
        || !read_plain(&m[RQ_WRAP_TTL], bytes, &out->wrap_ttl)
        || !read_plain(&m[RQ_IDEMPOTENCY], bytes, &out->idempotency_key)
        || !read_plain(&m[RQ_TYPE], bytes, &out->content_type)
        || !read_plain(&m[RQ_METHOD], bytes, &out->method)
        || !read_plain(&m[RQ_PATH], bytes, &out->path)
        || !read_body(&m[RQ_BODY], &m[RQ_BODY_B64U], bytes, &out->body)) {
        return REFUSE(err);
    }
    return (out->method.len == 0) == (out->path.len == 0) ? TSEC_OK : REFUSE(err);
}

enum { RP_STATUS, RP_TYPE, RP_ALLOW, RP_RETRY, RP_INDEX, RP_BODY, RP_BODY_B64U, RP_MEMBERS };

static bool
read_numbers(const struct amc_member *m, struct amc_inner_reply *out)
{
    int64_t status = 0;
    int64_t retry = 0;
    int64_t index = 0;

    if (!amc_member_int(&m[RP_STATUS], 100, 599, &status)
        || (amc_member_there(&m[RP_RETRY]) && !amc_member_int(&m[RP_RETRY], 0, UINT32_MAX, &retry))
        || (amc_member_there(&m[RP_INDEX])
            && !amc_member_int(&m[RP_INDEX], 0, INT64_MAX, &index))) {
        return false;
    }
    out->status = (int)status;
    out->retry_after_s = (unsigned)retry;
    out->has_audit_index = amc_member_there(&m[RP_INDEX]);
    out->audit_index = (uint64_t)index;
    return true;
}

tsec_rc
amc_inner_reply_parse(struct tsec_span text, struct tsec_buf *bytes, struct amc_inner_reply *out,
                      struct tsec_err *err)
{
    struct amc_member m[RP_MEMBERS] = {
        [RP_STATUS] = { .name = "status" },       [RP_TYPE] = { .name = "content_type" },
        [RP_ALLOW] = { .name = "allow" },         [RP_RETRY] = { .name = "retry_after" },
        [RP_INDEX] = { .name = "audit_index" },   [RP_BODY] = { .name = "body" },
        [RP_BODY_B64U] = { .name = "body_b64u" },
    };

    memset(out, 0, sizeof(*out));
    TSEC_TRY(open_text(text, m, RP_MEMBERS, bytes, err));
    if (!read_numbers(m, out) || !read_plain(&m[RP_TYPE], bytes, &out->content_type)
        || !read_plain(&m[RP_ALLOW], bytes, &out->allow)
        || !read_body(&m[RP_BODY], &m[RP_BODY_B64U], bytes, &out->body)) {
        return REFUSE(err);
    }
    return TSEC_OK;
}

/* ---- written ---- */

static void
put_plain(struct tsec_json_out *json, const char *key, struct tsec_span text)
{
    if (text.len > 0) {
        tsec_json_put_span(json, key, text);
    }
}

/* A body as one JSON value, when it is one: of what is said to be JSON without the white space
 * around it, which counts for nothing (the API ends its replies in a new line); of all else every
 * byte arrives. */
static bool
is_value(struct tsec_span body, struct tsec_span content_type, struct tsec_span *value)
{
    *value = tsec_json_trim(body);
    return (content_type.len == 0 || value->len == body.len)
           && !tsec_failed(tsec_json_check(*value, &body_limits, NULL));
}

static void
put_body(struct tsec_json_out *json, struct tsec_span body, struct tsec_span content_type)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TSEC_BASE64_LEN(AMC_PLAIN_MAX) + 1);
    struct tsec_span value;

    if (body.len == 0) {
        return;
    }
    if (is_value(body, content_type, &value)) {
        tsec_json_put_raw(json, "body", value);
        return;
    }
    tsec_base64_append(&text, TSEC_BASE64_URL, body);
    tsec_json_put_span(json, "body_b64u", tsec_buf_span(&text));
    json->buf->failed |= text.failed;
    json->buf->no_memory |= text.no_memory;
}

void
amc_inner_request_write(const struct amc_inner_request *request, struct tsec_buf *out)
{
    struct tsec_json_out json = tsec_json_out(out);

    tsec_json_object(&json);
    put_plain(&json, "token", request->token);
    put_plain(&json, "wrap_ttl", request->wrap_ttl);
    put_plain(&json, "idempotency_key", request->idempotency_key);
    put_plain(&json, "content_type", request->content_type);
    put_plain(&json, "method", request->method);
    put_plain(&json, "path", request->path);
    put_body(&json, request->body, request->content_type);
    tsec_json_object_end(&json);
}

void
amc_inner_reply_write(const struct amc_inner_reply *reply, struct tsec_buf *out)
{
    struct tsec_json_out json = tsec_json_out(out);

    tsec_json_object(&json);
    tsec_json_put_int(&json, "status", reply->status);
    put_plain(&json, "content_type", reply->content_type);
    put_plain(&json, "allow", reply->allow);
    if (reply->retry_after_s > 0) {
        tsec_json_put_int(&json, "retry_after", reply->retry_after_s);
    }
    if (reply->has_audit_index) {
        tsec_json_put_int(&json, "audit_index", (int64_t)reply->audit_index);
    }
    put_body(&json, reply->body, reply->content_type);
    tsec_json_object_end(&json);
}
