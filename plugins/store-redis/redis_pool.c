/* SPDX-License-Identifier: Apache-2.0 */
#include "redis_pool.h"

#include <errno.h>

#include "redis_deadline.h"

void
redis_pool_init(struct redis_pool *pool, const struct redis_access *access)
{
    pthread_condattr_t attr;

    *pool = (struct redis_pool){ .access = access, .generation = 1 };
    for (size_t i = 0; i < REDIS_LINKS_MAX; i++) {
        pool->links[i].wire.fd = -1;
    }
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&pool->given, &attr);
    (void)pthread_condattr_destroy(&attr);
}

void
redis_pool_done(struct redis_pool *pool)
{
    for (size_t i = 0; i < REDIS_LINKS_MAX; i++) {
        redis_link_close(&pool->links[i]);
    }
    (void)pthread_cond_destroy(&pool->given);
    (void)pthread_mutex_destroy(&pool->lock);
}

/* ---- under the lock ---- */

static void
set_taken(struct redis_pool *pool, const struct redis_link *link, bool taken)
{
    pool->taken[link - pool->links] = taken;
}

static bool
is_usable(const struct redis_pool *pool, struct redis_link *link)
{
    return link->generation == pool->generation && redis_wire_is_quiet(&link->wire);
}

/* Closes those that are of no more use on the way. */
static struct redis_link *
find_idle(struct redis_pool *pool)
{
    for (size_t i = 0; i < pool->access->links; i++) {
        struct redis_link *link = &pool->links[i];

        if (!pool->taken[i] && link->wire.fd >= 0) {
            if (is_usable(pool, link)) {
                return link;
            }
            redis_link_close(link);
        }
    }
    return NULL;
}

static struct redis_link *
find_closed(struct redis_pool *pool)
{
    for (size_t i = 0; i < pool->access->links; i++) {
        if (!pool->taken[i] && pool->links[i].wire.fd < 0) {
            return &pool->links[i];
        }
    }
    return NULL;
}

static tsec_rc
say_why(const struct redis_pool *pool, struct tsec_err *err)
{
    if (err != NULL) {
        *err = pool->why;
    }
    return tsec_rc_of((enum tsec_code)pool->why.code);
}

static bool
may_try(const struct redis_pool *pool)
{
    return !pool->away || (!pool->probing && redis_now_ns() >= pool->retry_ns);
}

static void
note_failure(struct redis_pool *pool, const struct tsec_err *why)
{
    pool->away = true;
    pool->why = *why;
    pool->backoff_ms = pool->backoff_ms == 0 ? REDIS_BACKOFF_MIN_MS : pool->backoff_ms * 2;
    if (pool->backoff_ms > REDIS_BACKOFF_MAX_MS) {
        pool->backoff_ms = REDIS_BACKOFF_MAX_MS;
    }
    pool->retry_ns = redis_deadline_in(pool->backoff_ms);
}

/* Once for each thing that is found, not for every connection. */
static void
note_caution(struct redis_pool *pool, const struct redis_link *link)
{
    const struct tsec_host *host = pool->access->host;
    const char *found = link->durable.safe ? "" : link->durable.problem;

    if (strcmp(pool->caution, found) != 0 && found[0] != '\0') {
        host->log(host->ctx, TSEC_LOG_WARN,
                  "allow_volatile: Redis could lose what it acknowledged: %s", found);
    }
    memcpy(pool->caution, found, strlen(found) + 1);
}

/* ---- lending ---- */

/* Lets the lock go while it connects. */
static tsec_rc
make(struct redis_pool *pool, struct redis_link *link, int64_t deadline_ns, struct tsec_err *err)
{
    const bool probe = pool->away;
    const unsigned generation = pool->generation;
    struct tsec_err why = { 0 };
    tsec_rc rc;

    pool->probing = pool->probing || probe;
    (void)pthread_mutex_unlock(&pool->lock);
    rc = redis_link_open(pool->access, deadline_ns, link, &why);
    (void)pthread_mutex_lock(&pool->lock);
    pool->probing = pool->probing && !probe;
    link->generation = generation;
    if (tsec_failed(rc)) {
        set_taken(pool, link, false);
        why.code = rc.code;
        note_failure(pool, &why);
        (void)pthread_cond_broadcast(&pool->given);
        return say_why(pool, err);
    }
    pool->away = false;
    pool->backoff_ms = 0;
    note_caution(pool, link);
    return TSEC_OK;
}

static tsec_rc
wait_for_one(struct redis_pool *pool, int64_t deadline_ns, struct tsec_err *err)
{
    const struct timespec until = { .tv_sec = (time_t)(deadline_ns / TSEC_NS_PER_S),
                                    .tv_nsec = (long)(deadline_ns % TSEC_NS_PER_S) };

    if (pthread_cond_timedwait(&pool->given, &pool->lock, &until) == ETIMEDOUT) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "all %zu connections to Redis are in use",
                         pool->access->links);
    }
    return TSEC_OK;
}

static tsec_rc
take_locked(struct redis_pool *pool, int64_t deadline_ns, struct redis_link **out, bool *fresh,
            struct tsec_err *err)
{
    for (;;) {
        struct redis_link *link = find_idle(pool);

        *fresh = link == NULL;
        if (link == NULL && !may_try(pool)) {
            return say_why(pool, err);
        }
        if (link == NULL) {
            link = find_closed(pool);
        }
        if (link != NULL) {
            set_taken(pool, link, true);
            *out = link;
            return *fresh ? make(pool, link, deadline_ns, err) : TSEC_OK;
        }
        TSEC_TRY(wait_for_one(pool, deadline_ns, err));
    }
}

tsec_rc
redis_pool_take(struct redis_pool *pool, int64_t deadline_ns, struct redis_link **out, bool *fresh,
                struct tsec_err *err)
{
    tsec_rc rc;

    (void)pthread_mutex_lock(&pool->lock);
    rc = take_locked(pool, deadline_ns, out, fresh, err);
    (void)pthread_mutex_unlock(&pool->lock);
    return rc;
}

void
redis_pool_give(struct redis_pool *pool, struct redis_link *link, bool good)
{
    (void)pthread_mutex_lock(&pool->lock);
    if (!good) {
        redis_link_close(link);
        pool->generation += link->generation == pool->generation ? 1 : 0;
    }
    set_taken(pool, link, false);
    (void)pthread_cond_broadcast(&pool->given);
    (void)pthread_mutex_unlock(&pool->lock);
}

/* ---- what is known ---- */

tsec_rc
redis_pool_state(struct redis_pool *pool, struct tsec_err *err)
{
    tsec_rc rc;

    (void)pthread_mutex_lock(&pool->lock);
    rc = pool->away ? say_why(pool, err) : TSEC_OK;
    (void)pthread_mutex_unlock(&pool->lock);
    return rc;
}

void
redis_pool_distrust(struct redis_pool *pool, const struct tsec_err *why)
{
    (void)pthread_mutex_lock(&pool->lock);
    pool->generation++;
    note_failure(pool, why);
    (void)pthread_mutex_unlock(&pool->lock);
}

void
redis_pool_caution(struct redis_pool *pool, char *out)
{
    (void)pthread_mutex_lock(&pool->lock);
    memcpy(out, pool->caution, sizeof(pool->caution));
    (void)pthread_mutex_unlock(&pool->lock);
}
