/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/sim/random.h
 * @brief Numbers that follow from a seed alone (splitmix64): every decision of a simulation is
 * drawn from one of these, so that the seed is all there is to tell.
 */
#ifndef TSEC_TESTS_SIM_RANDOM_H
#define TSEC_TESTS_SIM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct sim_random {
    uint64_t at;
};

static inline uint64_t
sim_random_next(struct sim_random *random)
{
    uint64_t z = random->at += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/** 0 .. n-1; 0 when n is 0. */
static inline uint32_t
sim_random_below(struct sim_random *random, uint32_t n)
{
    return (uint32_t)(((sim_random_next(random) >> 32) * n) >> 32);
}

/** low .. high, both included. */
static inline int64_t
sim_random_between(struct sim_random *random, int64_t low, int64_t high)
{
    const uint64_t width = (uint64_t)(high - low) + 1;

    return low + (int64_t)(sim_random_next(random) % width);
}

/** True `permille` times in a thousand. */
static inline bool
sim_random_chance(struct sim_random *random, unsigned permille)
{
    return permille > 0 && sim_random_below(random, 1000) < permille;
}

#endif
