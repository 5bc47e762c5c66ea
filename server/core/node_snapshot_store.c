/* SPDX-License-Identifier: Apache-2.0 */
/* Storing a snapshot beside the service, one small call of the store after the other.
 *
 * Its parts are deleted by two only: by who stored them and gave up, when their leaf is surely not
 * in the log; and by who committed the leaf of a snapshot, that looked for what others left before
 * that commit.  The second takes nobody's parts from under a pointer.  Call that snapshot A, and B
 * one of whose parts A saw when it looked:
 *
 *  - B's leaf is in the log before A's.  Then A read B's leaf before its own was staged: each
 *    commit replaces the head of the log as its server knows it.  If B's leaf was there before A
 *    began, B is what A replaces, and the pointer has moved on to A.  If it came later, A has met
 *    it, gives up, and deletes no parts but its own.
 *  - B's leaf is not in the log before A's.  B began before A's leaf was there, since A saw a part
 *    of it earlier than that.  Before B's leaf can come behind A's, B's server reads A's: then B is
 *    superseded, and its operation fails when it is staged.
 *
 * Ids are never used again, so that a write or a deletion that comes through late is
 * about the same snapshot still: at worst a part of one that nobody needs is left, and the next
 * snapshot's server finds it. */
#include <unistd.h>

#include "core/node_internal.h"

enum {
    CLEAN_KEYS = 16,
    POLL_MS = 10,
    WAIT_MIN_MS = 100,
    WAIT_MAX_MS = 5000,
    PAUSE_MAX_MS = 1000,
    TRIES = 40,
    DIRECT_TRIES = 4,
    FOLLOWS = 100,
};

static struct active *
active_of(const struct snapshot *s)
{
    return &s->node->active;
}

static tsec_rc
store_commit(const struct snapshot *s, const struct tsec_store_op *ops, size_t n,
             struct tsec_err *err)
{
    const struct node_options *o = &s->node->options;

    return o->store_ops->commit(o->store, ops, n, err);
}

bool
snapshot_superseded(const struct snapshot *snapshot)
{
    return atomic_load(&active_of(snapshot)->snapshots_met) != snapshot->met;
}

void
snapshot_claim(const struct snapshot *snapshot, struct snapshot_claim *out)
{
    out->size = snapshot->name.size;
    out->length = snapshot->sum.length;
    snapshot_sum_hash(&snapshot->sum, out->hash);
}

static void
old_part(struct snapshot *s, const struct snapshot_name *name)
{
    struct snapshot_old *old = &s->old[s->old_len++];

    snapshot_key(name, 0, old->key);
    old->key_len = SNAPSHOT_KEY_LEN;
    old->parts = name->parts;
}

void
snapshot_abandon(struct snapshot *snapshot)
{
    tsec_buf_done(&snapshot->plain);
    snapshot->old_len = 0;
    snapshot->cleaned = 0;
    snapshot->failures = 0;
    old_part(snapshot, &snapshot->name);
    atomic_store(&snapshot->at, SNAPSHOT_CLEANING);
}

/* ---- the parts ---- */

static tsec_rc
seal_next(struct snapshot *s, struct tsec_err *err)
{
    const struct snapshot_seal seal = { s->node->origin, keyring_ledger_key(active_of(s)->fixed) };
    const size_t at = (size_t)s->stored * SNAPSHOT_PART_BYTES;
    const size_t left = s->plain.len - at;
    const size_t len = left < SNAPSHOT_PART_BYTES ? left : SNAPSHOT_PART_BYTES;

    return snapshot_part_seal(&seal, &s->name, s->stored, tsec_span(s->plain.ptr + at, len),
                              &s->part, err);
}

/* Nobody else has this key: the same bytes may be put there twice, when it is not known whether
 * they were. */
static tsec_rc
step_storing(struct snapshot *s, struct tsec_err *err)
{
    uint8_t key[SNAPSHOT_KEY_LEN];
    struct tsec_store_op op = { .verb = TSEC_STORE_PUT, .key = tsec_span(key, sizeof(key)) };

    if (s->part.len == 0) {
        TSEC_TRY(seal_next(s, err));
    }
    snapshot_key(&s->name, s->stored, key);
    op.value = tsec_buf_span(&s->part);
    TSEC_TRY(store_commit(s, &op, 1, err));
    snapshot_sum_add(&s->sum, tsec_buf_span(&s->part));
    tsec_buf_reset(&s->part);
    if (++s->stored == s->name.parts) {
        tsec_buf_done(&s->plain);
        tsec_buf_done(&s->part);
        atomic_store(&s->at, SNAPSHOT_LOOKING);
    }
    return tsec_buf_check(&s->sum.hashes, err);
}

/* ---- what it will replace ---- */

/* One part of each snapshot is enough: its key names all. */
static tsec_rc
looked_at(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct snapshot *s = ctx;
    struct snapshot_name name;

    (void)value;
    memcpy(s->looked, key.ptr, key.len);
    s->looked_len = key.len;
    if (!snapshot_key_read(key, &name)) { /* of another release, or the host's */
        struct snapshot_old *old = &s->old[s->old_len++];

        memcpy(old->key, key.ptr, key.len);
        old->key_len = key.len;
        old->parts = 0;
        return TSEC_OK;
    }
    memset(s->looked + 1 + SNAPSHOT_POINTER_LEN, 0xff, 4); /* go on after all of them */
    if (!tsec_span_equal(tsec_span(name.id, sizeof(name.id)),
                         tsec_span(s->name.id, sizeof(s->name.id)))) {
        old_part(s, &name);
    }
    return TSEC_OK;
}

static tsec_rc
step_looking(struct snapshot *s, struct tsec_err *err)
{
    const struct node_options *o = &s->node->options;
    const struct tsec_span after =
        s->looked_len == 0 ? SNAPSHOT_POINTER_KEY : tsec_span(s->looked, s->looked_len);
    uint8_t was[TSEC_STORE_KEY_MAX];

    memcpy(was, after.ptr, after.len);
    s->looked_len = 0;

    const tsec_rc rc = o->store_ops->scan(o->store, SNAPSHOT_POINTER_KEY, tsec_span(was, after.len),
                                          1, looked_at, s, err);

    if (tsec_failed(rc)) {
        memcpy(s->looked, was, after.len);
        s->looked_len = after.len;
    } else if (s->looked_len == 0 || s->old_len == SNAPSHOT_OLD_MAX) {
        atomic_store(&s->at, SNAPSHOT_COMMITTING);
    }
    return rc;
}

/* ---- the leaf ---- */

static tsec_rc
op_run(struct node_op *op, struct txn *txn, struct tsec_buf *audit, struct tsec_err *err)
{
    (void)op, (void)txn, (void)audit, (void)err;
    return TSEC_OK;
}

static void
op_done(struct node_op *op, tsec_rc rc, uint64_t index, const struct tsec_err *err)
{
    struct snapshot *s = (struct snapshot *)(void *)op;

    (void)index;
    (void)err;
    s->answer = rc;
    atomic_store(&s->answered, true);
}

static tsec_rc
step_submitting(struct snapshot *s, struct tsec_err *err)
{
    bool pending = false;

    atomic_store(&s->answered, false);
    s->op.run = op_run;
    s->op.done = op_done;
    s->op.snapshot = true;
    s->op.now_ns = tsec_clock_real_ns(s->node->options.clock);
    TSEC_TRY(node_submit(s->node, &s->op, &pending, err));
    atomic_store(&s->at, SNAPSHOT_WAITING);
    return TSEC_OK;
}

static tsec_rc
step_waiting(struct snapshot *s, struct tsec_err *err)
{
    if (!tsec_failed(s->answer)) {
        atomic_store(&s->at, SNAPSHOT_CLEANING);
        return TSEC_OK;
    }
    switch (s->answer.code) {
    case TSEC_E_OUTCOME_UNKNOWN: /* it may yet happen: nothing may be taken away */
        atomic_store(&s->at, SNAPSHOT_ENDED);
        return TSEC_OK;
    case TSEC_E_CONFLICT:
    case TSEC_E_ROLLBACK: /* parts may have gone to a database that will not stay */
        snapshot_abandon(s);
        return TSEC_OK;
    default:
        atomic_store(&s->at, SNAPSHOT_COMMITTING);
        return TSEC_FAIL(err, s->answer.code, "the snapshot's leaf was not written");
    }
}

/* ---- the same without a sequencer ---- */

/* Others may have been faster: what they wrote is read first. */
bool
snapshot_catch_up(struct node *node)
{
    struct tsec_err ignored = { 0 };
    bool moved = false;
    tsec_rc rc = { TSEC_E_BUSY };

    for (int i = 0; i < FOLLOWS && rc.code == TSEC_E_BUSY; i++) {
        rc = node_is_alone(node) ? TSEC_OK : node_follow(node, &moved, &ignored);
    }
    return !tsec_failed(rc);
}

static tsec_rc
commit_batch(struct snapshot *s, struct ledger_batch *batch, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(256);
    uint8_t pointer[SNAPSHOT_POINTER_LEN];
    const struct tsec_store_op op = { .verb = TSEC_STORE_PUT,
                                      .key = SNAPSHOT_POINTER_KEY,
                                      .value = tsec_span(pointer, sizeof(pointer)) };
    struct snapshot_claim claim;

    snapshot_pointer(&s->name, pointer);
    snapshot_claim(s, &claim);
    snapshot_leaf(&claim, ledger_batch_next(batch), &leaf);
    TSEC_TRY(tsec_buf_check(&leaf, err));
    TSEC_TRY(ledger_batch_add(batch, tsec_buf_span(&leaf), err));

    tsec_rc rc = ledger_commit(active_of(s)->ledger, batch, &op, 1, err);

    for (int i = 0; rc.code == TSEC_E_OUTCOME_UNKNOWN && i < DIRECT_TRIES; i++) {
        if (i > 0 && !s->node->options.stepped) {
            (void)usleep(WAIT_MIN_MS * 1000);
        }
        rc = ledger_resolve(active_of(s)->ledger, batch, &op, 1, err);
    }
    return rc;
}

static tsec_rc
step_direct(struct snapshot *s, struct tsec_err *err)
{
    struct ledger_batch batch;

    ledger_batch_begin(active_of(s)->ledger, &batch);
    s->answer = commit_batch(s, &batch, err);
    ledger_batch_done(&batch);
    if (!tsec_failed(s->answer)) {
        active_of(s)->snapshot_size = s->name.size;
        node_seen_keep(s->node, active_of(s));
    }
    if (s->answer.code == TSEC_E_CONFLICT) {
        (void)snapshot_catch_up(s->node);
        return s->answer;
    }
    return step_waiting(s, err);
}

/* ---- what nobody needs any more ---- */

static tsec_rc
step_cleaning(struct snapshot *s, struct tsec_err *err)
{
    struct tsec_store_op ops[CLEAN_KEYS];
    uint8_t keys[CLEAN_KEYS][TSEC_STORE_KEY_MAX];
    struct snapshot_name name;
    uint32_t n = 0;

    if (s->old_len == 0) {
        atomic_store(&s->at, SNAPSHOT_ENDED);
        return TSEC_OK;
    }

    struct snapshot_old *old = &s->old[s->old_len - 1];
    const uint32_t parts = old->parts == 0 ? 1 : old->parts;
    const bool ours = snapshot_key_read(tsec_span(old->key, old->key_len), &name);

    for (; n < CLEAN_KEYS && s->cleaned + n < parts; n++) {
        memcpy(keys[n], old->key, old->key_len);
        if (ours) {
            snapshot_key(&name, s->cleaned + n, keys[n]);
        }
        ops[n] = (struct tsec_store_op){ .verb = TSEC_STORE_DELETE,
                                         .key = tsec_span(keys[n], old->key_len) };
    }
    TSEC_TRY(store_commit(s, ops, n, err));
    s->cleaned += n;
    if (s->cleaned >= parts) {
        s->cleaned = 0;
        s->old_len--;
    }
    return TSEC_OK;
}

/* ---- steps ---- */

static tsec_rc
step(struct snapshot *s, struct tsec_err *err)
{
    switch (atomic_load(&s->at)) {
    case SNAPSHOT_STORING:
        return step_storing(s, err);
    case SNAPSHOT_LOOKING:
        return step_looking(s, err);
    case SNAPSHOT_COMMITTING:
        return s->direct ? step_direct(s, err) : step_submitting(s, err);
    case SNAPSHOT_WAITING:
        return step_waiting(s, err);
    case SNAPSHOT_CLEANING:
        return step_cleaning(s, err);
    case SNAPSHOT_ENDED:
    default:
        return TSEC_OK;
    }
}

static unsigned
failed(struct snapshot *s, const struct tsec_err *err)
{
    const unsigned n = s->failures < 6 ? s->failures : 6;
    const unsigned wait = (unsigned)WAIT_MIN_MS << n;

    if (++s->failures < (s->direct ? DIRECT_TRIES : TRIES)) {
        return wait > WAIT_MAX_MS ? WAIT_MAX_MS : wait;
    }
    if (atomic_load(&s->at) == SNAPSHOT_CLEANING) {
        atomic_store(&s->at, SNAPSHOT_ENDED); /* the next one finds what is left */
        return 0;
    }
    node_notice(s->node, "no snapshot was stored", err);
    snapshot_abandon(s);
    return 0;
}

/* The store is left to others for as long as it was busy with this. */
unsigned
snapshot_step(struct snapshot *snapshot)
{
    struct snapshot *s = snapshot;
    const int64_t began = tsec_clock_mono_ns(&tsec_clock_system);
    struct tsec_err err = { 0 };

    if (atomic_load(&s->at) < SNAPSHOT_WAITING && snapshot_superseded(s)) {
        snapshot_abandon(s);
    }
    if (atomic_load(&s->at) == SNAPSHOT_WAITING && !atomic_load(&s->answered)) {
        return POLL_MS;
    }
    if (tsec_failed(step(s, &err))) {
        return failed(s, &err);
    }
    s->failures = atomic_load(&s->at) == SNAPSHOT_WAITING ? s->failures : 0;

    const int64_t took = (tsec_clock_mono_ns(&tsec_clock_system) - began) / TSEC_NS_PER_MS;

    return s->direct ? 0 : took > PAUSE_MAX_MS ? PAUSE_MAX_MS : (unsigned)took + 1;
}
