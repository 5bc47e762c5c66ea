/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/core/secret_bench.h"

static tsec_rc
run_read(void *ctx, struct txn *txn, struct tsec_err *err)
{
    return secret_config_read(txn, "m00000001", ctx, err);
}

static void
a_fresh_mount_has_no_settings(void)
{
    struct secret_config config = { 1, 1, true };

    bench_begin();
    OK(bench_run(run_read, &config));
    CU_ASSERT_EQUAL(config.max_versions, 0);
    CU_ASSERT_EQUAL(config.delete_after_ns, 0);
    CU_ASSERT_FALSE(config.cas_required);
    bench_end();
}

static void
settings_read_back_after_a_restart(void)
{
    struct secret_config config = { 7, 5400 * TSEC_NS_PER_S, true };

    bench_begin();
    OK(bench_config(&config));
    bench_restart();
    config = (struct secret_config){ 0 };
    OK(bench_run(run_read, &config));
    CU_ASSERT_EQUAL(config.max_versions, 7);
    CU_ASSERT_EQUAL(config.delete_after_ns, 5400 * TSEC_NS_PER_S);
    CU_ASSERT_TRUE(config.cas_required);
    bench_end();
}

static void
a_limit_out_of_range_is_refused(void)
{
    struct secret_config config = { .max_versions = -1 };

    bench_begin();
    EXPECT_CODE(bench_config(&config), TSEC_E_INVALID);
    config.max_versions = SECRET_VERSIONS_MAX + 1;
    EXPECT_CODE(bench_config(&config), TSEC_E_INVALID);
    config.max_versions = SECRET_VERSIONS_MAX;
    OK(bench_config(&config));
    bench_end();
}

static void
a_secret_named_config_is_not_the_settings(void)
{
    struct secret_config config = { .max_versions = 7 };

    bench_begin();
    OK(bench_config(&config));
    OK(bench_write("config", "x"));
    OK(bench_run(run_read, &config));
    CU_ASSERT_EQUAL(config.max_versions, 7);
    CU_ASSERT_STRING_EQUAL(bench_list("", "", 0, true), "config ");
    bench_end();
}

static const struct test_case cases[] = {
    { "a fresh mount has no settings", a_fresh_mount_has_no_settings },
    { "settings read back after a restart", settings_read_back_after_a_restart },
    { "a limit out of range is refused", a_limit_out_of_range_is_refused },
    { "a secret named config is not the settings", a_secret_named_config_is_not_the_settings },
};

TEST_MAIN("core/secret_config", cases)
