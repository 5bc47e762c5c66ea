/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/challenge.h
 * @brief Nonces that evidence must answer: made by any server of the cluster, taken by any, once.
 *
 * Nothing is kept of one that was made.  One that served its purpose leaves a row until it would
 * have ended, so that no server takes it again; the row is written with what it served, or not at
 * all.
 *
 *     nonce = u64be expires_ns ‖ random[16] ‖ HMAC-SHA-256(cluster key, label ‖ 0 ‖ both)[0..24]
 */
#ifndef TSEC_CORE_CHALLENGE_H
#define TSEC_CORE_CHALLENGE_H

#include "core/keys.h"
#include "state/txn.h"

enum { CHALLENGE_LEN = 48, CHALLENGE_LIFE_S = 60 };

TSEC_MUST_CHECK tsec_rc challenge_make(const struct core_keys *keys, int64_t now_ns,
                                       uint8_t out[CHALLENGE_LEN], int64_t *expires_ns,
                                       struct tsec_err *err);
/** Whether it is of this cluster, and not over; costs one MAC.  TSEC_E_DENIED: detail "challenge"
 * or "challenge-expired". */
TSEC_MUST_CHECK tsec_rc challenge_check(const struct core_keys *keys, int64_t now_ns,
                                        struct tsec_span nonce, struct tsec_err *err);
/** Uses one that was checked up.  TSEC_E_DENIED: it was used ("challenge-used"), or that is not to
 * be known any more ("challenge-expired"). */
TSEC_MUST_CHECK tsec_rc challenge_use(struct txn *txn, struct tsec_span nonce,
                                      struct tsec_err *err);

#endif
