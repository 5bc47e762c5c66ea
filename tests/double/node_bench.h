/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/double/node_bench.h
 * @brief A node over a store double, and operations on it that wait for their answer.
 */
#ifndef TSEC_TESTS_NODE_BENCH_H
#define TSEC_TESTS_NODE_BENCH_H

#include "core/node.h"
#include "core/store_watch.h"

struct node_bench {
    struct node *node;
    struct tsec_store *store;
    struct store_watch *watch; /* what the node uses */
    struct tsec_clock_fake clock;
    bool stepped;            /* no threads: node_bench_do() steps until it is answered */
    uint64_t snapshot_every; /* these three as in node_options */
    const struct node_seen *seen;
    void (*notice)(const char *what, const struct tsec_err *err);
    char recipient[64];
    char identity[80];
};

/** Opens "fault:<uri>" and a node over it; `init` creates the cluster with an empty genesis. */
TSEC_MUST_CHECK tsec_rc node_bench_open(struct node_bench *bench, const char *uri, bool init,
                                        struct tsec_err *err);
void node_bench_close(struct node_bench *bench);

typedef tsec_rc (*bench_run_fn)(void *ctx, struct txn *txn, struct tsec_err *err);

/** Runs it as an audited operation and waits; the result is the commit's, *run_rc the run's. */
tsec_rc node_bench_do(struct node_bench *bench, bench_run_fn run, void *ctx, tsec_rc *run_rc,
                      uint64_t *index, struct tsec_err *err);

/** One row, put and read as text. */
tsec_rc node_bench_put(struct node_bench *bench, const char *key, const char *value);
/** TSEC_E_NOT_FOUND, or the value with a NUL. */
tsec_rc node_bench_get(struct node_bench *bench, const char *key, char *out, size_t size,
                       struct tsec_err *err);

#endif
