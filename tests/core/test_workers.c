/* SPDX-License-Identifier: Apache-2.0 */
#include "core/workers.h"

#include <pthread.h>
#include <stdatomic.h>

#include "tests/test.h"

enum { JOBS = 400 };

/* A job that counts itself, and one that waits to be let through. */
struct counted {
    struct worker_job job; /* first */
    atomic_uint *count;
    unsigned place;
};

static struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool open;
    unsigned inside;
} gate = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0 };

static void
count(struct worker_job *job)
{
    struct counted *c = (struct counted *)(void *)job;

    c->place = atomic_fetch_add(c->count, 1) + 1;
}

static void
wait_at_gate(struct worker_job *job)
{
    (void)job;
    (void)pthread_mutex_lock(&gate.lock);
    gate.inside++;
    (void)pthread_cond_broadcast(&gate.changed);
    while (!gate.open) {
        (void)pthread_cond_wait(&gate.changed, &gate.lock);
    }
    (void)pthread_mutex_unlock(&gate.lock);
}

static void
await_inside(unsigned n)
{
    (void)pthread_mutex_lock(&gate.lock);
    while (gate.inside < n) {
        (void)pthread_cond_wait(&gate.changed, &gate.lock);
    }
    (void)pthread_mutex_unlock(&gate.lock);
}

static void
set_gate(bool open)
{
    (void)pthread_mutex_lock(&gate.lock);
    gate.open = open;
    gate.inside = open ? gate.inside : 0;
    (void)pthread_cond_broadcast(&gate.changed);
    (void)pthread_mutex_unlock(&gate.lock);
}

static void
every_job_runs_once(void)
{
    static struct counted jobs[JOBS];
    struct workers *workers = NULL;
    atomic_uint ran = 0;

    CU_ASSERT_EQUAL_FATAL(workers_new(3, JOBS, &workers, NULL).code, 0);
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i] = (struct counted){ { .run = count, .slow = i % 5 == 0 }, &ran, 0 };
        CU_ASSERT_EQUAL(workers_push(workers, &jobs[i].job, NULL).code, 0);
    }
    workers_free(workers); /* runs what is queued */
    CU_ASSERT_EQUAL(atomic_load(&ran), JOBS);
    for (size_t i = 0; i < JOBS; i++) {
        CU_ASSERT_NOT_EQUAL(jobs[i].place, 0);
    }
}

static void
a_full_queue_refuses(void)
{
    struct worker_job blocks[2] = { { .run = wait_at_gate }, { .run = wait_at_gate } };
    struct workers *workers = NULL;
    struct tsec_err err = { 0 };
    atomic_uint ran = 0;
    struct counted jobs[3];

    set_gate(false);
    CU_ASSERT_EQUAL_FATAL(workers_new(2, 2, &workers, NULL).code, 0);
    CU_ASSERT_EQUAL(workers_push(workers, &blocks[0], NULL).code, 0);
    CU_ASSERT_EQUAL(workers_push(workers, &blocks[1], NULL).code, 0);
    await_inside(2);
    for (size_t i = 0; i < 3; i++) {
        jobs[i] = (struct counted){ { .run = count }, &ran, 0 };
        CU_ASSERT_EQUAL(workers_push(workers, &jobs[i].job, &err).code, i < 2 ? 0 : TSEC_E_BUSY);
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "waiting"));
    set_gate(true);
    workers_free(workers);
    CU_ASSERT_EQUAL(atomic_load(&ran), 2);
}

/* However many keys are being made, signing goes on. */
static void
slow_jobs_leave_a_thread_to_the_others(void)
{
    struct worker_job slow[2] = { { .run = wait_at_gate, .slow = true },
                                  { .run = wait_at_gate, .slow = true } };
    struct worker_job quick = { .run = wait_at_gate };
    struct workers *workers = NULL;

    set_gate(false);
    CU_ASSERT_EQUAL_FATAL(workers_new(2, 8, &workers, NULL).code, 0);
    CU_ASSERT_EQUAL(workers_push(workers, &slow[0], NULL).code, 0);
    CU_ASSERT_EQUAL(workers_push(workers, &slow[1], NULL).code, 0);
    await_inside(1);
    CU_ASSERT_EQUAL(workers_push(workers, &quick, NULL).code, 0);
    await_inside(2); /* the second slow one came earlier, and waits */
    set_gate(true);
    await_inside(3);
    workers_free(workers);
    CU_ASSERT_EQUAL(gate.inside, 3);
}

static void
there_are_never_fewer_than_two(void)
{
    struct worker_job blocks[2] = { { .run = wait_at_gate }, { .run = wait_at_gate } };
    struct workers *workers = NULL;

    set_gate(false);
    CU_ASSERT_EQUAL_FATAL(workers_new(1, 8, &workers, NULL).code, 0);
    CU_ASSERT_EQUAL(workers_push(workers, &blocks[0], NULL).code, 0);
    CU_ASSERT_EQUAL(workers_push(workers, &blocks[1], NULL).code, 0);
    await_inside(2);
    set_gate(true);
    workers_free(workers);
    workers_free(NULL);
}

static const struct test_case cases[] = {
    { "every job runs once", every_job_runs_once },
    { "a full queue refuses", a_full_queue_refuses },
    { "slow jobs leave a thread to the others", slow_jobs_leave_a_thread_to_the_others },
    { "there are never fewer than two", there_are_never_fewer_than_two },
};

TEST_MAIN("core/workers", cases)
