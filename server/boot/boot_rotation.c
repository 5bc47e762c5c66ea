/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of users that rotate by themselves: found on the sequencer's thread, made by a worker (RSA
 * takes seconds), put by an operation that looks again whether it is due. */
#include <stdlib.h>

#include "base/log.h"
#include "boot/boot_internal.h"
#include "core/mount.h"
#include "core/transit_key.h"

enum { ROTATION_MEMORY_MAX = 16 * 1024 * 1024, SLOW_US = 1000 };

struct rotation_run {
    struct worker_job job;
    struct node_op op;
    struct boot_jobs *jobs;
    struct node *node;
    struct tsec_arena *kept; /* what is due and what was made, over all runs of the operation */
    struct transit_due due;
    struct transit_fresh fresh;
    enum transit_due_end end;
};

static struct rotation_run *
from_op(struct node_op *op)
{
    return (struct rotation_run *)(void *)((uint8_t *)op - offsetof(struct rotation_run, op));
}

static void
rotation_free(struct rotation_run *run)
{
    struct boot_jobs *jobs = run->jobs;

    tsec_arena_free(run->op.arena);
    tsec_arena_free(run->kept);
    free(run);
    atomic_store(&jobs->rotating_user_keys, false);
}

/* ---- looking ---- */

static tsec_rc
look(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct rotation_run *run = ctx;
    struct transit_due *due = &run->due;

    TSEC_TRY(transit_next_due(txn, due, err));
    due->mount = tsec_arena_dup(run->kept, tsec_span_str(due->mount));
    due->name = tsec_arena_dup(run->kept, tsec_span_str(due->name));
    due->entry.ptr = (const uint8_t *)tsec_arena_dup(run->kept, due->entry);
    if (due->mount == NULL || due->name == NULL || due->entry.ptr == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a rotation");
    }
    return TSEC_OK;
}

/* ---- rotating ---- */

/* As the path of a rotation that was asked for; empty: the mount is gone. */
static struct tsec_span
path_of(struct txn *txn, const struct transit_due *due)
{
    const struct mount *mount = NULL;
    struct tsec_strings paths;

    if (tsec_failed(mount_paths(txn, MOUNT_SECRETS, &paths, NULL))) {
        return tsec_span(NULL, 0);
    }
    for (size_t i = 0; i < paths.len; i++) {
        if (!tsec_failed(mount_at(txn, MOUNT_SECRETS, paths.items[i], &mount, NULL))
            && strcmp(mount->id, due->mount) == 0) {
            return tsec_span_str(
                tsec_arena_printf(txn_arena(txn), "%skeys/%s/rotate", paths.items[i], due->name));
        }
    }
    return tsec_span(NULL, 0);
}

static tsec_rc
rotation_run(struct node_op *op, struct txn *txn, struct tsec_buf *audit, struct tsec_err *err)
{
    struct rotation_run *run = from_op(op);
    const bool made = run->fresh.material.len > 0;
    struct audit_entry entry = {
        .ts_ns = op->now_ns,
        .actor_kind = "system",
        .operation = "transitRotateDue",
        .allow = true,
        .status = 200,
    };

    TSEC_TRY(transit_rotate_due(txn, &run->due, made ? &run->fresh : NULL, &run->end, err));
    if (!txn_has_writes(txn)) {
        return TSEC_OK;
    }
    entry.path = path_of(txn, &run->due);
    if (run->end == TRANSIT_DUE_PUT_OFF) {
        entry.status = 400;
        entry.reason = tsec_error_info(TSEC_E_INVALID)->slug;
    }
    audit_entry_json(&entry, node_keys(op->node)->pseudonym, audit);
    return tsec_buf_check(audit, err);
}

/* Names of keys stay out of the host's log; the audit log has who it was. */
static void
tell(const struct rotation_run *run, tsec_rc rc)
{
    if (tsec_failed(rc)) {
        tsec_log(TSEC_LOG_WARN, "a key that is due was not rotated; the next second tries again",
                 TSEC_F_STR("reason", tsec_error_info(rc.code)->slug));
    } else if (run->end == TRANSIT_DUE_PUT_OFF) {
        tsec_log(TSEC_LOG_WARN, "a key that is due cannot be rotated; see the audit log");
    }
}

static void
rotation_done(struct node_op *op, tsec_rc rc, uint64_t index, const struct tsec_err *err)
{
    struct rotation_run *run = from_op(op);
    struct boot_jobs *jobs = run->jobs;
    struct node *node = run->node;
    const bool more = !tsec_failed(rc) && run->end != TRANSIT_DUE_NOT_ANY_MORE;

    (void)index;
    (void)err;
    tell(run, rc);
    rotation_free(run);
    if (more) {
        boot_rotate_due(jobs, node);
    }
}

/* ---- making ---- */

static void
rotation_make(struct worker_job *job)
{
    struct rotation_run *run = (struct rotation_run *)(void *)job;
    const struct transit_due *due = &run->due;
    tsec_rc rc = TSEC_OK;
    bool pending = false;

    if (due->type != 0) {
        rc = transit_make(due->type, due->key_size, run->kept, &run->fresh, NULL);
    }
    run->op.now_ns = tsec_clock_real_ns(&tsec_clock_system);
    if (!tsec_failed(rc)) {
        rc = node_submit(run->node, &run->op, &pending, NULL);
    }
    if (!pending) {
        tell(run, rc);
        rotation_free(run);
    }
}

static bool
push(struct boot_jobs *jobs, struct worker_job *job)
{
    bool pushed;

    (void)pthread_mutex_lock(&jobs->workers_lock);
    pushed = jobs->workers != NULL && !tsec_failed(workers_push(jobs->workers, job, NULL));
    (void)pthread_mutex_unlock(&jobs->workers_lock);
    return pushed;
}

void
boot_jobs_stop(struct boot_jobs *jobs)
{
    (void)pthread_mutex_lock(&jobs->workers_lock);
    jobs->workers = NULL;
    (void)pthread_mutex_unlock(&jobs->workers_lock);
}

static bool
find_and_push(struct rotation_run *run)
{
    const struct transit_traits *traits;

    if (tsec_failed(tsec_arena_new(ROTATION_MEMORY_MAX, &run->kept, NULL))
        || tsec_failed(tsec_arena_new(ROTATION_MEMORY_MAX, &run->op.arena, NULL))
        || tsec_failed(node_view(run->node, run->op.arena, tsec_clock_real_ns(&tsec_clock_system),
                                 look, run, NULL))) {
        return false;
    }
    traits = transit_traits(run->due.type);
    run->job.slow = traits != NULL && traits->make_us > SLOW_US;
    return push(run->jobs, &run->job);
}

void
boot_rotate_due(struct boot_jobs *jobs, struct node *node)
{
    struct rotation_run *run = NULL;

    if (!atomic_exchange(&jobs->rotating_user_keys, true)) {
        run = calloc(1, sizeof(*run));
        if (run == NULL) {
            atomic_store(&jobs->rotating_user_keys, false);
            return;
        }
        run->job.run = rotation_make;
        run->op.run = rotation_run;
        run->op.done = rotation_done;
        run->jobs = jobs;
        run->node = node;
        if (!find_and_push(run)) {
            rotation_free(run); /* nothing is due, or not now: the next second asks again */
        }
    }
}
