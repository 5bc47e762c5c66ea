/* SPDX-License-Identifier: Apache-2.0 */
#include "api/ahead.h"

#include "tests/test.h"

/* Work that counts what happens to it. */
struct counted {
    struct api_work work; /* first */
    int ran;
    int dropped;
};

static void
run(struct api_work *work)
{
    ((struct counted *)(void *)work)->ran++;
}

static void
drop(struct api_work *work)
{
    ((struct counted *)(void *)work)->dropped++;
}

static struct counted
counted(const char *identity, uint64_t cost_us)
{
    return (struct counted){ { tsec_span_str(identity), cost_us, run, drop }, 0, 0 };
}

static void
short_work_is_done_at_once_and_kept(void)
{
    struct api_ahead ahead = { .may_park = true };
    struct api_call call = { .ahead = &ahead };
    struct counted first = counted("key 1", 10);
    struct counted again = counted("key 1", 10);
    struct counted other = counted("key 2", 10);
    struct api_work *work = &first.work;

    CU_ASSERT_EQUAL(api_work(&call, &work, NULL).code, 0);
    CU_ASSERT_PTR_EQUAL(work, &first.work);
    CU_ASSERT_EQUAL(first.ran, 1);

    work = &again.work; /* the handler ran again on newer rows that say the same */
    CU_ASSERT_EQUAL(api_work(&call, &work, NULL).code, 0);
    CU_ASSERT_PTR_EQUAL(work, &first.work);
    CU_ASSERT_EQUAL(again.ran, 0);
    CU_ASSERT_EQUAL(again.dropped, 1);

    work = &other.work; /* and on rows that do not */
    CU_ASSERT_EQUAL(api_work(&call, &work, NULL).code, 0);
    CU_ASSERT_PTR_EQUAL(work, &other.work);
    CU_ASSERT_EQUAL(other.ran, 1);
    CU_ASSERT_EQUAL(first.dropped, 1);

    api_ahead_drop(&ahead);
    api_ahead_drop(&ahead);
    CU_ASSERT_EQUAL(other.dropped, 1);
    CU_ASSERT_EQUAL(first.dropped, 1);
    CU_ASSERT_EQUAL(first.ran, 1);
}

static void
long_work_gives_the_run_up_and_is_found_done(void)
{
    struct api_ahead ahead = { .may_park = true };
    struct api_call call = { .ahead = &ahead };
    struct counted first = counted("key", API_WORK_LONG_US);
    struct counted again = counted("key", API_WORK_LONG_US);
    struct api_work *work = &first.work;

    CU_ASSERT_NOT_EQUAL(api_work(&call, &work, NULL).code, 0);
    CU_ASSERT_PTR_EQUAL(ahead.parked, &first.work);
    CU_ASSERT_EQUAL(first.ran, 0);
    api_ahead_work(&ahead);
    CU_ASSERT_PTR_NULL(ahead.parked);
    CU_ASSERT_EQUAL(first.ran, 1);

    work = &again.work;
    CU_ASSERT_EQUAL(api_work(&call, &work, NULL).code, 0);
    CU_ASSERT_PTR_EQUAL(work, &first.work);
    CU_ASSERT_EQUAL(again.ran, 0);
    api_ahead_drop(&ahead);
    CU_ASSERT_EQUAL(first.dropped, 1);
    CU_ASSERT_EQUAL(again.dropped, 1);
}

static void
without_threads_long_work_is_done_at_once(void)
{
    struct api_ahead ahead = { .may_park = false };
    struct api_call call = { .ahead = &ahead };
    struct counted one = counted("key", 10 * API_WORK_SLOW_US);
    struct api_work *work = &one.work;

    CU_ASSERT_EQUAL(api_work(&call, &work, NULL).code, 0);
    CU_ASSERT_EQUAL(one.ran, 1);
    api_ahead_drop(&ahead);
}

/* Somebody rotates the key each time. */
static void
a_key_that_does_not_hold_still_is_not_chased_for_ever(void)
{
    struct api_ahead ahead = { .may_park = true };
    struct api_call call = { .ahead = &ahead };
    struct counted works[10];
    static const char *const names[10] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" };
    int parked = 0;

    for (int i = 0; i < 10; i++) {
        works[i] = counted(names[i], API_WORK_LONG_US);

        struct api_work *work = &works[i].work;

        if (tsec_failed(api_work(&call, &work, NULL))) {
            parked++;
            api_ahead_work(&ahead);
        }
        CU_ASSERT_EQUAL(works[i].ran, 1);
    }
    CU_ASSERT_EQUAL(parked, 4);
    api_ahead_drop(&ahead);
    for (int i = 0; i < 10; i++) {
        CU_ASSERT_EQUAL(works[i].dropped, 1);
    }
}

/* The sequencer runs it again, after the key changed. */
static void
slow_work_is_never_done_where_all_commits_wait(void)
{
    struct api_ahead ahead = { .threads = true };
    struct api_call call = { .ahead = &ahead };
    struct counted slow = counted("key 2", API_WORK_SLOW_US);
    struct counted other = counted("key 1", API_WORK_SLOW_US - 1);
    struct api_work *work = &slow.work;

    CU_ASSERT_EQUAL(api_work(&call, &work, NULL).code, TSEC_E_BUSY);
    CU_ASSERT_EQUAL(slow.ran, 0);
    CU_ASSERT_EQUAL(slow.dropped, 1);
    CU_ASSERT_PTR_NULL(ahead.parked);
    work = &other.work;
    CU_ASSERT_EQUAL(api_work(&call, &work, NULL).code, 0);
    CU_ASSERT_EQUAL(other.ran, 1);
    api_ahead_drop(&ahead);
    CU_ASSERT_EQUAL(other.dropped, 1);
}

static void
what_was_parked_and_never_done_is_given_back(void)
{
    struct api_ahead ahead = { .may_park = true };
    struct api_call call = { .ahead = &ahead };
    struct counted one = counted("key", API_WORK_LONG_US);
    struct api_work *work = &one.work;

    CU_ASSERT_NOT_EQUAL(api_work(&call, &work, NULL).code, 0);
    api_ahead_drop(&ahead);
    CU_ASSERT_EQUAL(one.ran, 0);
    CU_ASSERT_EQUAL(one.dropped, 1);
}

static void
the_first_time_comes_once(void)
{
    struct api_ahead ahead = { .may_park = true };
    struct api_call call = { .ahead = &ahead };

    CU_ASSERT_TRUE(api_first_time(&call));
    CU_ASSERT_FALSE(api_first_time(&call));
}

static const struct test_case cases[] = {
    { "short work is done at once and kept", short_work_is_done_at_once_and_kept },
    { "long work gives the run up and is found done",
      long_work_gives_the_run_up_and_is_found_done },
    { "without threads long work is done at once", without_threads_long_work_is_done_at_once },
    { "a key that does not hold still is not chased for ever",
      a_key_that_does_not_hold_still_is_not_chased_for_ever },
    { "slow work is never done where all commits wait",
      slow_work_is_never_done_where_all_commits_wait },
    { "what was parked and never done is given back",
      what_was_parked_and_never_done_is_given_back },
    { "the first time comes once", the_first_time_comes_once },
};

TEST_MAIN("api/ahead", cases)
