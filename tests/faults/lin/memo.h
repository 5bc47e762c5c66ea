/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/faults/lin/memo.h
 * @brief A set of 128-bit numbers, for the configurations that a search has seen.  It never holds
 * more than its limit.
 */
#ifndef LIN_MEMO_H
#define LIN_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lin_hash {
    uint64_t a, b;
};

/** Zero-initialised it is empty. */
struct lin_memo {
    struct lin_hash *slots;
    size_t size; /**< a power of two, or 0 */
    size_t used;
    size_t limit;
    bool full; /**< something found no room: what was searched since is not to be believed */
};

/** A number that looks random, of any number. */
uint64_t lin_mix(uint64_t n);

/** Adds; false when it was there already or there is no room. */
bool lin_memo_add(struct lin_memo *memo, struct lin_hash hash);

void lin_memo_clear(struct lin_memo *memo);

#endif
