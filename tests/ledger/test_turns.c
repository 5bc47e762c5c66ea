/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/turns.h"

#include "base/clock.h"
#include "tests/test.h"

#define MS (TSEC_NS_PER_S / 1000)

/* Commits of 1 ms, one after the other, until it is a moment to wait. */
static unsigned
commits_until_wait(struct turns *t, int64_t *now)
{
    unsigned n = 0;

    while (!turns_waiting(t, *now) && n < 1000) {
        turns_committed(t, *now, *now + MS);
        *now += MS;
        n++;
    }
    return n;
}

static void
a_server_alone_seldom_waits_and_not_for_long(void)
{
    struct turns t;
    int64_t now = TSEC_NS_PER_S;

    turns_init(&t);
    CU_ASSERT_EQUAL(commits_until_wait(&t, &now), TURNS_MOST);
    CU_ASSERT_TRUE(turns_waiting(&t, now + MS));
    CU_ASSERT_FALSE(turns_waiting(&t, now + 3 * MS));
    now += 3 * MS;
    CU_ASSERT_EQUAL(commits_until_wait(&t, &now), TURNS_MOST);
}

static void
with_company_it_waits_after_each_commit(void)
{
    struct turns t;
    int64_t now = TSEC_NS_PER_S;

    turns_init(&t);
    turns_met(&t);
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_FALSE(turns_waiting(&t, now)); /* its own turn has come */
        CU_ASSERT_EQUAL(commits_until_wait(&t, &now), 1);
        now += MS / 2;
        turns_met(&t);
    }
}

static void
each_wait_for_nothing_makes_the_next_rarer(void)
{
    static const unsigned between[] = { 1, 4, 16, 64, 64 };
    struct turns t;
    int64_t now = TSEC_NS_PER_S;

    turns_init(&t);
    turns_met(&t);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(between); i++) {
        CU_ASSERT_EQUAL(commits_until_wait(&t, &now), between[i]);
        now += 100 * MS;
        CU_ASSERT_FALSE(turns_waiting(&t, now));
    }
}

static void
a_wait_is_bounded_however_slow_a_commit_is(void)
{
    struct turns t;
    const int64_t now = 100 * TSEC_NS_PER_S;

    turns_init(&t);
    turns_met(&t);
    turns_committed(&t, 0, now);
    CU_ASSERT_TRUE(turns_waiting(&t, now + 29 * MS));
    CU_ASSERT_FALSE(turns_waiting(&t, now + 30 * MS));
}

static const struct test_case cases[] = {
    { "a server alone seldom waits, and not for long",
      a_server_alone_seldom_waits_and_not_for_long },
    { "with company it waits after each commit", with_company_it_waits_after_each_commit },
    { "each wait for nothing makes the next rarer", each_wait_for_nothing_makes_the_next_rarer },
    { "a wait is bounded, however slow a commit is", a_wait_is_bounded_however_slow_a_commit_is },
};

TEST_MAIN("ledger/turns", cases)
