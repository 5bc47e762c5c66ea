/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/rfc6979.h
 * @brief Nonces of deterministic (EC)DSA: RFC 6979 section 3.2.  Nothing outside lib/crypto
 * includes it.
 *
 * The numbers that come out are as secret as the private key; the time taken depends on lengths
 * and on how many candidates were out of range, which are thrown away.
 */
#ifndef TSEC_CRYPTO_RFC6979_H
#define TSEC_CRYPTO_RFC6979_H

#include "crypto/hash.h"

enum { TSEC_RFC6979_ORDER_MAX = 66 };

struct tsec_rfc6979 {
    enum tsec_hash hash;
    struct tsec_span order;
    uint8_t key[TSEC_SHA512_LEN];
    uint8_t value[TSEC_SHA512_LEN];
};

/** `order`: big-endian, its first byte not zero; it must outlive the generator.  `scalar` has
 *  order.len bytes.  `digest` was made with `hash`, which also drives the generator. */
TSEC_MUST_CHECK tsec_rc tsec_rfc6979_begin(struct tsec_rfc6979 *g, enum tsec_hash hash,
                                           struct tsec_span order, const uint8_t *scalar,
                                           struct tsec_span digest, struct tsec_err *err);
/** The next candidate in 1..order-1, order.len bytes.  All but the first are for when the signature
 *  came out as zero. */
void tsec_rfc6979_next(struct tsec_rfc6979 *g, uint8_t *k);
/** Wipes. */
void tsec_rfc6979_end(struct tsec_rfc6979 *g);

#endif
