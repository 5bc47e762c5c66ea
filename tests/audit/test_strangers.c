/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/strangers.h"

#include <stdio.h>

#include "base/clock.h"
#include "tests/test.h"

static struct stranger list[STRANGERS_MAX];

static void
they_are_counted_by_source_and_reason(void)
{
    TSEC_AUTO(strangers_free) struct strangers *s = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(strangers_new(&s, NULL)));
    strangers_count(s, "10.0.0.1", "token");
    strangers_count(s, "10.0.0.1", "token");
    strangers_count(s, "10.0.0.1", "evidence");
    strangers_count(s, "10.0.0.2", "token");
    CU_ASSERT_EQUAL(strangers_take(s, 0, true, list), 3);
    CU_ASSERT_STRING_EQUAL(list[0].remote, "10.0.0.1");
    CU_ASSERT_STRING_EQUAL(list[0].reason, "token");
    CU_ASSERT_EQUAL(list[0].count, 2);
    CU_ASSERT_EQUAL(list[1].count, 1);
    CU_ASSERT_EQUAL(strangers_take(s, 0, true, list), 0);
}

static void
they_are_taken_once_a_minute(void)
{
    TSEC_AUTO(strangers_free) struct strangers *s = NULL;
    const int64_t start = 1000 * TSEC_NS_PER_S;

    CU_ASSERT_FALSE_FATAL(tsec_failed(strangers_new(&s, NULL)));
    (void)strangers_take(s, start, true, list);
    strangers_count(s, "a", "b");
    CU_ASSERT_EQUAL(strangers_take(s, start + 59 * TSEC_NS_PER_S, false, list), 0);
    CU_ASSERT_EQUAL(strangers_take(s, start + 60 * TSEC_NS_PER_S, false, list), 1);
}

static void
past_the_bound_the_rest_is_one(void)
{
    TSEC_AUTO(strangers_free) struct strangers *s = NULL;
    uint64_t sum = 0;

    CU_ASSERT_FALSE_FATAL(tsec_failed(strangers_new(&s, NULL)));
    for (int i = 0; i < 1000; i++) {
        char remote[32];

        (void)snprintf(remote, sizeof(remote), "10.0.%d.%d", i / 256, i % 256);
        strangers_count(s, remote, "token");
    }
    strangers_count(s, "10.0.0.0", "token");
    CU_ASSERT_EQUAL(strangers_take(s, 0, true, list), STRANGERS_MAX);
    CU_ASSERT_EQUAL(list[0].count, 2);
    CU_ASSERT_STRING_EQUAL(list[STRANGERS_MAX - 1].remote, "other");
    for (int i = 0; i < STRANGERS_MAX; i++) {
        sum += list[i].count;
    }
    CU_ASSERT_EQUAL(sum, 1001);
}

static void
what_could_not_be_told_is_counted_again(void)
{
    TSEC_AUTO(strangers_free) struct strangers *s = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(strangers_new(&s, NULL)));
    strangers_count(s, "a", "b");
    strangers_count(s, "a", "b");
    CU_ASSERT_EQUAL_FATAL(strangers_take(s, 0, true, list), 1);
    strangers_count(s, "a", "b");
    strangers_return(s, &list[0]);
    CU_ASSERT_EQUAL(strangers_take(s, 0, true, list), 1);
    CU_ASSERT_EQUAL(list[0].count, 3);
}

static const struct test_case cases[] = {
    { "they are counted by source and reason", they_are_counted_by_source_and_reason },
    { "they are taken once a minute", they_are_taken_once_a_minute },
    { "past the bound the rest is one", past_the_bound_the_rest_is_one },
    { "what could not be told is counted again", what_could_not_be_told_is_counted_again },
};

TEST_MAIN("audit/strangers", cases)
