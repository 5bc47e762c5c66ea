/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/double/stream_proxy.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/double/temp_dir.h"

enum { STEP_MS = 5, HELD_MAX = 1024 * 1024 };

/* One direction, with what is held of it. */
struct pipe_end {
    int from;
    int to;
    char *held;
    size_t len;
    bool over; /* nothing more comes */
};

struct carried {
    struct stream_proxy *proxy;
    unsigned cut;
    unsigned serial;
    struct pipe_end there;
    struct pipe_end back;
};

static struct sockaddr_un
address(const char *path)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };

    memcpy(addr.sun_path, path, strnlen(path, sizeof(addr.sun_path) - 1));
    return addr;
}

static void
take(struct pipe_end *end)
{
    ssize_t n;

    if (end->over || end->len == HELD_MAX) {
        return;
    }
    n = recv(end->from, end->held + end->len, HELD_MAX - end->len, MSG_DONTWAIT);
    if (n > 0) {
        end->len += (size_t)n;
    }
    end->over = n == 0;
}

static bool
give(struct pipe_end *end)
{
    const ssize_t n =
        end->len == 0 ? 0 : send(end->to, end->held, end->len, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (n < 0 && errno != EAGAIN) {
        return false;
    }
    if (n > 0) {
        memmove(end->held, end->held + n, end->len - (size_t)n);
        end->len -= (size_t)n;
    }
    return !(end->over && end->len == 0);
}

static bool
step(struct carried *c)
{
    struct pollfd p[2] = { { .fd = c->there.from, .events = POLLIN },
                           { .fd = c->back.from, .events = POLLIN } };

    p[0].fd = c->there.over ? -1 : p[0].fd;
    p[1].fd = c->back.over ? -1 : p[1].fd;
    (void)poll(p, 2, STEP_MS);
    take(&c->there);
    take(&c->back);
    /* After taking: what was sent after the order to hold is held. */
    if (c->serial < atomic_load(&c->proxy->held)) {
        return true;
    }
    return give(&c->there) && (atomic_load(&c->proxy->mode) == STREAM_HOLDS_BACK || give(&c->back));
}

static void *
carry(void *ctx)
{
    struct carried *c = ctx;

    while (!atomic_load(&c->proxy->ends) && atomic_load(&c->proxy->cut) == c->cut && step(c)) {
    }
    (void)close(c->there.from);
    (void)close(c->there.to);
    free(c->there.held);
    free(c->back.held);
    atomic_fetch_sub(&c->proxy->open, 1);
    free(c);
    return NULL;
}

static void
begin(struct stream_proxy *proxy, int client)
{
    const struct sockaddr_un addr = address(proxy->to);
    const int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct carried *c = calloc(1, sizeof(*c));
    pthread_attr_t attr;
    pthread_t thread;

    if (c == NULL || connect(server, (const struct sockaddr *)&addr, sizeof(addr)) != 0) {
        (void)close(client);
        (void)close(server);
        free(c);
        return;
    }
    *c = (struct carried){ .proxy = proxy,
                           .cut = atomic_load(&proxy->cut),
                           .serial = atomic_fetch_add(&proxy->begun, 1),
                           .there = { client, server, malloc(HELD_MAX), 0, false },
                           .back = { server, client, malloc(HELD_MAX), 0, false } };
    atomic_fetch_add(&proxy->open, 1);
    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    if (c->there.held == NULL || c->back.held == NULL
        || pthread_create(&thread, &attr, carry, c) != 0) {
        abort();
    }
    (void)pthread_attr_destroy(&attr);
}

static void *
listen_for_all(void *ctx)
{
    struct stream_proxy *proxy = ctx;
    int fd;

    while ((fd = accept(proxy->fd, NULL, NULL)) >= 0) {
        begin(proxy, fd);
    }
    return NULL;
}

void
stream_proxy_start(struct stream_proxy *proxy, const char *name, const char *to)
{
    struct sockaddr_un addr;

    *proxy = (struct stream_proxy){ .fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    temp_path(name, proxy->path, sizeof(proxy->path));
    (void)snprintf(proxy->to, sizeof(proxy->to), "%.255s", to);
    addr = address(proxy->path);
    if (bind(proxy->fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0
        || listen(proxy->fd, 16) != 0
        || pthread_create(&proxy->thread, NULL, listen_for_all, proxy) != 0) {
        perror(proxy->path);
        abort();
    }
}

void
stream_proxy_stop(struct stream_proxy *proxy)
{
    atomic_store(&proxy->ends, true);
    (void)shutdown(proxy->fd, SHUT_RDWR);
    (void)pthread_join(proxy->thread, NULL);
    while (atomic_load(&proxy->open) > 0) {
        (void)usleep(1000);
    }
    (void)close(proxy->fd);
    (void)unlink(proxy->path);
}

void
stream_proxy_set(struct stream_proxy *proxy, enum stream_mode mode)
{
    atomic_store(&proxy->mode, mode);
}

void
stream_proxy_hold(struct stream_proxy *proxy, bool hold)
{
    atomic_store(&proxy->held, hold ? atomic_load(&proxy->begun) : 0);
}

void
stream_proxy_cut(struct stream_proxy *proxy)
{
    atomic_fetch_add(&proxy->cut, 1);
    while (atomic_load(&proxy->open) > 0) {
        (void)usleep(1000);
    }
}
