/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gateway/conn.h
 * @brief Who is connected, and for how long each may take over what it is at.
 *
 * libmicrohttpd's timeout starts anew with every byte, so a client that sends one byte a second
 * keeps a connection for ever.  Here one thread looks over all connections and shuts those that are
 * in one phase for too long, whatever they sent.
 */
#ifndef TSEC_GATEWAY_CONN_H
#define TSEC_GATEWAY_CONN_H

#include <stdatomic.h>
#include <sys/socket.h>

#include "api/request.h"
#include "base/clock.h"

enum conn_phase {
    CONN_HEAD = 0, /* accepted, or a request line came */
    CONN_BODY,
    CONN_WORK, /* the API has it: no deadline */
    CONN_REPLY,
    CONN_IDLE,
    CONN_DEAD, /* shut by the deadline thread */
    CONN_PHASES,
};

struct conn_table;

struct conn {
    struct conn *prev;
    struct conn *next;
    struct conn_table *table;
    int fd;
    bool tls;
    bool limited; /* the per-source rate applies */
    char remote[API_REMOTE_MAX + 1];
    char source[API_REMOTE_MAX + 1]; /* what the rate counts by */
    /** Phase in the low bits, a count of changes above: the thread sees that time starts anew. */
    _Atomic uint32_t phase;
    /* of the deadline thread alone */
    uint32_t seen;
    int64_t since_ns;
};

struct conn_limits {
    unsigned ms[CONN_PHASES]; /* 0: none */
    unsigned max;
};

/** Starts the deadline thread. */
TSEC_MUST_CHECK tsec_rc conn_table_new(const struct conn_limits *limits,
                                       const struct tsec_clock *clock, struct conn_table **out,
                                       struct tsec_err *err);
/** From now on, for those that are connected too. */
void conn_table_set_limits(struct conn_table *table, const struct conn_limits *limits);
/** Every connection must be removed before. NULL is harmless. */
void conn_table_free(struct conn_table *table);

/** Takes a place for a connection that was accepted; false: there is none.  conn_remove() gives it
 *  back; conn_table_forget() does for one that never was added. */
bool conn_table_reserve(struct conn_table *table);
void conn_table_forget(struct conn_table *table);
unsigned conn_table_count(const struct conn_table *table);
uint64_t conn_table_timed_out(const struct conn_table *table);
/** Shuts every connection that is between requests, now and from now on. */
void conn_table_close_idle(struct conn_table *table);

/** For a place that was reserved.  NULL: out of memory, and the place is given back. */
struct conn *conn_add(struct conn_table *table, int fd, bool tls, const struct sockaddr *addr);
/** Before the descriptor is closed. */
void conn_remove(struct conn *conn);

/** Only by the thread that serves the connection.  False: it was shut, drop the request. */
bool conn_enter(struct conn *conn, enum conn_phase phase);

#endif
