/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file redis_pool.h
 * @brief A few connections, lent one at a time, and when to try again.
 *
 * While the server is away one caller tries it, at most every REDIS_BACKOFF_MAX_MS, and all others
 * fail at once.  When one connection breaks, all that were made before it are not lent again: they
 * are of a server that ended.
 */
#ifndef STORE_REDIS_POOL_H
#define STORE_REDIS_POOL_H

#include <pthread.h>

#include "redis_link.h"

enum { REDIS_BACKOFF_MIN_MS = 10, REDIS_BACKOFF_MAX_MS = 250 };

struct redis_pool {
    const struct redis_access *access;
    pthread_mutex_t lock;
    pthread_cond_t given;
    struct redis_link links[REDIS_LINKS_MAX];
    bool taken[REDIS_LINKS_MAX];
    unsigned generation;
    bool away;    /* the last connection could not be made */
    bool probing; /* somebody tries */
    int64_t retry_ns;
    unsigned backoff_ms;
    struct tsec_err why;             /* since it is away */
    char caution[REDIS_PROBLEM_MAX]; /* what is unsafe and was allowed; "": nothing */
};

void redis_pool_init(struct redis_pool *pool, const struct redis_access *access);
/** Nothing is lent any more. */
void redis_pool_done(struct redis_pool *pool);

/** Lends a connection; `*fresh` when it was made for this call.  TSEC_E_UNAVAILABLE: none to be
 * had; TSEC_E_CONFIG, _READ_ONLY, _TAMPERED as redis_link_open(). */
TSEC_MUST_CHECK tsec_rc redis_pool_take(struct redis_pool *pool, int64_t deadline_ns,
                                        struct redis_link **out, bool *fresh, struct tsec_err *err);
/** `good`: it may be lent again. */
void redis_pool_give(struct redis_pool *pool, struct redis_link *link, bool good);

/** Why no connection could be made the last time; OK: one could. */
TSEC_MUST_CHECK tsec_rc redis_pool_state(struct redis_pool *pool, struct tsec_err *err);
/** Nothing that was lent before now is lent again, and the server counts as away. */
void redis_pool_distrust(struct redis_pool *pool, const struct tsec_err *why);
/** What is unsafe and was allowed, or "", into REDIS_PROBLEM_MAX bytes. */
void redis_pool_caution(struct redis_pool *pool, char *out);

#endif
