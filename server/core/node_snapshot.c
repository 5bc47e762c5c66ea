/* SPDX-License-Identifier: Apache-2.0 */
/* When a snapshot is taken: what is to be in it is copied at one moment, between two commits; the
 * rest goes on beside the service. */
#include <stdlib.h>
#include <unistd.h>

#include "codec/pack.h"
#include "core/node_internal.h"
#include "crypto/rand.h"

enum { WAIT_STEP_MS = 50, OP_ARENA_MAX = 64 * 1024 };
#define END_NS       (3 * TSEC_NS_PER_S) /* for a snapshot at a clean end */
#define END_CLEAN_NS TSEC_NS_PER_S       /* and then for what is to be taken away */

/* ---- life ---- */

static void
snapshot_free(struct snapshot *s)
{
    if (s == NULL) {
        return;
    }
    if (s->running) {
        atomic_store(&s->stop, true);
        (void)pthread_join(s->thread, NULL);
    }
    tsec_arena_free(s->op.arena);
    tsec_buf_done(&s->plain);
    tsec_buf_done(&s->part);
    snapshot_sum_done(&s->sum);
    free(s);
}

void
node_snapshot_free(struct active *active)
{
    snapshot_free(active->snapshot);
    active->snapshot = NULL;
    node_snapshot_drop(active);
}

/* No two are the same: when this server began, and 64 random bits.  The order of ids does not
 * depend on these, so that a simulation knows it. */
static void
make_id(const struct node *node, uint8_t id[SNAPSHOT_ID_LEN])
{
    for (unsigned b = 0; b < 8; b++) {
        id[b] = (uint8_t)((uint64_t)node->opened_ns >> (56 - 8 * b));
    }
    tsec_rand_nonce(id + 8, SNAPSHOT_ID_LEN - 8);
}

/* A copy of the little that is needed of each row: whoever commits waits for it. */
static tsec_rc
pack(struct active *a, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf tree = TSEC_BUF_INIT(SNAPSHOT_TREE_MAX);

    ledger_pack(a->ledger, &tree);
    TSEC_TRY(tsec_buf_check(&tree, err));
    tsec_pack_bytes(out, tsec_buf_span(&tree));
    tsec_pack_u32(out, audit_epoch(a->audit));
    state_pack(a->state, out);
    return tsec_buf_check(out, err);
}

static tsec_rc
snapshot_init(struct snapshot *s, struct node *node, struct tsec_err *err)
{
    struct active *a = &node->active;

    s->node = node;
    s->met = atomic_load(&a->snapshots_met);
    tsec_buf_init(&s->plain, (size_t)SNAPSHOT_PARTS_MAX * SNAPSHOT_PART_BYTES);
    tsec_buf_init(&s->part, TSEC_STORE_VALUE_MAX);
    snapshot_sum_init(&s->sum);
    atomic_init(&s->at, SNAPSHOT_STORING);
    TSEC_TRY(tsec_arena_new(OP_ARENA_MAX, &s->op.arena, err));
    TSEC_TRY(pack(a, &s->plain, err));
    s->name.size = ledger_size(a->ledger);
    s->name.parts = (uint32_t)((s->plain.len + SNAPSHOT_PART_BYTES - 1) / SNAPSHOT_PART_BYTES);
    make_id(node, s->name.id);
    return TSEC_OK;
}

/* A failure is not repeated at every tick: each one costs a reading of all rows. */
static struct snapshot *
begin(struct node *node)
{
    struct active *a = &node->active;
    struct snapshot *s = calloc(1, sizeof(*s));
    struct tsec_err err = { 0 };

    a->snapshot_tried = ledger_size(a->ledger);
    if (s == NULL || tsec_failed(snapshot_init(s, node, &err))) {
        node_notice(node, "no snapshot was taken", &err);
        snapshot_free(s);
        s = NULL;
    }
    a->snapshot = s;
    return s;
}

static void *
snapshot_main(void *arg)
{
    struct snapshot *s = arg;

    (void)pthread_setname_np(pthread_self(), "snapshot");
    while (atomic_load(&s->at) != SNAPSHOT_ENDED && !atomic_load(&s->stop)) {
        unsigned wait = snapshot_step(s);

        while (wait > 0 && !atomic_load(&s->stop)) {
            const unsigned now = wait < WAIT_STEP_MS ? wait : WAIT_STEP_MS;

            (void)usleep(now * 1000);
            wait -= now;
        }
    }
    return NULL;
}

/* ---- when ---- */

static uint64_t
least(const struct node *node)
{
    const uint64_t every = node->options.snapshot_every;

    return every > 0 && every < NODE_SNAPSHOT_MIN ? every : NODE_SNAPSHOT_MIN;
}

/* Servers that follow one log would all begin at the same leaf: each waits a little longer by its
 * own measure, so that mostly one snapshot is there before another begins. */
static uint64_t
interval(const struct node *node)
{
    const struct active *a = &node->active;
    uint64_t every = node->options.snapshot_every;
    struct state_stats stats;

    if (every == 0) { /* its price grows with the rows: so does what it saves */
        state_stats(a->state, &stats);
        every = 4 * (uint64_t)stats.rows;
        every = every < NODE_SNAPSHOT_EVERY ? NODE_SNAPSHOT_EVERY : every;
    }
    return node_is_alone(node) ? every : every + every * ((uint64_t)node->opened_ns % 1021) / 4084;
}

static bool
due(const struct node *node)
{
    const struct active *a = &node->active;
    const uint64_t size = ledger_size(a->ledger);

    return size - a->snapshot_size >= interval(node) && size - a->snapshot_tried >= least(node);
}

void
node_snapshot_tick(struct node *node)
{
    struct active *a = &node->active;

    if (a->snapshot != NULL && atomic_load(&a->snapshot->at) == SNAPSHOT_ENDED) {
        snapshot_free(a->snapshot);
        a->snapshot = NULL;
    }
    if (a->snapshot != NULL || a->following || a->rows_behind || !due(node)) {
        return;
    }

    struct snapshot *s = begin(node);

    if (s != NULL && !node->options.stepped) {
        s->running = pthread_create(&s->thread, NULL, snapshot_main, s) == 0;
        if (!s->running) {
            node_snapshot_free(a);
        }
    }
}

void
node_snapshot_step(struct node *node)
{
    struct snapshot *s = node->active.snapshot;

    if (s != NULL && !s->running && atomic_load(&s->at) != SNAPSHOT_ENDED) {
        (void)snapshot_step(s);
    }
}

/* ---- at the end ---- */

static void
finish(struct snapshot *s)
{
    const bool stepped = s->node->options.stepped;
    int64_t until = tsec_clock_mono_ns(&tsec_clock_system) + END_NS;

    s->direct = true;
    s->failures = 0;
    while (atomic_load(&s->at) != SNAPSHOT_ENDED) {
        const unsigned wait = snapshot_step(s);

        if (tsec_clock_mono_ns(&tsec_clock_system) >= until) {
            if (atomic_load(&s->at) >= SNAPSHOT_CLEANING) {
                return;
            }
            snapshot_abandon(s);
            until += END_CLEAN_NS;
        }
        if (wait > 0 && !stepped) {
            (void)usleep(wait * 1000);
        }
    }
}

/* Without one the next start reads more of the log; that is all.  Where others run on, the newest
 * may be theirs. */
void
node_snapshot_end(struct node *node, bool worth)
{
    struct active *a = &node->active;

    if (a->snapshot != NULL && a->snapshot->running) {
        atomic_store(&a->snapshot->stop, true);
        (void)pthread_join(a->snapshot->thread, NULL);
        a->snapshot->running = false;
    }
    worth = worth && (snapshot_catch_up(node) || snapshot_catch_up(node));
    if (worth && a->snapshot != NULL) {
        finish(a->snapshot);
        /* Nothing is written where its leaf may be. */
        worth = a->snapshot->answer.code != TSEC_E_OUTCOME_UNKNOWN;
    }
    if (worth && ledger_size(a->ledger) - a->snapshot_size >= least(node)) {
        node_snapshot_free(a);
        if (begin(node) != NULL) {
            finish(a->snapshot);
        }
    }
    node_snapshot_free(a);
}

/* ---- the leaf ---- */

void
node_snapshot_met(struct active *active, struct tsec_span leaf)
{
    struct snapshot_claim claim;

    if (snapshot_leaf_read(leaf, &claim)) {
        (void)atomic_fetch_add(&active->snapshots_met, 1);
        active->snapshot_size =
            claim.size > active->snapshot_size ? claim.size : active->snapshot_size;
    }
}

tsec_rc
node_snapshot_stage(struct active *active, struct sequencer_batch *batch, struct node_op *op,
                    struct tsec_err *err)
{
    const struct snapshot *s = (const struct snapshot *)(const void *)op;
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(256);
    struct snapshot_claim claim;

    if (snapshot_superseded(s)) {
        return TSEC_FAIL(err, TSEC_E_CONFLICT, "another server's snapshot came first");
    }
    if (batch->leaves.segment.len > LEDGER_BATCH_BYTES - NODE_BATCH_ROOM
        || batch->leaves.count >= LEDGER_BATCH_LEAVES - NODE_BATCH_LEAVES) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "the batch is full");
    }
    snapshot_claim(s, &claim);
    snapshot_leaf(&claim, ledger_batch_next(&batch->leaves), &leaf);
    TSEC_TRY(tsec_buf_check(&leaf, err));
    TSEC_TRY(ledger_batch_add(&batch->leaves, tsec_buf_span(&leaf), err));
    active->pointing = true;
    active->pointed_size = claim.size;
    snapshot_pointer(&s->name, active->pointer);
    return TSEC_OK;
}

/* What the operation says is copied: the batch may outlive it, while its outcome is not known. */
tsec_rc
node_snapshot_seal(struct active *active, struct sequencer_batch *batch, struct tsec_err *err)
{
    struct tsec_store_op *ops;

    if (!active->pointing) {
        return TSEC_OK;
    }
    ops = calloc(batch->ops_len + 1, sizeof(*ops));
    if (ops == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "snapshot");
    }
    if (batch->ops_len > 0) {
        memcpy(ops, batch->ops, batch->ops_len * sizeof(*ops));
    }
    ops[batch->ops_len] =
        (struct tsec_store_op){ .verb = TSEC_STORE_PUT,
                                .key = SNAPSHOT_POINTER_KEY,
                                .value = tsec_span(active->pointer, sizeof(active->pointer)) };
    active->pointer_ops = ops;
    batch->ops = ops;
    batch->ops_len++;
    return TSEC_OK;
}

void
node_snapshot_publish(struct active *active)
{
    if (active->pointing) {
        active->snapshot_size = active->pointed_size;
    }
    node_snapshot_drop(active);
}

void
node_snapshot_drop(struct active *active)
{
    free(active->pointer_ops);
    active->pointer_ops = NULL;
    active->pointing = false;
}
