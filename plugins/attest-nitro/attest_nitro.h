/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file attest_nitro.h
 * @brief The plugin for AWS Nitro: verifies attestation documents.  It makes none.
 */
#ifndef ATTEST_NITRO_H
#define ATTEST_NITRO_H

#include <tsec/attest.h>

extern const struct tsec_plugin attest_nitro_plugin;

#endif
