/* SPDX-License-Identifier: Apache-2.0 */
#include "host/egress_pair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

tsec_rc
egress_pair_open(int near, int far, struct egress_pair *pair, struct tsec_err *err)
{
    *pair = (struct egress_pair){ .near = near, .far = far };
    pair->out.bytes = malloc(EGRESS_HOLD);
    pair->in.bytes = malloc(EGRESS_HOLD);
    if (pair->out.bytes == NULL || pair->in.bytes == NULL) {
        egress_pair_close(pair, true);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "an outbound connection");
    }
    return TSEC_OK;
}

static void
way_done(struct egress_way *way)
{
    if (way->bytes != NULL) {
        explicit_bzero(way->bytes, EGRESS_HOLD);
        free(way->bytes);
    }
    *way = (struct egress_way){ .bytes = NULL };
}

void
egress_pair_close(struct egress_pair *pair, bool broken)
{
    const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

    if (broken) {
        (void)setsockopt(pair->near, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    }
    (void)close(pair->near);
    (void)close(pair->far);
    way_done(&pair->out);
    way_done(&pair->in);
    pair->near = pair->far = -1;
}

static bool
way_reads(const struct egress_way *way)
{
    return !way->ended && way->to < EGRESS_HOLD;
}

static bool
way_writes(const struct egress_way *way)
{
    return way->from < way->to;
}

static short
events(bool in, bool out)
{
    return (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0));
}

/* A descriptor of which nothing is wanted is left out: its end would wake the thread for ever. */
static struct pollfd
wait_for(int fd, short what)
{
    return (struct pollfd){ .fd = what == 0 ? -1 : fd, .events = what };
}

void
egress_pair_wants(const struct egress_pair *pair, struct pollfd waits[2])
{
    if (!pair->connected) {
        waits[0] = wait_for(pair->near, 0);
        waits[1] = wait_for(pair->far, POLLOUT);
        return;
    }
    waits[0] = wait_for(pair->near, events(way_reads(&pair->out), way_writes(&pair->in)));
    waits[1] = wait_for(pair->far, events(way_reads(&pair->in), way_writes(&pair->out)));
}

static bool
is_later(void)
{
    return errno == EAGAIN || errno == EINTR;
}

/* False: that side is gone. */
static bool
way_read(struct egress_way *way, int fd)
{
    ssize_t n;

    if (!way_reads(way)) {
        return true;
    }
    n = recv(fd, way->bytes + way->to, EGRESS_HOLD - way->to, MSG_DONTWAIT);
    if (n < 0) {
        return is_later();
    }
    way->ended = n == 0;
    way->to += (size_t)n;
    return true;
}

/* The end goes on when all before it has. */
static bool
way_write(struct egress_way *way, int fd)
{
    if (way_writes(way)) {
        const ssize_t n =
            send(fd, way->bytes + way->from, way->to - way->from, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n < 0) {
            return is_later();
        }
        way->from += (size_t)n;
        if (way->from == way->to) {
            way->from = way->to = 0;
        }
    }
    if (way->ended && !way->shut && !way_writes(way)) {
        way->shut = true;
        return shutdown(fd, SHUT_WR) == 0 || errno == ENOTCONN;
    }
    return true;
}

static enum egress_step
finish_connect(struct egress_pair *pair, short got, int *why)
{
    socklen_t len = sizeof(*why);

    if (got == 0) {
        return EGRESS_GOES_ON;
    }
    if (getsockopt(pair->far, SOL_SOCKET, SO_ERROR, why, &len) != 0) {
        *why = errno;
    }
    if (*why != 0) {
        return EGRESS_UNREACHABLE;
    }
    pair->connected = true;
    return EGRESS_GOES_ON;
}

enum egress_step
egress_pair_step(struct egress_pair *pair, const struct pollfd waits[2], int *why)
{
    *why = 0;
    if (!pair->connected) {
        return finish_connect(pair, waits[1].revents, why);
    }
    if (!way_read(&pair->out, pair->near) || !way_read(&pair->in, pair->far)
        || !way_write(&pair->out, pair->far) || !way_write(&pair->in, pair->near)) {
        return EGRESS_BROKEN;
    }
    return pair->out.shut && pair->in.shut ? EGRESS_DONE : EGRESS_GOES_ON;
}
