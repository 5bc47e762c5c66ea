/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "crypto/jwe.h"
#include "tests/crypto/jwe_samples.h"
#include "tests/crypto/vector.h"

enum { OUT_MAX = 64 * 1024 };

static const struct {
    const char *pem;
    const char *jwe;
} samples[] = {
    { p256_pem, p256_jwe },
    { p384_pem, p384_jwe },
    { rsa_pem, rsa_jwe },
};

static struct tsec_recipient *
recipient(const char *pem)
{
    struct tsec_recipient *r = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_recipient_from_pem(tsec_span_str(pem), &r, NULL)));
    return r;
}

static void
what_another_implementation_wrote_is_read(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(samples); i++) {
        TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *r = recipient(samples[i].pem);
        TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(OUT_MAX);

        CU_ASSERT_FALSE(
            tsec_failed(tsec_jwe_decrypt(r, tsec_span_str(samples[i].jwe), &plain, NULL)));
        CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&plain), JWE_SAMPLE_PLAIN));
    }
}

static void
it_opens_for_no_other_key(void)
{
    static const enum tsec_recipient_kind kinds[] = { TSEC_RECIPIENT_P384, TSEC_RECIPIENT_P256,
                                                      TSEC_RECIPIENT_RSA };

    for (size_t k = 0; k < TSEC_ARRAY_LEN(kinds); k++) {
        TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *r = NULL;

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_recipient_generate(kinds[k], &r, NULL)));
        for (size_t i = 0; i < TSEC_ARRAY_LEN(samples); i++) {
            TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(OUT_MAX);

            CU_ASSERT_EQUAL(tsec_jwe_decrypt(r, tsec_span_str(samples[i].jwe), &plain, NULL).code,
                            TSEC_E_DENIED);
            CU_ASSERT_EQUAL(plain.len, 0);
        }
    }
}

/* Whatever digit is another one: nothing comes out. */
static void
no_digit_of_it_may_change(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(samples); i++) {
        TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *r = recipient(samples[i].pem);
        TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(OUT_MAX);
        const size_t step = i == 2 ? 7 : 1; /* RSA takes its time */

        tsec_buf_put_str(&token, samples[i].jwe);
        for (size_t at = 0; at < token.len; at += step) {
            TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(OUT_MAX);
            const uint8_t was = token.ptr[at];

            token.ptr[at] = was == 'A' ? 'B' : 'A';

            const tsec_rc rc = tsec_jwe_decrypt(r, tsec_buf_span(&token), &plain, NULL);

            CU_ASSERT_TRUE(rc.code == TSEC_E_DENIED || rc.code == TSEC_E_INVALID);
            CU_ASSERT_EQUAL(plain.len, 0);
            token.ptr[at] = was;
        }
    }
}

static void
nothing_may_be_cut_off(void)
{
    TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *r = recipient(p256_pem);

    for (size_t len = 0; len < strlen(p256_jwe); len++) {
        TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(OUT_MAX);
        const tsec_rc rc = tsec_jwe_decrypt(r, tsec_span(p256_jwe, len), &plain, NULL);

        CU_ASSERT_TRUE(rc.code == TSEC_E_DENIED || rc.code == TSEC_E_INVALID);
        CU_ASSERT_EQUAL(plain.len, 0);
    }
}

static void
with_header(const char *header, const char *token, struct tsec_buf *out)
{
    tsec_base64_append(out, TSEC_BASE64_URL, tsec_span_str(header));
    tsec_buf_put_str(out, strchr(token, '.'));
}

#define EPK "\"epk\":{\"kty\":\"EC\",\"crv\":\"P-256\""

static void
a_header_of_another_kind_is_refused(void)
{
    static const struct {
        const char *header;
        enum tsec_code code;
    } wrong[] = {
        { "", TSEC_E_INVALID },
        { "[]", TSEC_E_INVALID },
        { "{}", TSEC_E_INVALID },
        { "{\"alg\":\"RSA-OAEP-256\"}", TSEC_E_INVALID },
        { "{\"alg\":\"dir\",\"enc\":\"A256GCM\"}", TSEC_E_INVALID },
        { "{\"alg\":\"none\",\"enc\":\"A256GCM\"}", TSEC_E_INVALID },
        { "{\"alg\":\"RSA1_5\",\"enc\":\"A256GCM\"}", TSEC_E_INVALID },
        { "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}", TSEC_E_INVALID },
        { "{\"alg\":\"ECDH-ES\",\"enc\":\"A256GCM\"}", TSEC_E_INVALID },
        { "{\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A128GCM\"}", TSEC_E_INVALID },
        { "{\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A256CBC-HS512\"}", TSEC_E_INVALID },
        { "{\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A256GCM\"}", TSEC_E_INVALID },
        { "{\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A256GCM\",\"epk\":1}", TSEC_E_INVALID },
        { "{\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A256GCM\"," EPK "}}", TSEC_E_INVALID },
        { "{\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A256GCM\"," EPK ",\"x\":\"AA\",\"y\":\"AA\"}}",
          TSEC_E_INVALID },
        { "{\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A256GCM\",\"zip\":\"DEF\"}", TSEC_E_INVALID },
        { "{\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A256GCM\",\"crit\":[\"b64\"]}", TSEC_E_INVALID },
        { "{\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A256GCM\",\"apu\":\"QQ\"}", TSEC_E_INVALID },
        { "{\"alg\":\"ECDH-ES+A256KW\",\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A256GCM\"}",
          TSEC_E_INVALID },
        { "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\"}", TSEC_E_DENIED },
    };
    TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *r = recipient(p256_pem);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(wrong); i++) {
        TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(OUT_MAX);
        TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(OUT_MAX);

        with_header(wrong[i].header, p256_jwe, &token);
        CU_ASSERT_EQUAL(tsec_jwe_decrypt(r, tsec_buf_span(&token), &plain, NULL).code,
                        wrong[i].code);
    }
}

static void
five_parts_are_five_parts(void)
{
    static const char *const wrong[] = {
        "", ".", "....", ".....", "a.b.c.d", "e30.e30.e30.e30.e30"
    };
    TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *r = recipient(p256_pem);
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(OUT_MAX);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(OUT_MAX);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(wrong); i++) {
        CU_ASSERT_EQUAL(tsec_jwe_decrypt(r, tsec_span_str(wrong[i]), &plain, NULL).code,
                        TSEC_E_INVALID);
    }
    tsec_buf_put_str(&token, p256_jwe);
    tsec_buf_put_str(&token, ".AAAA");
    CU_ASSERT_EQUAL(tsec_jwe_decrypt(r, tsec_buf_span(&token), &plain, NULL).code, TSEC_E_INVALID);
}

static const struct test_case cases[] = {
    { "what another implementation wrote is read", what_another_implementation_wrote_is_read },
    { "it opens for no other key", it_opens_for_no_other_key },
    { "no digit of it may change", no_digit_of_it_may_change },
    { "nothing may be cut off", nothing_may_be_cut_off },
    { "a header of another kind is refused", a_header_of_another_kind_is_refused },
    { "five parts are five parts", five_parts_are_five_parts },
};

TEST_MAIN("crypto/jwe_decrypt", cases)
