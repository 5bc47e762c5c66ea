/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file attest_maa.h
 * @brief The plugin attest-maa: evidence of AMD and Intel TEEs and of Azure, verified.
 *
 * It never makes evidence, and verify() never asks the network.
 */
#ifndef ATTEST_MAA_H
#define ATTEST_MAA_H

#include <tsec/attest.h>

extern const struct tsec_plugin attest_maa_plugin;

#endif
