/* SPDX-License-Identifier: Apache-2.0 */
#include "process/schedule.h"

#include <pthread.h>
#include <sched.h>

#include "tests/test.h"

static void *
policy_of_a_thread(void *arg)
{
    *(int *)arg = sched_getscheduler(0);
    return NULL;
}

static void
threads_inherit_it(void)
{
    pthread_t thread;
    int policy = -1;

    CU_ASSERT_TRUE_FATAL(process_schedule());
    CU_ASSERT_EQUAL(sched_getscheduler(0), SCHED_BATCH);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, policy_of_a_thread, &policy), 0);
    (void)pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(policy, SCHED_BATCH);
}

static const struct test_case cases[] = {
    { "threads inherit it", threads_inherit_it },
};

TEST_MAIN("process/schedule", cases)
