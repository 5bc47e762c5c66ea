/* SPDX-License-Identifier: Apache-2.0 */
#include "core/transit_config.h"

#include "tests/core/secret_bench.h"

static const char MOUNT[] = "m00000001";

static tsec_rc
run_read(void *ctx, struct txn *txn, struct tsec_err *err)
{
    return transit_config_read(txn, MOUNT, ctx, err);
}

static tsec_rc
run_write(void *ctx, struct txn *txn, struct tsec_err *err)
{
    return transit_config_write(txn, MOUNT, ctx, err);
}

static void
a_fresh_mount_makes_keys_for_who_encrypts_and_limits_nothing(void)
{
    struct transit_config config = { true, 7 };

    bench_begin();
    OK(bench_run(run_read, &config));
    CU_ASSERT_FALSE(config.disable_upsert);
    CU_ASSERT_EQUAL(config.cache_size, 0);
    bench_end();
}

static void
settings_read_back_after_a_restart(void)
{
    struct transit_config config = { true, 500 };

    bench_begin();
    OK(bench_run(run_write, &config));
    bench_restart();
    config = (struct transit_config){ .cache_size = 1 };
    OK(bench_run(run_read, &config));
    CU_ASSERT_TRUE(config.disable_upsert);
    CU_ASSERT_EQUAL(config.cache_size, 500);
    bench_end();
}

static void
a_cache_size_out_of_range_is_refused(void)
{
    static const int64_t bad[] = { -1, 1, TRANSIT_CACHE_SIZE_MIN - 1, TRANSIT_CACHE_SIZE_MAX + 1 };
    static const int64_t good[] = { 0, TRANSIT_CACHE_SIZE_MIN, TRANSIT_CACHE_SIZE_MAX };

    bench_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        struct transit_config config = { .cache_size = bad[i] };

        EXPECT_CODE(bench_run(run_write, &config), TSEC_E_INVALID);
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(good); i++) {
        struct transit_config config = { .cache_size = good[i] };

        OK(bench_run(run_write, &config));
    }
    bench_end();
}

static const struct test_case cases[] = {
    { "a fresh mount makes keys for who encrypts and limits nothing",
      a_fresh_mount_makes_keys_for_who_encrypts_and_limits_nothing },
    { "settings read back after a restart", settings_read_back_after_a_restart },
    { "a cache size out of range is refused", a_cache_size_out_of_range_is_refused },
};

TEST_MAIN("core/transit_config", cases)
