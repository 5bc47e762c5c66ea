/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file redis_deadline.h
 * @brief A point in monotonic time by which a call is over.
 */
#ifndef STORE_REDIS_DEADLINE_H
#define STORE_REDIS_DEADLINE_H

#include "base/clock.h"

#define REDIS_NS_PER_MS INT64_C(1000000)

static inline int64_t
redis_now_ns(void)
{
    return tsec_clock_mono_ns(&tsec_clock_system);
}

static inline int64_t
redis_deadline_in(unsigned ms)
{
    return redis_now_ns() + (int64_t)ms * REDIS_NS_PER_MS;
}

/** Rounded up, so that nobody polls for 0 ms over and over; 0: it has passed. */
static inline int
redis_ms_left(int64_t deadline_ns)
{
    const int64_t left = deadline_ns - redis_now_ns();

    return left <= 0 ? 0 : (int)((left + REDIS_NS_PER_MS - 1) / REDIS_NS_PER_MS);
}

static inline int64_t
redis_earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

#endif
