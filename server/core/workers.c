/* SPDX-License-Identifier: Apache-2.0 */
#include "core/workers.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct queue {
    struct worker_job *first;
    struct worker_job **end;
};

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct queue quick;
    struct queue slow;
    size_t queued;
    size_t queue_max;
    uint64_t arrivals;
    unsigned slow_running;
    bool stop;
    unsigned threads_len;
    pthread_t threads[];
};

static void
queue_put(struct queue *queue, struct worker_job *job)
{
    job->next = NULL;
    *queue->end = job;
    queue->end = &job->next;
}

static struct worker_job *
queue_take(struct queue *queue)
{
    struct worker_job *job = queue->first;

    queue->first = job->next;
    if (queue->first == NULL) {
        queue->end = &queue->first;
    }
    return job;
}

/* The one that came first of those that may run now; NULL: none.  Under the lock. */
static struct worker_job *
next_job(struct workers *w)
{
    const bool slow_may = w->slow.first != NULL && w->slow_running + 1 < w->threads_len;
    const bool slow_first =
        slow_may && (w->quick.first == NULL || w->slow.first->arrived < w->quick.first->arrived);

    if (!slow_first && w->quick.first == NULL) {
        return NULL;
    }
    w->queued--;
    w->slow_running += slow_first ? 1 : 0;
    return queue_take(slow_first ? &w->slow : &w->quick);
}

static void
run_job(struct workers *w, struct worker_job *job)
{
    const bool slow = job->slow;

    (void)pthread_mutex_unlock(&w->lock);
    job->run(job); /* and it may be gone */
    (void)pthread_mutex_lock(&w->lock);
    if (slow) {
        w->slow_running--;
        (void)pthread_cond_broadcast(&w->wake); /* another slow one may go */
    }
}

static void *
worker_main(void *arg)
{
    struct workers *w = arg;

    (void)pthread_mutex_lock(&w->lock);
    while (!w->stop || w->queued > 0) {
        struct worker_job *job = next_job(w);

        if (job != NULL) {
            run_job(w, job);
        } else {
            (void)pthread_cond_wait(&w->wake, &w->lock);
        }
    }
    (void)pthread_mutex_unlock(&w->lock);
    return NULL;
}

static unsigned
thread_count(unsigned wanted)
{
    const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned n = wanted != 0 || cpus < 0 ? wanted : (unsigned)cpus;

    return n < 2 ? 2 : n;
}

tsec_rc
workers_new(unsigned threads, size_t queue_max, struct workers **out, struct tsec_err *err)
{
    const unsigned n = thread_count(threads);
    TSEC_AUTO(workers_free)
    struct workers *w = calloc(1, sizeof(*w) + n * sizeof(w->threads[0]));

    if (w == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "worker threads");
    }
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_cond_init(&w->wake, NULL);
    w->quick.end = &w->quick.first;
    w->slow.end = &w->slow.first;
    w->queue_max = queue_max;
    (void)pthread_mutex_lock(&w->lock); /* nobody counts the threads before all are there */
    while (w->threads_len < n
           && pthread_create(&w->threads[w->threads_len], NULL, worker_main, w) == 0) {
        w->threads_len++;
    }
    (void)pthread_mutex_unlock(&w->lock);
    if (w->threads_len < n) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "worker threads");
    }
    *out = TSEC_TAKE(w);
    return TSEC_OK;
}

void
workers_free(struct workers *w)
{
    if (w == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&w->lock);
    w->stop = true;
    (void)pthread_cond_broadcast(&w->wake);
    (void)pthread_mutex_unlock(&w->lock);
    for (unsigned i = 0; i < w->threads_len; i++) {
        (void)pthread_join(w->threads[i], NULL);
    }
    (void)pthread_cond_destroy(&w->wake);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
}

tsec_rc
workers_push(struct workers *w, struct worker_job *job, struct tsec_err *err)
{
    (void)pthread_mutex_lock(&w->lock);

    const bool full = w->queued >= w->queue_max;

    if (!full) {
        job->arrived = w->arrivals++;
        queue_put(job->slow ? &w->slow : &w->quick, job);
        w->queued++;
        (void)pthread_cond_broadcast(&w->wake);
    }
    (void)pthread_mutex_unlock(&w->lock);
    return full ? TSEC_FAIL(err, TSEC_E_BUSY, "%zu jobs are waiting for a thread", w->queue_max)
                : TSEC_OK;
}
