/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/client/server_double.h
 * @brief A server that says what a script says, and remembers what it was asked, byte for byte.
 *
 * One request per connection, HTTP/1.1, over a Unix socket or TCP on the loopback.
 */
#ifndef TSEC_TESTS_CLIENT_SERVER_DOUBLE_H
#define TSEC_TESTS_CLIENT_SERVER_DOUBLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

enum { DOUBLE_REQUESTS_MAX = 64, DOUBLE_REQUEST_MAX = 65536 };

struct double_reply {
    int status;          /* 0: hang up without a word */
    const char *headers; /* further lines, each with CRLF; NULL: none */
    const char *body;    /* NULL: none */
    size_t body_len;     /* 0: strlen */
};

struct server_double {
    int listener;
    pthread_t thread;
    char address[128];
    char folder[64];
    const struct double_reply *script;
    size_t script_len;
    /** Instead of a script: finds the reply to a path ("/v1/…"). */
    bool (*answer)(void *ctx, const char *path, struct double_reply *out);
    void *ctx;
    size_t requests_len;
    char requests[DOUBLE_REQUESTS_MAX][DOUBLE_REQUEST_MAX];
};

struct server_double *server_double_new(const struct double_reply *script, size_t len, bool tcp);
struct server_double *server_double_answering(bool (*answer)(void *ctx, const char *path,
                                                             struct double_reply *out),
                                              void *ctx);
/** Lets the reply in hand go out; then nobody listens. */
void server_double_stop(struct server_double *server);
void server_double_free(struct server_double *server);

#endif
