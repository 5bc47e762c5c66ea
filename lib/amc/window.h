/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file amc/window.h
 * @brief Which numbers have been seen: the last AMC_WINDOW of them, one bit each.
 *
 * Not locked.  Number 0 is never fresh; what is older than the window counts as seen.
 */
#ifndef TSEC_AMC_WINDOW_H
#define TSEC_AMC_WINDOW_H

#include "amc/amc.h"

struct amc_window {
    uint64_t highest;
    uint64_t bits[AMC_WINDOW / 64];
};

bool amc_window_fresh(const struct amc_window *window, uint64_t seq);
/** Of a fresh one. */
void amc_window_mark(struct amc_window *window, uint64_t seq);

#endif
