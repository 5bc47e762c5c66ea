/* SPDX-License-Identifier: Apache-2.0 */
/* The way of an operation: run on what is committed, queued, checked or run again, committed,
 * answered. */
#include "core/node_internal.h"

void
op_release(struct node_op *op)
{
    txn_free(op->txn);
    op->txn = NULL;
    tsec_buf_done(&op->audit);
}

void
node_pending(struct node *node, int change)
{
    (void)pthread_mutex_lock(&node->pending_lock);
    node->pending = change > 0 ? node->pending + 1 : node->pending - 1;
    if (node->pending == 0) {
        (void)pthread_cond_broadcast(&node->pending_zero);
    }
    (void)pthread_mutex_unlock(&node->pending_lock);
}

/* A refused operation changes nothing, and is still an event. */
static tsec_rc
op_run(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct node_op *op = ctx;

    tsec_buf_reset(&op->audit);
    if (tsec_failed(op->run(op, txn, &op->audit, err))) {
        txn_rollback(txn);
    }
    return tsec_buf_check(&op->audit, err);
}

static tsec_rc
status_rc(const struct node *node, struct tsec_err *err)
{
    switch (node->status) {
    case NODE_ACTIVE:
        return TSEC_OK;
    case NODE_UNINITIALIZED:
        return TSEC_FAIL(err, TSEC_E_NOT_INITIALIZED, "not initialised");
    case NODE_FAILED:
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "the node has failed: %s", node->failure.detail);
    case NODE_SEALED:
    default:
        return TSEC_FAIL(err, TSEC_E_SEALED, "sealed");
    }
}

static tsec_rc
submit_active(struct node *node, struct node_op *op, bool *pending, struct tsec_err *err)
{
    TSEC_TRY(status_rc(node, err));
    TSEC_TRY(state_run(node->active.state, op->arena, op->now_ns, op_run, op, &op->txn, err));
    if (op->audit.len == 0 && !txn_has_writes(op->txn) && !op->snapshot && node_is_alone(node)) {
        op_release(op);
        *pending = false;
        return TSEC_OK;
    }
    *pending = true;
    node_pending(node, 1);

    const tsec_rc rc = sequencer_submit(node->active.sequencer, &op->queued, err);

    if (tsec_failed(rc)) {
        node_pending(node, -1);
    }
    return rc;
}

tsec_rc
node_submit(struct node *node, struct node_op *op, bool *pending, struct tsec_err *err)
{
    op->node = node;
    op->txn = NULL;
    op->index = 0;
    tsec_buf_init(&op->audit, 4096);
    *pending = false;
    if (atomic_load(&node->closing) > 0) {
        return TSEC_FAIL(err, TSEC_E_SEALED, "sealing, or failing");
    }
    (void)pthread_rwlock_rdlock(&node->lock);

    const tsec_rc rc = submit_active(node, op, pending, err);

    (void)pthread_rwlock_unlock(&node->lock);
    if (tsec_failed(rc)) {
        op_release(op);
    }
    return rc;
}

tsec_rc
node_view(struct node *node, struct tsec_arena *arena, int64_t now_ns, state_run_fn run, void *ctx,
          struct tsec_err *err)
{
    TSEC_AUTO(txn_free) struct txn *txn = NULL;

    (void)pthread_rwlock_rdlock(&node->lock);

    tsec_rc rc = status_rc(node, err);

    if (!tsec_failed(rc)) {
        rc = state_run(node->active.state, arena, now_ns, run, ctx, &txn, err);
    }
    (void)pthread_rwlock_unlock(&node->lock);
    return rc;
}

/* ---- hooks ---- */

static tsec_rc
hook_begin(void *ctx, struct sequencer_batch *batch, struct tsec_err *err)
{
    struct node *node = ctx;

    (void)batch;
    (void)err;
    node->active.audit_begun = false;
    return TSEC_OK;
}

/* Only what has an entry needs a key to seal it with. */
static tsec_rc
add_entry(struct active *a, struct sequencer_batch *batch, struct node_op *op)
{
    if (!a->audit_begun) {
        TSEC_TRY(audit_begin(a->audit, &batch->leaves, &op->err));
        a->audit_begun = true;
    }
    return audit_add(a->audit, &batch->leaves, tsec_buf_span(&op->audit), &op->index, &op->err);
}

static tsec_rc
stage_op(struct node *node, struct sequencer_batch *batch, struct node_op *op)
{
    struct active *a = &node->active;

    if (op->snapshot) {
        return node_snapshot_stage(a, batch, op, &op->err);
    }
    if (!staging_current(a->staging, op->txn)) {
        TSEC_TRY(staging_rerun(a->staging, op->txn, op_run, op, &op->err));
    }
    if (batch->leaves.segment.len + op->audit.len > LEDGER_BATCH_BYTES - NODE_BATCH_ROOM
        || batch->leaves.count >= LEDGER_BATCH_LEAVES - NODE_BATCH_LEAVES) {
        return TSEC_FAIL(&op->err, TSEC_E_TOO_LARGE, "the batch is full");
    }
    TSEC_TRY(staging_add(a->staging, op->txn, &op->err));
    op->index = 0;
    if (op->audit.len == 0) {
        return TSEC_OK;
    }

    const tsec_rc rc = add_entry(a, batch, op);

    if (tsec_failed(rc)) {
        staging_undo(a->staging); /* nothing happens that is not written down */
    }
    return rc;
}

static tsec_rc
hook_stage(void *ctx, struct sequencer_batch *batch, struct sequencer_op *queued)
{
    struct node_op *op = (struct node_op *)(void *)queued;

    return stage_op(ctx, batch, op);
}

static tsec_rc
hook_seal(void *ctx, struct sequencer_batch *batch, struct tsec_err *err)
{
    struct active *a = &((struct node *)ctx)->active;

    TSEC_TRY(staging_seal(a->staging, &batch->leaves, &batch->ops, &batch->ops_len, err));
    return node_snapshot_seal(a, batch, err);
}

static void
hook_publish(void *ctx, struct sequencer_batch *batch)
{
    struct node *node = ctx;

    if (batch->doubted) {
        staging_doubted(node->active.staging);
    }
    audit_publish(node->active.audit);
    staging_publish(node->active.staging);
    node_snapshot_publish(&node->active);
    node_seen_keep(node, &node->active);
}

static void
hook_drop(void *ctx, struct sequencer_batch *batch)
{
    struct node *node = ctx;

    (void)batch;
    audit_drop(node->active.audit);
    staging_drop(node->active.staging);
    node_snapshot_drop(&node->active);
}

/* Somebody else wrote the ledger: what is in memory is not the truth any more. */
void
node_fail(struct node *node, const struct tsec_err *err)
{
    (void)atomic_fetch_add(&node->closing, 1);
    (void)pthread_rwlock_wrlock(&node->lock);
    if (node->status == NODE_ACTIVE) {
        node->status = NODE_FAILED;
        node->failure = *err;
    }
    (void)pthread_rwlock_unlock(&node->lock);
    (void)atomic_fetch_sub(&node->closing, 1);
}

static void
hook_settle(void *ctx, struct sequencer_op *queued, tsec_rc rc, const struct tsec_err *err)
{
    struct node_op *op = (struct node_op *)(void *)queued;
    struct node *node = ctx;
    const bool own = tsec_failed(queued->staged);
    struct tsec_err why = own ? op->err : *err;

    if (rc.code == TSEC_E_CONFLICT && !own) {
        node_fail(node, err);
    }
    op_release(op);
    op->done(op, own ? queued->staged : rc, op->index, &why);
    node_pending(node, -1);
}

/* Once when it begins and once when it ends, however often the store is asked in between. */
static void
tell_of_rollback(struct node *node, tsec_rc rc, const struct tsec_err *err)
{
    const bool was = node->rolled_back;

    if (rc.code == TSEC_E_ROLLBACK) {
        node->rolled_back = true;
    } else if (!tsec_failed(rc) || rc.code == TSEC_E_BUSY) {
        node->rolled_back = false;
    }
    if (was != node->rolled_back && node->options.rollback != NULL) {
        node->options.rollback(node->rolled_back ? err : NULL);
    }
}

static tsec_rc
hook_follow(void *ctx, bool *moved, struct tsec_err *err)
{
    const tsec_rc rc = node_follow(ctx, moved, err);

    tell_of_rollback(ctx, rc, err);
    return rc;
}

static void
hook_tick(void *ctx)
{
    node_tick(ctx);
}

const struct sequencer_hooks node_hooks = {
    .begin = hook_begin,
    .stage = hook_stage,
    .seal = hook_seal,
    .publish = hook_publish,
    .drop = hook_drop,
    .settle = hook_settle,
    .tick = hook_tick,
    .follow = hook_follow,
};
