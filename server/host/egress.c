/* SPDX-License-Identifier: Apache-2.0 */
#include "host/egress.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "host/egress_listen.h"
#include "host/egress_pair.h"

#define CONNECT_DEFAULT_NS (5 * TSEC_NS_PER_S)

enum { ACCEPTS_AT_ONCE = 16, BACK_OFF_MS = 10 };

struct route {
    char name[EGRESS_NAME_MAX];
    struct egress_target target;
    int fd;
    uint16_t port;
    bool failing; /* the log knows */
};

struct connection {
    struct egress_pair pair;
    size_t route;
    int64_t give_up_ns; /* while it connects */
};

struct egress {
    struct route routes[EGRESS_ROUTES_MAX];
    size_t routes_len;
    struct connection *connections;
    size_t connections_len;
    size_t connections_max;
    struct pollfd *waits; /* the stop, the routes, two of each connection */
    int64_t connect_timeout_ns;
    int stop;
    bool full; /* the log knows */
    bool running;
    pthread_t thread;
};

/* ---- the log: one line when a target goes, one when it is back ---- */

static void
say_unreachable(struct route *route, int why)
{
    if (!route->failing) {
        route->failing = true;
        tsec_log(TSEC_LOG_WARN, "egress: nobody takes connections there",
                 TSEC_F_STR("to", route->name), TSEC_F_STR("why", strerrordesc_np(why)));
    }
}

static void
say_reached(struct route *route)
{
    if (route->failing) {
        route->failing = false;
        tsec_log(TSEC_LOG_INFO, "egress: connections are taken again",
                 TSEC_F_STR("to", route->name));
    }
}

static void
say_full(struct egress *e, const struct route *route)
{
    if (!e->full) {
        e->full = true;
        tsec_log(TSEC_LOG_WARN, "egress: too many connections: further ones are refused",
                 TSEC_F_STR("to", route->name), TSEC_F_INT("max", e->connections_max));
    }
}

/* ---- connections ---- */

static void
refuse(int fd)
{
    const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    (void)close(fd);
}

static void
begin(struct egress *e, size_t i, int near)
{
    struct route *route = &e->routes[i];
    struct connection *c = &e->connections[e->connections_len];
    const int on = 1;
    int far;

    if (e->connections_len == e->connections_max) {
        say_full(e, route);
        refuse(near);
        return;
    }
    far = egress_target_connect(&route->target);
    if (far < 0) {
        say_unreachable(route, -far);
        refuse(near);
        return;
    }
    (void)setsockopt(near, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    *c = (struct connection){
        .route = i,
        .give_up_ns = tsec_clock_mono_ns(&tsec_clock_system) + e->connect_timeout_ns,
    };
    if (!tsec_failed(egress_pair_open(near, far, &c->pair, NULL))) {
        e->connections_len++;
    }
}

static void
accept_some(struct egress *e, size_t i)
{
    for (int n = 0; n < ACCEPTS_AT_ONCE; n++) {
        const int fd = accept4(e->routes[i].fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0 && errno != EAGAIN && errno != ECONNABORTED) {
            (void)poll(NULL, 0, BACK_OFF_MS); /* no descriptor: who waits would wake us at once */
        }
        if (fd < 0) {
            return;
        }
        begin(e, i, fd);
    }
}

/* True: it goes on. */
static bool
carry(struct egress *e, struct connection *c, const struct pollfd waits[2], int64_t now_ns)
{
    struct route *route = &e->routes[c->route];
    const bool was_connected = c->pair.connected;
    const bool woken = waits[0].revents != 0 || waits[1].revents != 0;
    int why = 0;
    const enum egress_step step = woken ? egress_pair_step(&c->pair, waits, &why) : EGRESS_GOES_ON;

    if (!was_connected && c->pair.connected) {
        say_reached(route);
    }
    if (step == EGRESS_GOES_ON && (c->pair.connected || now_ns < c->give_up_ns)) {
        return true;
    }
    if (step == EGRESS_UNREACHABLE || !c->pair.connected) {
        say_unreachable(route, step == EGRESS_UNREACHABLE ? why : ETIMEDOUT);
    }
    egress_pair_close(&c->pair, step != EGRESS_DONE);
    return false;
}

/* Backwards: the last one takes the place of one that ended, and has been looked at. */
static void
carry_all(struct egress *e, size_t polled)
{
    const int64_t now_ns = tsec_clock_mono_ns(&tsec_clock_system);
    const struct pollfd *waits = e->waits + 1 + e->routes_len;

    for (size_t i = polled; i-- > 0;) {
        if (!carry(e, &e->connections[i], &waits[2 * i], now_ns)) {
            e->connections[i] = e->connections[--e->connections_len];
        }
    }
    if (e->connections_len < e->connections_max / 2) {
        e->full = false;
    }
}

/* ---- the thread ---- */

static nfds_t
fill_waits(struct egress *e)
{
    struct pollfd *at = e->waits;

    *at++ = (struct pollfd){ .fd = e->stop, .events = POLLIN };
    for (size_t i = 0; i < e->routes_len; i++) {
        *at++ = (struct pollfd){ .fd = e->routes[i].fd, .events = POLLIN };
    }
    for (size_t i = 0; i < e->connections_len; i++, at += 2) {
        egress_pair_wants(&e->connections[i].pair, at);
    }
    return (nfds_t)(at - e->waits);
}

/* Until the first connection gives up its target; -1: for ever. */
static int
wait_ms(const struct egress *e)
{
    int64_t first = INT64_MAX;

    for (size_t i = 0; i < e->connections_len; i++) {
        const struct connection *c = &e->connections[i];

        if (!c->pair.connected && c->give_up_ns < first) {
            first = c->give_up_ns;
        }
    }
    if (first == INT64_MAX) {
        return -1;
    }
    first -= tsec_clock_mono_ns(&tsec_clock_system);
    return first <= 0 ? 0 : (int)(first / TSEC_NS_PER_MS) + 1;
}

static void *
egress_main(void *arg)
{
    struct egress *e = arg;

    for (;;) {
        const nfds_t n = fill_waits(e);
        const size_t polled = e->connections_len;

        if (poll(e->waits, n, wait_ms(e)) < 0 && errno != EINTR) {
            tsec_log(TSEC_LOG_ERR, "egress: cannot wait for connections",
                     TSEC_F_STR("why", strerrordesc_np(errno)));
            return NULL;
        }
        if (e->waits[0].revents != 0) {
            return NULL;
        }
        carry_all(e, polled);
        for (size_t i = 0; i < e->routes_len; i++) {
            if (e->waits[1 + i].revents != 0) {
                accept_some(e, i);
            }
        }
    }
}

/* ---- life ---- */

static tsec_rc
add_route(struct egress *e, const struct egress_route *from, struct tsec_err *err)
{
    struct route *route = &e->routes[e->routes_len];

    *route = (struct route){ .target = from->target, .fd = -1 };
    (void)snprintf(route->name, sizeof(route->name), "%s", from->name);
    TSEC_TRY(egress_listen(&route->fd, &route->port, err));
    e->routes_len++;
    return TSEC_OK;
}

static tsec_rc
start(struct egress *e, const struct egress_options *o, struct tsec_err *err)
{
    TSEC_TRY(egress_loopback_up(err));
    for (size_t i = 0; i < o->routes_len; i++) {
        TSEC_TRY(add_route(e, &o->routes[i], err));
    }
    e->stop = eventfd(0, EFD_CLOEXEC);
    e->connections = calloc(e->connections_max, sizeof(*e->connections));
    e->waits = calloc(1 + e->routes_len + 2 * e->connections_max, sizeof(*e->waits));
    if (e->stop < 0 || e->connections == NULL || e->waits == NULL
        || pthread_create(&e->thread, NULL, egress_main, e) != 0) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "egress");
    }
    e->running = true;
    return TSEC_OK;
}

tsec_rc
egress_start(const struct egress_options *options, struct egress **out, struct tsec_err *err)
{
    TSEC_AUTO(egress_stop) struct egress *e = calloc(1, sizeof(*e));

    if (e == NULL || options->routes_len > EGRESS_ROUTES_MAX) {
        free(TSEC_TAKE(e));
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "egress: %zu routes", options->routes_len);
    }
    e->stop = -1;
    e->connections_max =
        options->connections_max == 0 ? EGRESS_CONNECTIONS_MAX : options->connections_max;
    e->connect_timeout_ns =
        options->connect_timeout_ns == 0 ? CONNECT_DEFAULT_NS : options->connect_timeout_ns;
    TSEC_TRY(start(e, options, err));
    *out = TSEC_TAKE(e);
    return TSEC_OK;
}

void
egress_stop(struct egress *egress)
{
    const uint64_t one = 1;

    if (egress == NULL) {
        return;
    }
    if (egress->running && write(egress->stop, &one, sizeof(one)) == (ssize_t)sizeof(one)) {
        (void)pthread_join(egress->thread, NULL);
    }
    for (size_t i = 0; i < egress->connections_len; i++) {
        egress_pair_close(&egress->connections[i].pair, true);
    }
    for (size_t i = 0; i < egress->routes_len; i++) {
        (void)close(egress->routes[i].fd);
    }
    if (egress->stop >= 0) {
        (void)close(egress->stop);
    }
    free(egress->connections);
    free(egress->waits);
    free(egress);
}

uint16_t
egress_port(const struct egress *egress, size_t i)
{
    return egress->routes[i].port;
}
