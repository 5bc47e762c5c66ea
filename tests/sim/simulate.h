/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/sim/simulate.h
 * @brief One seed, from its beginning to its verdict.
 */
#ifndef TSEC_TESTS_SIM_SIMULATE_H
#define TSEC_TESTS_SIM_SIMULATE_H

#include "tests/sim/world.h"

struct simulated {
    uint64_t digest; /* of all that happened */
    uint64_t events;
    uint64_t steps;
    uint64_t store_calls;
    uint64_t asked;
    uint64_t worked;
    uint64_t opens;
    uint64_t unknown;
    uint64_t unsettled;
    uint64_t zombies;
    char wrong[320]; /* empty: nothing */
};

/** `loud`: every line as it happens.  When something is wrong the last lines are printed, unless
 *  `bug` is there to make it so. */
void simulate(const struct genesis_image *genesis, uint64_t seed, enum store_sim_bug bug, bool loud,
              struct simulated *out);

#endif
