/* SPDX-License-Identifier: Apache-2.0 */
/* What the server does by itself: ended tokens, removed mounts, keys past their age. */
#include <stdlib.h>

#include "base/log.h"
#include "boot/boot_internal.h"
#include "core/purge.h"
#include "core/rotation.h"
#include "core/token.h"

enum { JOB_MEMORY_MAX = 64 * 1024 * 1024, SWEEP_STEP = 50, RESEAL_STEP = 128 };
#define TOLD_EVERY_NS (600 * TSEC_NS_PER_S)

struct chore;
/** True: there is more to do. */
typedef tsec_rc (*chore_fn)(struct chore *chore, struct txn *txn, struct tsec_err *err);

struct chore {
    struct node_op op;
    struct boot_jobs *jobs;
    chore_fn run;
    bool *busy; /* one of each kind at a time */
    const char *operation;
    bool more;
};

static void chore_start(struct boot_jobs *jobs, struct node *node, const char *operation,
                        chore_fn run, bool *busy);

/* Nobody waits for a chore, so nobody else would hear; it comes back every second. */
static void
tell(struct chore *chore, const struct tsec_err *err)
{
    const int64_t now = tsec_clock_mono_ns(&tsec_clock_system);

    if (chore->jobs->told_mono_ns == 0 || now - chore->jobs->told_mono_ns >= TOLD_EVERY_NS) {
        chore->jobs->told_mono_ns = now;
        tsec_log(TSEC_LOG_WARN, "what the server does by itself fails",
                 TSEC_F_STR("operation", chore->operation));
        tsec_log_err("that is why", err);
    }
}

static tsec_rc
chore_run(struct node_op *op, struct txn *txn, struct tsec_buf *audit, struct tsec_err *err)
{
    struct chore *chore = (struct chore *)(void *)op;
    const struct audit_entry entry = {
        .ts_ns = op->now_ns,
        .actor_kind = "system",
        .operation = chore->operation,
        .allow = true,
        .status = 200,
    };

    struct tsec_err why = { 0 };
    tsec_rc rc;

    chore->more = false;
    rc = chore->run(chore, txn, &why);
    if (tsec_failed(rc)) {
        chore->more = false;
        tell(chore, &why);
        if (err != NULL) {
            *err = why;
        }
        return rc;
    }
    if (txn_has_writes(txn)) {
        audit_entry_json(&entry, node_keys(op->node)->pseudonym, audit);
    }
    return TSEC_OK;
}

static void
chore_free(struct chore *chore)
{
    *chore->busy = false;
    tsec_arena_free(chore->op.arena);
    free(chore);
}

static void
chore_done(struct node_op *op, tsec_rc rc, uint64_t index, const struct tsec_err *err)
{
    struct chore *chore = (struct chore *)(void *)op;
    struct node *node = op->node;
    const struct chore was = *chore;

    (void)index;
    (void)err;
    chore_free(chore);
    if (!tsec_failed(rc) && was.more) {
        chore_start(was.jobs, node, was.operation, was.run, was.busy);
    }
}

static void
chore_start(struct boot_jobs *jobs, struct node *node, const char *operation, chore_fn run,
            bool *busy)
{
    struct chore *chore = *busy ? NULL : calloc(1, sizeof(*chore));
    bool pending = false;

    if (chore == NULL) {
        return;
    }
    *busy = true;
    chore->busy = busy;
    chore->jobs = jobs;
    chore->run = run;
    chore->operation = operation;
    chore->op.run = chore_run;
    chore->op.done = chore_done;
    chore->op.now_ns = tsec_clock_real_ns(&tsec_clock_system);
    if (tsec_failed(tsec_arena_new(JOB_MEMORY_MAX, &chore->op.arena, NULL))
        || tsec_failed(node_submit(node, &chore->op, &pending, NULL)) || !pending) {
        chore_free(chore); /* nothing to do, or not now: the next tick asks again */
    }
}

static tsec_rc
sweep(struct chore *chore, struct txn *txn, struct tsec_err *err)
{
    size_t done = 0;

    TSEC_TRY(core_sweep_expired(txn, SWEEP_STEP, &done, err));
    chore->more = done > 0;
    return TSEC_OK;
}

static tsec_rc
purge(struct chore *chore, struct txn *txn, struct tsec_err *err)
{
    bool idle = true;

    TSEC_TRY(core_purge_step(txn, &idle, err));
    chore->more = !idle;
    return TSEC_OK;
}

static tsec_rc
rotate(struct chore *chore, struct txn *txn, struct tsec_err *err)
{
    struct boot_jobs *jobs = chore->jobs;
    const int64_t now = txn_now(txn);
    struct rotation asked; /* by an operator, beside what the configuration says */
    struct node_key_status s;

    TSEC_TRY(rotation_read(txn, &asked, err));
    node_key_status(txn, &s);
    if (now - s.mek_created_ns > atomic_load(&jobs->mek_max_age_ns)) {
        TSEC_TRY(txn_dek(txn, TXN_MEK_ROTATE, "", err));
    }
    if (s.old_deks == 0
        && (now - s.dek_created_ns > atomic_load(&jobs->dek_max_age_ns)
            || s.encryptions > atomic_load(&jobs->dek_max_uses)
            || rotation_due(&asked, now, s.dek_created_ns, s.encryptions))) {
        TSEC_TRY(txn_dek(txn, TXN_DEK_ROTATE, "*", err));
    }
    return TSEC_OK;
}

static void
look_after_channels(struct boot_jobs *jobs)
{
    struct api *api = atomic_load(&jobs->api);

    if (jobs->channels != NULL) {
        channels_sweep(jobs->channels);
    }
    if (api != NULL) {
        api_review_channels_if_due(api);
    }
}

void
boot_background(void *ctx, struct node *node)
{
    struct boot_jobs *jobs = ctx;

    if (jobs->store_watch != NULL) {
        store_watch_probe(jobs->store_watch);
    }
    if (jobs->transit != NULL) {
        transit_cache_sweep(jobs->transit);
    }
    boot_follow_measurements(atomic_load(&jobs->api));
    look_after_channels(jobs);
    chore_start(jobs, node, "tokenExpire", sweep, &jobs->sweeping);
    chore_start(jobs, node, "mountPurge", purge, &jobs->purging);
    chore_start(jobs, node, "keysRotate", rotate, &jobs->rotating);
    boot_rotate_due(jobs, node);
    node_reseal(node, RESEAL_STEP);
}
