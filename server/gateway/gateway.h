/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gateway/gateway.h
 * @brief HTTP and TLS on TCP, Unix and vsock sockets, in front of the API.
 *
 * It reads requests strictly, limits what they may cost before anyone is asked, and carries replies
 * back.  It never knows what a request means, and never keeps a byte of one after its reply.
 *
 * Threads: one that accepts, one that enforces deadlines, and libmicrohttpd's pool (poll mode: its
 * epoll mode stalls at multiples of 128 ready connections).  The API runs on the pool's threads and
 * must not block them.
 *
 * What libmicrohttpd answers by itself, as HTML and with the connection closed, because the gateway
 * never sees a request: 414 and 431 for a head that outgrows its memory (a head of more than about
 * 14 KiB in all; the guard's own JSON answers begin at 2 KiB of path, 4 KiB of query, 8 KiB of
 * headers), 400 for a header line without a colon, a
 * malformed Content-Length or chunk, and 505 or 400 for an HTTP version that is none.  A request
 * line without a space is answered by closing.
 *
 * SIGPIPE must be ignored in the process.
 */
#ifndef TSEC_GATEWAY_GATEWAY_H
#define TSEC_GATEWAY_GATEWAY_H

#include "api/request.h"
#include "base/clock.h"

enum gateway_tls_mode {
    GATEWAY_TLS_OFF = 0,
    GATEWAY_TLS_SELF_SIGNED, /* key and certificate made at start; the key never leaves memory */
    GATEWAY_TLS_GIVEN,
};

/** Bits; several together are offered strongest first. */
enum gateway_key_exchange {
    GATEWAY_ECDHE_P384 = 1,
    GATEWAY_ECDHE_P256 = 2,
    GATEWAY_ECDHE_X25519 = 4,
};

struct gateway_listener {
    /** "tcp://HOST:PORT" (HOST empty: any; IPv6 in brackets; port 0: any free one),
     *  "unix:///PATH" (mode 0660), "vsock://CID:PORT" (CID empty: any). */
    const char *address;
    enum gateway_tls_mode tls;
    const char *tls_name;      /* SELF_SIGNED: DNS name or IP address; NULL: "localhost" */
    struct tsec_span cert_pem; /* GIVEN: the chain, leaf first */
    struct tsec_span key_pem;  /* GIVEN: needed until gateway_start() returns */
};

struct gateway_options {
    const struct gateway_listener *listeners;
    size_t listener_count;
    unsigned key_exchange;     /* of enum gateway_key_exchange; 0: GATEWAY_ECDHE_P384 */
    unsigned threads;          /* 0: one per CPU */
    unsigned connections_max;  /* 0: 1024 */
    size_t request_memory_max; /* arena of a request; 0: 32 MiB */
    /* absolute, whatever trickles in; 0: the default */
    unsigned head_ms;  /* from accept or a request line to the end of the head; 5 s */
    unsigned body_ms;  /* from there to the end of the body; 30 s */
    unsigned reply_ms; /* until the client has taken the reply; 60 s */
    unsigned idle_ms;  /* between requests; 60 s */
    /** Requests per second and TCP source address (IPv6: /64); 0: no limit. */
    unsigned rate_per_s;
    unsigned rate_burst;             /* 0: as rate_per_s */
    const char *const *cors_origins; /* exact origins, or the one "*" */
    size_t cors_origin_count;
    unsigned hsts_max_age_s; /* 0: no Strict-Transport-Security; sent over TLS only */
    bool access_log;         /* one line a request, without its path */
};

struct gateway;

/** Everything in options but the API may be given back after it returns. */
TSEC_MUST_CHECK tsec_rc gateway_start(const struct gateway_options *options, struct api *api,
                                      const struct tsec_clock *clock, struct gateway **out,
                                      struct tsec_err *err);

/** The address listener i is bound to, with the port it got: "tcp://127.0.0.1:43121". */
const char *gateway_address(const struct gateway *gateway, size_t i);
/** The certificate of listener i, PEM, for evidence to bind; empty without TLS. */
struct tsec_span gateway_certificate(const struct gateway *gateway, size_t i);

/** Changes what may change while it serves: head_ms, body_ms, reply_ms, idle_ms and access_log. */
void gateway_set_limits(struct gateway *gateway, const struct gateway_options *options);

struct gateway_counts {
    unsigned connections;
    unsigned requests_active;
    uint64_t requests_total;
    uint64_t refused_total;   /* by the guard, a limit or the rate */
    uint64_t timed_out_total; /* connections shut by a deadline */
};
struct gateway_counts gateway_counts(const struct gateway *gateway);

/** Takes no further connection, lets requests that arrived finish, tells their clients to close.
 *  False: some were not finished within the time. */
bool gateway_drain(struct gateway *gateway, unsigned timeout_ms);

/** Closes everything and frees.  Waits for the API to finish what it still has, so the API must run
 *  until this returns.  NULL is harmless. */
void gateway_stop(struct gateway *gateway);
TSEC_DEFINE_AUTO(struct gateway, gateway_stop)

#endif
