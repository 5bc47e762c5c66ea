/* SPDX-License-Identifier: Apache-2.0 */
/* One step: the outcome that is not known, then what others wrote, then a batch. */
#include "ledger/sequencer_internal.h"

#define MS           (TSEC_NS_PER_S / 1000)
#define RETRY_MIN_NS (10 * MS)
#define RETRY_MAX_NS (250 * MS)
#define IDLE_NS      TSEC_NS_PER_S

/* How long operations have waited is told by the clock they were queued by. */
static int64_t
patient_since(const struct sequencer *s)
{
    return tsec_clock_mono_ns(s->options.clock) - s->options.patience_ns;
}

/* What the thread waits for is real time, whatever clock it was given. */
static int64_t
now_ns(const struct sequencer *s)
{
    return tsec_clock_mono_ns(s->options.stepped ? s->options.clock : &tsec_clock_system);
}

/* ---- trying again ---- */

static void
retry_reset(struct sequencer *s)
{
    s->retry_ns = 0;
    s->retry_at_ns = 0;
}

static void
retry_later(struct sequencer *s)
{
    s->retry_ns = s->retry_ns == 0 ? RETRY_MIN_NS : 2 * s->retry_ns;
    s->retry_ns = s->retry_ns > RETRY_MAX_NS ? RETRY_MAX_NS : s->retry_ns;
    s->retry_at_ns = now_ns(s) + s->retry_ns;
}

/* How long until then; at the end nothing is waited for. */
static int64_t
retry_in(struct sequencer *s)
{
    const int64_t left = s->retry_at_ns - now_ns(s);

    return left <= 0 || queue_is_stopping(s) ? 0 : left;
}

/* ---- the end of a batch ---- */

/* Those who wait hear that others keep being faster, once they have waited long enough. */
static void
refuse_late(struct sequencer *s)
{
    const struct tsec_err err = {
        .code = TSEC_E_UNAVAILABLE,
        .detail = "this server is still reading what others wrote",
    };

    queue_refuse(s, patient_since(s), (tsec_rc){ TSEC_E_UNAVAILABLE }, &err);
}

static void
finish_conflict(struct sequencer *s)
{
    (void)pthread_mutex_lock(&s->lock);
    s->stats.conflicts++;
    (void)pthread_mutex_unlock(&s->lock);
    s->behind = true;
    retry_reset(s);
    if (s->ops.head != NULL) {
        queue_put_back(s, s->ops.head);
    }
    refuse_late(s);
}

/* The store, not the batch: whether it is back is found out without an operation, where there is a
 * question that costs little. */
static bool
store_is_away(const struct sequencer *s, tsec_rc rc)
{
    return rc.code == TSEC_E_UNAVAILABLE && !s->options.exclusive;
}

static void
finish(struct sequencer *s, tsec_rc rc, const struct tsec_err *err)
{
    const bool conflict = rc.code == TSEC_E_CONFLICT && !s->options.exclusive;

    s->batch.doubted = s->unknown;
    s->unknown = false;
    retry_reset(s);
    if (!conflict) {
        sequencer_note(s, rc, err, s->ops.n);
    }
    if (tsec_failed(rc)) {
        s->hooks.drop(s->hooks.ctx, &s->batch);
    } else {
        s->hooks.publish(s->hooks.ctx, &s->batch);
    }
    if (conflict) {
        finish_conflict(s);
    } else {
        s->behind = store_is_away(s, rc);
        sequencer_away(s, s->behind);
        if (s->behind) {
            retry_later(s);
        }
        sequencer_settle(s, s->ops.head, rc, err);
    }
    s->ops.head = NULL;
    ledger_batch_done(&s->batch.leaves);
}

/* ---- an outcome that is not known ---- */

/* Everybody who has waited too long is told that the outcome is not known, or, in the queue, that
 * nothing was done. */
static void
give_up_waiting(struct sequencer *s, const struct tsec_err *err)
{
    const int64_t since = patient_since(s);

    if (s->ops.head != NULL && s->ops.head->queued_mono_ns < since) {
        sequencer_settle(s, s->ops.head, (tsec_rc){ TSEC_E_OUTCOME_UNKNOWN }, err);
        s->ops.head = NULL;
    }
    queue_refuse(s, since, (tsec_rc){ TSEC_E_UNAVAILABLE }, err);
}

/* The next start reads the log and knows; what may have happened is not to be written over. */
static void
give_up(struct sequencer *s, const struct tsec_err *err)
{
    const struct tsec_err stopped = { .detail = "the ledger stopped before it was written" };

    s->given_up = true;
    s->unknown = false;
    s->hooks.drop(s->hooks.ctx, &s->batch);
    sequencer_settle(s, s->ops.head, (tsec_rc){ TSEC_E_OUTCOME_UNKNOWN }, err);
    s->ops.head = NULL;
    ledger_batch_done(&s->batch.leaves);
    queue_refuse(s, INT64_MAX, (tsec_rc){ TSEC_E_UNAVAILABLE }, &stopped);
}

static void
begin_unknown(struct sequencer *s, const struct tsec_err *err)
{
    s->unknown = true;
    sequencer_away(s, true);
    retry_reset(s);
    retry_later(s);
    sequencer_note(s, (tsec_rc){ TSEC_E_OUTCOME_UNKNOWN }, err, 0);
    give_up_waiting(s, err);
}

static int64_t
step_unknown(struct sequencer *s)
{
    struct tsec_err err = { 0 };
    const int64_t wait = retry_in(s);

    if (wait > 0) {
        return wait;
    }

    const tsec_rc rc =
        ledger_resolve(s->options.ledger, &s->batch.leaves, s->batch.ops, s->batch.ops_len, &err);

    if (rc.code != TSEC_E_OUTCOME_UNKNOWN) {
        finish(s, rc, &err);
        return 0;
    }
    sequencer_note(s, rc, &err, 0);
    if (queue_is_stopping(s)) {
        give_up(s, &err);
        return 0;
    }
    give_up_waiting(s, &err);
    retry_later(s);
    return retry_in(s);
}

/* ---- what others wrote ---- */

/* OK: the end was seen; BUSY: not yet.  A failure was told to all who wait. */
static tsec_rc
follow(struct sequencer *s)
{
    struct tsec_err err = { 0 };
    bool moved = false;
    const size_t waiting = queue_len(s); /* whoever comes meanwhile is for the next attempt */
    const tsec_rc rc = s->hooks.follow(s->hooks.ctx, &moved, &err);

    s->followed_ns = now_ns(s);
    if (moved) {
        turns_met(&s->turns, s->followed_ns);
        (void)pthread_mutex_lock(&s->lock);
        s->stats.follows++;
        (void)pthread_mutex_unlock(&s->lock);
    }
    s->behind = tsec_failed(rc);
    sequencer_away(s, tsec_failed(rc) && rc.code != TSEC_E_BUSY);
    if (!tsec_failed(rc)) {
        sequencer_note(s, TSEC_OK, &err, 0);
        retry_reset(s);
    } else if (rc.code == TSEC_E_BUSY) {
        refuse_late(s);
    } else {
        sequencer_note(s, rc, &err, 0);
        queue_refuse_first(s, waiting, rc, &err);
        retry_later(s);
    }
    return rc;
}

static int64_t
step_behind(struct sequencer *s)
{
    const int64_t wait = retry_in(s);

    if (wait > 0) {
        return wait;
    }
    return tsec_failed(follow(s)) ? retry_in(s) : 0;
}

/* ---- a batch ---- */

static tsec_rc
stage_all(struct sequencer *s, struct tsec_err *err)
{
    struct sequencer_op **at = &s->ops.head;

    TSEC_TRY(s->hooks.begin(s->hooks.ctx, &s->batch, err));
    s->ops.n = 0;
    while (*at != NULL) {
        (*at)->staged = s->hooks.stage(s->hooks.ctx, &s->batch, *at);
        if ((*at)->staged.code == TSEC_E_TOO_LARGE && s->ops.n > 0) {
            queue_put_back(s, *at);
            *at = NULL;
            break;
        }
        s->ops.n++;
        at = &(*at)->next;
    }
    return s->hooks.seal(s->hooks.ctx, &s->batch, err);
}

/* Where there is nothing to write, what was read must still be so at the end of the log. */
static tsec_rc
commit(struct sequencer *s, struct tsec_err *err)
{
    const int64_t began = now_ns(s);
    struct sequencer_batch *b = &s->batch;

    if (b->leaves.count == 0 && b->ops_len == 0) {
        return s->options.exclusive ? TSEC_OK : ledger_at_tail(s->options.ledger, err);
    }

    const tsec_rc rc = ledger_commit(s->options.ledger, &b->leaves, b->ops, b->ops_len, err);

    if (!tsec_failed(rc) && !s->options.exclusive) {
        turns_committed(&s->turns, began, now_ns(s));
    }
    return rc;
}

static void
run_batch(struct sequencer *s)
{
    struct tsec_err err = { 0 };

    queue_take(s, &s->ops);
    if (s->ops.head == NULL) {
        return;
    }
    s->batch = (struct sequencer_batch){ .ops = NULL };
    ledger_batch_begin(s->options.ledger, &s->batch.leaves);

    tsec_rc rc = stage_all(s, &err);

    if (!tsec_failed(rc)) {
        rc = commit(s, &err);
    }
    if (rc.code == TSEC_E_OUTCOME_UNKNOWN) {
        begin_unknown(s, &err);
    } else {
        finish(s, rc, &err);
    }
}

/* Where others may write, an idle server looks for what they wrote: so that it is never far behind,
 * and notices a store that is away or was put back. */
static int64_t
step_idle(struct sequencer *s)
{
    const int64_t left = s->followed_ns + IDLE_NS - now_ns(s);

    if (s->options.exclusive || left > 0) {
        return s->options.exclusive ? IDLE_NS : left;
    }
    return tsec_failed(follow(s)) ? retry_in(s) : IDLE_NS;
}

int64_t
sequencer_step(struct sequencer *sequencer)
{
    struct sequencer *s = sequencer;
    int64_t wait = 0;

    if (s->unknown) {
        return step_unknown(s);
    }
    if (s->behind) {
        return step_behind(s);
    }
    s->has_nothing = queue_len(s) == 0;
    if (!s->has_nothing) {
        if (turns_waiting(&s->turns, now_ns(s)) && !queue_is_stopping(s)) {
            (void)follow(s);
            return s->turns.until_ns == 0 ? 0 : turns_look_ns(&s->turns);
        }
        run_batch(s);
    } else if (!queue_is_stopping(s)) {
        wait = step_idle(s);
    }
    if (!s->unknown && !s->behind) {
        s->hooks.tick(s->hooks.ctx);
    }
    return wait;
}
