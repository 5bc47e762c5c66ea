/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/plugins/redis_double.h
 * @brief What looks like Redis while one logs in, and then answers as the test says.
 */
#ifndef TSEC_TESTS_REDIS_DOUBLE_H
#define TSEC_TESTS_REDIS_DOUBLE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

enum redis_manner {
    REDIS_ANSWERS,
    REDIS_CLOSES, /* after the reply, if any */
    REDIS_HANGS,
    REDIS_DRIPS, /* a byte of the reply every 20 ms */
};

/** `word`: a command's name in capitals, or "open", "commit", "page", "many" for our scripts. */
struct redis_canned {
    const char *word; /* NULL: the end of the list */
    const char *reply;
    size_t len; /* 0: up to NUL */
    enum redis_manner manner;
};

struct redis_double {
    char path[256];
    int fd;
    pthread_t thread;
    _Atomic(const struct redis_canned *) canned; /* before what it says by itself */
    atomic_uint connections;
    atomic_uint commands; /* that were in `canned` */
};

/** Listens on a socket of that name below temp_dir(). */
void redis_double_start(struct redis_double *twin, const char *name,
                        const struct redis_canned *canned);
void redis_double_stop(struct redis_double *twin);
void redis_double_uri(const struct redis_double *twin, char *out, size_t size);

#endif
