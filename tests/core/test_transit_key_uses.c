/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/core/transit_bench.h"

static tsec_rc
limit(int64_t max_uses)
{
    const struct transit_settings settings = { .has_max_uses = true, .max_uses = max_uses };

    return keys_configure("k", &settings);
}

static void
uses_are_counted_to_the_last(void)
{
    keys_begin();
    OK(keys_create_aes("k"));
    OK(limit(5));
    CU_ASSERT_EQUAL(keys_uses_left("k"), 5);
    OK(keys_use("k", 3));
    CU_ASSERT_EQUAL(keys_uses_left("k"), 2);
    EXPECT_REFUSAL(keys_use("k", 3), TSEC_E_DENIED, "key k may be used 2 more times, not 3");
    keys_restart();
    OK(keys_use("k", 2));
    CU_ASSERT_EQUAL(keys_uses_left("k"), 0);
    EXPECT_REFUSAL(keys_use("k", 1), TSEC_E_DENIED, "key k may be used 0 more times, not 1");
    OK(keys_use("k", 0));
    CU_ASSERT_EQUAL(keys_get("k")->revision, 2);
    keys_end();
}

static void
a_key_without_a_limit_counts_nothing(void)
{
    keys_begin();
    OK(keys_create_aes("k"));
    CU_ASSERT_EQUAL(keys_uses_left("k"), -1);
    OK(keys_use("k", INT64_MAX));
    CU_ASSERT_EQUAL(keys_rows(KEYS_MOUNT "/u/"), 0);
    keys_end();
}

static void
a_use_is_never_given_back(void)
{
    keys_begin();
    OK(keys_create_aes("k"));
    OK(limit(5));
    EXPECT_CODE(keys_use("k", -1), TSEC_E_DENIED);
    EXPECT_CODE(keys_use("k", INT64_MIN), TSEC_E_DENIED);
    EXPECT_CODE(keys_use("k", INT64_MAX), TSEC_E_DENIED);
    CU_ASSERT_EQUAL(keys_uses_left("k"), 5);
    OK(limit(INT64_MAX));
    OK(keys_use("k", INT64_MAX - 1));
    EXPECT_CODE(keys_use("k", 2), TSEC_E_DENIED);
    keys_end();
}

static void
another_limit_keeps_the_count_and_none_forgets_it(void)
{
    keys_begin();
    OK(keys_create_aes("k"));
    OK(limit(5));
    OK(keys_use("k", 4));
    OK(limit(10));
    CU_ASSERT_EQUAL(keys_uses_left("k"), 6);
    OK(limit(3));
    CU_ASSERT_EQUAL(keys_uses_left("k"), 0);
    EXPECT_CODE(keys_use("k", 1), TSEC_E_DENIED);
    OK(limit(0));
    CU_ASSERT_EQUAL(keys_uses_left("k"), -1);
    CU_ASSERT_EQUAL(keys_rows(KEYS_MOUNT "/u/"), 0);
    OK(limit(3));
    CU_ASSERT_EQUAL(keys_uses_left("k"), 3);
    keys_end();
}

static const struct test_case cases[] = {
    { "uses are counted to the last", uses_are_counted_to_the_last },
    { "a key without a limit counts nothing", a_key_without_a_limit_counts_nothing },
    { "a use is never given back", a_use_is_never_given_back },
    { "another limit keeps the count", another_limit_keeps_the_count_and_none_forgets_it },
};

TEST_MAIN("core/transit_key_uses", cases)
