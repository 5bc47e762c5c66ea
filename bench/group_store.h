/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file group_store.h
 * @brief Grouped commits through the bare client library: libpq with one statement, hiredis with
 * one MULTI.
 *
 * What a database and its client can do for any program that writes so: rows are neither sealed nor
 * hashed, nothing is expected of them, and a failure ends the program.  Never part of the server.
 */
#ifndef BENCH_GROUP_STORE_H
#define BENCH_GROUP_STORE_H

#include <stdbool.h>

#include "base/span.h"

struct group_row {
    struct tsec_span key;
    struct tsec_span value;
};

struct group_store {
    const struct group_kind *kind;
};

struct group_kind {
    /** NULL: said on the standard error why. */
    struct group_store *(*open)(const char *uri);
    /** Each key once; returns when the database says that they are durable. */
    bool (*commit)(struct group_store *store, const struct group_row *rows, size_t n);
    void (*close)(struct group_store *store);
};

extern const struct group_kind group_pg;
extern const struct group_kind group_redis;

/** What an operation of the server's leaves in the database. */
struct group_shape {
    size_t leaf_bytes; /* its share of the segment */
    size_t row_bytes;  /* 0: it writes none */
};

enum { GROUP_OPS_MAX = 1024 };

/** A commit of so many operations: one segment, one head, a row each. */
bool group_commit(struct group_store *store, const struct group_shape *shape, size_t ops);

#endif
