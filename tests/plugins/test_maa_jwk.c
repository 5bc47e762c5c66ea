/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_jwk.h"

#include "base/base64.h"
#include "crypto/pubkey.h"
#include "tests/mint/mint_cert.h"
#include "tests/test.h"

static void
put_b64(struct tsec_buf *out, const char *name, struct tsec_span bytes)
{
    tsec_buf_printf(out, ",\"%s\":\"", name);
    tsec_base64_append(out, TSEC_BASE64_URL, bytes);
    tsec_buf_put_str(out, "\"");
}

static void
rsa_keys_are_as_the_library_writes_them(void)
{
    static const unsigned sizes[] = { 2048, 3072 };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(sizes); i++) {
        TSEC_AUTO_BUF struct tsec_buf n = TSEC_BUF_INIT(2048);
        TSEC_AUTO_BUF struct tsec_buf wanted = TSEC_BUF_INIT(2048);
        TSEC_AUTO_BUF struct tsec_buf jwk = TSEC_BUF_INIT(4096);
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(MAA_SPKI_MAX);
        const struct mint_key *key = mint_rsa(sizes[i], 0);

        mint_key_modulus(key, &n);
        mint_key_spki(key, &wanted);
        tsec_buf_put_str(&jwk, "{\"kty\":\"RSA\",\"e\":\"AQAB\"");
        put_b64(&jwk, "n", tsec_buf_span(&n));
        tsec_buf_put_str(&jwk, "}");
        CU_ASSERT_TRUE(maa_jwk_spki(tsec_buf_span(&jwk), &spki));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&spki), tsec_buf_span(&wanted)));
    }
}

static void
ec_keys_are_as_the_library_writes_them(void)
{
    static const struct {
        enum tsec_pubkey_kind kind;
        const char *crv;
    } curves[] = { { TSEC_PUBKEY_P256, "P-256" },
                   { TSEC_PUBKEY_P384, "P-384" },
                   { TSEC_PUBKEY_P521, "P-521" } };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(curves); i++) {
        TSEC_AUTO_BUF struct tsec_buf xy = TSEC_BUF_INIT(256);
        TSEC_AUTO_BUF struct tsec_buf wanted = TSEC_BUF_INIT(2048);
        TSEC_AUTO_BUF struct tsec_buf jwk = TSEC_BUF_INIT(4096);
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(MAA_SPKI_MAX);
        TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(curves[i].kind);

        mint_key_point(key, &xy);
        mint_key_spki(key, &wanted);
        tsec_buf_printf(&jwk, "{\"kty\":\"EC\",\"crv\":\"%s\"", curves[i].crv);
        put_b64(&jwk, "x", tsec_span(xy.ptr, xy.len / 2));
        put_b64(&jwk, "y", tsec_span(xy.ptr + xy.len / 2, xy.len / 2));
        tsec_buf_put_str(&jwk, "}");
        CU_ASSERT_TRUE(maa_jwk_spki(tsec_buf_span(&jwk), &spki));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&spki), tsec_buf_span(&wanted)));
    }
}

static void
what_is_no_such_key_is_refused(void)
{
    static const char *const bad[] = {
        "{}",
        "[]",
        "{\"kty\":\"oct\",\"k\":\"AAAA\"}",
        "{\"kty\":\"RSA\",\"n\":\"wQ\"}",
        "{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"n\":\"AMEA\",\"e\":\"AQAB\"}", /* a leading zero */
        "{\"kty\":\"RSA\",\"n\":\"wQ==\",\"e\":\"AQAB\"}", /* padding */
        "{\"kty\":\"RSA\",\"n\":\"w+8A\",\"e\":\"AQAB\"}", /* the other alphabet */
        "{\"kty\":\"RSA\",\"n\":\"wQ\",\"e\":65537}",
        "{\"kty\":\"RSA\",\"n\":\"wQ\",\"e\":\"AQAAAAAAAAAA\"}", /* nine bytes */
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
        "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"AA\",\"y\":\"AA\"}",
        "{\"kty\":\"rsa\",\"n\":\"wQ\",\"e\":\"AQAB\"}",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(MAA_SPKI_MAX);

        CU_ASSERT_FALSE(maa_jwk_spki(tsec_span_str(bad[i]), &spki));
        CU_ASSERT_EQUAL(spki.len, 0);
    }
}

static const struct test_case cases[] = {
    { "RSA keys are as the library writes them", rsa_keys_are_as_the_library_writes_them },
    { "EC keys are as the library writes them", ec_keys_are_as_the_library_writes_them },
    { "what is no such key is refused", what_is_no_such_key_is_refused },
};

TEST_MAIN("maa-jwk", cases)
