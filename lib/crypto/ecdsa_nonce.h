/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/ecdsa_nonce.h
 * @brief The nonces of deterministic ECDSA (RFC 6979 section 3.2), for any order and hash.  Nothing
 * outside lib/crypto includes it.
 *
 * No step depends on the bits of a nonce or of the key, but that a candidate of the order or more
 * is thrown away, which the RFC demands and which says nothing about the next.
 */
#ifndef TSEC_CRYPTO_ECDSA_NONCE_H
#define TSEC_CRYPTO_ECDSA_NONCE_H

#include "crypto/hash.h"

enum { ECDSA_ORDER_MAX = 66 };

/** A group's order, big-endian without leading zero bytes. */
struct tsec_ecdsa_order {
    uint8_t bytes[ECDSA_ORDER_MAX];
    size_t len;
    unsigned bits;
};

struct tsec_ecdsa_nonce {
    const struct tsec_ecdsa_order *order;
    enum tsec_hash hash;
    uint8_t key[TSEC_SHA512_LEN];
    uint8_t value[TSEC_SHA512_LEN];
};

/** `x`: the private key, order->len bytes; `digest`: of any length up to TSEC_SHA512_LEN.  `hash`
 *  is HMAC's; the one that made the digest. */
TSEC_MUST_CHECK tsec_rc tsec_ecdsa_nonce_start(struct tsec_ecdsa_nonce *nonce,
                                               const struct tsec_ecdsa_order *order,
                                               enum tsec_hash hash, const uint8_t *x,
                                               struct tsec_span digest, struct tsec_err *err);
/** The first k, or the one after those already given: order->len bytes that the caller wipes. */
TSEC_MUST_CHECK tsec_rc tsec_ecdsa_nonce_next(struct tsec_ecdsa_nonce *nonce, uint8_t *k,
                                              struct tsec_err *err);
/** Wipes. */
void tsec_ecdsa_nonce_done(struct tsec_ecdsa_nonce *nonce);

#endif
