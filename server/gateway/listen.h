/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gateway/listen.h
 * @brief Listening sockets: TCP, Unix, vsock, from one line of text.
 */
#ifndef TSEC_GATEWAY_LISTEN_H
#define TSEC_GATEWAY_LISTEN_H

#include "base/err.h"

enum { LISTEN_ADDRESS_MAX = 160 };

struct listen_socket {
    int fd; /* non-blocking, close-on-exec; -1: none */
    int family;
    char address[LISTEN_ADDRESS_MAX]; /* as bound */
    char unix_path[LISTEN_ADDRESS_MAX];
};

/** The forms of struct gateway_listener.  A Unix socket that nobody listens on is replaced; one
 *  that somebody does, or a file that is no socket, is TSEC_E_CONFLICT. */
TSEC_MUST_CHECK tsec_rc listen_open(const char *address, struct listen_socket *out,
                                    struct tsec_err *err);
/** Also removes the Unix socket's file.  Again is harmless. */
void listen_close(struct listen_socket *socket);

#endif
