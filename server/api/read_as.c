/* SPDX-License-Identifier: Apache-2.0 */
#include "api/read_as.h"

#include "api/op.h"
#include "api/target.h"
#include "core/mount.h"

/* An operation of its own, that nobody submitted: it runs in the transaction of the one that asks,
 * and in its arena. */
struct inner {
    struct api_op op;
    struct api_request req;
    struct api_reply reply;
};

/* A GET that came without any header. */
static bool
fill_request(struct inner *inner, const struct api_call *call, const char *target)
{
    const char *line = tsec_arena_printf(call->req->arena, "/v1/%s", target);
    struct api_refusal refusal = { .sentence = NULL };
    struct api_target parsed;

    if (line == NULL
        || !api_target_parse(tsec_span_str(line), call->req->arena, &parsed, &refusal)) {
        return false;
    }
    inner->req = (struct api_request){
        .arena = call->req->arena,
        .method = API_GET,
        .path = parsed.path,
        .query = parsed.query,
        .query_len = parsed.query_len,
        .tls = call->req->tls,
        .received_ns = call->req->received_ns,
        .started_mono_ns = call->req->started_mono_ns,
    };
    memcpy(inner->req.id, call->req->id, sizeof(inner->req.id));
    memcpy(inner->req.remote, call->req->remote, sizeof(inner->req.remote));
    inner->op.api = call->api;
    inner->op.req = &inner->req;
    inner->op.reply = &inner->reply;
    return true;
}

static bool
is_secret(const struct api_op *op)
{
    return op->call.route != NULL && strcmp(op->call.route->operation, "kvReadData") == 0;
}

/* Whether a failure says something about the path, and nothing about this server. */
static bool
is_refusal(const struct inner *inner, tsec_rc rc)
{
    return inner->reply.status >= 400 ? inner->reply.status < 500 : rc.code == TSEC_E_NOT_FOUND;
}

static tsec_rc
run(struct inner *inner, const struct token *token, const char **reason, struct tsec_err *err)
{
    struct api_op *op = &inner->op;

    *reason = "path";
    if (op->system != NULL) {
        return tsec_rc_of(TSEC_E_NOT_FOUND);
    }
    TSEC_TRY(api_op_resolve(op, err));
    if (!is_secret(op)) {
        return tsec_rc_of(TSEC_E_NOT_FOUND);
    }
    *reason = "policy";
    TSEC_TRY(api_op_authorise_as(op, token, err));
    *reason = "absent";
    return op->call.route->run(&op->call, err);
}

static tsec_rc
refuse(struct api_reading *reading, const char *reason, struct tsec_err *err)
{
    reading->reason = reason;
    return TSEC_FAIL(err, TSEC_E_DENIED, "not to be read: %s", reason);
}

static tsec_rc
read_inner(struct inner *inner, const struct api_call *call, const struct token *token,
           const char *target, struct api_reading *reading, struct tsec_err *err)
{
    const char *reason = NULL;
    tsec_rc rc;

    if (!fill_request(inner, call, target) || !api_op_prepare(&inner->op)
        || inner->op.method != API_GET) {
        return refuse(reading, "path", err);
    }
    reading->path = inner->op.path;
    api_op_start(&inner->op, call->txn);
    rc = run(inner, token, &reason, err);
    if (tsec_failed(rc) && is_refusal(inner, rc)) {
        return refuse(reading, reason, err);
    }
    TSEC_TRY(rc);
    return inner->reply.status == 200 ? TSEC_OK : refuse(reading, reason, err);
}

tsec_rc
api_read_as(struct api_call *call, const struct token *token, const char *target,
            struct tsec_buf *out, struct api_reading *reading, struct tsec_err *err)
{
    struct inner *inner = tsec_arena_alloc(call->req->arena, sizeof(*inner));
    tsec_rc rc;

    *reading = (struct api_reading){ .path = target };
    if (inner == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a reading");
    }
    api_reply_init(&inner->reply);
    rc = read_inner(inner, call, token, target, reading, err);
    if (!tsec_failed(rc)) {
        tsec_buf_put_span(out, tsec_buf_span(&inner->reply.body));
        rc = tsec_buf_check(out, err);
    }
    api_reply_done(&inner->reply);
    return rc;
}
