/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/core/transit_bench.h
 * @brief Transit keys on a real node over a store in memory, each call an operation of its own.
 */
#ifndef TSEC_TESTS_TRANSIT_BENCH_H
#define TSEC_TESTS_TRANSIT_BENCH_H

#include "base/clock.h"
#include "core/transit_key.h"
#include "tests/double/node_bench.h"
#include "tests/test.h"

#define OK(expr)                  CU_ASSERT_FALSE_FATAL(tsec_failed(expr))
#define EXPECT_CODE(expr, wanted) CU_ASSERT_EQUAL((expr).code, (wanted))
/** Refused, and that is the sentence for the client. */
#define EXPECT_REFUSAL(expr, wanted_code, sentence)      \
    do {                                                 \
        CU_ASSERT_EQUAL((expr).code, (wanted_code));     \
        CU_ASSERT_STRING_EQUAL(keys_detail(), sentence); \
    } while (0)

/** A node with one mount, whose id is KEYS_MOUNT; every test begins with it. */
#define KEYS_MOUNT "m00000001"
void keys_begin(void);
void keys_restart(void);
void keys_end(void);
void keys_advance(int64_t seconds);
int64_t keys_now(void);

/** Any run; the run's result, or else the commit's. */
tsec_rc keys_run(bench_run_fn run, void *ctx);
/** Why the last one was refused. */
const char *keys_detail(void);

/** Material that is filled with `fill`, as a version of that type; static: the last eight stay. */
struct transit_fresh keys_fresh(enum transit_type type, size_t len, uint8_t fill);

tsec_rc keys_create(const struct transit_key *settings, const struct transit_fresh *first);
/** "aes256-gcm96" with no settings. */
tsec_rc keys_create_aes(const char *name);
tsec_rc keys_rotate(const char *name, const struct transit_fresh *fresh);
tsec_rc keys_rotate_times(const char *name, size_t times);
tsec_rc keys_configure(const char *name, const struct transit_settings *settings);
tsec_rc keys_trim(const char *name, int64_t min_available);
tsec_rc keys_delete(const char *name);
tsec_rc keys_chain(const char *name, int64_t number, const char *chain);
tsec_rc keys_use(const char *name, int64_t n);
int64_t keys_uses_left(const char *name);

/** The row, its strings copied; static.  NULL: no such key. */
const struct transit_key *keys_get(const char *name);
/** The version, copied out; static.  NULL: keys_detail() says why. */
const struct transit_version *keys_version(const char *name, int64_t number);
/** The names, each followed by a space; static. */
const char *keys_list(void);
/** How many rows there are below a prefix of the store's keys. */
size_t keys_rows(const char *prefix);

#endif
