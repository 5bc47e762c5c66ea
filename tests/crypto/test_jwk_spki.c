/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jwe.h"
#include "tests/crypto/jwe_samples.h"
#include "tests/crypto/vector.h"

static tsec_rc
convert(const char *jwk, struct tsec_buf *spki)
{
    return tsec_jwk_to_spki(tsec_span_str(jwk), spki, NULL);
}

static void
a_jwk_is_the_key_that_another_implementation_says(void)
{
    static const struct {
        const char *jwk;
        const char *spki;
    } same[] = { { p256_jwk, p256_spki }, { p384_jwk, p384_spki }, { rsa_jwk, rsa_spki } };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(same); i++) {
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(1024);

        CU_ASSERT_FALSE(tsec_failed(convert(same[i].jwk, &spki)));
        CU_ASSERT_TRUE(vector_is(tsec_buf_span(&spki), same[i].spki));
    }
}

#define X32 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void
what_is_no_public_key_is_refused(void)
{
    static const char *const wrong[] = {
        "",
        "[]",
        "{}",
        "{\"kty\":1}",
        "{\"kty\":\"oct\",\"k\":\"AAAA\"}",
        "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" X32 "\"}",
        "{\"kty\":\"EC\"}",
        "{\"kty\":\"EC\",\"crv\":1}",
        "{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"" X32 "\",\"y\":\"" X32 "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X32 "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X32 "\",\"y\":\"" X32
        "\"}", /* off the curve */
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X32 "AAAA\",\"y\":\"" X32 "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X32 "=\",\"y\":\"" X32 "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"" X32 "\"}",
        "{\"kty\":\"RSA\"}",
        "{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"n\":\"" X32 "\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"n\":\"_____w\",\"e\":\"AQAB\"}", /* 32 bits */
        "{\"kty\":\"EC\",\"kty\":\"EC\"}",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(wrong); i++) {
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(1024);

        CU_ASSERT_EQUAL(convert(wrong[i], &spki).code, TSEC_E_INVALID);
        CU_ASSERT_EQUAL(spki.len, 0);
    }
}

static void
a_private_number_is_refused_and_not_repeated(void)
{
    TSEC_AUTO_BUF struct tsec_buf jwk = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(1024);
    struct tsec_err err = { .code = 0 };

    tsec_buf_put(&jwk, p256_jwk, strlen(p256_jwk) - 1);
    tsec_buf_put_str(&jwk, ",\"d\":\"c2VjcmV0\"}");
    CU_ASSERT_EQUAL(tsec_jwk_to_spki(tsec_buf_span(&jwk), &spki, &err).code, TSEC_E_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "private"));
    CU_ASSERT_PTR_NULL(strstr(err.detail, "c2Vj"));
}

static void
other_members_do_not_matter(void)
{
    TSEC_AUTO_BUF struct tsec_buf jwk = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(1024);

    tsec_buf_put_str(&jwk, " ");
    tsec_buf_put(&jwk, p384_jwk, strlen(p384_jwk) - 1);
    tsec_buf_put_str(&jwk, ",\"use\":\"enc\",\"kid\":\"1\",\"key_ops\":[\"wrapKey\"]}\n");
    CU_ASSERT_FALSE(tsec_failed(tsec_jwk_to_spki(tsec_buf_span(&jwk), &spki, NULL)));
    CU_ASSERT_TRUE(vector_is(tsec_buf_span(&spki), p384_spki));
}

static const struct test_case cases[] = {
    { "a JWK is the key that another implementation says",
      a_jwk_is_the_key_that_another_implementation_says },
    { "what is no public key is refused", what_is_no_public_key_is_refused },
    { "a private number is refused and not repeated",
      a_private_number_is_refused_and_not_repeated },
    { "other members do not matter", other_members_do_not_matter },
};

TEST_MAIN("crypto/jwk_spki", cases)
