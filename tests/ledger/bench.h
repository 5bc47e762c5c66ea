/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/ledger/bench.h
 * @brief A ledger on a store in memory, filled with leaves that are known beforehand.
 */
#ifndef TSEC_TESTS_LEDGER_BENCH_H
#define TSEC_TESTS_LEDGER_BENCH_H

#include "codec/leaf.h"
#include "ledger/ledger.h"
#include "tests/double/store_fault.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

#define OK(expr)         CU_ASSERT_FALSE_FATAL(tsec_failed(expr))
#define FAILS(expr, why) CU_ASSERT_EQUAL((expr).code, (why))

#define BENCH_ORIGIN "test.example/ledger/1"

struct ledger_bench {
    struct tsec_hmac_key *segment_key;
    struct tsec_key *signing_key;
    struct tsec_store *store;
    struct ledger *ledger;
    uint64_t seen;   /* leaves of the replay */
    bool any_leaves; /* they need not be those of bench_leaf() */
};

void bench_init(struct ledger_bench *bench);
void bench_done(struct ledger_bench *bench);
/** Opens "fault:<uri>" and the ledger in it; a failure leaves nothing open. */
TSEC_MUST_CHECK tsec_rc bench_open(struct ledger_bench *bench, const char *uri,
                                   struct tsec_err *err);
void bench_close(struct ledger_bench *bench);

/** The leaf of that index: a header and some bytes, not all leaves of one length. */
void bench_leaf(uint64_t index, struct tsec_buf *leaf);
void bench_add(struct ledger_batch *batch, size_t n);
/** Commits `n` leaves, `step` in a batch. */
void bench_append(struct ledger_bench *bench, size_t n, size_t step);

/** What is in the store, altered behind the ledger's back. */
void bench_get(struct ledger_bench *bench, struct tsec_span key, struct tsec_buf *value);
void bench_set(struct ledger_bench *bench, struct tsec_span key, struct tsec_span value);
void bench_remove(struct ledger_bench *bench, struct tsec_span key);

/** Root of the first `size` of the bench's leaves, by the words of RFC 6962. */
void bench_root(uint64_t from, uint64_t size, uint8_t out[TSEC_SHA256_LEN]);

#endif
