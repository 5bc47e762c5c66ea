/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/ahead.h
 * @brief Work of a handler that must not happen under the state's lock, nor again each time the
 * handler runs: cryptography.
 *
 * A handler reads rows and the body and makes a plan; the plan's work is done here; then it
 * answers from what came out.  Short work is done at once.  For long work the run is given up, a
 * worker thread does it without any lock, and the handler runs again, from the start, finding it
 * done.  What was done is kept for later runs of the same request as long as it still applies.
 */
#ifndef TSEC_API_AHEAD_H
#define TSEC_API_AHEAD_H

#include "api/call.h"

enum {
    API_WORK_LONG_US = 150,   /* from here on a worker does it */
    API_WORK_SLOW_US = 50000, /* and from here on not all of them at once */
};

/** In the request's arena, as is all it points to but what `drop` gives back. */
struct api_work {
    /** What the result depends on besides the request: the same identity, the same result.  For a
     *  transit key: its id and revision. */
    struct tsec_span identity;
    uint64_t cost_us; /* about, on one core */
    /** No transaction, no lock, any thread; what fails is part of the result. */
    void (*run)(struct api_work *work);
    /** Gives back what is not the arena's (references to parsed keys); called once, whether it ran
     *  or not, when nothing uses it any more.  May be NULL. */
    void (*drop)(struct api_work *work);
};

/** What one request has done ahead of its runs, and is yet to do. */
struct api_ahead {
    struct api_work *done;   /* of an earlier run, or of this one */
    struct api_work *parked; /* this run was given up for it */
    unsigned parks;
    bool threads;  /* there are some, and slow work is done by them or not at all */
    bool may_park; /* this run is not the sequencer's, and there are threads to do it */
    bool asked;
    bool told;              /* the log has this request's refusal */
    unsigned retry_after_s; /* a rate limit said so in an earlier run; 0: none did */
};

/** OK: *work is finished; it is the one given, or an equal one that an earlier run gave (the given
 *  one was dropped).  A failure is to be passed up as it is: the run is given up.  TSEC_E_BUSY, for
 *  good: slow work that cannot be given to a thread, because what it is for keeps changing. */
TSEC_MUST_CHECK tsec_rc api_work(struct api_call *call, struct api_work **work,
                                 struct tsec_err *err);

/** True once in the life of a request, however often it runs: for effects that are not rows (rate
 *  limits). */
bool api_first_time(struct api_call *call);

/** Does what was parked; by a thread that holds no lock. */
void api_ahead_work(struct api_ahead *ahead);
/** Nothing is left to be used. */
void api_ahead_drop(struct api_ahead *ahead);

#endif
