/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/state/several.h
 * @brief Whether several states over one store have the same, and a store that was tampered with.
 */
#ifndef TSEC_TESTS_STATE_SEVERAL_H
#define TSEC_TESTS_STATE_SEVERAL_H

#include "tests/state/bench.h"

/** Same rows under the same keys, heads included, same keyring; each knows its rows by rk. */
void bench_same(const struct state_bench *one, const struct state_bench *other);
/** As a fresh start has it. */
void bench_same_as_fresh(const struct state_bench *bench, const char *name);
/** The store's key of a row that is resident. */
struct tsec_span bench_store_key(const struct state_bench *bench, const char *key,
                                 uint8_t room[1 + ROW_KEY_LEN]);
/** Straight into the store, past the ledger; `value` empty: deleted. */
void bench_alter(struct state_bench *bench, struct tsec_span key, struct tsec_span value);
/** A batch of leaves made by hand. */
void bench_leaf(struct state_bench *bench, struct tsec_span leaf);

#endif
