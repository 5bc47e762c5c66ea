/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/pair_ec.h
 * @brief What OpenSSL's curves share: P-256, P-384 and P-521.  Nothing outside lib/crypto includes
 * it.
 */
#ifndef TSEC_CRYPTO_PAIR_EC_H
#define TSEC_CRYPTO_PAIR_EC_H

#include <openssl/ec.h>

#include "crypto/pair_internal.h"

/** The curve, to calculate on; shared, never freed. */
const EC_GROUP *tsec_ec_group(const struct tsec_pair *pair);

/** ECDSA with the nonces of RFC 6979: r ‖ s. */
TSEC_MUST_CHECK tsec_rc tsec_ec_sign_rfc6979(const struct tsec_pair *pair, enum tsec_hash hash,
                                             struct tsec_span digest, uint8_t *rs,
                                             struct tsec_err *err);

/** ECDH: the x coordinate. */
TSEC_MUST_CHECK tsec_rc tsec_ec_agree(const struct tsec_pair *own, const struct tsec_pair *peer,
                                      uint8_t *x, struct tsec_err *err);

#endif
