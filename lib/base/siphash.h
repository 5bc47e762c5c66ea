/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file base/siphash.h
 * @brief SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash for tables whose keys strangers
 * choose.  Not for authentication.
 */
#ifndef TSEC_BASE_SIPHASH_H
#define TSEC_BASE_SIPHASH_H

#include "base/span.h"

uint64_t tsec_siphash(const uint64_t key[2], struct tsec_span data);

#endif
