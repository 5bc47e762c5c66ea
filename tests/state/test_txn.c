/* SPDX-License-Identifier: Apache-2.0 */
#include "state/txn.h"

#include "tests/state/bench.h"

static tsec_rc
own_writes(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct tsec_span a = tsec_span_str("sys/a");
    const struct tsec_span g = tsec_span_str("sys/g");
    struct tsec_span got;

    (void)ctx;
    OK(txn_put(txn, a, tsec_span_str("1"), err));
    OK(txn_get(txn, a, &got, err));
    CU_ASSERT_TRUE(tsec_span_is(got, "1"));
    OK(txn_put(txn, a, tsec_span_str("2"), err));
    OK(txn_get(txn, a, &got, err));
    CU_ASSERT_TRUE(tsec_span_is(got, "2"));
    OK(txn_delete(txn, a, err));
    CU_ASSERT_FALSE(txn_has(txn, a));
    FAILS(txn_get(txn, a, &got, err), TSEC_E_NOT_FOUND);
    OK(txn_put_head(txn, g, 1, tsec_span_str("one"), err));
    OK(txn_put_head(txn, g, 2, tsec_span_str("two"), err));
    CU_ASSERT_EQUAL(txn_head_slot(txn, g), 2);
    OK(txn_get(txn, g, &got, err));
    CU_ASSERT_TRUE(tsec_span_is(got, "two"));
    OK(txn_get_member(txn, g, 1, &got, err));
    CU_ASSERT_TRUE(tsec_span_is(got, "one"));
    return TSEC_OK;
}

static void
own_writes_are_seen_at_once(void)
{
    struct state_bench b;

    bench_new(&b, "own");
    OK(bench_do(&b, own_writes, NULL));
    bench_expect(&b, "sys/a", "-");
    bench_expect(&b, "sys/g", "two");
    bench_end(&b, "own");
}

static void
the_head_is_the_member_put_last(void)
{
    struct state_bench b;

    bench_new(&b, "head");
    OK(bench_text(&b, "head sys/g 1 one"));
    OK(bench_text(&b, "head sys/g 2 two"));
    OK(bench_text(&b, "head sys/g 7 seven"));
    bench_expect(&b, "sys/g", "seven");
    OK(bench_text(&b, "head sys/g 2 again"));
    bench_expect(&b, "sys/g", "again");
    OK(bench_text(&b, "member sys/g 1"));
    bench_expect(&b, "sys/g", "again");
    FAILS(bench_text(&b, "member sys/g 2"), TSEC_E_INVALID);
    OK(bench_text(&b, "member sys/g 9"));
    bench_close(&b);
    OK(bench_reopen(&b, "head", NULL));
    bench_expect(&b, "sys/g", "again");
    bench_end(&b, "head");
}

static void
a_group_goes_with_every_member(void)
{
    static const char *const scripts[] = { "group sys/g", "head sys/g 3 three;group sys/g" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(scripts); i++) {
        struct state_bench b;

        bench_new(&b, "group");
        OK(bench_text(&b, "head sys/g 1 one;head sys/g 2 two;put sys/g1 x;head sys/gg 1 y"));
        OK(bench_text(&b, scripts[i]));
        bench_expect(&b, "sys/g", "-");
        bench_expect(&b, "sys/g1", "x");
        bench_expect(&b, "sys/gg", "y");
        bench_expect_list(&b, "sys/", true, "g1 gg ");
        OK(bench_text(&b, "group sys/g;head sys/g 1 new"));
        bench_expect(&b, "sys/g", "new");
        bench_end(&b, "group");
    }
}

static tsec_rc
reseal_and_read(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct tsec_span got;

    (void)ctx;
    /* the older member, resealed, does not become the head */
    OK(txn_reseal(txn, tsec_span("sys/g\0\0\1", 8), err));
    OK(txn_get(txn, tsec_span_str("sys/g"), &got, err));
    CU_ASSERT_TRUE(tsec_span_is(got, "two"));
    CU_ASSERT_EQUAL(txn_head_slot(txn, tsec_span_str("sys/g")), 2);
    return TSEC_OK;
}

/* Another server may have done it. */
static tsec_rc
reseal_again(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)ctx;
    OK(txn_reseal(txn, tsec_span("sys/g\0\0\1", 8), err));
    CU_ASSERT_FALSE(txn_has_writes(txn));
    OK(txn_reseal(txn, tsec_span_str("sys/a"), err));
    CU_ASSERT_TRUE(txn_has_writes(txn));
    return TSEC_OK;
}

static void
resealing_changes_nothing_but_the_seal(void)
{
    struct state_bench b;

    bench_new(&b, "reseal");
    OK(bench_text(&b, "head sys/g 1 one;head sys/g 2 two;put sys/a 1"));
    OK(bench_text(&b, "rotate sys"));
    OK(bench_do(&b, reseal_and_read, NULL));
    OK(bench_do(&b, reseal_again, NULL));
    OK(bench_text(&b, "reseal sys/a;reseal sys/none"));
    bench_expect(&b, "sys/g", "two");
    bench_expect(&b, "sys/a", "1");
    bench_end(&b, "reseal");
}

static tsec_rc
limits(void *ctx, struct txn *txn, struct tsec_err *err)
{
    static uint8_t large[TXN_PAYLOAD_MAX + 1];
    static uint8_t key[TXN_KEY_MAX + 1] = "sys/";

    (void)ctx;
    FAILS(txn_put(txn, tsec_span_str("sys/a"), tsec_span(large, sizeof(large)), err),
          TSEC_E_TOO_LARGE);
    OK(txn_put(txn, tsec_span_str("sys/a"), tsec_span(large, sizeof(large) - 1), err));
    CU_ASSERT_EQUAL(txn_key2(txn, "", tsec_span(key, sizeof(key))).len, 0);
    CU_ASSERT_EQUAL(txn_key2(txn, "", tsec_span(key, sizeof(key) - 1)).len, TXN_KEY_MAX);
    CU_ASSERT_TRUE(tsec_failed(txn_put(txn, tsec_span(NULL, 0), tsec_span_str("v"), err)));
    FAILS(txn_put(txn, tsec_span_str("nomount/a"), tsec_span_str("v"), err), TSEC_E_NOT_FOUND);
    for (int i = 0; i < 8; i++) {
        OK(txn_dek(txn, TXN_DEK_RETIRE, "", err));
    }
    FAILS(txn_dek(txn, TXN_DEK_RETIRE, "", err), TSEC_E_TOO_LARGE);
    return TSEC_OK;
}

static void
limits_are_kept(void)
{
    struct state_bench b;

    bench_new(&b, "limits");
    OK(bench_do(&b, limits, NULL));
    bench_end(&b, "limits");
}

static tsec_rc
write_and_roll_back(void *ctx, struct txn *txn, struct tsec_err *err)
{
    OK(bench_script(ctx, txn, err));
    CU_ASSERT_TRUE(txn_has_writes(txn));
    txn_rollback(txn);
    CU_ASSERT_FALSE(txn_has_writes(txn));
    return TSEC_OK;
}

static void
what_is_rolled_back_never_was(void)
{
    struct state_bench b;
    char script[] = "put sys/a 2;create kv1;del sys/b";

    bench_new(&b, "rollback");
    OK(bench_text(&b, "put sys/a 1;put sys/b 1"));
    OK(bench_do(&b, write_and_roll_back, script));
    bench_expect(&b, "sys/a", "1");
    bench_expect(&b, "sys/b", "1");
    bench_end(&b, "rollback");
}

static const struct test_case cases[] = {
    { "own writes are seen at once", own_writes_are_seen_at_once },
    { "the head is the member put last", the_head_is_the_member_put_last },
    { "a group goes with every member", a_group_goes_with_every_member },
    { "resealing changes nothing but the seal", resealing_changes_nothing_but_the_seal },
    { "limits are kept", limits_are_kept },
    { "what is rolled back never was", what_is_rolled_back_never_was },
};

TEST_MAIN("state/txn", cases)
