/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/crypto/secp256k1.h
 * @brief Pairs on secp256k1 for the tests of them.
 */
#ifndef TSEC_TESTS_CRYPTO_SECP256K1_H
#define TSEC_TESTS_CRYPTO_SECP256K1_H

#include "crypto/pair.h"
#include "tests/crypto/vector.h"

enum { RAW_LEN = 64, POINT_LEN = 65 };

static const struct tsec_signing hedged = { .hash = TSEC_SHA256, .form = TSEC_FORM_RAW };

static inline struct tsec_pair *
generated(void)
{
    struct tsec_pair *pair = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(TSEC_PAIR_SECP256K1, &pair, NULL)));
    return pair;
}

static inline struct tsec_pair *
public_of(const struct tsec_pair *pair)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    struct tsec_pair *out = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_spki(pair, &spki, NULL)));
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_pair_from_spki(TSEC_PAIR_SECP256K1, tsec_buf_span(&spki), &out, NULL)));
    CU_ASSERT_FALSE(tsec_pair_is_private(out));
    return out;
}

static inline int
verdict(const struct tsec_pair *pair, const struct tsec_signing *how, struct tsec_span input,
        struct tsec_span sig)
{
    return tsec_pair_verify(pair, how, input, sig, NULL).code;
}

#endif
