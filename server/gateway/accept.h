/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gateway/accept.h
 * @brief The thread that accepts, for all listening sockets.
 *
 * libmicrohttpd takes every listening socket for TCP, and its own accepting cannot be limited with
 * a reply; so each connection is accepted here and handed over.
 */
#ifndef TSEC_GATEWAY_ACCEPT_H
#define TSEC_GATEWAY_ACCEPT_H

#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/err.h"

struct accept_loop;

struct accept_source {
    int fd; /* listening, non-blocking; stays the caller's */
    int family;
    void *ctx;
};

/** Takes over the connected, non-blocking fd. */
typedef void (*accept_take_fn)(void *ctx, int fd, const struct sockaddr *addr, socklen_t len);

TSEC_MUST_CHECK tsec_rc accept_start(const struct accept_source *sources, size_t n,
                                     accept_take_fn take, struct accept_loop **out,
                                     struct tsec_err *err);
/** After it returned, nothing more is taken.  NULL is harmless. */
void accept_stop(struct accept_loop *loop);
TSEC_DEFINE_AUTO(struct accept_loop, accept_stop)

#endif
