/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/core/cache_bench.h
 * @brief A cache of transit keys' versions, asked by operations of the node of transit_bench.h.
 */
#ifndef TSEC_TESTS_CACHE_BENCH_H
#define TSEC_TESTS_CACHE_BENCH_H

#include "core/transit_material.h"
#include "tests/core/transit_bench.h"

enum { ROOM = 16 * 1024 * 1024 };

static struct tsec_clock_fake hands;

static inline struct transit_cache *
cache_of(size_t max_bytes)
{
    const struct transit_cache_options options = { .max_bytes = max_bytes,
                                                   .max_age_ns = 60 * TSEC_NS_PER_S,
                                                   .clock = &hands.clock };
    struct transit_cache *cache = NULL;

    tsec_clock_fake_init(&hands, TSEC_NS_PER_S);
    OK(transit_cache_new(&options, &cache, NULL));
    return cache;
}

static inline struct transit_cache_stats
stats_of(struct transit_cache *cache)
{
    struct transit_cache_stats stats;

    transit_cache_stats(cache, &stats);
    return stats;
}

struct wish {
    struct transit_cache *cache;
    const char *name;
    int64_t number;
    const struct transit_material *got;
};

static inline tsec_rc
run_get(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct wish *wish = ctx;
    const struct transit_key *key = NULL;

    transit_material_release(wish->got); /* of a run before this one */
    wish->got = NULL;
    TSEC_TRY(transit_key_find(txn, KEYS_MOUNT, tsec_span_str(wish->name), &key, err));
    return transit_cache_get(wish->cache, txn, KEYS_MOUNT, key, wish->number, &wish->got, err);
}

/** Held; NULL: keys_detail() says why. */
static inline const struct transit_material *
get(struct transit_cache *cache, const char *name, int64_t number)
{
    struct wish wish = { cache, name, number, NULL };
    const tsec_rc rc = keys_run(run_get, &wish);

    CU_ASSERT_EQUAL(wish.got == NULL, tsec_failed(rc));
    return wish.got;
}

static inline void
touch(struct transit_cache *cache, const char *name, int64_t number)
{
    const struct transit_material *material = get(cache, name, number);

    CU_ASSERT_PTR_NOT_NULL_FATAL(material);
    CU_ASSERT_EQUAL(transit_material_number(material), number);
    transit_material_release(material);
}

#endif
