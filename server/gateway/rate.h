/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gateway/rate.h
 * @brief How often each source may ask: a token bucket per address, in a table of fixed size.
 *
 * The table is a cache: when a set is full the source that owes least gives way, and starts anew
 * with a full bucket if it comes back.  Which set an address falls in cannot be foretold from
 * outside.  Any thread.
 */
#ifndef TSEC_GATEWAY_RATE_H
#define TSEC_GATEWAY_RATE_H

#include "base/cleanup.h"
#include "base/err.h"
#include "base/span.h"

struct rate;

TSEC_MUST_CHECK tsec_rc rate_new(unsigned per_s, unsigned burst, struct rate **out,
                                 struct tsec_err *err);
void rate_free(struct rate *rate);
TSEC_DEFINE_AUTO(struct rate, rate_free)

/** Takes one request of this source.  False: none is left; *retry_after_s says when one will be. */
bool rate_take(struct rate *rate, struct tsec_span source, int64_t now_ns, unsigned *retry_after_s);

#endif
