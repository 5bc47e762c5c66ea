/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/double/stream_proxy.h
 * @brief A network between two sockets that may hold bytes back, and that may break.
 *
 * Listens on a Unix socket, and carries each connection to another.
 */
#ifndef TSEC_TESTS_STREAM_PROXY_H
#define TSEC_TESTS_STREAM_PROXY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum stream_mode {
    STREAM_FLOWS,
    STREAM_HOLDS_BACK, /* what the server answers stays here until it flows again */
};

struct stream_proxy {
    char path[256]; /* to connect to */
    char to[256];
    int fd;
    pthread_t thread;
    atomic_int mode;
    atomic_uint cut; /* connections that were begun before this changed are over */
    atomic_bool ends;
    atomic_uint open;  /* connections that are carried */
    atomic_uint begun; /* connections ever */
    atomic_uint held;  /* what the first so many clients send stays here, even when they leave */
};

void stream_proxy_start(struct stream_proxy *proxy, const char *name, const char *to);
void stream_proxy_stop(struct stream_proxy *proxy);
void stream_proxy_set(struct stream_proxy *proxy, enum stream_mode mode);
/** What the connections that there are send stays here; new ones flow.  `false`: it flows on. */
void stream_proxy_hold(struct stream_proxy *proxy, bool hold);
/** Closes every connection there is, both ends. */
void stream_proxy_cut(struct stream_proxy *proxy);

#endif
