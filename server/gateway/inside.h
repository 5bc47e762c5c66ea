/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gateway/inside.h
 * @brief What the files of the gateway share; nobody else includes it.
 */
#ifndef TSEC_GATEWAY_INSIDE_H
#define TSEC_GATEWAY_INSIDE_H

#include <stdatomic.h>

#include <microhttpd.h>

#include "gateway/accept.h"
#include "gateway/conn.h"
#include "gateway/cors.h"
#include "gateway/exchange.h"
#include "gateway/gateway.h"
#include "gateway/listen.h"
#include "gateway/rate.h"
#include "gateway/tls.h"

/* libmicrohttpd's memory of a connection.  It zeroes all of it after every request: 16 KiB cost a
 * fifth less processor time per small request than the 36 KiB that would come from mmap() and go
 * back to the kernel.  What it does not zero (when the connection closes) is zeroed here: tokens
 * and bodies when they are read, the head when the request ends.  A head that never ends stays. */
enum { GATEWAY_LISTENERS_MAX = 16, GATEWAY_POOL_BYTES = 16 * 1024 };

/** A pool of libmicrohttpd's threads: one for all plain listeners, one for each with TLS. */
struct gateway_daemon {
    struct gateway *gateway;
    struct MHD_Daemon *mhd;
    bool tls;
};

struct gateway_port {
    struct listen_socket socket;
    struct gateway_daemon *daemon; /* of the daemons below */
    struct tls_setup tls;          /* only with TLS */
};

struct gateway {
    struct api *api;
    const struct tsec_clock *clock;
    struct conn_table *conns;
    struct exchange_pool *exchanges;
    struct accept_loop *accepting;
    struct rate *rate; /* NULL: no limit */
    struct cors cors;
    char hsts[48]; /* empty: none */
    atomic_bool access_log;
    _Atomic bool draining;    /* replies say Connection: close */
    _Atomic bool stopping;    /* no request reaches the API any more */
    _Atomic unsigned active;  /* requests past the guard, until their reply is taken */
    _Atomic unsigned pending; /* requests the API is at */
    _Atomic uint64_t total;
    _Atomic uint64_t refused;
    size_t daemon_count;
    struct gateway_daemon daemons[GATEWAY_LISTENERS_MAX + 1];
    size_t port_count;
    struct gateway_port ports[GATEWAY_LISTENERS_MAX];
    char start_note[160]; /* what libmicrohttpd said while it started */
    _Atomic bool started;
};

#endif
