/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/exchange.h"

#include <pthread.h>
#include <stdlib.h>

#include "gateway/inside.h"

enum {
    KEEP_MAX = 64,              /* exchanges that wait for their next use */
    KEEP_BYTES_MAX = 64 * 1024, /* a buffer larger than this is given back */
};

struct exchange_pool {
    pthread_mutex_t lock; /* of the list; held for one push or pop */
    struct exchange *first;
    unsigned kept;
    struct gateway *gateway;
    size_t request_memory_max;
};

tsec_rc
exchange_pool_new(struct gateway *gateway, size_t request_memory_max, struct exchange_pool **out,
                  struct tsec_err *err)
{
    struct exchange_pool *pool = calloc(1, sizeof(*pool));

    if (pool == NULL || pthread_mutex_init(&pool->lock, NULL) != 0) {
        free(pool);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "exchange pool");
    }
    pool->gateway = gateway;
    pool->request_memory_max = request_memory_max;
    *out = pool;
    return TSEC_OK;
}

static void
exchange_free(struct exchange *ex)
{
    if (ex != NULL) {
        tsec_arena_free(ex->arena);
        tsec_buf_done(&ex->body);
        api_reply_done(&ex->reply);
        free(ex);
    }
}

void
exchange_pool_free(struct exchange_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    while (pool->first != NULL) {
        struct exchange *ex = pool->first;

        pool->first = ex->next;
        exchange_free(ex);
    }
    (void)pthread_mutex_destroy(&pool->lock);
    free(pool);
}

static struct exchange *
exchange_new(struct exchange_pool *pool)
{
    struct exchange *ex = calloc(1, sizeof(*ex));

    if (ex == NULL) {
        return NULL;
    }
    tsec_buf_init(&ex->body, 0);
    api_reply_init(&ex->reply);
    if (tsec_failed(tsec_arena_new(pool->request_memory_max, &ex->arena, NULL))) {
        exchange_free(ex);
        return NULL;
    }
    return ex;
}

struct exchange *
exchange_get(struct exchange_pool *pool)
{
    struct exchange *ex;

    (void)pthread_mutex_lock(&pool->lock);
    ex = pool->first;
    if (ex != NULL) {
        pool->first = ex->next;
        pool->kept--;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    if (ex == NULL) {
        ex = exchange_new(pool);
    }
    if (ex != NULL) {
        ex->next = NULL;
        ex->gateway = pool->gateway;
        ex->refs = 1;
    }
    return ex;
}

static void
buf_wipe(struct tsec_buf *buf)
{
    if (buf->cap > KEEP_BYTES_MAX) {
        tsec_buf_done(buf);
    } else {
        tsec_buf_reset(buf);
    }
}

/* Zeroes all of a request but the memory that is used again. */
static void
exchange_wipe(struct exchange *ex)
{
    tsec_arena_reset(ex->arena);
    buf_wipe(&ex->body);
    if (ex->reply.body.cap > KEEP_BYTES_MAX) {
        api_reply_done(&ex->reply);
    } else {
        api_reply_reset(&ex->reply);
    }
    ex->conn = NULL;
    ex->mhd = NULL;
    ex->body_max = 0;
    ex->raw_target = tsec_span(NULL, 0);
    ex->raw_head = tsec_span(NULL, 0);
    ex->target = tsec_span(NULL, 0);
    ex->head_read = false;
    ex->counted = false;
    ex->pending = false;
    ex->preflight = false;
    ex->cors_origin = NULL;
    explicit_bzero(&ex->head, sizeof(ex->head));
    explicit_bzero(&ex->request, sizeof(ex->request));
    atomic_store_explicit(&ex->state, EXCHANGE_READING, memory_order_relaxed);
}

void
exchange_unref(struct exchange_pool *pool, struct exchange *ex)
{
    bool keep;

    if (--ex->refs > 0) {
        return;
    }
    exchange_wipe(ex);
    (void)pthread_mutex_lock(&pool->lock);
    keep = pool->kept < KEEP_MAX;
    if (keep) {
        ex->next = pool->first;
        pool->first = ex;
        pool->kept++;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    if (!keep) {
        exchange_free(ex);
    }
}

/* From a thread of the API.  Once the state says done, the exchange belongs to the thread that
 * serves the connection, so what is needed is read before. */
static void
reply_is_final(void *ctx)
{
    struct exchange *ex = ctx;
    struct MHD_Connection *mhd = ex->mhd;

    if (atomic_exchange_explicit(&ex->state, EXCHANGE_DONE, memory_order_acq_rel)
        == EXCHANGE_SUSPENDED) {
        MHD_resume_connection(mhd);
    }
}

bool
exchange_submit(struct exchange *ex)
{
    int expected = EXCHANGE_SUBMITTED;
    struct MHD_Connection *mhd = ex->mhd;

    atomic_store_explicit(&ex->state, EXCHANGE_SUBMITTED, memory_order_relaxed);
    if (api_submit(ex->gateway->api, &ex->request, &ex->reply, reply_is_final, ex)) {
        atomic_store_explicit(&ex->state, EXCHANGE_DONE, memory_order_relaxed);
        return true;
    }
    if (atomic_load_explicit(&ex->state, memory_order_acquire) == EXCHANGE_DONE) {
        return true; /* it came while the API was still returning: nothing to suspend */
    }
    MHD_suspend_connection(mhd);
    if (!atomic_compare_exchange_strong_explicit(&ex->state, &expected, EXCHANGE_SUSPENDED,
                                                 memory_order_acq_rel, memory_order_acquire)) {
        MHD_resume_connection(mhd); /* the reply came first and found nothing to resume */
    }
    return false; /* the exchange may be another thread's by now */
}
