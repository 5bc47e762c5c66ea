/* SPDX-License-Identifier: Apache-2.0 */
#include "api/op.h"

#include "api/envelope.h"
#include "api/wrap.h"
#include "codec/json_scan.h"
#include "core/wrapping.h"

/* Every envelope begins so; the id after it is drawn anew when the reply is unwrapped. */
static const char ENVELOPE_START[] = "{\"request_id\":\"";
enum { ENVELOPE_SKIP = sizeof(ENVELOPE_START) - 1 + API_REQUEST_ID_LEN + 1 };

struct wrap_info {
    const struct token_made *made;
    const struct wrapping *wrapping;
};

static void
put_wrap_info(struct tsec_json_out *out, const void *ctx)
{
    const struct wrap_info *info = ctx;

    tsec_json_object(out);
    tsec_json_put_str(out, "token", info->made->text);
    tsec_json_put_str(out, "accessor", info->made->token->accessor);
    tsec_json_put_int(out, "ttl", info->wrapping->ttl_s);
    tsec_json_put_time(out, "creation_time", info->wrapping->created_ns);
    tsec_json_put_str(out, "creation_path", info->wrapping->creation_path);
    if (info->wrapping->wrapped_accessor[0] != '\0') {
        tsec_json_put_str(out, "wrapped_accessor", info->wrapping->wrapped_accessor);
    }
    tsec_json_object_end(out);
}

tsec_rc
api_wrap_reply(struct api_call *call, const struct wrapping *wrapping, struct tsec_err *err)
{
    struct token_made made;
    const struct wrap_info info = { &made, wrapping };
    tsec_rc rc = wrapping_make(call->txn, api_keys_of(call), wrapping, &made, err);

    if (!tsec_failed(rc)) {
        rc = api_wrapped(call, put_wrap_info, &info, err);
    }
    explicit_bzero(made.text, sizeof(made.text));
    return rc;
}

/* The accessor inside "auth", so that whoever wrapped a token can revoke it. */
static const char *
accessor_in(struct tsec_arena *arena, struct tsec_span body)
{
    struct tsec_span auth;
    struct tsec_span accessor;

    if (tsec_json_member(body, "auth", &auth) != TSEC_JSON_OBJECT
        || tsec_json_member(auth, "accessor", &accessor) != TSEC_JSON_STRING) {
        return "";
    }
    return tsec_arena_printf(arena, "%.*s", (int)accessor.len - 2, (const char *)accessor.ptr + 1);
}

static bool
wants_wrapping(const struct api_op *op)
{
    static const char *const never[] = { "sysWrappingUnwrap", "sysWrappingRewrap",
                                         "sysWrappingLookup" };

    /* What is answered at once has no transaction that could keep it. */
    if (op->wrap_ttl_s == 0 || op->reply->status != 200 || op->reply->body.len == 0
        || op->call.route->audit == API_AUDIT_NOTHING) {
        return false;
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(never); i++) {
        if (strcmp(op->call.route->operation, never[i]) == 0) {
            return false;
        }
    }
    return true;
}

tsec_rc
api_op_wrap(struct api_op *op, struct tsec_err *err)
{
    struct tsec_arena *arena = op->req->arena;
    const struct tsec_span body = tsec_buf_span(&op->reply->body);
    struct wrapping wrapping = {
        .creation_path = op->path,
        .created_ns = txn_now(op->call.txn),
        .ttl_s = op->wrap_ttl_s,
        .status = op->reply->status,
    };
    size_t skip;

    if (!wants_wrapping(op)) {
        return TSEC_OK;
    }
    wrapping.is_envelope =
        body.len > ENVELOPE_SKIP && tsec_span_starts(body, tsec_span_str(ENVELOPE_START));
    skip = wrapping.is_envelope ? ENVELOPE_SKIP : 0;
    wrapping.wrapped_accessor = accessor_in(arena, body);
    wrapping.body = tsec_span(tsec_arena_dup(arena, tsec_span(body.ptr + skip, body.len - skip)),
                              body.len - skip);
    if (wrapping.body.ptr == NULL || wrapping.wrapped_accessor == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a reply to wrap");
    }
    return api_wrap_reply(&op->call, &wrapping, err);
}

tsec_rc
api_unwrap_reply(struct api_call *call, const struct wrapping *wrapping, struct tsec_err *err)
{
    api_reply_reset(call->reply);
    if (wrapping->is_envelope) {
        tsec_buf_put_str(&call->reply->body, ENVELOPE_START);
        tsec_buf_put_str(&call->reply->body, call->req->id);
        tsec_buf_put_byte(&call->reply->body, '"');
    }
    tsec_buf_put_span(&call->reply->body, wrapping->body);
    call->reply->status = (int)wrapping->status;
    return tsec_buf_check(&call->reply->body, err);
}
