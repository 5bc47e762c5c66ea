/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "tests/core/secret_bench.h"

static void
write_three(void)
{
    bench_begin();
    OK(bench_write("s", "one"));
    OK(bench_write("s", "two"));
    OK(bench_write("s", "three"));
}

static void
expect_all(const char *one, const char *two, const char *three)
{
    EXPECT_DATA("s", 1, one);
    EXPECT_DATA("s", 2, two);
    EXPECT_DATA("s", 3, three);
}

static void
a_deleted_version_comes_back(void)
{
    static const uint64_t both[] = { 1, 3 };

    write_three();
    OK(bench_change("s", SECRET_DELETE, both, 2));
    expect_all("(gone)", "two", "(gone)");
    CU_ASSERT_EQUAL(bench_meta("s")->versions[0].deletion_ns, bench_now());
    CU_ASSERT_EQUAL(bench_meta("s")->members, 3);
    bench_restart();
    expect_all("(gone)", "two", "(gone)");
    OK(bench_change_one("s", SECRET_UNDELETE, 3));
    expect_all("(gone)", "two", "three");
    OK(bench_change("s", SECRET_UNDELETE, both, 2));
    expect_all("one", "two", "three");
    bench_end();
}

static void
deleting_twice_keeps_the_first_time(void)
{
    int64_t first;

    write_three();
    first = bench_now();
    OK(bench_delete_current("s"));
    bench_advance(TSEC_NS_PER_S);
    OK(bench_delete_current("s"));
    OK(bench_change_one("s", SECRET_DELETE, 3));
    CU_ASSERT_EQUAL(bench_meta("s")->versions[2].deletion_ns, first);
    expect_all("one", "two", "(gone)");
    bench_end();
}

static void
deleting_comes_before_the_time_that_was_set(void)
{
    const struct secret_settings settings = { .has_delete_after = true,
                                              .delete_after_ns = 100 * TSEC_NS_PER_S };

    bench_begin();
    OK(bench_settings("s", &settings));
    OK(bench_write("s", "x"));
    OK(bench_write("s", "y"));
    OK(bench_delete_current("s"));
    CU_ASSERT_EQUAL(bench_meta("s")->versions[1].deletion_ns, bench_now());
    OK(bench_change_one("s", SECRET_UNDELETE, 2));
    CU_ASSERT_EQUAL(bench_meta("s")->versions[1].deletion_ns, 0);
    bench_advance(200 * TSEC_NS_PER_S);
    EXPECT_DATA("s", 1, "(gone)");
    EXPECT_DATA("s", 2, "y");
    bench_end();
}

static void
a_destroyed_version_is_out_of_the_store_for_good(void)
{
    write_three();
    OK(bench_change_one("s", SECRET_DESTROY, 2));
    expect_all("one", "(gone)", "three");
    CU_ASSERT_EQUAL(bench_meta("s")->members, 2);
    CU_ASSERT_TRUE(bench_meta("s")->versions[1].destroyed);
    OK(bench_change_one("s", SECRET_UNDELETE, 2));
    OK(bench_change_one("s", SECRET_DELETE, 2));
    OK(bench_change_one("s", SECRET_DESTROY, 2));
    CU_ASSERT_EQUAL(bench_meta("s")->versions[1].deletion_ns, 0);
    expect_all("one", "(gone)", "three");
    bench_restart();
    expect_all("one", "(gone)", "three");
    bench_end();
}

static void
a_destroyed_version_s_slot_is_used_again(void)
{
    write_three();
    OK(bench_change_one("s", SECRET_DESTROY, 2));
    OK(bench_write("s", "four"));
    CU_ASSERT_EQUAL(bench_meta("s")->head_slot, 2);
    CU_ASSERT_EQUAL(bench_meta("s")->members, 3);
    expect_all("one", "(gone)", "three");
    EXPECT_DATA("s", 4, "four");
    bench_end();
}

static tsec_rc
head_has_no_data(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct secret_head head;

    (void)ctx;
    TSEC_TRY(secret_head_load(txn, "m00000001", tsec_span_str("s"), &head, err));
    CU_ASSERT_EQUAL(head.data.len, 0);
    CU_ASSERT_EQUAL(head.data_version, 0);
    return TSEC_OK;
}

static void
the_current_version_may_be_destroyed(void)
{
    write_three();
    OK(bench_change_one("s", SECRET_DESTROY, 3));
    expect_all("one", "two", "(gone)");
    EXPECT_DATA("s", 0, "(gone)");
    OK(bench_run(head_has_no_data, NULL));
    EXPECT_CODE(bench_write_cas("s", "x", 2), TSEC_E_CONFLICT);
    bench_restart();
    expect_all("one", "two", "(gone)");
    OK(bench_write_cas("s", "four", 3));
    CU_ASSERT_EQUAL(bench_meta("s")->head_slot, 3);
    CU_ASSERT_EQUAL(bench_meta("s")->members, 3);
    expect_all("one", "two", "(gone)");
    EXPECT_DATA("s", 0, "four");
    EXPECT_DATA("s", 4, "four");
    bench_end();
}

static void
destroying_all_and_writing_on_works(void)
{
    static const uint64_t all[] = { 3, 1, 2, 1, 99, 0 };

    write_three();
    OK(bench_change("s", SECRET_DESTROY, all, TSEC_ARRAY_LEN(all)));
    expect_all("(gone)", "(gone)", "(gone)");
    CU_ASSERT_EQUAL(bench_meta("s")->members, 1); /* the metadata */
    for (int n = 4; n <= 20; n++) {
        OK(bench_write("s", "x"));
    }
    CU_ASSERT_EQUAL(bench_meta("s")->members, 10);
    EXPECT_DATA("s", 10, "(none)");
    EXPECT_DATA("s", 11, "x");
    bench_restart();
    CU_ASSERT_EQUAL(bench_meta("s")->members, 10);
    bench_end();
}

static void
dropping_a_destroyed_version_takes_nobody_else_s_slot(void)
{
    const struct secret_settings settings = { .has_max_versions = true, .max_versions = 3 };

    write_three();
    OK(bench_settings("s", &settings));
    OK(bench_change_one("s", SECRET_DESTROY, 1)); /* its slot goes to 4 */
    OK(bench_write("s", "four"));
    EXPECT_DATA("s", 1, "(none)");
    OK(bench_write("s", "five"));
    EXPECT_DATA("s", 2, "(none)");
    EXPECT_DATA("s", 3, "three");
    EXPECT_DATA("s", 4, "four");
    EXPECT_DATA("s", 5, "five");
    CU_ASSERT_EQUAL(bench_meta("s")->members, 3);
    bench_end();
}

static void
what_is_not_there_is_passed_over(void)
{
    static const enum secret_change changes[] = { SECRET_DELETE, SECRET_UNDELETE, SECRET_DESTROY };

    write_three();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(changes); i++) {
        OK(bench_change_one("nothing", changes[i], 1));
        OK(bench_change_one("s", changes[i], 0));
        OK(bench_change_one("s", changes[i], 4));
        OK(bench_change("s", changes[i], NULL, 0));
    }
    OK(bench_delete_current("nothing"));
    CU_ASSERT_FALSE(bench_exists("nothing"));
    expect_all("one", "two", "three");
    bench_end();
}

static tsec_rc
rotate(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)ctx;
    return txn_dek(txn, TXN_DEK_ROTATE, "m00000001", err);
}

static tsec_rc
reseal_slot(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const uint8_t slot = *(const uint8_t *)ctx;
    const uint8_t key[] = { 'm', '0', '0', '0', '0', '0', '0', '0',
                            '1', '/', 'd', '/', 's', 0,   0,   slot };

    return txn_reseal(txn, tsec_span(key, sizeof(key)), err);
}

static void
sealing_old_versions_anew_leaves_the_current_one_current(void)
{
    static const uint8_t order[] = { 3, 1, 2, 1 };

    write_three();
    OK(bench_run(rotate, NULL));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(order); i++) {
        uint8_t slot = order[i];

        OK(bench_run(reseal_slot, &slot));
        expect_all("one", "two", "three");
        EXPECT_DATA("s", 0, "three");
    }
    bench_restart();
    expect_all("one", "two", "three");
    EXPECT_DATA("s", 0, "three");
    OK(bench_write_cas("s", "four", 3));
    EXPECT_DATA("s", 0, "four");
    bench_end();
}

/* Every order of a few operations, against a model that keeps data by version number. */
enum { STEPS = 300, MODEL_MAX = STEPS + 5, MODEL_KEPT = 4 };

struct model {
    char state[MODEL_MAX]; /* 'l' live, 'd' deleted, 'x' destroyed */
    unsigned current;
};

static unsigned
next_random(uint32_t *seed, unsigned below)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (unsigned)(*seed >> 16) % below;
}

static void
mark(struct model *m, unsigned n, const char *from, char to)
{
    if (n <= m->current && strchr(from, m->state[n]) != NULL) {
        m->state[n] = to;
    }
}

static void
step(struct model *m, uint32_t *seed)
{
    const unsigned first = m->current > MODEL_KEPT ? m->current - MODEL_KEPT + 1 : 1;
    const unsigned n = first + next_random(seed, MODEL_KEPT);
    char data[16];

    switch (next_random(seed, 5)) {
    case 0:
        OK(bench_change_one("s", SECRET_DELETE, n));
        mark(m, n, "l", 'd');
        break;
    case 1:
        OK(bench_change_one("s", SECRET_UNDELETE, n));
        mark(m, n, "d", 'l');
        break;
    case 2:
        OK(bench_change_one("s", SECRET_DESTROY, n));
        mark(m, n, "ldx", 'x');
        break;
    default:
        m->state[++m->current] = 'l';
        (void)snprintf(data, sizeof(data), "%u", m->current);
        OK(bench_write("s", data));
        break;
    }
}

static void
compare(const struct model *m)
{
    char data[16];
    size_t rows = 0;

    for (unsigned n = 1; n <= m->current; n++) {
        const bool kept = n + MODEL_KEPT > m->current;

        (void)snprintf(data, sizeof(data), "%u", n);
        EXPECT_DATA("s", n, !kept ? "(none)" : m->state[n] == 'l' ? data : "(gone)");
        rows += kept && m->state[n] != 'x' ? 1 : 0;
    }
    rows += m->current == 0 || m->state[m->current] == 'x' ? 1 : 0;
    CU_ASSERT_EQUAL(bench_meta("s")->members, rows);
}

static void
any_order_of_operations_agrees_with_a_model(void)
{
    const struct secret_settings settings = { .has_max_versions = true,
                                              .max_versions = MODEL_KEPT };
    static struct model m;
    uint32_t seed = 7;

    bench_begin();
    OK(bench_settings("s", &settings));
    for (unsigned i = 0; i < STEPS; i++) {
        step(&m, &seed);
        if (i % 10 == 0) {
            compare(&m);
        }
    }
    bench_restart();
    compare(&m);
    bench_end();
}

static const struct test_case cases[] = {
    { "a deleted version comes back", a_deleted_version_comes_back },
    { "deleting twice keeps the first time", deleting_twice_keeps_the_first_time },
    { "deleting comes before the time that was set", deleting_comes_before_the_time_that_was_set },
    { "a destroyed version is out of the store for good",
      a_destroyed_version_is_out_of_the_store_for_good },
    { "a destroyed version's slot is used again", a_destroyed_version_s_slot_is_used_again },
    { "the current version may be destroyed", the_current_version_may_be_destroyed },
    { "destroying all and writing on works", destroying_all_and_writing_on_works },
    { "dropping a destroyed version takes nobody else's slot",
      dropping_a_destroyed_version_takes_nobody_else_s_slot },
    { "what is not there is passed over", what_is_not_there_is_passed_over },
    { "sealing old versions anew leaves the current one current",
      sealing_old_versions_anew_leaves_the_current_one_current },
    { "any order of operations agrees with a model", any_order_of_operations_agrees_with_a_model },
};

TEST_MAIN("core/secret_versions", cases)
