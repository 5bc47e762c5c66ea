/* SPDX-License-Identifier: Apache-2.0 */
#include "api/ahead.h"

/* A key that is changed again and again while work is done for it ends this: then it is done where
 * the handler runs, unless it is slow: nobody's rotating may keep everybody's commits waiting. */
enum { PARKS_MAX = 4 };

static void
drop(struct api_work **slot)
{
    struct api_work *work = *slot;

    *slot = NULL;
    if (work != NULL && work->drop != NULL) {
        work->drop(work);
    }
}

tsec_rc
api_work(struct api_call *call, struct api_work **work, struct tsec_err *err)
{
    struct api_ahead *ahead = call->ahead;
    struct api_work *now = *work;

    if (ahead->done != NULL && tsec_span_equal(ahead->done->identity, now->identity)) {
        drop(work);
        *work = ahead->done;
        return TSEC_OK;
    }
    drop(&ahead->done);
    if (now->cost_us >= API_WORK_LONG_US && ahead->may_park && ahead->parks < PARKS_MAX) {
        ahead->parks++;
        ahead->parked = now;
        return TSEC_FAIL(err, TSEC_E_BUSY, "work is to be done first");
    }
    if (now->cost_us >= API_WORK_SLOW_US && ahead->threads) {
        drop(work);
        return TSEC_FAIL(err, TSEC_E_BUSY, "what the work was for changed meanwhile");
    }
    now->run(now);
    ahead->done = now;
    return TSEC_OK;
}

bool
api_first_time(struct api_call *call)
{
    const bool first = !call->ahead->asked;

    call->ahead->asked = true;
    return first;
}

void
api_ahead_work(struct api_ahead *ahead)
{
    ahead->parked->run(ahead->parked);
    ahead->done = ahead->parked;
    ahead->parked = NULL;
}

void
api_ahead_drop(struct api_ahead *ahead)
{
    drop(&ahead->parked);
    drop(&ahead->done);
}
