/* SPDX-License-Identifier: Apache-2.0 */
/* What the node does by itself: strangers' entries, moving rows to a new key, the caller's jobs. */
#include <stdlib.h>

#include "core/node_internal.h"

enum { JOB_ARENA_MAX = 64 * 1024 * 1024 };

/* An operation of the node's own, freed when it is done. */
struct job {
    struct node_op op;
    struct stranger stranger;
    bool reseals;
    struct tsec_span *keys;
    size_t keys_len;
};

static void
job_free(struct job *job)
{
    tsec_arena_free(job->op.arena);
    free(job);
}

static void
job_done(struct node_op *op, tsec_rc rc, uint64_t index, const struct tsec_err *err)
{
    struct job *job = (struct job *)(void *)op;

    (void)index;
    (void)err;
    if (job->reseals) { /* what did not happen is tried again at a later tick */
        op->node->resealing = false;
    } else if (tsec_failed(rc) && rc.code != TSEC_E_OUTCOME_UNKNOWN) {
        strangers_return(op->node->strangers, &job->stranger);
    }
    job_free(job);
}

static struct job *
job_new(struct node *node)
{
    struct job *job = calloc(1, sizeof(*job));

    if (job == NULL || tsec_failed(tsec_arena_new(JOB_ARENA_MAX, &job->op.arena, NULL))) {
        free(job);
        return NULL;
    }
    job->op.now_ns = tsec_clock_real_ns(node->options.clock);
    job->op.done = job_done;
    return job;
}

static bool
job_submit(struct node *node, struct job *job)
{
    bool pending = false;
    const tsec_rc rc = node_submit(node, &job->op, &pending, NULL);

    if (tsec_failed(rc) || !pending) {
        job_free(job);
        return false;
    }
    return true;
}

/* ---- strangers ---- */

static tsec_rc
stranger_run(struct node_op *op, struct txn *txn, struct tsec_buf *audit, struct tsec_err *err)
{
    const struct job *job = (const struct job *)(void *)op;
    const struct audit_entry entry = {
        .ts_ns = op->now_ns,
        .actor_kind = "anyone",
        .operation = "refused",
        .reason = job->stranger.reason,
        .status = 403,
        .count = job->stranger.count,
        .remote = job->stranger.remote,
    };

    (void)txn;
    audit_entry_json(&entry, op->node->active.keys.pseudonym, audit);
    return tsec_buf_check(audit, err);
}

void
node_flush_strangers(struct node *node, bool now)
{
    struct stranger *list = calloc(STRANGERS_MAX, sizeof(*list));
    size_t n = 0;

    if (list == NULL) {
        return;
    }
    n = strangers_take(node->strangers, tsec_clock_mono_ns(node->options.clock), now, list);
    for (size_t i = 0; i < n; i++) {
        struct job *job = job_new(node);

        if (job != NULL) {
            job->stranger = list[i];
            job->op.run = stranger_run;
        }
        if (job == NULL || !job_submit(node, job)) {
            strangers_return(node->strangers, &list[i]);
        }
    }
    free(list);
}

void
node_stranger(struct node *node, const char *remote, const char *reason)
{
    strangers_count(node->strangers, remote, reason);
}

/* ---- re-sealing ---- */

static tsec_rc
reseal_run(struct node_op *op, struct txn *txn, struct tsec_buf *audit, struct tsec_err *err)
{
    const struct job *job = (const struct job *)(void *)op;

    (void)audit;
    for (size_t i = 0; i < job->keys_len; i++) {
        const tsec_rc rc = txn_reseal(txn, job->keys[i], err);

        if (i > 0 && (rc.code == TSEC_E_NO_MEMORY || rc.code == TSEC_E_TOO_LARGE)) {
            break; /* large rows: the others go with a later operation */
        }
        TSEC_TRY(rc);
    }
    return TSEC_OK;
}

struct old_deks {
    size_t n;
};

static void
count_old(void *ctx, const struct keyring *keyring)
{
    struct old_deks *old = ctx;
    struct keyring_dek dek;

    for (size_t i = 0; i < keyring_dek_count(keyring); i++) {
        keyring_dek_at(keyring, i, &dek);
        old->n += dek.state == KEYRING_DECRYPT_ONLY ? 1 : 0;
    }
}

/* Another server may have come first: then there is nothing to write any more. */
static tsec_rc
retire_run(struct node_op *op, struct txn *txn, struct tsec_buf *audit, struct tsec_err *err)
{
    struct old_deks old = { 0 };

    (void)op;
    (void)audit;
    count_old(&old, txn_keyring(txn));
    return old.n == 0 ? TSEC_OK : txn_dek(txn, TXN_DEK_RETIRE, "", err);
}

static bool
has_old_deks(struct node *node)
{
    struct old_deks old = { 0 };

    state_with_keyring(node->active.state, count_old, &old);
    return old.n > 0;
}

void
node_reseal(struct node *node, size_t max)
{
    if (!has_old_deks(node)) {
        return;
    }

    struct job *job = node->resealing ? NULL : job_new(node);

    if (job == NULL) {
        return;
    }
    job->reseals = true;
    job->keys = tsec_arena_alloc(job->op.arena, max * sizeof(*job->keys));
    if (job->keys == NULL) {
        job_free(job);
        return;
    }

    const size_t stale = state_stale_rows(node->active.state, job->op.arena, job->keys, max);

    job->keys_len = stale < max ? stale : max;
    job->op.run = job->keys_len == 0 ? retire_run : reseal_run;
    node->resealing = true;
    if (!job_submit(node, job)) {
        node->resealing = false;
    }
}

void
node_tick(struct node *node)
{
    const int64_t now = tsec_clock_mono_ns(node->options.clock);

    if (now - node->ticked_mono_ns < TSEC_NS_PER_S) {
        return;
    }
    node->ticked_mono_ns = now;
    node_seen_settle(node);
    node_snapshot_tick(node);
    node_flush_strangers(node, false);
    if (node->options.background != NULL) {
        node->options.background(node->options.background_ctx, node);
    }
}
