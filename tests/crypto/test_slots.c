/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/slots.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/span.h"
#include "tests/test.h"

static atomic_int done_count;

static void
count(void *item)
{
    (void)item;
    atomic_fetch_add(&done_count, 1);
}

static void
nothing_is_idle_at_first(void)
{
    struct tsec_slots *slots = tsec_slots_new();

    CU_ASSERT_PTR_NOT_NULL_FATAL(slots);
    CU_ASSERT_PTR_NULL(tsec_slots_take(slots));
    tsec_slots_free(slots, count);
    CU_ASSERT_EQUAL(atomic_exchange(&done_count, 0), 0);
}

static void
what_is_put_is_taken_once(void)
{
    struct tsec_slots *slots = tsec_slots_new();
    int item = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(slots);
    CU_ASSERT_TRUE(tsec_slots_put(slots, &item));
    CU_ASSERT_PTR_EQUAL(tsec_slots_take(slots), &item);
    CU_ASSERT_PTR_NULL(tsec_slots_take(slots));
    tsec_slots_free(slots, count);
    CU_ASSERT_EQUAL(atomic_exchange(&done_count, 0), 0);
}

static void
full_slots_take_no_more_and_free_what_they_hold(void)
{
    struct tsec_slots *slots = tsec_slots_new();
    int items[64] = { 0 };
    int held = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(slots);
    while (held < 64 && tsec_slots_put(slots, &items[held])) {
        held++;
    }
    CU_ASSERT_TRUE(held > 1 && held < 64);
    tsec_slots_free(slots, count);
    CU_ASSERT_EQUAL(atomic_exchange(&done_count, 0), held);
}

static void
freeing_nothing_is_harmless(void)
{
    tsec_slots_free(NULL, count);
    CU_ASSERT_EQUAL(atomic_exchange(&done_count, 0), 0);
}

enum { THREADS = 12, ROUNDS = 20000, ITEMS = 6 };

static struct tsec_slots *shared;
static atomic_int users[ITEMS];
static atomic_int clashes;

static void *
take_and_put(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        atomic_int *item = tsec_slots_take(shared);

        if (item != NULL) {
            if (atomic_fetch_add(item, 1) != 0) {
                atomic_fetch_add(&clashes, 1);
            }
            atomic_fetch_sub(item, 1);
            if (!tsec_slots_put(shared, item)) {
                atomic_fetch_add(&clashes, 1);
            }
        }
    }
    return NULL;
}

static void
no_two_threads_hold_the_same(void)
{
    pthread_t thread[THREADS];

    shared = tsec_slots_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(shared);
    for (size_t i = 0; i < ITEMS; i++) {
        CU_ASSERT_TRUE(tsec_slots_put(shared, &users[i]));
    }
    for (size_t i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, take_and_put, NULL), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL(pthread_join(thread[i], NULL), 0);
    }
    CU_ASSERT_EQUAL(atomic_load(&clashes), 0);
    tsec_slots_free(shared, count);
    CU_ASSERT_EQUAL(atomic_exchange(&done_count, 0), ITEMS);
}

static const struct test_case cases[] = {
    { "nothing is idle at first", nothing_is_idle_at_first },
    { "what is put is taken once", what_is_put_is_taken_once },
    { "full slots take no more, and free what they hold",
      full_slots_take_no_more_and_free_what_they_hold },
    { "freeing nothing is harmless", freeing_nothing_is_harmless },
    { "no two threads hold the same", no_two_threads_hold_the_same },
};

TEST_MAIN("crypto/slots", cases)
