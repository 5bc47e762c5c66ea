/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ledger/sequencer_internal.h
 * @brief What the files of the sequencer share; nobody else includes it.
 */
#ifndef TSEC_LEDGER_SEQUENCER_INTERNAL_H
#define TSEC_LEDGER_SEQUENCER_INTERNAL_H

#include <pthread.h>

#include "ledger/sequencer.h"
#include "ledger/turns.h"

/* Operations in order, out of the queue. */
struct taken {
    struct sequencer_op *head;
    struct sequencer_op **tail;
    size_t n;
};

struct sequencer {
    struct sequencer_options options;
    struct sequencer_hooks hooks;
    pthread_t thread;
    pthread_mutex_t lock; /* guards the queue, stopping, idle and stats */
    pthread_cond_t wake;
    struct sequencer_op *head;
    struct sequencer_op **tail;
    bool stopping;
    bool idle; /* an operation that comes is to wake the thread */
    struct sequencer_stats stats;
    int64_t away_mono_ns; /* since when the store fails; 0: it does not.  Under the lock */

    /* the stepping thread's own */
    struct sequencer_batch batch; /* of the unknown outcome */
    struct taken ops;             /* likewise; those that were told so are gone */
    bool unknown;
    bool behind;         /* what others wrote is to be read first */
    bool has_nothing;    /* the last step found no operation */
    bool given_up;       /* stopped while an outcome was not known */
    int64_t retry_at_ns; /* not before, while unknown or behind */
    int64_t retry_ns;
    int64_t followed_ns; /* when the end of the log was last looked for */
    struct turns turns;
};

/* The queue; all of it takes the lock. */
void queue_take(struct sequencer *s, struct taken *out);
/** What was not done goes back to the front, in its order. */
void queue_put_back(struct sequencer *s, struct sequencer_op *rest);
/** Those at the front that came before `since` are told `rc`. */
void queue_refuse(struct sequencer *s, int64_t since, tsec_rc rc, const struct tsec_err *err);
/** The first `n` are told `rc`. */
void queue_refuse_first(struct sequencer *s, size_t n, tsec_rc rc, const struct tsec_err *err);
size_t queue_len(struct sequencer *s);
bool queue_is_stopping(struct sequencer *s);

void sequencer_note(struct sequencer *s, tsec_rc rc, const struct tsec_err *err, size_t n);
/** The store is asked again and again, by the step itself, until it answers. */
void sequencer_away(struct sequencer *s, bool away);
void sequencer_settle(struct sequencer *s, struct sequencer_op *op, tsec_rc rc,
                      const struct tsec_err *err);
/** Nothing more will be done. */
bool sequencer_ended(struct sequencer *s);

#endif
