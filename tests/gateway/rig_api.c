/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/gateway/rig.h"

/* The double of the API: what the gateway links against in these tests. */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned at_gate;
static bool gate_open;
static _Atomic unsigned asked;

struct job {
    const struct api_request *req;
    struct api_reply *reply;
    void (*done)(void *ctx);
    void *ctx;
    bool gate;
};

unsigned
rig_asked(void)
{
    return atomic_load(&asked);
}

void
rig_api_reset(void)
{
    (void)pthread_mutex_lock(&lock);
    gate_open = false;
    at_gate = 0;
    (void)pthread_mutex_unlock(&lock);
    atomic_store(&asked, 0);
}

void
rig_open_gate(void)
{
    (void)pthread_mutex_lock(&lock);
    gate_open = true;
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&lock);
}

void
rig_wait_gate(unsigned n)
{
    (void)pthread_mutex_lock(&lock);
    while (at_gate < n) {
        (void)pthread_cond_wait(&changed, &lock);
    }
    (void)pthread_mutex_unlock(&lock);
}

static void
say(struct api_reply *reply, int status, const char *text)
{
    reply->status = status;
    tsec_buf_put_str(&reply->body, text);
}

static void
echo(const struct api_request *req, struct api_reply *reply)
{
    struct tsec_buf *out = &reply->body;

    reply->status = 200;
    tsec_buf_printf(out, "method=%d path=%s remote=%s tls=%d", (int)req->method, req->path,
                    req->remote, req->tls);
    for (size_t i = 0; i < req->query_len; i++) {
        tsec_buf_printf(out, " %s=%s", req->query[i].name, req->query[i].value);
    }
    tsec_buf_put_str(out, " token=");
    tsec_buf_put_span(out, req->token);
    tsec_buf_put_str(out, " namespace=");
    tsec_buf_put_span(out, req->name_space);
    tsec_buf_put_str(out, " type=");
    tsec_buf_put_span(out, req->content_type);
    tsec_buf_printf(out, " len=%zu body=", req->body.len);
    tsec_buf_put_span(out, tsec_span(req->body.ptr, req->body.len < 4096 ? req->body.len : 4096));
    tsec_buf_put_byte(out, '\n');
}

static void *
job_run(void *arg)
{
    const struct timespec while_ms = { .tv_nsec = 3 * 1000000L };
    struct job *job = arg;

    if (job->gate) {
        (void)pthread_mutex_lock(&lock);
        at_gate++;
        (void)pthread_cond_broadcast(&changed);
        while (!gate_open) {
            (void)pthread_cond_wait(&changed, &lock);
        }
        (void)pthread_mutex_unlock(&lock);
    } else {
        (void)nanosleep(&while_ms, NULL);
    }
    echo(job->req, job->reply);
    job->done(job->ctx);
    free(job);
    return NULL;
}

static void *
job_at_once(void *arg)
{
    struct job *job = arg;

    echo(job->req, job->reply);
    job->done(job->ctx);
    return NULL;
}

static bool
hand_to_thread(const struct job *job)
{
    struct job *copy = malloc(sizeof(*copy));
    pthread_t thread;

    if (copy == NULL) {
        abort();
    }
    *copy = *job;
    if (pthread_create(&thread, NULL, job_run, copy) != 0) {
        abort();
    }
    (void)pthread_detach(thread);
    return false;
}

static bool
finish_at_once(struct job *job)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, job_at_once, job) != 0) {
        abort();
    }
    (void)pthread_join(thread, NULL);
    return false;
}

static void
reply_inline(const struct api_request *req, struct api_reply *reply)
{
    if (strcmp(req->path, "/hello") == 0) {
        say(reply, 200, "{\"hello\":true}\n");
    } else if (strcmp(req->path, "/none") == 0) {
        reply->status = 204;
    } else if (strcmp(req->path, "/public") == 0) {
        reply->cacheable = true;
        reply->content_type = "text/plain";
        say(reply, 200, "for all\n");
    } else if (strcmp(req->path, "/audited") == 0) {
        reply->has_audit_index = true;
        reply->audit_index = UINT64_C(18446744073709551615);
        say(reply, 200, "{}\n");
    } else if (strcmp(req->path, "/busy") == 0) {
        reply->retry_after_s = 7;
        api_problem(reply, req->id, TSEC_E_BUSY, NULL);
    } else if (strcmp(req->path, "/huge") == 0) {
        reply->status = 200;
        (void)tsec_buf_extend(&reply->body, API_REPLY_BODY_MAX + 1);
    } else if (strcmp(req->path, "/large") == 0) {
        reply->status = 200;
        (void)tsec_buf_extend(&reply->body, RIG_LARGE);
    } else if (strcmp(req->path, "/unset") != 0) {
        echo(req, reply);
    }
}

size_t
api_body_max(const struct api *api, enum api_method method, const char *path)
{
    (void)api;
    (void)method;
    return strncmp(path, "/small", 6) == 0 ? 16 : RIG_BODY_MAX;
}

bool
api_submit(struct api *api, const struct api_request *req, struct api_reply *reply,
           void (*done)(void *ctx), void *ctx)
{
    struct job job = { req, reply, done, ctx, strcmp(req->path, "/gate") == 0 };

    (void)api;
    atomic_fetch_add(&asked, 1);
    if (strcmp(req->path, "/later") == 0 || job.gate) {
        return hand_to_thread(&job);
    }
    if (strcmp(req->path, "/at-once") == 0) {
        return finish_at_once(&job);
    }
    reply_inline(req, reply);
    return true;
}
