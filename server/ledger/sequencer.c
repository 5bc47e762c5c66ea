/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/sequencer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum { RETRY_MIN_MS = 10, RETRY_MAX_MS = 1000, TICK_MS = 1000 };

struct sequencer {
    struct sequencer_options options;
    struct sequencer_hooks hooks;
    pthread_t thread;
    pthread_mutex_t lock; /* guards the queue, stopping and stats */
    pthread_cond_t wake;
    struct sequencer_op *head;
    struct sequencer_op **tail;
    bool stopping;
    bool idle;
    bool given_up; /* the thread's own: it stopped while an outcome was not known */
    struct sequencer_stats stats;
};

struct taken {
    struct sequencer_op *head;
    struct sequencer_op **tail;
    size_t n;
};

/* ---- the queue ---- */

tsec_rc
sequencer_submit(struct sequencer *sequencer, struct sequencer_op *op, struct tsec_err *err)
{
    struct sequencer *s = sequencer;
    tsec_rc rc = TSEC_OK;

    op->next = NULL;
    op->staged = TSEC_OK;
    op->queued_mono_ns = tsec_clock_mono_ns(s->options.clock);
    (void)pthread_mutex_lock(&s->lock);
    if (s->stopping) {
        rc = TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "the ledger is stopping");
    } else if (s->stats.queued >= s->options.queue_max) {
        rc = TSEC_FAIL(err, TSEC_E_BUSY, "%zu operations wait for the ledger", s->stats.queued);
    } else {
        *s->tail = op;
        s->tail = &op->next;
        s->stats.queued++;
        if (s->idle) { /* under the lock: once it is let go, the end may come */
            (void)pthread_cond_signal(&s->wake);
        }
    }
    (void)pthread_mutex_unlock(&s->lock);
    return rc;
}

static void
deadline_in(struct timespec *at, int64_t ms)
{
    (void)clock_gettime(CLOCK_MONOTONIC, at);
    at->tv_sec += ms / 1000;
    at->tv_nsec += (ms % 1000) * 1000000;
    if (at->tv_nsec >= TSEC_NS_PER_S) {
        at->tv_sec++;
        at->tv_nsec -= TSEC_NS_PER_S;
    }
}

/* Waits until there is something, a tick has passed, or the end has come. */
static bool
wait_for_work(struct sequencer *s)
{
    struct timespec until;

    deadline_in(&until, TICK_MS);
    (void)pthread_mutex_lock(&s->lock);
    s->idle = true;
    while (s->head == NULL && !s->stopping) {
        if (pthread_cond_timedwait(&s->wake, &s->lock, &until) == ETIMEDOUT) {
            break;
        }
    }
    s->idle = false;

    const bool more = s->head != NULL || !s->stopping;

    (void)pthread_mutex_unlock(&s->lock);
    return more;
}

static void
take(struct sequencer *s, struct taken *out)
{
    out->head = NULL;
    out->tail = &out->head;
    out->n = 0;
    (void)pthread_mutex_lock(&s->lock);
    while (s->head != NULL && out->n < s->options.batch_max) {
        struct sequencer_op *op = s->head;

        s->head = op->next;
        op->next = NULL;
        *out->tail = op;
        out->tail = &op->next;
        out->n++;
    }
    if (s->head == NULL) {
        s->tail = &s->head;
    }
    s->stats.queued -= out->n;
    (void)pthread_mutex_unlock(&s->lock);
}

/* What did not fit goes back to the front, in its order. */
static void
put_back(struct sequencer *s, struct sequencer_op *rest)
{
    struct sequencer_op *last = rest;
    size_t n = 1;

    while (last->next != NULL) {
        last = last->next;
        n++;
    }
    rest->staged = TSEC_OK; /* only the first of them was staged at all */
    (void)pthread_mutex_lock(&s->lock);
    last->next = s->head;
    if (s->head == NULL) {
        s->tail = &last->next;
    }
    s->head = rest;
    s->stats.queued += n;
    (void)pthread_mutex_unlock(&s->lock);
}

/* ---- one batch ---- */

static void
settle_all(struct sequencer *s, struct sequencer_op *op, tsec_rc rc, const struct tsec_err *err)
{
    while (op != NULL) {
        struct sequencer_op *next = op->next;

        s->hooks.settle(s->hooks.ctx, op, rc, err);
        op = next;
    }
}

static void
note_result(struct sequencer *s, tsec_rc rc, const struct tsec_err *err, size_t n)
{
    (void)pthread_mutex_lock(&s->lock);
    s->stats.unknown = rc.code == TSEC_E_OUTCOME_UNKNOWN;
    if (tsec_failed(rc)) {
        s->stats.failures += s->stats.unknown ? 0 : 1;
        s->stats.last_error = *err;
        if (s->stats.failing_since_ns == 0) {
            s->stats.failing_since_ns = tsec_clock_real_ns(s->options.clock);
        }
    } else {
        s->stats.batches++;
        s->stats.operations += n;
        s->stats.failing_since_ns = 0;
    }
    (void)pthread_mutex_unlock(&s->lock);
}

static void
pause_ms(struct sequencer *s, int64_t ms)
{
    struct timespec until;

    deadline_in(&until, ms);
    (void)pthread_mutex_lock(&s->lock);
    (void)pthread_cond_timedwait(&s->wake, &s->lock, &until);
    (void)pthread_mutex_unlock(&s->lock);
}

/* Those at the front of the queue that came before `since` hear that the ledger does not go on. */
static void
refuse_queued(struct sequencer *s, int64_t since, const struct tsec_err *err)
{
    struct taken waiting;

    take(s, &waiting);
    while (waiting.head != NULL) {
        struct sequencer_op *op = waiting.head;

        if (op->queued_mono_ns >= since) {
            put_back(s, op);
            return;
        }
        waiting.head = op->next;
        s->hooks.settle(s->hooks.ctx, op, (tsec_rc){ TSEC_E_UNAVAILABLE }, err);
        if (waiting.head == NULL) {
            take(s, &waiting);
        }
    }
}

/* Everybody who has waited too long is told that the outcome is not known, or, in the queue, that
 * nothing was done. */
static struct sequencer_op *
give_up_waiting(struct sequencer *s, struct sequencer_op *ops, const struct tsec_err *err)
{
    const int64_t since = tsec_clock_mono_ns(s->options.clock) - s->options.patience_ns;

    if (ops != NULL && ops->queued_mono_ns < since) {
        settle_all(s, ops, (tsec_rc){ TSEC_E_OUTCOME_UNKNOWN }, err);
        ops = NULL;
    }
    refuse_queued(s, since, err);
    return ops;
}

static bool
is_stopping(struct sequencer *s)
{
    (void)pthread_mutex_lock(&s->lock);

    const bool stopping = s->stopping;

    (void)pthread_mutex_unlock(&s->lock);
    return stopping;
}

static tsec_rc
resolve(struct sequencer *s, struct sequencer_batch *batch, struct sequencer_op **ops,
        struct tsec_err *err)
{
    int64_t wait_ms = RETRY_MIN_MS;
    tsec_rc rc = { TSEC_E_OUTCOME_UNKNOWN };

    while (rc.code == TSEC_E_OUTCOME_UNKNOWN) {
        note_result(s, rc, err, 0);
        pause_ms(s, wait_ms);
        wait_ms = wait_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : wait_ms * 2;
        rc = ledger_resolve(s->options.ledger, &batch->leaves, batch->ops, batch->ops_len, err);
        if (rc.code == TSEC_E_OUTCOME_UNKNOWN) {
            *ops = give_up_waiting(s, *ops, err);
            if (is_stopping(s)) {
                s->given_up = true; /* the next start reads the log and knows */
                break;
            }
        }
    }
    return rc;
}

static tsec_rc
stage_all(struct sequencer *s, struct sequencer_batch *batch, struct taken *taken,
          struct tsec_err *err)
{
    struct sequencer_op **at = &taken->head;

    TSEC_TRY(s->hooks.begin(s->hooks.ctx, batch, err));
    taken->n = 0;
    while (*at != NULL) {
        (*at)->staged = s->hooks.stage(s->hooks.ctx, batch, *at);
        if ((*at)->staged.code == TSEC_E_TOO_LARGE && taken->n > 0) {
            put_back(s, *at);
            *at = NULL;
            break;
        }
        taken->n++;
        at = &(*at)->next;
    }
    return s->hooks.seal(s->hooks.ctx, batch, err);
}

static void
run_batch(struct sequencer *s)
{
    struct sequencer_batch batch = { .ops = NULL };
    struct tsec_err err = { 0 };
    struct taken taken;

    take(s, &taken);
    if (taken.head == NULL) {
        return;
    }
    ledger_batch_begin(s->options.ledger, &batch.leaves);

    tsec_rc rc = stage_all(s, &batch, &taken, &err);

    if (!tsec_failed(rc)) {
        rc = ledger_commit(s->options.ledger, &batch.leaves, batch.ops, batch.ops_len, &err);
    }
    if (rc.code == TSEC_E_OUTCOME_UNKNOWN) {
        rc = resolve(s, &batch, &taken.head, &err);
    }
    note_result(s, rc, &err, taken.n);
    if (tsec_failed(rc)) {
        s->hooks.drop(s->hooks.ctx, &batch);
    } else {
        s->hooks.publish(s->hooks.ctx, &batch);
    }
    settle_all(s, taken.head, rc, &err);
    ledger_batch_done(&batch.leaves);
}

static void *
sequencer_main(void *arg)
{
    struct sequencer *s = arg;

    (void)pthread_setname_np(pthread_self(), "sequencer");
    while (!s->given_up && wait_for_work(s)) {
        run_batch(s);
        s->hooks.tick(s->hooks.ctx);
    }
    if (s->given_up) { /* what may have happened is not to be written over */
        const struct tsec_err err = { .detail = "the ledger stopped before it was written" };

        refuse_queued(s, INT64_MAX, &err);
    }
    return NULL;
}

/* ---- life ---- */

tsec_rc
sequencer_start(const struct sequencer_options *options, const struct sequencer_hooks *hooks,
                struct sequencer **out, struct tsec_err *err)
{
    struct sequencer *s = calloc(1, sizeof(*s));
    pthread_condattr_t attr;

    if (s == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "sequencer");
    }
    s->options = *options;
    s->hooks = *hooks;
    s->tail = &s->head;
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&s->wake, &attr);
    (void)pthread_condattr_destroy(&attr);
    if (pthread_create(&s->thread, NULL, sequencer_main, s) != 0) {
        (void)pthread_cond_destroy(&s->wake);
        (void)pthread_mutex_destroy(&s->lock);
        free(s);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the sequencer's thread does not start");
    }
    *out = s;
    return TSEC_OK;
}

void
sequencer_stop(struct sequencer *sequencer)
{
    if (sequencer == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&sequencer->lock);
    sequencer->stopping = true;
    (void)pthread_cond_signal(&sequencer->wake);
    (void)pthread_mutex_unlock(&sequencer->lock);
    (void)pthread_join(sequencer->thread, NULL);
    (void)pthread_cond_destroy(&sequencer->wake);
    (void)pthread_mutex_destroy(&sequencer->lock);
    free(sequencer);
}

void
sequencer_stats(struct sequencer *sequencer, struct sequencer_stats *out)
{
    (void)pthread_mutex_lock(&sequencer->lock);
    *out = sequencer->stats;
    (void)pthread_mutex_unlock(&sequencer->lock);
}
