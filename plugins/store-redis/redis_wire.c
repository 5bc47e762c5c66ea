/* SPDX-License-Identifier: Apache-2.0 */
#include "redis_wire.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "redis_deadline.h"

enum { PIECE = 64 * 1024 };

tsec_rc
redis_wire_open(struct redis_wire *wire, int fd, struct tsec_err *err)
{
    *wire = (struct redis_wire){ .fd = fd };
    wire->reader = redis_reply_reader(&wire->budget);
    if (wire->reader == NULL) {
        redis_wire_close(wire);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a connection to Redis");
    }
    return TSEC_OK;
}

void
redis_wire_close(struct redis_wire *wire)
{
    if (wire->reader != NULL) {
        redisReaderFree(wire->reader);
    }
    if (wire->fd >= 0) {
        (void)close(wire->fd);
    }
    wire->reader = NULL;
    wire->fd = -1;
}

bool
redis_wire_is_quiet(struct redis_wire *wire)
{
    uint8_t byte;
    const ssize_t n = recv(wire->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    return n < 0 && (errno == EAGAIN || errno == EINTR) && wire->reader->pos == wire->reader->len;
}

/* ---- sending and receiving ---- */

static tsec_rc
wait_for(struct redis_wire *wire, short events, int64_t deadline_ns, struct tsec_err *err)
{
    struct pollfd p = { .fd = wire->fd, .events = events };
    int n;

    do {
        const int ms = redis_ms_left(deadline_ns);

        n = ms == 0 ? 0 : poll(&p, 1, ms);
    } while (n < 0 && errno == EINTR);
    if (n == 0) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "Redis did not answer in time");
    }
    if (n < 0) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "poll: %s", strerrorname_np(errno));
    }
    return TSEC_OK;
}

static bool
is_for_later(ssize_t n)
{
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static tsec_rc
send_all(struct redis_wire *wire, struct tsec_span request, int64_t deadline_ns,
         struct tsec_err *err)
{
    while (wire->sent < request.len) {
        const ssize_t n = send(wire->fd, request.ptr + wire->sent, request.len - wire->sent,
                               MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n >= 0) {
            wire->sent += (size_t)n;
        } else if (!is_for_later(n)) {
            return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "%s: the connection to Redis broke",
                             strerrorname_np(errno));
        } else {
            TSEC_TRY(wait_for(wire, POLLOUT, deadline_ns, err));
        }
    }
    return TSEC_OK;
}

static tsec_rc
feed(struct redis_wire *wire, int64_t deadline_ns, struct tsec_err *err)
{
    char piece[PIECE];
    ssize_t n = recv(wire->fd, piece, sizeof(piece), MSG_DONTWAIT);

    if (is_for_later(n)) {
        TSEC_TRY(wait_for(wire, POLLIN, deadline_ns, err));
        n = recv(wire->fd, piece, sizeof(piece), MSG_DONTWAIT);
    }
    if (is_for_later(n)) {
        return TSEC_OK;
    }
    if (n <= 0) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "%s: Redis closed the connection",
                         n == 0 ? "end" : strerrorname_np(errno));
    }
    if ((size_t)n > wire->budget.bytes) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "Redis answered with more than %d bytes",
                         REDIS_REPLY_BYTES_MAX);
    }
    wire->budget.bytes -= (size_t)n;
    if (redisReaderFeed(wire->reader, piece, (size_t)n) != REDIS_OK) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for what Redis answers");
    }
    return TSEC_OK;
}

static tsec_rc
receive(struct redis_wire *wire, int64_t deadline_ns, struct redis_reply **out,
        struct tsec_err *err)
{
    void *reply = NULL;

    for (;;) {
        if (redisReaderGetReply(wire->reader, &reply) != REDIS_OK) {
            /* What hiredis says may quote the peer. */
            return TSEC_FAIL(err, TSEC_E_UNAVAILABLE,
                             "what answers is no Redis, or answers without bounds (hiredis %d)",
                             wire->reader->err);
        }
        if (reply != NULL) {
            *out = reply;
            return TSEC_OK;
        }
        if (redis_ms_left(deadline_ns) == 0) {
            return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "Redis did not answer in time");
        }
        TSEC_TRY(feed(wire, deadline_ns, err));
    }
}

tsec_rc
redis_wire_ask(struct redis_wire *wire, struct tsec_span request, struct redis_reply **replies,
               size_t n, int64_t deadline_ns, struct tsec_err *err)
{
    tsec_rc rc;
    size_t got = 0;

    wire->sent = 0;
    wire->budget = (struct redis_budget){ REDIS_REPLY_ITEMS_MAX, REDIS_REPLY_BYTES_MAX };
    rc = send_all(wire, request, deadline_ns, err);
    while (!tsec_failed(rc) && got < n) {
        rc = receive(wire, deadline_ns, &replies[got], err);
        got += tsec_failed(rc) ? 0 : 1;
    }
    if (tsec_failed(rc)) {
        while (got > 0) {
            redis_reply_free(replies[--got]);
            replies[got] = NULL;
        }
    }
    return rc;
}

/* ---- requests ---- */

static void
put_head(struct tsec_buf *out, uint8_t kind, size_t n)
{
    tsec_buf_put_byte(out, kind);
    tsec_buf_put_u64(out, n);
    tsec_buf_put(out, "\r\n", 2);
}

void
redis_put_command(struct tsec_buf *out, size_t args)
{
    put_head(out, '*', args);
}

void
redis_put(struct tsec_buf *out, struct tsec_span arg)
{
    put_head(out, '$', arg.len);
    tsec_buf_put_span(out, arg);
    tsec_buf_put(out, "\r\n", 2);
}

void
redis_put_str(struct tsec_buf *out, const char *arg)
{
    redis_put(out, tsec_span_str(arg));
}

void
redis_put_number(struct tsec_buf *out, uint64_t arg)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)arg);
    redis_put_str(out, text);
}
