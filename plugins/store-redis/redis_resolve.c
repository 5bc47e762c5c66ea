/* SPDX-License-Identifier: Apache-2.0 */
#include "redis_resolve.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redis_deadline.h"

/* One lookup, shared by the thread that does it and the one that waits; the last frees it. */
struct lookup {
    pthread_mutex_t lock;
    pthread_cond_t over;
    unsigned holders;
    bool done;
    int status; /* of getaddrinfo() */
    struct redis_addresses found;
    char port[12];
    char host[256];
};

static atomic_uint lookups;

static int
look_up(const char *host, const char *port, int flags, struct redis_addresses *out)
{
    const struct addrinfo hints = { .ai_flags = flags | AI_NUMERICSERV,
                                    .ai_family = AF_UNSPEC,
                                    .ai_socktype = SOCK_STREAM };
    struct addrinfo *list = NULL;
    const int status = getaddrinfo(host, port, &hints, &list);

    out->len = 0;
    if (status != 0) {
        return status;
    }
    for (const struct addrinfo *a = list; a != NULL && out->len < REDIS_ADDRESSES_MAX;
         a = a->ai_next) {
        if (a->ai_addrlen <= sizeof(out->at[0].addr)) {
            memcpy(&out->at[out->len].addr, a->ai_addr, a->ai_addrlen);
            out->at[out->len++].len = a->ai_addrlen;
        }
    }
    freeaddrinfo(list);
    return out->len > 0 ? 0 : EAI_NONAME;
}

static void
let_go(struct lookup *job)
{
    unsigned left;

    (void)pthread_mutex_lock(&job->lock);
    left = --job->holders;
    (void)pthread_mutex_unlock(&job->lock);
    if (left == 0) {
        (void)pthread_cond_destroy(&job->over);
        (void)pthread_mutex_destroy(&job->lock);
        free(job);
    }
}

static void *
run(void *ctx)
{
    struct lookup *job = ctx;
    struct redis_addresses found;
    const int status = look_up(job->host, job->port, 0, &found);

    (void)pthread_mutex_lock(&job->lock);
    job->status = status;
    job->found = found;
    job->done = true;
    (void)pthread_cond_signal(&job->over);
    (void)pthread_mutex_unlock(&job->lock);
    atomic_fetch_sub(&lookups, 1);
    let_go(job);
    return NULL;
}

static struct lookup *
new_lookup(const char *host, const char *port)
{
    struct lookup *job = calloc(1, sizeof(*job));
    pthread_condattr_t attr;

    if (job == NULL) {
        return NULL;
    }
    (void)pthread_mutex_init(&job->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&job->over, &attr);
    (void)pthread_condattr_destroy(&attr);
    job->holders = 1;
    (void)snprintf(job->host, sizeof(job->host), "%s", host);
    (void)snprintf(job->port, sizeof(job->port), "%s", port);
    return job;
}

static bool
start(struct lookup *job)
{
    pthread_attr_t attr;
    pthread_t thread;
    bool started;

    if (atomic_fetch_add(&lookups, 1) >= REDIS_LOOKUPS_MAX) {
        atomic_fetch_sub(&lookups, 1);
        return false;
    }
    job->holders = 2;
    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    started = pthread_create(&thread, &attr, run, job) == 0;
    (void)pthread_attr_destroy(&attr);
    if (!started) {
        job->holders = 1;
        atomic_fetch_sub(&lookups, 1);
    }
    return started;
}

/* EAI_AGAIN: not in time. */
static int
await(struct lookup *job, int64_t deadline_ns, struct redis_addresses *out)
{
    const struct timespec until = { .tv_sec = (time_t)(deadline_ns / TSEC_NS_PER_S),
                                    .tv_nsec = (long)(deadline_ns % TSEC_NS_PER_S) };
    int status = EAI_AGAIN;
    int rc = 0;

    (void)pthread_mutex_lock(&job->lock);
    while (!job->done && rc != ETIMEDOUT) {
        rc = pthread_cond_timedwait(&job->over, &job->lock, &until);
    }
    if (job->done) {
        status = job->status;
        *out = job->found;
    }
    (void)pthread_mutex_unlock(&job->lock);
    return status;
}

tsec_rc
redis_resolve(const char *host, uint32_t port, int64_t deadline_ns, struct redis_addresses *out,
              struct tsec_err *err)
{
    char text[12];
    struct lookup *job;
    int status = EAI_AGAIN;

    (void)snprintf(text, sizeof(text), "%u", port);
    if (look_up(host, text, AI_NUMERICHOST, out) == 0) {
        return TSEC_OK;
    }
    job = new_lookup(host, text);
    if (job == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory to look up %s", host);
    }
    if (start(job)) {
        status = await(job, deadline_ns, out);
    }
    let_go(job);
    if (status != 0) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "%s: %s", host,
                         status == EAI_AGAIN ? "the name server does not answer"
                                             : gai_strerror(status));
    }
    return TSEC_OK;
}
