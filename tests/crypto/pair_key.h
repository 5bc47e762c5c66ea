/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/crypto/pair_key.h
 * @brief Key pairs from published numbers: PKCS #8 written by hand.
 */
#ifndef TSEC_TESTS_CRYPTO_PAIR_KEY_H
#define TSEC_TESTS_CRYPTO_PAIR_KEY_H

#include "crypto/asn1_put.h"
#include "crypto/pair_internal.h"
#include "tests/crypto/vector.h"

/** PKCS #8 version 0 with that privateKey. */
static inline void
pkcs8_put(struct tsec_buf *out, struct tsec_span algorithm, struct tsec_span key)
{
    TSEC_AUTO_BUF struct tsec_buf info = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);

    tsec_asn1_put_magnitude(&info, tsec_span(NULL, 0));
    tsec_buf_put_span(&info, algorithm);
    tsec_asn1_put(&info, 0x04, key);
    tsec_asn1_put(out, 0x30, tsec_buf_span(&info));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_buf_check(out, NULL)));
}

/** ECPrivateKey of `version` with that scalar, and what comes behind it as it is. */
static inline void
ec_private_put(struct tsec_buf *out, uint8_t version, struct tsec_span scalar,
               struct tsec_span rest)
{
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);

    tsec_asn1_put_magnitude(&key, tsec_span(&version, 1));
    tsec_asn1_put(&key, 0x04, scalar);
    tsec_buf_put_span(&key, rest);
    tsec_asn1_put(out, 0x30, tsec_buf_span(&key));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_buf_check(out, NULL)));
}

/** A pair on a curve from its private number alone. */
static inline struct tsec_pair *
pair_of_scalar(enum tsec_pair_kind kind, const char *hex)
{
    const struct vector scalar = vector(hex);
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    struct tsec_pair *pair = NULL;

    ec_private_put(&key, 1, vector_span(&scalar), tsec_span(NULL, 0));
    pkcs8_put(&pkcs8, tsec_pair_type(kind)->algorithm, tsec_buf_span(&key));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_open(kind, tsec_buf_span(&pkcs8), &pair, NULL)));
    return pair;
}

#endif
