/* SPDX-License-Identifier: Apache-2.0 */
#include "group_http.h"

#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct request {
    struct request *next;
    struct MHD_Connection *connection;
    bool committed;
};

/* Requests that wait; whatever came during a commit is the next one. */
struct gather {
    struct group_store *store;
    struct group_shape shape;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct request *head;
    size_t n;
    bool stopping;
};

static char body[1 << 20];
static size_t body_len;

static enum MHD_Result
reply(struct MHD_Connection *connection)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body_len, body, MHD_RESPMEM_PERSISTENT);

    (void)MHD_add_response_header(response, "Content-Type", "application/json");
    (void)MHD_add_response_header(response, "Cache-Control", "no-store");

    const enum MHD_Result queued = MHD_queue_response(connection, MHD_HTTP_OK, response);

    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result
answer(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
       const char *version, const char *upload, size_t *upload_len, void **state)
{
    struct gather *g = ctx;
    struct request *r = *state;

    (void)url, (void)method, (void)version, (void)upload;
    if (r == NULL) {
        r = calloc(1, sizeof(*r));
        *state = r;
        return r == NULL ? MHD_NO : MHD_YES;
    }
    if (*upload_len > 0) {
        *upload_len = 0;
        return MHD_YES;
    }
    if (r->committed) {
        return reply(connection);
    }
    r->connection = connection;
    MHD_suspend_connection(connection);
    (void)pthread_mutex_lock(&g->lock);
    r->next = g->head;
    g->head = r;
    if (g->n++ == 0) {
        (void)pthread_cond_signal(&g->wake);
    }
    (void)pthread_mutex_unlock(&g->lock);
    return MHD_YES;
}

static void
completed(void *ctx, struct MHD_Connection *connection, void **state,
          enum MHD_RequestTerminationCode why)
{
    (void)ctx, (void)connection, (void)why;
    free(*state);
    *state = NULL;
}

static struct request *
take(struct gather *g, size_t *n)
{
    (void)pthread_mutex_lock(&g->lock);
    while (g->n == 0 && !g->stopping) {
        (void)pthread_cond_wait(&g->wake, &g->lock);
    }

    struct request *taken = g->head;

    *n = g->n;
    g->head = NULL;
    g->n = 0;
    (void)pthread_mutex_unlock(&g->lock);
    return taken;
}

static void *
committer(void *ctx)
{
    struct gather *g = ctx;
    size_t n;

    for (struct request *taken = take(g, &n); taken != NULL; taken = take(g, &n)) {
        if (!group_commit(g->store, &g->shape, n)) {
            exit(69);
        }
        while (taken != NULL) {
            struct request *next = taken->next;

            taken->committed = true;
            MHD_resume_connection(taken->connection);
            taken = next;
        }
    }
    return NULL;
}

static void
until_ended(struct gather *g, const sigset_t *set, pthread_t thread, struct MHD_Daemon *daemon)
{
    int got;

    (void)sigwait(set, &got);
    (void)pthread_mutex_lock(&g->lock);
    g->stopping = true;
    (void)pthread_cond_signal(&g->wake);
    (void)pthread_mutex_unlock(&g->lock);
    (void)pthread_join(thread, NULL);
    MHD_stop_daemon(daemon);
}

int
group_http(struct group_store *store, const struct group_shape *shape, uint16_t port,
           const char *file)
{
    struct gather g = { .store = store,
                        .shape = *shape,
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .wake = PTHREAD_COND_INITIALIZER };
    FILE *in = fopen(file, "rb");
    pthread_t thread;
    sigset_t set;

    if (in == NULL) {
        perror(file);
        return 66;
    }
    body_len = fread(body, 1, sizeof(body), in);
    (void)fclose(in);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);

    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, port, NULL, NULL,
                         answer, &g, MHD_OPTION_NOTIFY_COMPLETED, completed, NULL,
                         MHD_OPTION_CONNECTION_LIMIT, (unsigned)GROUP_OPS_MAX, MHD_OPTION_END);

    if (daemon == NULL || pthread_create(&thread, NULL, committer, &g) != 0) {
        (void)fputs("ceiling_group: cannot listen\n", stderr);
        return 69;
    }
    until_ended(&g, &set, thread, daemon);
    return 0;
}
