/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gateway/exchange.h
 * @brief One request and its reply, from the request line to the last byte taken.
 *
 * An exchange and its memory are used again; in between everything of a request is zeroed.
 */
#ifndef TSEC_GATEWAY_EXCHANGE_H
#define TSEC_GATEWAY_EXCHANGE_H

#include <stdatomic.h>

#include "api/request.h"
#include "gateway/conn.h"
#include "gateway/guard.h"

struct gateway;
struct MHD_Connection;

/** Who is at the exchange; decides whether a reply finds its connection suspended. */
enum exchange_state {
    EXCHANGE_READING = 0,
    EXCHANGE_SUBMITTED, /* the API has it, the connection is not suspended yet */
    EXCHANGE_SUSPENDED,
    EXCHANGE_DONE, /* the reply is final */
};

struct exchange {
    struct exchange *next; /* in the pool */
    struct gateway *gateway;
    struct conn *conn;
    struct MHD_Connection *mhd;
    struct tsec_arena *arena;
    struct tsec_buf body;
    size_t body_max;
    struct tsec_span raw_target; /* libmicrohttpd's, until the head is read */
    struct tsec_span raw_head;   /* libmicrohttpd's, as far as the guard read; empty: refused */
    struct tsec_span target;     /* copy in the arena; empty: too long, or out of memory */
    bool head_read;
    bool counted;  /* in gateway->active */
    bool pending;  /* in gateway->pending */
    unsigned refs; /* the request, and the reply until it is sent; one thread */
    _Atomic int state;
    struct gateway_head head;
    struct api_request request;
    struct api_reply reply;
    const char *cors_origin; /* NULL: no CORS headers */
    bool preflight;
};

struct exchange_pool;

TSEC_MUST_CHECK tsec_rc exchange_pool_new(struct gateway *gateway, size_t request_memory_max,
                                          struct exchange_pool **out, struct tsec_err *err);
/** Every exchange must be back. NULL is harmless. */
void exchange_pool_free(struct exchange_pool *pool);

/** With one reference; NULL: out of memory. */
struct exchange *exchange_get(struct exchange_pool *pool);
/** Zeroes and gives back with the last reference. */
void exchange_unref(struct exchange_pool *pool, struct exchange *ex);

/** Runs the request in the API.  True: the reply is final.  False: the connection is suspended, or
 *  was resumed already; the handler will be called again. */
bool exchange_submit(struct exchange *ex);

#endif
