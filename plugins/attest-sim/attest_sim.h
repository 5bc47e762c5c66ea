/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file attest_sim.h
 * @brief The plugin that simulates a TEE: no hardware stands behind what it says.
 */
#ifndef ATTEST_SIM_H
#define ATTEST_SIM_H

#include <tsec/attest.h>

extern const struct tsec_plugin attest_sim_plugin;

#endif
