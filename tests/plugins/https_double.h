/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/plugins/https_double.h
 * @brief A service on https://localhost that says what the test has put there, and remembers what
 * it was asked.
 */
#ifndef TSEC_TESTS_HTTPS_DOUBLE_H
#define TSEC_TESTS_HTTPS_DOUBLE_H

#include <pthread.h>

#include "base/buf.h"

enum { HTTPS_DOUBLE_PAGES = 32, HTTPS_DOUBLE_ASKED = 64 };

struct https_page {
    char path[128]; /* with its query */
    unsigned status;
    const char *header; /* a name, or NULL */
    const char *header_value;
    struct tsec_span body;
};

struct https_double {
    void *daemon;
    char url[64];      /* "https://localhost:PORT" */
    char ca_file[256]; /* its own certificate */
    pthread_mutex_t lock;
    struct https_page pages[HTTPS_DOUBLE_PAGES];
    size_t pages_len;
    char asked[HTTPS_DOUBLE_ASKED][128];
    size_t asked_len;
};

/** Listens; everything is 404.  `ca_file`: where its certificate is written. */
void https_double_start(struct https_double *server, const char *ca_file);
void https_double_stop(struct https_double *server);
/** What a path says from now on.  Bytes and strings are the caller's. */
void https_double_page(struct https_double *server, const struct https_page *page);
/** How often a path was asked for. */
size_t https_double_asked(struct https_double *server, const char *path);

#endif
