/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/core/nouns.h
 * @brief A node for tests of the nouns: each step runs in a transaction of its own and is
 * committed.
 */
#ifndef TSEC_TESTS_CORE_NOUNS_H
#define TSEC_TESTS_CORE_NOUNS_H

#include "codec/json_fields.h"
#include "tests/double/node_bench.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

static struct node_bench nouns;

static inline void
nouns_open(const char *uri)
{
    struct tsec_err err = { 0 };

    tsec_json_setup();
    CU_ASSERT_EQUAL_FATAL(node_bench_open(&nouns, uri, true, &err).code, 0);
}

static inline void
nouns_close(void)
{
    node_bench_close(&nouns);
    store_mem_forget();
}

/** What the step came to. */
static inline int
nouns_do(bench_run_fn step, void *ctx)
{
    struct tsec_err err = { 0 };
    tsec_rc rc = TSEC_OK;

    CU_ASSERT_EQUAL(node_bench_do(&nouns, step, ctx, &rc, NULL, &err).code, 0);
    return rc.code;
}

static inline void
nouns_pass(int64_t seconds)
{
    tsec_clock_fake_advance(&nouns.clock, seconds * TSEC_NS_PER_S);
}

#define OK(expr) CU_ASSERT_EQUAL((expr).code, 0)

#endif
