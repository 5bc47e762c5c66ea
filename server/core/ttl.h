/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/ttl.h
 * @brief How long a token lives: what was asked for, against every limit there is.
 *
 * Pure arithmetic on seconds.  Zero means "not given" for every input.
 */
#ifndef TSEC_CORE_TTL_H
#define TSEC_CORE_TTL_H

#include <stdbool.h>
#include <stdint.h>

/** Vault's 768 hours, for both. */
enum { TTL_DEFAULT_S = 2764800, TTL_MAX_S = 2764800 };
/** Longer than any lifetime, and still far from where nanoseconds overflow: 100 years. */
#define TTL_LIMIT_S INT64_C(3153600000)

struct ttl_ask {
    int64_t now_s;
    int64_t issued_s; /* when the token was made; 0: now */
    int64_t ttl_s;
    int64_t default_s; /* when ttl_s is 0; 0: TTL_DEFAULT_S */
    int64_t period_s;
    int64_t max_s; /* of the mount or role, from the time of issue; 0: TTL_MAX_S */
    int64_t explicit_max_s;
};

struct ttl_answer {
    int64_t ttl_s;   /* 0 or less: the token is past its limit */
    int64_t asked_s; /* what was wanted before the caps */
    int64_t cap_s;   /* what it was cut to; 0: it was not */
};

struct ttl_answer ttl_compute(const struct ttl_ask *ask);

#endif
