/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pg_pool.h
 * @brief A few connections, lent to one call at a time, and a thread that keeps them up.
 *
 * Callers never connect: the keeper does, so that neither a name server nor a dead host holds up a
 * call.  While the database is known to be away a call fails at once.
 */
#ifndef STORE_PG_PG_POOL_H
#define STORE_PG_PG_POOL_H

#include <pthread.h>

#include "pg_doubt.h"
#include "pg_session.h"

/** Between attempts to connect, at most: service resumes within a second of the database's return.
 *  A refusal of the role or the tables is in the database's log each time. */
enum { PG_BACKOFF_MAX_MS = 250, PG_BACKOFF_REFUSED_MS = 1000 };

enum pg_slot_state { PG_DOWN, PG_OPENING, PG_IDLE, PG_BUSY };

struct pg_slot {
    struct pg_conn conn;
    enum pg_slot_state state;
    uint64_t generation;
};

struct pg_pool {
    const struct pg_env *env;
    pthread_t keeper;
    pthread_mutex_t lock;
    pthread_cond_t change; /* a slot became idle, or the database went away */
    pthread_cond_t work;   /* for the keeper */
    struct pg_slot slots[PG_CONNECTIONS_MAX];
    size_t len;
    uint64_t generation; /* raised when a connection is lost: older ones are not trusted */
    bool running;
    bool stop;
    bool away; /* the last attempt failed and nothing is open */
    struct tsec_err why;
    int64_t retry_ns; /* when the keeper tries again */
    int backoff_ms;
    struct pg_durability durability;
    struct pg_doubts doubts; /* to be settled by the next connection before it is lent */
};

/** `first` is an open connection with its statements prepared, which becomes one of the pool's. */
TSEC_MUST_CHECK tsec_rc pg_pool_start(struct pg_pool *pool, const struct pg_env *env,
                                      struct pg_conn *first, const struct pg_durability *durability,
                                      struct tsec_err *err);
/** Waits for what the keeper is at.  No call is under way. */
void pg_pool_stop(struct pg_pool *pool);

/** Waits until `deadline_ns` for an idle connection; its deadline is set to the same.
 *  TSEC_E_UNAVAILABLE: the database is away, or all are busy. */
TSEC_MUST_CHECK tsec_rc pg_pool_take(struct pg_pool *pool, int64_t deadline_ns,
                                     struct pg_conn **out, struct tsec_err *err);
void pg_pool_put(struct pg_pool *pool, struct pg_conn *conn);

/** What is known, without asking anybody. */
TSEC_MUST_CHECK tsec_rc pg_pool_health(struct pg_pool *pool, struct tsec_err *err);

#endif
