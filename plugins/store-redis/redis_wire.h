/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file redis_wire.h
 * @brief Requests out, replies in, over one socket, never past a deadline.
 *
 * hiredis' own connections know a timeout per read(2) only, which a peer that sends a byte now and
 * then stretches for ever; so hiredis parses, and the socket is here.  After a failure a wire is
 * good for nothing but closing.
 */
#ifndef STORE_REDIS_WIRE_H
#define STORE_REDIS_WIRE_H

#include <tsec/store.h>

#include "base/buf.h"
#include "redis_reply.h"

enum {
    /* A page of a scan: its rows up to the page's budget, and the one that went over it. */
    REDIS_REPLY_BYTES_MAX = 4 * 1024 * 1024,
    REDIS_REPLY_ITEMS_MAX = 4096,
    /* Beyond any commit the server makes; Redis itself takes no query above 1 GiB. */
    REDIS_REQUEST_MAX = 128 * 1024 * 1024,
};

struct redis_wire {
    int fd; /* -1: closed */
    redisReader *reader;
    struct redis_budget budget;
    size_t sent; /* bytes of the last request that the kernel took */
};

/** Takes the socket over, also when it fails; it is non-blocking. */
TSEC_MUST_CHECK tsec_rc redis_wire_open(struct redis_wire *wire, int fd, struct tsec_err *err);
/** Harmless when closed. */
void redis_wire_close(struct redis_wire *wire);
/** Whether nothing is waiting to be read: neither the end nor an answer that nobody asked for. */
bool redis_wire_is_quiet(struct redis_wire *wire);

/** Sends the whole of `request`, then takes `n` replies, which the caller frees. TSEC_E_UNAVAILABLE
 *  otherwise, and no reply is handed out; `sent` then tells what may have reached the peer. */
TSEC_MUST_CHECK tsec_rc redis_wire_ask(struct redis_wire *wire, struct tsec_span request,
                                       struct redis_reply **replies, size_t n, int64_t deadline_ns,
                                       struct tsec_err *err);

/* ---- requests ---- */

/** Begins a command of `args` words; as many redis_put() follow. */
void redis_put_command(struct tsec_buf *out, size_t args);
void redis_put(struct tsec_buf *out, struct tsec_span arg);
void redis_put_str(struct tsec_buf *out, const char *arg);
void redis_put_number(struct tsec_buf *out, uint64_t arg);

#endif
