/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/faults/lin/search.h
 * @brief Whether one key's operations can have happened one at a time, each somewhere between its
 * call and its return.  It never accepts a history that has no such order, and refuses none that
 * has.
 *
 * The search is Wing and Gong's with Lowe's memory of what was tried, without recursion. Operations
 * of unknown outcome, of which a real run has many, do not multiply it: of those that nobody saw
 * the effect of, the earliest called stands for all of its kind.  For that each value must be
 * written by one operation only.
 */
#ifndef LIN_SEARCH_H
#define LIN_SEARCH_H

#include "tests/faults/lin/register.h"

#include <stddef.h>

enum lin_verdict {
    LIN_ACCEPTED,
    LIN_REFUSED,
    LIN_UNDECIDED, /**< the memory that it may use was not enough */
};

/** How to look at a history. */
struct lin_view {
    uint64_t from;     /**< what returned before is left out; then the register may hold anything */
    uint64_t until;    /**< what was called later is left out; what returned later is unknown */
    size_t memo_limit; /**< configurations to remember, 32 bytes each */
};

/** All of it, with 256 MiB for memory at most. */
#define LIN_WHOLE \
    ((struct lin_view){ .from = 0, .until = LIN_NEVER, .memo_limit = (size_t)1 << 23 })

/** The operations may stand in any order. */
enum lin_verdict lin_search(const struct lin_op *ops, size_t n, const struct lin_view *view);

#endif
