/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/sequencer_internal.h"

#include <errno.h>
#include <stdlib.h>

/* ---- the queue ---- */

/* For longer than anybody waits: whoever comes now need not wait to hear it.  The sequencer itself
 * asks the store again and again. */
static bool
has_been_away(const struct sequencer *s, int64_t now)
{
    return s->away_mono_ns != 0 && now - s->away_mono_ns > s->options.patience_ns;
}

tsec_rc
sequencer_submit(struct sequencer *sequencer, struct sequencer_op *op, struct tsec_err *err)
{
    struct sequencer *s = sequencer;
    tsec_rc rc = TSEC_OK;

    op->next = NULL;
    op->staged = TSEC_OK;
    op->queued_mono_ns = tsec_clock_mono_ns(s->options.clock);
    (void)pthread_mutex_lock(&s->lock);
    if (has_been_away(s, op->queued_mono_ns)) {
        /* Of this operation it is known that nothing was done. */
        rc = TSEC_FAIL(
            err, s->stats.last_error.code == TSEC_E_ROLLBACK ? TSEC_E_ROLLBACK : TSEC_E_UNAVAILABLE,
            "%s", s->stats.last_error.detail);
    } else if (s->stopping) {
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
deadline_in(struct timespec *at, int64_t ns)
{
    (void)clock_gettime(CLOCK_MONOTONIC, at);
    at->tv_sec += ns / TSEC_NS_PER_S;
    at->tv_nsec += ns % TSEC_NS_PER_S;
    if (at->tv_nsec >= TSEC_NS_PER_S) {
        at->tv_sec++;
        at->tv_nsec -= TSEC_NS_PER_S;
    }
}

void
queue_take(struct sequencer *s, struct taken *out)
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

void
queue_put_back(struct sequencer *s, struct sequencer_op *rest)
{
    struct sequencer_op *last = rest;
    size_t n = 1;

    rest->staged = TSEC_OK;
    while (last->next != NULL) {
        last = last->next;
        last->staged = TSEC_OK;
        n++;
    }
    (void)pthread_mutex_lock(&s->lock);
    last->next = s->head;
    if (s->head == NULL) {
        s->tail = &last->next;
    }
    s->head = rest;
    s->stats.queued += n;
    (void)pthread_mutex_unlock(&s->lock);
}

void
queue_refuse(struct sequencer *s, int64_t since, tsec_rc rc, const struct tsec_err *err)
{
    struct taken waiting;

    queue_take(s, &waiting);
    while (waiting.head != NULL) {
        struct sequencer_op *op = waiting.head;

        if (op->queued_mono_ns >= since) {
            queue_put_back(s, op);
            return;
        }
        waiting.head = op->next;
        s->hooks.settle(s->hooks.ctx, op, rc, err);
        if (waiting.head == NULL) {
            queue_take(s, &waiting);
        }
    }
}

void
queue_refuse_first(struct sequencer *s, size_t n, tsec_rc rc, const struct tsec_err *err)
{
    struct taken waiting = { .head = NULL };

    for (size_t done = 0; done < n; done++) {
        if (waiting.head == NULL) {
            queue_take(s, &waiting);
        }

        struct sequencer_op *op = waiting.head;

        waiting.head = op->next;
        s->hooks.settle(s->hooks.ctx, op, rc, err);
    }
    if (waiting.head != NULL) {
        queue_put_back(s, waiting.head);
    }
}

size_t
queue_len(struct sequencer *s)
{
    (void)pthread_mutex_lock(&s->lock);

    const size_t len = s->stats.queued;

    (void)pthread_mutex_unlock(&s->lock);
    return len;
}

bool
queue_is_stopping(struct sequencer *s)
{
    (void)pthread_mutex_lock(&s->lock);

    const bool stopping = s->stopping;

    (void)pthread_mutex_unlock(&s->lock);
    return stopping;
}

/* ---- answers ---- */

void
sequencer_settle(struct sequencer *s, struct sequencer_op *op, tsec_rc rc,
                 const struct tsec_err *err)
{
    while (op != NULL) {
        struct sequencer_op *next = op->next;

        s->hooks.settle(s->hooks.ctx, op, rc, err);
        op = next;
    }
}

void
sequencer_away(struct sequencer *s, bool away)
{
    const int64_t now = tsec_clock_mono_ns(s->options.clock);

    (void)pthread_mutex_lock(&s->lock);
    s->away_mono_ns = !away ? 0 : s->away_mono_ns == 0 ? now : s->away_mono_ns;
    (void)pthread_mutex_unlock(&s->lock);
}

void
sequencer_note(struct sequencer *s, tsec_rc rc, const struct tsec_err *err, size_t n)
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
        s->stats.batches += n > 0 ? 1 : 0;
        s->stats.operations += n;
        s->stats.failing_since_ns = 0;
    }
    (void)pthread_mutex_unlock(&s->lock);
}

/* ---- the thread ---- */

/* Until then, or until there is something to do: while the store is waited for, or others are given
 * their turn, an operation that comes is not. */
static void
wait_ns(struct sequencer *s, int64_t ns)
{
    const bool idle = s->has_nothing && !s->unknown && !s->behind;
    struct timespec until;

    deadline_in(&until, ns);
    (void)pthread_mutex_lock(&s->lock);
    s->idle = idle;
    while (!s->stopping && !(idle && s->head != NULL)) {
        if (pthread_cond_timedwait(&s->wake, &s->lock, &until) == ETIMEDOUT) {
            break;
        }
    }
    s->idle = false;
    (void)pthread_mutex_unlock(&s->lock);
}

bool
sequencer_ended(struct sequencer *s)
{
    return queue_is_stopping(s) && !s->unknown && (s->given_up || queue_len(s) == 0);
}

static void *
sequencer_main(void *arg)
{
    struct sequencer *s = arg;

    (void)pthread_setname_np(pthread_self(), "sequencer");
    while (!sequencer_ended(s)) {
        const int64_t ns = sequencer_step(s);

        if (ns > 0) {
            wait_ns(s, ns);
        }
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
    turns_init(&s->turns);
    *out = s;
    if (options->stepped) {
        return TSEC_OK;
    }
    if (pthread_create(&s->thread, NULL, sequencer_main, s) != 0) {
        (void)pthread_cond_destroy(&s->wake);
        (void)pthread_mutex_destroy(&s->lock);
        free(s);
        *out = NULL;
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the sequencer's thread does not start");
    }
    return TSEC_OK;
}

bool
sequencer_stop(struct sequencer *sequencer)
{
    if (sequencer == NULL) {
        return true;
    }
    (void)pthread_mutex_lock(&sequencer->lock);
    sequencer->stopping = true;
    (void)pthread_cond_signal(&sequencer->wake);
    (void)pthread_mutex_unlock(&sequencer->lock);
    while (sequencer->options.stepped && !sequencer_ended(sequencer)) {
        (void)sequencer_step(sequencer);
    }
    if (!sequencer->options.stepped) {
        (void)pthread_join(sequencer->thread, NULL);
    }

    const bool known = !sequencer->given_up;

    (void)pthread_cond_destroy(&sequencer->wake);
    (void)pthread_mutex_destroy(&sequencer->lock);
    free(sequencer);
    return known;
}

void
sequencer_stats(struct sequencer *sequencer, struct sequencer_stats *out)
{
    (void)pthread_mutex_lock(&sequencer->lock);
    *out = sequencer->stats;
    (void)pthread_mutex_unlock(&sequencer->lock);
}
