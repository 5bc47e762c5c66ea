/* SPDX-License-Identifier: Apache-2.0 */
/* The "Accumulated Randomized Tests" of C2SP's XAES-256-GCM: keys, nonces, texts and additional
 * data of random lengths come from one SHAKE-128, all ciphertexts go into another. */
#include <stdlib.h>

#include <openssl/evp.h>

#include "crypto/aead.h"
#include "tests/crypto/vector.h"

enum { ROUNDS = 10000, STREAM_MAX = ROUNDS * (32 + 24 + 2 * 256) };

static struct tsec_span
take(struct tsec_span *stream, size_t len)
{
    const struct tsec_span taken = { stream->ptr, len };

    CU_ASSERT_FATAL(len <= stream->len);
    *stream = tsec_span(stream->ptr + len, stream->len - len);
    return taken;
}

static struct tsec_span
take_counted(struct tsec_span *stream)
{
    const struct tsec_span len = take(stream, 1);

    return take(stream, len.ptr[0]);
}

static void
one_round(struct tsec_span *stream, EVP_MD_CTX *sum)
{
    const struct tsec_span raw = take(stream, 32);
    const struct tsec_span nonce = take(stream, TSEC_XAES_NONCE_LEN);
    const struct tsec_span plain = take_counted(stream);
    const struct tsec_span aad = take_counted(stream);
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *key = NULL;
    uint8_t sealed[255 + TSEC_AEAD_TAG_LEN];
    uint8_t opened[255];
    const struct tsec_span all = { sealed, plain.len + TSEC_AEAD_TAG_LEN };

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_aead_key_new(TSEC_XAES_256_GCM, raw.ptr, &key, NULL)));
    CU_ASSERT_FALSE(tsec_failed(tsec_aead_seal(key, nonce.ptr, aad, plain, sealed, NULL)));
    CU_ASSERT_FALSE(tsec_failed(tsec_aead_open(key, nonce.ptr, aad, all, opened, NULL)));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_span(opened, plain.len), plain));
    CU_ASSERT_EQUAL(EVP_DigestUpdate(sum, all.ptr, all.len), 1);
}

static void
ten_thousand_random_texts(void)
{
    uint8_t *bytes = malloc(STREAM_MAX);
    EVP_MD_CTX *source = EVP_MD_CTX_new();
    EVP_MD_CTX *sum = EVP_MD_CTX_new();
    struct tsec_span stream = { bytes, STREAM_MAX };
    uint8_t result[32];

    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    CU_ASSERT_EQUAL_FATAL(EVP_DigestInit_ex2(source, EVP_shake128(), NULL), 1);
    CU_ASSERT_EQUAL_FATAL(EVP_DigestFinalXOF(source, bytes, STREAM_MAX), 1);
    CU_ASSERT_EQUAL_FATAL(EVP_DigestInit_ex2(sum, EVP_shake128(), NULL), 1);
    for (int i = 0; i < ROUNDS; i++) {
        one_round(&stream, sum);
    }
    CU_ASSERT_EQUAL(EVP_DigestFinalXOF(sum, result, sizeof(result)), 1);
    CU_ASSERT_TRUE(vector_is(tsec_span(result, sizeof(result)),
                             "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939"));
    EVP_MD_CTX_free(source);
    EVP_MD_CTX_free(sum);
    free(bytes);
}

static const struct test_case cases[] = {
    { "ten thousand random texts", ten_thousand_random_texts },
};

TEST_MAIN("crypto/aead_xaes", cases)
