/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/pair_ecdsa.h
 * @brief ECDSA signatures of any curve: their two forms, and signing and verifying in them.
 * Nothing outside lib/crypto includes it.
 */
#ifndef TSEC_CRYPTO_PAIR_ECDSA_H
#define TSEC_CRYPTO_PAIR_ECDSA_H

#include "crypto/pair_internal.h"

TSEC_MUST_CHECK tsec_rc tsec_ecdsa_sign(const struct tsec_pair *pair,
                                        const struct tsec_signing *how, struct tsec_span input,
                                        struct tsec_buf *sig, int *recovery_id,
                                        struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc tsec_ecdsa_verify(const struct tsec_pair *pair,
                                          const struct tsec_signing *how, struct tsec_span input,
                                          struct tsec_span sig, struct tsec_err *err);

/** Ecdsa-Sig-Value (RFC 3279 section 2.2.3) of r ‖ s, each `half` bytes. */
TSEC_MUST_CHECK tsec_rc tsec_ecdsa_put_der(struct tsec_buf *out, const uint8_t *rs, size_t half,
                                           struct tsec_err *err);

enum tsec_ecdsa_der { TSEC_ECDSA_DER_NONE, TSEC_ECDSA_DER_TOO_LONG, TSEC_ECDSA_DER_READ };
/** Strictly: shortest lengths and numbers, nothing behind them.  TOO_LONG: a number is negative or
 *  does not fit, so that it is surely out of range. */
enum tsec_ecdsa_der tsec_ecdsa_take_der(struct tsec_span der, uint8_t *rs, size_t half);

#endif
