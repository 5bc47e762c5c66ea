/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/transit_gate.h
 * @brief Whether a key's settings let this caller use it now: attested_only, rate, max_uses.
 */
#ifndef TSEC_API_TRANSIT_GATE_H
#define TSEC_API_TRANSIT_GATE_H

#include "api/ahead.h"
#include "core/transit_key.h"

/** Before any work.  `n` operations, which count against max_uses when `uses`.  Answers and fails:
 *  403, or 429 with when to come again. */
TSEC_MUST_CHECK tsec_rc transit_gate(struct api_call *call, const struct transit_key *key,
                                     int64_t n, bool uses, struct tsec_err *err);

#endif
