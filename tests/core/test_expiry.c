/* SPDX-License-Identifier: Apache-2.0 */
#include "core/expiry.h"

#include "tests/core/nouns.h"

static size_t due_len;
static bool first_is_token;

static tsec_rc
put(void *ctx, struct txn *txn, struct tsec_err *err)
{
    static const char *rows[] = { "sys/x" };
    const uint8_t tag[RECORD_TAG_LEN] = { 9 };
    const int64_t now = txn_now(txn);

    (void)ctx;
    TSEC_TRY(
        expiry_put_rows(txn, now + 20 * TSEC_NS_PER_S, "b", (struct tsec_strings){ rows, 1 }, err));
    return expiry_put_token(txn, now + 10 * TSEC_NS_PER_S + 1, tag, err);
}

static tsec_rc
due(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct expiry_due *list = NULL;

    (void)ctx;
    TSEC_TRY(expiry_due(txn, 10, &list, &due_len, err));
    first_is_token = due_len > 0 && list[0].is_token && list[0].tag[0] == 9;
    if (due_len == 2) {
        CU_ASSERT_STRING_EQUAL(list[1].rows.items[0], "sys/x");
    }
    return TSEC_OK;
}

static tsec_rc
drop(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const int64_t *put_at = ctx;
    const uint8_t tag[RECORD_TAG_LEN] = { 9 };

    TSEC_TRY(expiry_drop_token(txn, *put_at + 10 * TSEC_NS_PER_S + 1, tag, err));
    return expiry_drop_rows(txn, *put_at + 20 * TSEC_NS_PER_S, "b", err);
}

static void
what_is_due_comes_in_the_order_of_time(void)
{
    int64_t put_at;

    nouns_open("mem:expiry");
    put_at = tsec_clock_real_ns(&nouns.clock.clock);
    CU_ASSERT_EQUAL(nouns_do(put, NULL), 0);
    CU_ASSERT_EQUAL(nouns_do(due, NULL), 0);
    CU_ASSERT_EQUAL(due_len, 0);
    nouns_pass(12);
    CU_ASSERT_EQUAL(nouns_do(due, NULL), 0);
    CU_ASSERT_EQUAL(due_len, 1);
    CU_ASSERT_TRUE(first_is_token);
    nouns_pass(10);
    CU_ASSERT_EQUAL(nouns_do(due, NULL), 0);
    CU_ASSERT_EQUAL(due_len, 2);
    CU_ASSERT_EQUAL(nouns_do(drop, &put_at), 0);
    CU_ASSERT_EQUAL(nouns_do(due, NULL), 0);
    CU_ASSERT_EQUAL(due_len, 0);
    nouns_close();
}

static void
a_part_of_a_second_counts_as_the_next(void)
{
    CU_ASSERT_EQUAL(expiry_second(0), 0);
    CU_ASSERT_EQUAL(expiry_second(1), 1);
    CU_ASSERT_EQUAL(expiry_second(TSEC_NS_PER_S), 1);
    CU_ASSERT_EQUAL(expiry_second(TSEC_NS_PER_S + 1), 2);
}

static const struct test_case cases[] = {
    { "what is due comes in order", what_is_due_comes_in_the_order_of_time },
    { "a part of a second counts as the next", a_part_of_a_second_counts_as_the_next },
};

TEST_MAIN("core/expiry", cases)
