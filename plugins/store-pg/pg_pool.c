/* SPDX-License-Identifier: Apache-2.0 */
#include "pg_pool.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/clock.h"
#include "pg_commit.h"
#include "pg_schema.h"

#define MS INT64_C(1000000)

static int64_t
now_ns(void)
{
    return tsec_clock_mono_ns(&tsec_clock_system);
}

static struct timespec
timespec_of(int64_t ns)
{
    return (struct timespec){ .tv_sec = (time_t)(ns / TSEC_NS_PER_S),
                              .tv_nsec = (long)(ns % TSEC_NS_PER_S) };
}

/* ---- under the lock ---- */

static struct pg_slot *
slot_in(struct pg_pool *pool, enum pg_slot_state state)
{
    for (size_t i = 0; i < pool->len; i++) {
        if (pool->slots[i].state == state) {
            return &pool->slots[i];
        }
    }
    return NULL;
}

static void
drop(struct pg_pool *pool, struct pg_slot *slot)
{
    pg_conn_close(&slot->conn);
    slot->state = PG_DOWN;
    (void)pthread_cond_signal(&pool->work);
}

/* A loss says something of all connections of its time: the server ended, or is no longer the one
 * that takes writes.  Those in use are looked at when they come back. */
static void
suspect(struct pg_pool *pool, const struct pg_slot *lost)
{
    if (lost->generation == pool->generation) {
        pool->generation++;
    }
}

static struct pg_slot *
idle_slot(struct pg_pool *pool)
{
    struct pg_slot *slot = slot_in(pool, PG_IDLE);

    while (slot != NULL && (slot->generation != pool->generation || !pg_conn_alive(&slot->conn))) {
        suspect(pool, slot);
        drop(pool, slot);
        slot = slot_in(pool, PG_IDLE);
    }
    return slot;
}

/* ---- the keeper ---- */

static tsec_rc
bring_up(struct pg_conn *conn, const struct pg_doubts *doubts, struct pg_durability *durability,
         struct tsec_err *err)
{
    conn->deadline_ns = now_ns() + conn->env->settings.call_timeout_ms * MS;
    TSEC_TRY(pg_conn_open(conn, err));
    TSEC_TRY(pg_session_begin(conn, durability, err));
    TSEC_TRY(pg_schema_check(conn, err));
    TSEC_TRY(pg_session_prepare(conn, err));
    TSEC_TRY(pg_doubts_settle(doubts, conn, err));
    TSEC_TRY(pg_doubt_name(conn, err));
    return durability->standbys ? pg_commit_fence(conn, err) : TSEC_OK;
}

static void
came_up(struct pg_pool *pool, struct pg_slot *slot, uint64_t generation)
{
    slot->state = PG_IDLE;
    slot->generation = generation;
    pool->away = false;
    pool->backoff_ms = 0;
}

/* Known to be away only when nothing is open: one connection too many is no outage. */
static void
stayed_down(struct pg_pool *pool, struct pg_slot *slot, const struct tsec_err *why)
{
    const struct tsec_host *host = pool->env->host;
    const bool was_away = pool->away;
    const int most = why->code == TSEC_E_CONFIG ? PG_BACKOFF_REFUSED_MS : PG_BACKOFF_MAX_MS;

    slot->state = PG_DOWN;
    pool->why = *why;
    pool->away = slot_in(pool, PG_IDLE) == NULL && slot_in(pool, PG_BUSY) == NULL;
    pool->backoff_ms = 2 * pool->backoff_ms + 10 < most ? 2 * pool->backoff_ms + 10 : most;
    /* Several servers do not come back in step: the low bits of the time differ. */
    pool->retry_ns = now_ns() + (pool->backoff_ms / 2) * MS
                     + (now_ns() / 1000) % (pool->backoff_ms / 2 + 1) * MS;
    if (pool->away && !was_away) {
        host->log(host->ctx, TSEC_LOG_WARN, "the database is away: %s", why->detail);
    }
}

static void
open_one(struct pg_pool *pool, struct pg_slot *slot)
{
    const struct tsec_host *host = pool->env->host;
    const uint64_t generation = pool->generation;
    const struct pg_doubts doubts = pool->doubts;
    const bool was_away = pool->away;
    struct tsec_err why = { 0 };
    struct pg_durability durability;
    tsec_rc rc;

    slot->state = PG_OPENING;
    (void)pthread_mutex_unlock(&pool->lock);
    rc = bring_up(&slot->conn, &doubts, &durability, &why);
    if (tsec_failed(rc)) {
        pg_conn_close(&slot->conn);
    }
    (void)pthread_mutex_lock(&pool->lock);
    if (tsec_failed(rc)) {
        stayed_down(pool, slot, &why);
    } else {
        came_up(pool, slot, generation);
        pg_doubts_remove(&pool->doubts, &doubts);
        if (was_away) {
            host->log(host->ctx, TSEC_LOG_INFO, "the database is back: %s", pool->env->place.label);
        }
    }
    (void)pthread_cond_broadcast(&pool->change);
}

/* Also looks at what is idle, twice a second: a server that closed it is noticed before a call
 * needs it, and health knows. */
static void *
keep(void *ctx)
{
    struct pg_pool *pool = ctx;

    (void)prctl(PR_SET_NAME, "tsec-pg-keeper");
    (void)pthread_mutex_lock(&pool->lock);
    while (!pool->stop) {
        struct pg_slot *slot;
        struct timespec until;

        (void)idle_slot(pool);
        slot = slot_in(pool, PG_DOWN);
        if (slot != NULL && now_ns() >= pool->retry_ns) {
            open_one(pool, slot);
            continue;
        }
        until = timespec_of(slot != NULL ? pool->retry_ns : now_ns() + 500 * MS);
        (void)pthread_cond_timedwait(&pool->work, &pool->lock, &until);
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* ---- life ---- */

static void
init_conds(struct pg_pool *pool)
{
    pthread_condattr_t monotonic;

    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&pool->change, &monotonic);
    (void)pthread_cond_init(&pool->work, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    (void)pthread_mutex_init(&pool->lock, NULL);
}

tsec_rc
pg_pool_start(struct pg_pool *pool, const struct pg_env *env, struct pg_conn *first,
              const struct pg_durability *durability, struct tsec_err *err)
{
    *pool = (struct pg_pool){ .env = env, .len = (size_t)env->settings.connections };
    pool->durability = *durability;
    for (size_t i = 0; i < pool->len; i++) {
        pg_conn_init(&pool->slots[i].conn, env);
    }
    init_conds(pool);
    pool->slots[0].conn.host = first->host;
    pool->slots[0].conn.pg = first->pg;
    pool->slots[0].conn.name = first->name;
    pool->slots[0].state = PG_IDLE;
    first->pg = NULL;
    /* The connection tells its warnings to where it is now. */
    pg_conn_moved(&pool->slots[0].conn);
    if (pthread_create(&pool->keeper, NULL, keep, pool) != 0) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no thread for the connections");
    }
    pool->running = true;
    return TSEC_OK;
}

void
pg_pool_stop(struct pg_pool *pool)
{
    if (pool->env == NULL) {
        return;
    }
    if (pool->running) {
        (void)pthread_mutex_lock(&pool->lock);
        pool->stop = true;
        (void)pthread_cond_signal(&pool->work);
        (void)pthread_mutex_unlock(&pool->lock);
        (void)pthread_join(pool->keeper, NULL);
    }
    for (size_t i = 0; i < pool->len; i++) {
        pg_conn_close(&pool->slots[i].conn);
    }
    (void)pthread_cond_destroy(&pool->change);
    (void)pthread_cond_destroy(&pool->work);
    (void)pthread_mutex_destroy(&pool->lock);
}

/* ---- lending ---- */

static tsec_rc
away(const struct pg_pool *pool, struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "the database is away: %.160s", pool->why.detail);
}

static tsec_rc
take_locked(struct pg_pool *pool, int64_t deadline_ns, struct pg_slot **out, struct tsec_err *err)
{
    const struct timespec until = timespec_of(deadline_ns);
    int waited = 0;

    while ((*out = idle_slot(pool)) == NULL) {
        if (pool->away) {
            return away(pool, err);
        }
        if (waited != 0) {
            return TSEC_FAIL(err, TSEC_E_UNAVAILABLE,
                             "no connection to the database became free in time: %s",
                             pool->env->place.label);
        }
        waited = pthread_cond_timedwait(&pool->change, &pool->lock, &until);
    }
    (*out)->state = PG_BUSY;
    return TSEC_OK;
}

tsec_rc
pg_pool_take(struct pg_pool *pool, int64_t deadline_ns, struct pg_conn **out, struct tsec_err *err)
{
    struct pg_slot *slot = NULL;
    tsec_rc rc;

    (void)pthread_mutex_lock(&pool->lock);
    rc = take_locked(pool, deadline_ns, &slot, err);
    (void)pthread_mutex_unlock(&pool->lock);
    if (!tsec_failed(rc)) {
        slot->conn.deadline_ns = deadline_ns;
        *out = &slot->conn;
    }
    return rc;
}

void
pg_pool_put(struct pg_pool *pool, struct pg_conn *conn)
{
    struct pg_slot *slot =
        (struct pg_slot *)(void *)((char *)conn - offsetof(struct pg_slot, conn));
    const bool good = pg_conn_settle(conn);

    (void)pthread_mutex_lock(&pool->lock);
    if (conn->doubtful) {
        pg_doubts_add(&pool->doubts, conn);
        pool->generation++; /* whatever is open now has not settled it */
    }
    if (good) {
        slot->state = PG_IDLE;
    } else {
        suspect(pool, slot);
        drop(pool, slot);
    }
    (void)pthread_cond_signal(&pool->change);
    (void)pthread_mutex_unlock(&pool->lock);
}

tsec_rc
pg_pool_health(struct pg_pool *pool, struct tsec_err *err)
{
    tsec_rc rc = TSEC_OK;

    (void)pthread_mutex_lock(&pool->lock);
    if (pool->away) {
        rc = away(pool, err);
    } else if (pool->durability.no_fsync && err != NULL) {
        (void)snprintf(err->detail, sizeof(err->detail),
                       "volatile: the database runs with fsync=off, and that is allowed");
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return rc;
}
