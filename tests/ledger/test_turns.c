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

    while (!turns_waiting(t, *now) && n < 5000) {
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
    CU_ASSERT_TRUE(turns_waiting(&t, now + 3 * MS));
    CU_ASSERT_FALSE(turns_waiting(&t, now + 4 * MS));
    now += 4 * MS;
    for (unsigned patience = 2; patience <= 16; patience *= 2) { /* always 1/16 of the time */
        CU_ASSERT_EQUAL(commits_until_wait(&t, &now), patience * TURNS_MOST);
        CU_ASSERT_TRUE(turns_waiting(&t, now + 4 * patience * MS - 1));
        now += 4 * patience * MS;
        CU_ASSERT_FALSE(turns_waiting(&t, now));
    }
    CU_ASSERT_EQUAL(commits_until_wait(&t, &now), TURNS_MOST);
}

static void
with_company_it_waits_after_each_commit(void)
{
    struct turns t;
    int64_t now = TSEC_NS_PER_S;

    turns_init(&t);
    turns_met(&t, now);
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_FALSE(turns_waiting(&t, now)); /* its own turn has come */
        CU_ASSERT_EQUAL(commits_until_wait(&t, &now), 1);
        now += MS / 2;
        turns_met(&t, now);
    }
}

static void
each_wait_for_nothing_makes_the_next_rarer(void)
{
    static const unsigned between[] = { 1, 8, 64, 64 * 2, 64 * 4, 64 * 8, 64 * 16, 64 };
    struct turns t;
    int64_t now = TSEC_NS_PER_S;

    turns_init(&t);
    turns_met(&t, now);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(between); i++) {
        CU_ASSERT_EQUAL(commits_until_wait(&t, &now), between[i]);
        now += 400 * MS;
        CU_ASSERT_FALSE(turns_waiting(&t, now));
    }
}

/* Whether it waits as many milliseconds, and no longer. */
static bool
waits_ms(struct turns *t, int64_t now, int64_t ms)
{
    return turns_waiting(t, now + ms * MS - 1) && !turns_waiting(t, now + ms * MS);
}

static void
one_that_is_slow_is_given_the_time_it_needed(void)
{
    struct turns t;
    int64_t now = TSEC_NS_PER_S;

    turns_init(&t);
    for (unsigned i = 0; i < 3; i++) { /* waits of 4, 8 and 16 ms were too short */
        (void)commits_until_wait(&t, &now);
        now += 16 * MS;
        CU_ASSERT_FALSE(turns_waiting(&t, now));
    }
    (void)commits_until_wait(&t, &now);
    CU_ASSERT_TRUE(turns_waiting(&t, now + 15 * MS));
    turns_met(&t, now + 15 * MS);
    now += 15 * MS;
    CU_ASSERT_EQUAL(commits_until_wait(&t, &now), 1);
    CU_ASSERT_TRUE(turns_waiting(&t, now + 31 * MS));
    turns_met(&t, now + MS); /* it has become faster */
    CU_ASSERT_EQUAL(commits_until_wait(&t, &now), 1);
    turns_met(&t, now + MS);
    (void)commits_until_wait(&t, &now);
    CU_ASSERT_TRUE(waits_ms(&t, now, 4));
}

static void
what_is_met_by_a_failure_says_nothing_of_how_long(void)
{
    struct turns t;
    int64_t now = TSEC_NS_PER_S;

    turns_init(&t);
    turns_met(&t, now + 300 * MS);
    (void)commits_until_wait(&t, &now);
    CU_ASSERT_TRUE(waits_ms(&t, now, 4));
}

static void
a_wait_follows_a_slow_disk_soon(void)
{
    struct turns t;
    int64_t now = TSEC_NS_PER_S;

    turns_init(&t);
    (void)commits_until_wait(&t, &now);
    turns_met(&t, now);
    turns_committed(&t, now, now + 41 * MS);
    now += 41 * MS;
    CU_ASSERT_TRUE(turns_waiting(&t, now + 83 * MS));
    CU_ASSERT_FALSE(turns_waiting(&t, now + 84 * MS));
}

static void
one_looks_more_seldom_where_commits_are_slow(void)
{
    struct turns t;

    turns_init(&t);
    CU_ASSERT_EQUAL(turns_look_ns(&t), MS / 4);
    turns_committed(&t, TSEC_NS_PER_S, TSEC_NS_PER_S + 40 * MS);
    CU_ASSERT_EQUAL(turns_look_ns(&t), 5 * MS);
}

static void
a_wait_is_bounded_however_slow_a_commit_is(void)
{
    struct turns t;
    const int64_t now = 100 * TSEC_NS_PER_S;

    turns_init(&t);
    turns_met(&t, now);
    turns_committed(&t, 0, now);
    CU_ASSERT_TRUE(turns_waiting(&t, now + 399 * MS));
    CU_ASSERT_FALSE(turns_waiting(&t, now + 400 * MS));
}

static const struct test_case cases[] = {
    { "a server alone seldom waits, and not for long",
      a_server_alone_seldom_waits_and_not_for_long },
    { "with company it waits after each commit", with_company_it_waits_after_each_commit },
    { "each wait for nothing makes the next rarer", each_wait_for_nothing_makes_the_next_rarer },
    { "one that is slow is given the time it needed",
      one_that_is_slow_is_given_the_time_it_needed },
    { "what is met by a failure says nothing of how long",
      what_is_met_by_a_failure_says_nothing_of_how_long },
    { "a wait follows a slow disk soon", a_wait_follows_a_slow_disk_soon },
    { "one looks more seldom where commits are slow",
      one_looks_more_seldom_where_commits_are_slow },
    { "a wait is bounded, however slow a commit is", a_wait_is_bounded_however_slow_a_commit_is },
};

TEST_MAIN("ledger/turns", cases)
