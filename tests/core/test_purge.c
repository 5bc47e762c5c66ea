/* SPDX-License-Identifier: Apache-2.0 */
#include "core/purge.h"

#include <stdio.h>

#include "tests/core/secret_bench.h"

static tsec_rc
begin_purge(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct purge purge = { "m00000001", "m00000001/", true };

    (void)ctx;
    return purge_add(txn, &purge, err);
}

static tsec_rc
one_step(void *ctx, struct txn *txn, struct tsec_err *err)
{
    return core_purge_step(txn, ctx, err);
}

static tsec_rc
count_name(void *ctx, struct tsec_span name)
{
    (void)name;
    ++*(size_t *)ctx;
    return TSEC_OK;
}

static tsec_rc
count_rows(void *ctx, struct txn *txn, struct tsec_err *err)
{
    *(size_t *)ctx = 0;
    return txn_list(txn, tsec_span_str("m00000001/"), tsec_span(NULL, 0), 0, true, count_name, ctx,
                    err);
}

static void
purge_all(unsigned steps_max)
{
    bool idle = false;
    size_t rows = 1;

    OK(bench_run(begin_purge, NULL));
    for (unsigned i = 0; i < steps_max && !idle; i++) {
        OK(bench_run(one_step, &idle));
    }
    CU_ASSERT_TRUE(idle);
    OK(bench_run(count_rows, &rows));
    CU_ASSERT_EQUAL(rows, 0);
}

static void
plain_rows_and_groups_of_a_mount_go(void)
{
    const struct secret_config config = { .max_versions = 3 };
    char path[16];

    bench_begin();
    OK(bench_config(&config));
    for (int i = 0; i < 40; i++) {
        (void)snprintf(path, sizeof(path), "s%d", i);
        OK(bench_write(path, "one"));
        OK(bench_write(path, "two"));
    }
    purge_all(10);
    bench_restart(); /* the key is gone, and nothing is left that needs it */
    bench_end();
}

static void
groups_too_large_for_one_step_go_one_by_one(void)
{
    const struct secret_config config = { .max_versions = 600 };

    bench_begin();
    OK(bench_config(&config));
    for (int i = 0; i < 600; i++) {
        OK(bench_write("s", "x"));
        OK(bench_write("t", "x"));
    }
    purge_all(10);
    bench_end();
}

static void
nothing_to_purge_is_idle(void)
{
    bool idle = false;

    bench_begin();
    OK(bench_run(one_step, &idle));
    CU_ASSERT_TRUE(idle);
    bench_end();
}

static const struct test_case cases[] = {
    { "plain rows and groups of a mount go", plain_rows_and_groups_of_a_mount_go },
    { "groups too large for one step go one by one", groups_too_large_for_one_step_go_one_by_one },
    { "nothing to purge is idle", nothing_to_purge_is_idle },
};

TEST_MAIN("core/purge", cases)
