/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ttl.h"

#include <stddef.h>

#include "tests/test.h"

static void
lifetimes_come_out_as_the_table_says(void)
{
    static const struct {
        struct ttl_ask ask;
        int64_t ttl;
        int64_t cap;
    } rows[] = {
        { { .now_s = 100 }, TTL_DEFAULT_S, 0 },
        { { .now_s = 100, .default_s = 60 }, 60, 0 },
        { { .now_s = 100, .ttl_s = 30, .default_s = 60 }, 30, 0 },
        { { .now_s = 100, .ttl_s = 90, .max_s = 50 }, 50, 50 },
        { { .now_s = 100, .ttl_s = 50, .max_s = 50 }, 50, 0 },
        { { .now_s = 100, .issued_s = 60, .ttl_s = 50, .max_s = 50 }, 10, 10 },
        { { .now_s = 100, .ttl_s = 90, .explicit_max_s = 20 }, 20, 20 },
        { { .now_s = 100, .period_s = 70, .max_s = 50 }, 70, 0 },
        { { .now_s = 100, .period_s = 70, .explicit_max_s = 50 }, 50, 50 },
        { { .now_s = 100, .issued_s = 40, .period_s = 70, .explicit_max_s = 50 }, -10, -10 },
        { { .now_s = 100, .ttl_s = TTL_LIMIT_S * 2, .max_s = TTL_LIMIT_S * 3 },
          TTL_LIMIT_S,
          TTL_LIMIT_S },
        { { .now_s = 100, .ttl_s = TTL_MAX_S + 1 }, TTL_MAX_S, TTL_MAX_S },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct ttl_answer answer = ttl_compute(&rows[i].ask);

        CU_ASSERT_EQUAL(answer.ttl_s, rows[i].ttl);
        CU_ASSERT_EQUAL(answer.cap_s, rows[i].cap);
    }
}

static const struct test_case cases[] = {
    { "lifetimes come out as the table says", lifetimes_come_out_as_the_table_says },
};

TEST_MAIN("core/ttl", cases)
