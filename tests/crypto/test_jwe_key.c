/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jwe_internal.h"

#include "tests/crypto/vector.h"

/* RFC 7518 appendix C */
static void
the_key_derived_is_the_rfcs(void)
{
    static const uint8_t z[] = { 158, 86,  217, 29,  129, 113, 53,  211, 114, 131, 66,
                                 131, 191, 132, 38,  156, 251, 49,  110, 163, 218, 128,
                                 106, 72,  246, 218, 167, 121, 140, 254, 144, 196 };
    static const uint8_t derived[] = { 86, 170, 141, 234, 248, 35,  109, 32,
                                       92, 34,  40,  205, 113, 167, 16,  26 };
    uint8_t out[TSEC_SHA256_LEN] = { 0 };

    tsec_jwe_concat_kdf(tsec_span(z, sizeof(z)), "A128GCM", tsec_span_str("Alice"),
                        tsec_span_str("Bob"), 128, out);
    CU_ASSERT_TRUE(
        tsec_span_equal(tsec_span(out, sizeof(derived)), tsec_span(derived, sizeof(derived))));
    CU_ASSERT_TRUE(tsec_span_zero(tsec_span(out + 16, 16)));
    tsec_jwe_concat_kdf(tsec_span(z, sizeof(z)), "A128GCM", tsec_span_str("Alice"),
                        tsec_span_str("Bob"), 256, out);
    CU_ASSERT_FALSE(
        tsec_span_equal(tsec_span(out, sizeof(derived)), tsec_span(derived, sizeof(derived))));
}

static void
a_wrapped_key_opens_for_its_recipient_alone(void)
{
    static const enum tsec_pair_kind kinds[] = { TSEC_PAIR_P256, TSEC_PAIR_P384 };
    const uint8_t cek[JWE_CEK_LEN] = "0123456789abcdef0123456789abcde";

    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *own = NULL;
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *other = NULL;
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *ephemeral = NULL;
        TSEC_AUTO_BUF struct tsec_buf wrapped = TSEC_BUF_INIT(JWE_WRAPPED_MAX);
        uint8_t back[JWE_CEK_LEN] = { 0 };

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(kinds[i], &own, NULL)));
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(kinds[i], &other, NULL)));
        CU_ASSERT_FALSE_FATAL(
            tsec_failed(tsec_jwe_wrap_ecdh(own, cek, &ephemeral, &wrapped, NULL)));
        CU_ASSERT_EQUAL(wrapped.len, JWE_CEK_LEN + 8);
        CU_ASSERT_FALSE(
            tsec_failed(tsec_jwe_unwrap_ecdh(own, ephemeral, tsec_buf_span(&wrapped), back, NULL)));
        CU_ASSERT_EQUAL(memcmp(back, cek, sizeof(cek)), 0);
        CU_ASSERT_EQUAL(
            tsec_jwe_unwrap_ecdh(other, ephemeral, tsec_buf_span(&wrapped), back, NULL).code,
            TSEC_E_TAMPERED);
        CU_ASSERT_TRUE(tsec_span_zero(tsec_span(back, sizeof(back))));
        wrapped.ptr[wrapped.len - 1] ^= 1;
        CU_ASSERT_EQUAL(
            tsec_jwe_unwrap_ecdh(own, ephemeral, tsec_buf_span(&wrapped), back, NULL).code,
            TSEC_E_TAMPERED);
        CU_ASSERT_EQUAL(
            tsec_jwe_unwrap_ecdh(own, ephemeral, tsec_span(wrapped.ptr, 32), back, NULL).code,
            TSEC_E_TAMPERED);
    }
}

static void
what_rsa_opens_must_be_a_key(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *own = NULL;
    TSEC_AUTO_BUF struct tsec_buf wrapped = TSEC_BUF_INIT(JWE_WRAPPED_MAX);
    uint8_t back[JWE_CEK_LEN];

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(TSEC_PAIR_RSA2048, &own, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_encrypt(
        own, TSEC_SHA256, tsec_span(NULL, 0), tsec_span_str("sixteen bytes at"), &wrapped, NULL)));
    CU_ASSERT_EQUAL(tsec_jwe_unwrap_rsa(own, tsec_buf_span(&wrapped), back, NULL).code,
                    TSEC_E_TAMPERED);
}

static void
only_keys_that_can_be_written_to_are_recipients(void)
{
    static const enum tsec_pair_kind others[] = { TSEC_PAIR_ED25519, TSEC_PAIR_P521,
                                                  TSEC_PAIR_SECP256K1 };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(others); i++) {
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *out = NULL;
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(others[i], &pair, NULL)));
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_spki(pair, &spki, NULL)));
        CU_ASSERT_EQUAL(tsec_jwe_public(tsec_buf_span(&spki), &out, NULL).code, TSEC_E_INVALID);
        CU_ASSERT_PTR_NULL(out);
    }
}

static const struct test_case cases[] = {
    { "the key derived is the RFC's", the_key_derived_is_the_rfcs },
    { "a wrapped key opens for its recipient alone", a_wrapped_key_opens_for_its_recipient_alone },
    { "what RSA opens must be a key", what_rsa_opens_must_be_a_key },
    { "only keys that can be written to are recipients",
      only_keys_that_can_be_written_to_are_recipients },
};

TEST_MAIN("crypto/jwe_key", cases)
