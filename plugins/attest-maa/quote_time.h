/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file quote_time.h
 * @brief From when to when what vouches for a quote holds: valid at t means not_before <= t <=
 * not_after.
 */
#ifndef ATTEST_MAA_QUOTE_TIME_H
#define ATTEST_MAA_QUOTE_TIME_H

#include "base/clock.h"
#include "verifier.h"

struct quote_window {
    int64_t not_before; /* seconds since 1970, both included */
    int64_t not_after;
};

static inline struct quote_window
quote_window_always(void)
{
    return (struct quote_window){ INT64_MIN, INT64_MAX };
}

static inline void
quote_window_narrow(struct quote_window *w, struct quote_window other)
{
    if (other.not_before > w->not_before) {
        w->not_before = other.not_before;
    }
    if (other.not_after < w->not_after) {
        w->not_after = other.not_after;
    }
}

static inline bool
quote_window_holds(struct quote_window w, int64_t now)
{
    return w.not_before <= now && now <= w.not_after;
}

/** RFC 3339 into `out`, which has TSEC_RFC3339_LEN bytes; returns it. */
const char *quote_time_text(int64_t seconds, char *out);

/** TSEC_REASON_EXPIRED or TSEC_REASON_NOT_YET_VALID noted under `name` when in->now is not in the
 *  window of `what`. */
TSEC_MUST_CHECK tsec_rc quote_window_check(const struct verifier_input *in, struct quote_window w,
                                           const char *name, const char *what,
                                           struct tsec_err *err);

#endif
