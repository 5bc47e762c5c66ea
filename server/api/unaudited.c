/* SPDX-License-Identifier: Apache-2.0 */
/* What changes nothing and reveals nothing: no leaf is written, and what must be fresh waits until
 * it is known to be. */
#include "api/op.h"
#include "channel/channel.h"

enum { DEVICES_MAX = 64 };

/* What is neither written down nor changes anything; it waits all the same until it is known that
 * nobody wrote meanwhile what it should have read. */
static tsec_rc
run_unaudited(struct node_op *base, struct txn *txn, struct tsec_buf *audit, struct tsec_err *err)
{
    struct api_op *op = (struct api_op *)(void *)base;
    tsec_rc rc;

    (void)audit;
    api_op_start(op, txn);
    rc = api_op_run(op, err);
    txn_rollback(txn);
    if (tsec_failed(rc)) {
        api_op_fail(op, rc, err);
    }
    return TSEC_OK;
}

static tsec_rc
run_viewed(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct api_op *op = ctx;

    api_op_start(op, txn);
    return api_op_run(op, err);
}

void
api_op_anyone(struct api_op *op, const struct api_route *route)
{
    struct tsec_err err = { 0 };
    tsec_rc rc;

    api_op_start(op, NULL);
    memcpy(op->call.vars, op->system_vars, sizeof(op->system_vars));
    op->call.route = route;
    rc = route->run(&op->call, &err);
    if (tsec_failed(rc)) {
        api_op_fail(op, rc, &err);
    }
}

/* ---- the TEE ---- */

static void
ask_device(struct worker_job *job)
{
    struct api_op *op =
        (struct api_op *)(void *)((uint8_t *)(void *)job - offsetof(struct api_op, job));

    api_op_anyone(op, op->device);
    (void)atomic_fetch_sub(&op->api->devices, 1);
    op->done(op->done_ctx);
}

static bool
is_strangers(const struct api_op *op)
{
    return op->req->channel == NULL || channel_is_strangers(op->req->channel);
}

/* Anybody may ask for evidence and for channels: who floods these keeps neither all threads nor the
 * whole queue from the others; nor the peers of open channels from new keys. */
static tsec_rc
push(struct api_op *op, struct workers *workers, struct tsec_err *err)
{
    const unsigned before = atomic_fetch_add(&op->api->devices, 1);
    const bool stranger = is_strangers(op);
    tsec_rc rc = stranger && before >= DEVICES_MAX
                     ? TSEC_FAIL(err, TSEC_E_BUSY, "%u ask the TEE", before)
                     : workers_push(workers, &op->job, err);

    if (tsec_failed(rc)) {
        (void)atomic_fetch_sub(&op->api->devices, 1);
    }
    return rc;
}

bool
api_op_device(struct api_op *op, const struct api_route *route)
{
    struct workers *workers = op->api->options.workers;
    struct tsec_err err = { 0 };
    tsec_rc rc;

    if (workers == NULL) {
        api_op_anyone(op, route);
        return true;
    }
    op->device = route;
    op->job = (struct worker_job){ .run = ask_device, .slow = is_strangers(op) };
    rc = push(op, workers, &err);
    if (tsec_failed(rc)) {
        api_op_fail(op, rc, &err);
    }
    return tsec_failed(rc);
}

/* ---- figures ---- */

/* Whether memory alone lets this caller see figures: they are wanted most while the database is
 * away.  A refusal is not the last word, for the token may have been made elsewhere a moment ago.
 */
static bool
try_metrics(struct api_op *op, const struct api_route *route)
{
    struct tsec_err err = { 0 };
    tsec_rc rc = { TSEC_E_DENIED };

    if (strcmp(route->operation, "sysMetrics") == 0) {
        rc = node_view(op->api->options.node, op->req->arena, op->req->received_ns, run_viewed, op,
                       &err);
    }
    return !tsec_failed(rc);
}

/* ---- the log ---- */

static tsec_rc
run_nothing(struct node_op *base, struct txn *txn, struct tsec_buf *audit, struct tsec_err *err)
{
    (void)base;
    (void)txn;
    (void)audit;
    (void)err;
    return TSEC_OK;
}

/* Whoever asks several servers must not see the log shrink between two of them, nor be told by one
 * that a part is not there which another has signed.  True: what memory says will do. */
static bool
answer_from_memory(struct api_op *op, const struct api_route *route)
{
    static const char log[] = "audit";

    if (strcmp(route->operation, "auditCheckpoint") == 0) {
        return false;
    }
    api_op_anyone(op, route);
    return op->reply->status != 404 || strncmp(route->operation, log, sizeof(log) - 1) != 0;
}

bool
api_op_unaudited(struct api_op *op, const struct api_route *route)
{
    if (route->caller == API_CALLER_PEER) {
        api_op_anyone(op, route);
        return true;
    }
    if (route->caller != API_CALLER_ANYONE) {
        return try_metrics(op, route) || api_op_submit(op, run_unaudited);
    }
    if (answer_from_memory(op, route)) {
        return true;
    }
    op->at_the_end = route;
    return api_op_submit(op, run_nothing);
}
