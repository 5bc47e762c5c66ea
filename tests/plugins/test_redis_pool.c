/* SPDX-License-Identifier: Apache-2.0 */
#include "store-redis/redis_pool.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store-redis/redis_deadline.h"
#include "tests/double/fake_host.h"
#include "tests/plugins/redis_double.h"
#include "tests/test.h"

static struct redis_double twin;
static struct fake_host fake;
static struct redis_access access_to_twin;

static void
begin(struct redis_pool *pool, size_t links)
{
    char uri[300];

    fake_host_init(&fake, NULL);
    redis_double_start(&twin, "pool.sock", NULL);
    redis_double_uri(&twin, uri, sizeof(uri));
    CU_ASSERT_EQUAL_FATAL(redis_access_read(&fake.host, uri, &access_to_twin, NULL).code, 0);
    access_to_twin.links = links;
    redis_pool_init(pool, &access_to_twin);
}

static void
end(struct redis_pool *pool)
{
    redis_pool_done(pool);
    redis_double_stop(&twin);
}

static int32_t
take(struct redis_pool *pool, unsigned ms, struct redis_link **link, bool *fresh)
{
    return redis_pool_take(pool, redis_deadline_in(ms), link, fresh, NULL).code;
}

static void
a_connection_is_used_again(void)
{
    struct redis_pool pool;
    struct redis_link *link = NULL;
    bool fresh = false;

    begin(&pool, 4);
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL_FATAL(take(&pool, 500, &link, &fresh), 0);
        CU_ASSERT_EQUAL(fresh, i == 0);
        redis_pool_give(&pool, link, true);
    }
    CU_ASSERT_EQUAL(atomic_load(&twin.connections), 1);
    end(&pool);
}

static void *
give_later(void *ctx)
{
    struct redis_pool *pool = ctx;

    (void)usleep(50000);
    redis_pool_give(pool, &pool->links[1], true);
    return NULL;
}

static void
when_all_are_lent_one_waits_and_not_for_ever(void)
{
    struct redis_pool pool;
    struct redis_link *links[2] = { NULL };
    struct redis_link *third = NULL;
    bool fresh = false;
    int64_t before;
    pthread_t thread;

    begin(&pool, 2);
    CU_ASSERT_EQUAL_FATAL(take(&pool, 500, &links[0], &fresh), 0);
    CU_ASSERT_EQUAL_FATAL(take(&pool, 500, &links[1], &fresh), 0);
    CU_ASSERT_PTR_NOT_EQUAL(links[0], links[1]);
    before = redis_now_ns();
    CU_ASSERT_EQUAL(take(&pool, 80, &third, &fresh), TSEC_E_UNAVAILABLE);
    CU_ASSERT_TRUE(redis_now_ns() - before >= 70 * REDIS_NS_PER_MS);
    CU_ASSERT_EQUAL(redis_pool_state(&pool, NULL).code, 0); /* busy is not away */
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, give_later, &pool), 0);
    CU_ASSERT_EQUAL_FATAL(take(&pool, 2000, &third, &fresh), 0);
    CU_ASSERT_PTR_EQUAL(third, &pool.links[1]);
    CU_ASSERT_FALSE(fresh);
    (void)pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(atomic_load(&twin.connections), 2);
    end(&pool);
}

static void
one_that_broke_takes_the_older_ones_with_it(void)
{
    struct redis_pool pool;
    struct redis_link *links[3] = { NULL };
    bool fresh = false;

    begin(&pool, 3);
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL_FATAL(take(&pool, 500, &links[i], &fresh), 0);
    }
    redis_pool_give(&pool, links[1], true);
    redis_pool_give(&pool, links[0], false);
    redis_pool_give(&pool, links[2], true); /* older than the break too */
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL_FATAL(take(&pool, 500, &links[i], &fresh), 0);
        CU_ASSERT_TRUE(fresh);
    }
    CU_ASSERT_EQUAL(atomic_load(&twin.connections), 6);
    redis_pool_give(&pool, links[0], false); /* and once only */
    redis_pool_give(&pool, links[1], false);
    CU_ASSERT_EQUAL_FATAL(take(&pool, 500, &links[0], &fresh), 0);
    redis_pool_give(&pool, links[0], true);
    redis_pool_give(&pool, links[2], true);
    CU_ASSERT_EQUAL_FATAL(take(&pool, 500, &links[0], &fresh), 0);
    CU_ASSERT_FALSE(fresh);
    end(&pool);
}

/* A connect every 250 ms at most, and an answer at once in between. */
static void
while_it_is_away_few_try_and_nobody_waits(void)
{
    struct redis_pool pool;
    struct redis_link *link = NULL;
    bool fresh = false;
    int64_t longest = 0;
    unsigned backoff;

    begin(&pool, 4);
    CU_ASSERT_EQUAL_FATAL(take(&pool, 500, &link, &fresh), 0);
    redis_pool_give(&pool, link, true);
    redis_double_stop(&twin);
    redis_pool_give(&pool, link, false);
    for (int i = 0; i < 300; i++) {
        const int64_t before = redis_now_ns();

        CU_ASSERT_EQUAL(take(&pool, 500, &link, &fresh), TSEC_E_UNAVAILABLE);
        longest = redis_now_ns() - before > longest ? redis_now_ns() - before : longest;
        (void)usleep(1000);
    }
    CU_ASSERT_TRUE(longest < 400 * REDIS_NS_PER_MS);
    CU_ASSERT_EQUAL(redis_pool_state(&pool, NULL).code, TSEC_E_UNAVAILABLE);
    backoff = pool.backoff_ms;
    CU_ASSERT_TRUE(backoff > REDIS_BACKOFF_MIN_MS && backoff <= REDIS_BACKOFF_MAX_MS);
    redis_double_start(&twin, "pool.sock", NULL);
    (void)usleep((backoff + 5) * 1000);
    CU_ASSERT_EQUAL_FATAL(take(&pool, 500, &link, &fresh), 0);
    CU_ASSERT_EQUAL(redis_pool_state(&pool, NULL).code, 0);
    CU_ASSERT_EQUAL(pool.backoff_ms, 0);
    end(&pool);
}

static void
what_is_distrusted_is_not_lent_again(void)
{
    const struct tsec_err why = { .code = TSEC_E_CONFIG, .detail = "changed" };
    struct redis_pool pool;
    struct redis_link *link = NULL;
    struct tsec_err err = { 0 };
    char caution[REDIS_PROBLEM_MAX] = "x";
    bool fresh = false;

    begin(&pool, 4);
    CU_ASSERT_EQUAL_FATAL(take(&pool, 500, &link, &fresh), 0);
    redis_pool_give(&pool, link, true);
    redis_pool_caution(&pool, caution);
    CU_ASSERT_STRING_EQUAL(caution, "");
    redis_pool_distrust(&pool, &why);
    CU_ASSERT_EQUAL(redis_pool_state(&pool, &err).code, TSEC_E_CONFIG);
    CU_ASSERT_STRING_EQUAL(err.detail, "changed");
    CU_ASSERT_EQUAL(take(&pool, 500, &link, &fresh), TSEC_E_CONFIG); /* not at once */
    (void)usleep(15000);
    CU_ASSERT_EQUAL_FATAL(take(&pool, 500, &link, &fresh), 0);
    CU_ASSERT_TRUE(fresh);
    end(&pool);
}

/* ---- threads ---- */

enum { THREADS = 8, ROUNDS = 200 };

static atomic_uint out_at_once;
static atomic_uint wrong;

static void *
take_and_give(void *ctx)
{
    struct redis_pool *pool = ctx;

    for (int i = 0; i < ROUNDS; i++) {
        struct redis_link *link = NULL;
        bool fresh = false;

        if (take(pool, 5000, &link, &fresh) != 0) {
            continue; /* it was away for a moment, after a break */
        }
        wrong += atomic_fetch_add(&out_at_once, 1) >= 3 ? 1 : 0;
        atomic_fetch_sub(&out_at_once, 1);
        redis_pool_give(pool, link, i % 17 != 0);
    }
    return NULL;
}

static void
many_threads_share_few(void)
{
    struct redis_pool pool;
    pthread_t threads[THREADS];

    begin(&pool, 3);
    for (size_t i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, take_and_give, &pool), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    CU_ASSERT_EQUAL(atomic_load(&wrong), 0);
    end(&pool);
}

static const struct test_case cases[] = {
    { "a connection is used again", a_connection_is_used_again },
    { "when all are lent one waits, and not for ever",
      when_all_are_lent_one_waits_and_not_for_ever },
    { "one that broke takes the older ones with it", one_that_broke_takes_the_older_ones_with_it },
    { "while it is away few try and nobody waits", while_it_is_away_few_try_and_nobody_waits },
    { "what is distrusted is not lent again", what_is_distrusted_is_not_lent_again },
    { "many threads share few", many_threads_share_few },
};

TEST_MAIN("redis_pool", cases)
