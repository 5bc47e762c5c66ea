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

/** OK: *work is finished; it is the one given, or an equal one that an earlier run gave (the given
 *  one was dropped).  A failure is to be passed up as it is. */
TSEC_MUST_CHECK tsec_rc api_work(struct api_call *call, struct api_work **work,
                                 struct tsec_err *err);

/** True for the first run of a request that asks; for effects that are not rows (rate limits). */
bool api_first_time(struct api_call *call);

#endif
