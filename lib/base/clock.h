/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file base/clock.h
 * @brief Time, as something a test can hold still; and RFC 3339 text of it.
 *
 * No security decision rests on the host's clock alone (the ledger orders events); it bounds
 * lifetimes and dates entries.
 */
#ifndef TSEC_BASE_CLOCK_H
#define TSEC_BASE_CLOCK_H

#include "base/buf.h"

#define TSEC_NS_PER_S  INT64_C(1000000000)
#define TSEC_NS_PER_MS INT64_C(1000000)

struct tsec_clock {
    void *ctx;
    int64_t (*real_ns)(void *ctx); /* since 1970-01-01 UTC */
    int64_t (*mono_ns)(void *ctx); /* never goes back */
};

extern const struct tsec_clock tsec_clock_system;

static inline int64_t
tsec_clock_real_ns(const struct tsec_clock *clock)
{
    return clock->real_ns(clock->ctx);
}

static inline int64_t
tsec_clock_mono_ns(const struct tsec_clock *clock)
{
    return clock->mono_ns(clock->ctx);
}

/** A clock that moves only when told; for tests. */
struct tsec_clock_fake {
    struct tsec_clock clock; /* .ctx points back here */
    int64_t real;
    int64_t mono;
};
void tsec_clock_fake_init(struct tsec_clock_fake *fake, int64_t real_ns);
void tsec_clock_fake_advance(struct tsec_clock_fake *fake, int64_t ns);

enum { TSEC_RFC3339_LEN = 36 };

/** "2026-11-22T08:17:09.219521403Z", fraction without trailing zeros as Go's RFC3339Nano does;
 *  ns == 0 gives "0001-01-01T00:00:00Z" (never set).  `out` has TSEC_RFC3339_LEN bytes. */
void tsec_rfc3339(int64_t ns, char *out);
/** Any RFC 3339 time with up to 9 fraction digits; years 1970..2262. */
bool tsec_rfc3339_parse(struct tsec_span text, int64_t *ns);

/** "1h30m", "1.5h", "50d", "100ms", "3600" (no unit = seconds); negative allowed with a sign.
 *  False: not a duration, or past the range of int64 nanoseconds. */
bool tsec_duration_parse(struct tsec_span text, int64_t *ns);
/** As Go prints a time.Duration: "1h30m0s", "0s", "1.5s". */
void tsec_duration_append(struct tsec_buf *out, int64_t ns);

#endif
