/* SPDX-License-Identifier: Apache-2.0 */
/* Writes that come twice under one Idempotency-Key: the second gets the first one's answer. */
#include "api/op.h"

#include "core/idempotency.h"

/* But for sealing, which must be done each time it is asked for. */
static bool
applies(const struct api_op *op)
{
    return strcmp(op->call.route->operation, "sysSeal") != 0 && op->req->idempotency_key.len > 0
           && op->call.token != NULL && op->call.route->audit == API_AUDIT_WRITE;
}

static struct idempotency_ask
ask_of(const struct api_op *op)
{
    return (struct idempotency_ask){
        .token = op->call.token,
        .operation = op->call.route->operation,
        .path = op->path,
        .key = op->req->idempotency_key,
        .body = op->req->body,
    };
}

tsec_rc
api_op_repeat(struct api_op *op, bool *answered, struct tsec_err *err)
{
    const struct idempotency_ask ask = ask_of(op);
    const struct idempotency_answer *answer = NULL;
    tsec_rc rc;

    *answered = false;
    if (!applies(op)) {
        return TSEC_OK;
    }
    if (!idempotency_key_valid(ask.key)) {
        return api_refuse(&op->call, TSEC_E_INVALID,
                          "Idempotency-Key must be 1 to 255 visible ASCII characters");
    }
    rc = idempotency_find(op->call.txn, api_keys_of(&op->call), &ask, &answer, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return TSEC_OK;
    }
    if (rc.code == TSEC_E_CONFLICT) {
        return api_refuse(&op->call, TSEC_E_CONFLICT,
                          "this Idempotency-Key was used with another request body");
    }
    TSEC_TRY(rc);
    *answered = true;
    tsec_buf_put_span(&op->reply->body, answer->reply);
    op->reply->status = (int)answer->status;
    return tsec_buf_check(&op->reply->body, err);
}

tsec_rc
api_op_remember(struct api_op *op, struct tsec_err *err)
{
    const struct idempotency_ask ask = ask_of(op);

    if (!applies(op)) {
        return TSEC_OK;
    }
    return idempotency_keep(op->call.txn, api_keys_of(&op->call), &ask, op->reply->status,
                            tsec_buf_span(&op->reply->body), err);
}
