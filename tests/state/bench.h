/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/state/bench.h
 * @brief A state, a staging and a ledger on a store in memory, without threads.
 */
#ifndef TSEC_TESTS_STATE_BENCH_H
#define TSEC_TESTS_STATE_BENCH_H

#include "state/state_internal.h"
#include "tests/double/store_fault.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

#define OK(expr)         CU_ASSERT_FALSE_FATAL(tsec_failed(expr))
#define FAILS(expr, why) CU_ASSERT_EQUAL((expr).code, (why))

#define BENCH_ORIGIN "test.example/ledger/1"

struct state_bench {
    struct tsec_store *store;
    struct keyring *fixed; /* whose keys the ledger borrows */
    struct state *state;
    struct ledger *ledger;
    struct staging *staging;
    struct ledger_batch batch;
    uint64_t gathered;  /* leaves that the state was told of */
    uint64_t published; /* and that it shows */
};

/** A fresh cluster in "mem:NAME". */
void bench_new(struct state_bench *bench, const char *name);
/** The same store again, replayed; a failure leaves nothing open. */
TSEC_MUST_CHECK tsec_rc bench_reopen(struct state_bench *bench, const char *name,
                                     struct tsec_err *err);
/** The parts of that: keyring and log, `between` them whatever a test wants; then the rows. */
TSEC_MUST_CHECK tsec_rc bench_begin(struct state_bench *bench, const char *name,
                                    void (*between)(void *ctx), void *ctx, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc bench_load(struct state_bench *bench, bool *behind, struct tsec_err *err);
/** Reopens, which must work, and frees everything. */
void bench_end(struct state_bench *bench, const char *name);
void bench_close(struct state_bench *bench);

/** A transaction of its own, with an arena of its own. */
struct bench_txn {
    struct tsec_arena *arena;
    struct txn *txn;
    tsec_rc rc;
    state_run_fn run;
    void *ctx;
};
void bench_run(struct state_bench *bench, struct bench_txn *t, state_run_fn run, void *ctx);
void bench_txn_done(struct bench_txn *t);

/** Seals and commits what is staged, and makes it visible. */
TSEC_MUST_CHECK tsec_rc bench_commit(struct state_bench *bench);
/** Runs, stages and commits one. */
TSEC_MUST_CHECK tsec_rc bench_do(struct state_bench *bench, state_run_fn run, void *ctx);

/* Several on one store, each with its own name for it: what the others committed. */

/** Tells the state the leaves that are new to it. */
void bench_read_on(struct state_bench *bench);
TSEC_MUST_CHECK tsec_rc bench_fetch(struct state_bench *bench, bool *behind, struct tsec_err *err);
void bench_publish(struct state_bench *bench);
void bench_drop(struct state_bench *bench);
/** All of it, which must work. */
void bench_follow(struct state_bench *bench);

/** "put KEY VALUE", "del KEY", "head GROUP SLOT VALUE", "member GROUP SLOT", "group GROUP",
 *  "reseal KEY", "create M", "rotate M", "destroy M", "retire", "mek", "get KEY", "list PREFIX",
 *  separated by ';': a run whose context is that text. */
tsec_rc bench_script(void *ctx, struct txn *txn, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc bench_text(struct state_bench *bench, const char *script);

/** What a row reads as now: its text, or "-". */
void bench_expect(struct state_bench *bench, const char *key, const char *value);
/** The names below, each followed by a space. */
void bench_expect_list(struct state_bench *bench, const char *prefix, bool deep, const char *names);

#endif
