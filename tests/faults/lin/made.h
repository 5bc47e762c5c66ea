/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/faults/lin/made.h
 * @brief Histories made for tests, from a seed: of a register that works, used by many clients at
 * once, some of which never learn what became of their operation.
 */
#ifndef LIN_MADE_H
#define LIN_MADE_H

#include "tests/faults/lin/register.h"

#include <stddef.h>

struct made {
    struct lin_op *ops; /**< in the order in which they took effect; those that never did, last */
    size_t n;
    size_t effective; /**< how many took effect */
    uint64_t seed;    /**< of what is still to be drawn */
};

struct made_shape {
    size_t ops, clients;
    unsigned lost_percent; /**< of unknown outcome */
};

/** A number below n, of the seed, which moves on. */
uint64_t made_below(uint64_t *seed, uint64_t n);

struct made made_history(uint64_t seed, const struct made_shape *shape);

void made_free(struct made *made);

#endif
