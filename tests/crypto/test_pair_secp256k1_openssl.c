/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, signatures and secrets of one library in the other, both ways; and threads. */
#include <pthread.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tests/crypto/secp256k1.h"

static EVP_PKEY *
to_openssl(const struct tsec_pair *pair)
{
    TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    const unsigned char *at = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_pkcs8(pair, &pkcs8, NULL)));
    at = pkcs8.ptr;

    EVP_PKEY *pkey = d2i_AutoPrivateKey(NULL, &at, (long)pkcs8.len);

    CU_ASSERT_PTR_NOT_NULL_FATAL(pkey);
    return pkey;
}

static struct tsec_pair *
from_openssl(EVP_PKEY *pkey)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
    unsigned char *der = NULL;
    const int len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    struct tsec_pair *pair = NULL;

    CU_ASSERT_FATAL(len > 0);
    CU_ASSERT_FALSE_FATAL(tsec_failed(
        tsec_pair_import(TSEC_PAIR_SECP256K1, tsec_span(der, (size_t)len), &pair, NULL)));
    OPENSSL_free(der);
    PKCS8_PRIV_KEY_INFO_free(info);
    return pair;
}

static void
openssl_verifies_ours(void)
{
    static const struct {
        enum tsec_hash hash;
        const char *name;
    } hashes[] = { { TSEC_SHA1, "SHA1" },         { TSEC_SHA224, "SHA224" },
                   { TSEC_SHA256, "SHA256" },     { TSEC_SHA512, "SHA512" },
                   { TSEC_SHA3_256, "SHA3-256" }, { TSEC_SHA3_384, "SHA3-384" } };
    const struct tsec_span message = tsec_span_str("message");
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = generated();
    EVP_PKEY *pkey = to_openssl(pair);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(hashes); i++) {
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
        const struct tsec_signing how = { .hash = hashes[i].hash,
                                          .nonce =
                                              i % 2 == 0 ? TSEC_NONCE_HEDGED : TSEC_NONCE_RFC6979 };
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();

        CU_ASSERT_FALSE(tsec_failed(tsec_pair_sign(pair, &how, message, &sig, NULL, NULL)));
        CU_ASSERT_EQUAL(EVP_DigestVerifyInit_ex(ctx, NULL, hashes[i].name, NULL, NULL, pkey, NULL),
                        1);
        CU_ASSERT_EQUAL(EVP_DigestVerify(ctx, sig.ptr, sig.len, message.ptr, message.len), 1);
        EVP_MD_CTX_free(ctx);
    }
    EVP_PKEY_free(pkey);
}

static void
we_verify_openssl_s(void)
{
    const struct tsec_signing how = { .hash = TSEC_SHA256 };
    const struct tsec_span message = tsec_span_str("message");
    EVP_PKEY *pkey = EVP_EC_gen("secp256k1");
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = from_openssl(pkey);

    for (int i = 0; i < 16; i++) { /* half of them have a high s */
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        unsigned char sig[128];
        size_t len = sizeof(sig);

        CU_ASSERT_EQUAL(EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, pkey, NULL), 1);
        CU_ASSERT_EQUAL(EVP_DigestSign(ctx, sig, &len, message.ptr, message.len), 1);
        CU_ASSERT_EQUAL(verdict(pair, &how, message, tsec_span(sig, len)), TSEC_OK_CODE);
        sig[len - 1] ^= 1;
        CU_ASSERT_EQUAL(verdict(pair, &how, message, tsec_span(sig, len)), TSEC_E_DENIED);
        EVP_MD_CTX_free(ctx);
    }
    EVP_PKEY_free(pkey);
}

static void
agreement_is_openssl_s_and_the_same_on_both_sides(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *a = generated();
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *b = generated();
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *b_public = public_of(b);
    TSEC_AUTO_BUF struct tsec_buf ab = TSEC_BUF_INIT(32);
    TSEC_AUTO_BUF struct tsec_buf ba = TSEC_BUF_INIT(32);
    EVP_PKEY *a_openssl = to_openssl(a);
    EVP_PKEY *b_openssl = to_openssl(b);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, a_openssl, NULL);
    uint8_t secret[32];
    size_t len = sizeof(secret);

    CU_ASSERT_FALSE(tsec_failed(tsec_pair_agree(a, b_public, &ab, NULL)));
    CU_ASSERT_FALSE(tsec_failed(tsec_pair_agree(b, a, &ba, NULL)));
    CU_ASSERT_EQUAL(EVP_PKEY_derive_init(ctx), 1);
    CU_ASSERT_EQUAL(EVP_PKEY_derive_set_peer(ctx, b_openssl), 1);
    CU_ASSERT_EQUAL(EVP_PKEY_derive(ctx, secret, &len), 1);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&ab), tsec_buf_span(&ba)));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&ab), tsec_span(secret, len)));
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(a_openssl);
    EVP_PKEY_free(b_openssl);
}

static void
nobody_agrees_with_a_key_of_another_curve(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *own = generated();
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *peer = NULL;
    TSEC_AUTO_BUF struct tsec_buf secret = TSEC_BUF_INIT(66);

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(TSEC_PAIR_P256, &peer, NULL)));
    CU_ASSERT_EQUAL(tsec_pair_agree(own, peer, &secret, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_pair_agree(peer, own, &secret, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(secret.len, 0);
}

/* ---- threads ---- */

static void *
sign_a_lot(void *arg)
{
    const struct tsec_pair *pair = arg;
    const struct tsec_span message = tsec_span_str("message");

    for (int i = 0; i < 100; i++) {
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(RAW_LEN);

        if (tsec_failed(tsec_pair_sign(pair, &hedged, message, &sig, NULL, NULL))
            || verdict(pair, &hedged, message, tsec_buf_span(&sig)) != TSEC_OK_CODE) {
            return arg;
        }
    }
    return NULL;
}

static void
many_threads_share_a_pair(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = generated();
    pthread_t thread[8];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(thread); i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, sign_a_lot, pair), 0);
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(thread); i++) {
        void *failed = NULL;

        CU_ASSERT_EQUAL(pthread_join(thread[i], &failed), 0);
        CU_ASSERT_PTR_NULL(failed);
    }
}

static const struct test_case cases[] = {
    { "OpenSSL verifies ours", openssl_verifies_ours },
    { "we verify OpenSSL's", we_verify_openssl_s },
    { "agreement is OpenSSL's, and the same on both sides",
      agreement_is_openssl_s_and_the_same_on_both_sides },
    { "nobody agrees with a key of another curve", nobody_agrees_with_a_key_of_another_curve },
    { "many threads share a pair", many_threads_share_a_pair },
};

TEST_MAIN("crypto/pair_secp256k1_openssl", cases)
