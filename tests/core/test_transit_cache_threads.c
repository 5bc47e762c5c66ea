/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>

#include "tests/core/cache_bench.h"
#include "tests/double/store_mem.h"

enum { THREADS = 4, ROUNDS = 60 };

struct rush {
    struct node_bench bench;
    struct transit_cache *cache;
    pthread_barrier_t start;
    pthread_barrier_t end;
    const struct transit_material *got[THREADS];
};
static struct rush rush;

static tsec_rc
run_make_mount(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)ctx;
    return txn_dek(txn, TXN_DEK_CREATE, KEYS_MOUNT, err);
}

static tsec_rc
run_make_key(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct transit_fresh first = keys_fresh(TRANSIT_AES256_GCM96, 32, 5);
    const struct transit_key settings = { .name = "k", .type_name = "aes256-gcm96" };
    const struct transit_key *out = NULL;

    (void)ctx;
    return transit_key_create(txn, KEYS_MOUNT, &settings, &first, &out, err);
}

static void
rush_open(void)
{
    rush = (struct rush){ .cache = cache_of(ROOM) };
    OK(node_bench_open(&rush.bench, "mem:rush", true, NULL));
    OK(node_bench_do(&rush.bench, run_make_mount, NULL, NULL, NULL, NULL));
    OK(node_bench_do(&rush.bench, run_make_key, NULL, NULL, NULL, NULL));
}

static void
rush_close(void)
{
    transit_cache_free(rush.cache);
    node_bench_close(&rush.bench);
    store_mem_forget();
}

static void *
rush_in(void *arg)
{
    const size_t me = (size_t)(uintptr_t)arg;

    for (int i = 0; i < ROUNDS; i++) {
        struct wish wish = { rush.cache, "k", 1, NULL };
        tsec_rc run_rc = { TSEC_E_INTERNAL };

        (void)pthread_barrier_wait(&rush.start);
        if (tsec_failed(node_bench_do(&rush.bench, run_get, &wish, &run_rc, NULL, NULL))) {
            wish.got = NULL;
        }
        rush.got[me] = wish.got;
        (void)pthread_barrier_wait(&rush.end);
    }
    return NULL;
}

/* Whoever parses first, all hold the same one, and what the others parsed is gone. */
static void
threads_that_parse_at_once_share_one(void)
{
    pthread_t threads[THREADS];

    rush_open();
    CU_ASSERT_EQUAL(pthread_barrier_init(&rush.start, NULL, THREADS + 1), 0);
    CU_ASSERT_EQUAL(pthread_barrier_init(&rush.end, NULL, THREADS + 1), 0);
    for (size_t i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, rush_in, (void *)i), 0);
    }
    for (int i = 0; i < ROUNDS; i++) {
        (void)pthread_barrier_wait(&rush.start);
        (void)pthread_barrier_wait(&rush.end);
        CU_ASSERT_EQUAL(stats_of(rush.cache).entries, 1);
        for (size_t j = 0; j < THREADS; j++) {
            CU_ASSERT_PTR_NOT_NULL(rush.got[j]);
            CU_ASSERT_PTR_EQUAL(rush.got[j], rush.got[0]);
            transit_material_release(rush.got[j]);
        }
        transit_cache_clear(rush.cache);
    }
    for (size_t i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL(pthread_join(threads[i], NULL), 0);
    }
    (void)pthread_barrier_destroy(&rush.start);
    (void)pthread_barrier_destroy(&rush.end);
    rush_close();
}

/* Every other one is cleared away at once, by the thread that has just got it. */
static void *
churn(void *arg)
{
    const size_t me = (size_t)(uintptr_t)arg;
    const struct transit_params plainly = { 0 };
    uintptr_t good = 0;

    for (size_t i = 0; i < ROUNDS; i++) {
        struct wish wish = { rush.cache, "k", 1, NULL };
        tsec_rc run_rc = { TSEC_E_INTERNAL };
        TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(64);

        if (tsec_failed(node_bench_do(&rush.bench, run_get, &wish, &run_rc, NULL, NULL))) {
            continue;
        }
        if ((i + me) % 2 == 0) {
            transit_cache_clear(rush.cache);
        }
        if (!tsec_failed(transit_encrypt(wish.got, &plainly, tsec_span_str("p"), &sealed, NULL))) {
            good++;
        }
        transit_cache_sweep(rush.cache);
        transit_material_release(wish.got);
    }
    return (void *)good;
}

static void
threads_use_what_others_clear_away(void)
{
    pthread_t threads[THREADS];
    void *good = NULL;

    rush_open();
    for (size_t i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, churn, (void *)i), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL(pthread_join(threads[i], &good), 0);
        CU_ASSERT_EQUAL((uintptr_t)good, ROUNDS);
    }
    transit_cache_clear(rush.cache);
    CU_ASSERT_EQUAL(stats_of(rush.cache).entries, 0);
    CU_ASSERT_EQUAL(stats_of(rush.cache).bytes, 0);
    rush_close();
}

static void *
use_found(void *arg)
{
    const struct transit_key *key = arg;
    const struct transit_params plainly = { 0 };
    uintptr_t good = 0;

    for (int i = 0; i < 2000; i++) {
        const struct transit_material *material = NULL;
        TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(64);

        /* Found: the transaction is not looked at. */
        if (!tsec_failed(transit_cache_get(rush.cache, NULL, KEYS_MOUNT, key, 1, &material, NULL))
            && !tsec_failed(
                transit_encrypt(material, &plainly, tsec_span_str("p"), &sealed, NULL))) {
            good++;
        }
        transit_material_release(material);
    }
    return (void *)good;
}

static void
threads_use_one_key_while_others_come_and_go(void)
{
    keys_begin();
    rush = (struct rush){ .cache = cache_of(ROOM) };
    pthread_t threads[THREADS];
    void *good = NULL;

    OK(keys_create_aes("other"));
    OK(keys_create_aes("k"));
    touch(rush.cache, "k", 1);

    struct transit_key other = *keys_get("other");
    const struct transit_key key = *keys_get("k");

    other.id = "00000000000000000000000000000000";
    for (size_t i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, use_found, (void *)(uintptr_t)&key),
                              0);
    }
    for (int i = 0; i < 200; i++) {
        touch(rush.cache, "other", 1);
        transit_cache_drop(rush.cache, &other);
        transit_cache_sweep(rush.cache);
    }
    for (size_t i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL(pthread_join(threads[i], &good), 0);
        CU_ASSERT_EQUAL((uintptr_t)good, 2000);
    }
    transit_cache_free(rush.cache);
    keys_end();
}

static const struct test_case cases[] = {
    { "threads that parse at once share one", threads_that_parse_at_once_share_one },
    { "threads use what others clear away", threads_use_what_others_clear_away },
    { "threads use one key while others come and go",
      threads_use_one_key_while_others_come_and_go },
};

TEST_MAIN("core/transit_cache_threads", cases)
