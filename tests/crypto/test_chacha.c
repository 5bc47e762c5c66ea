/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/chacha.h"

#include "tests/crypto/vector.h"

/* RFC 8439 section 2.8.2 has additional data, which this has not: so its keystream is compared
 * here, and the tag is by crypto/age_tool, which exchanges files with another implementation. */
static void
the_published_ciphertext(void)
{
    static const char sunscreen[] =
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
        "future, sunscreen would be it.";
    const struct vector key =
        vector("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    const struct vector nonce = vector("070000004041424344454647");
    const struct tsec_span plain = tsec_span_str(sunscreen);
    uint8_t out[sizeof(sunscreen) + TSEC_CHACHA_TAG_LEN];

    CU_ASSERT_FALSE(tsec_failed(tsec_chacha_seal(key.bytes, nonce.bytes, plain, out, NULL)));
    CU_ASSERT_TRUE(vector_is(tsec_span(out, plain.len),
                             "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
                             "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
                             "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
                             "3ff4def08e4b7a9de576d26586cec64b6116"));
}

static void
every_flipped_bit_is_refused(void)
{
    const struct vector key = vector_of(7, 32);
    const struct vector nonce = vector_of(8, 12);
    uint8_t text[10 + TSEC_CHACHA_TAG_LEN] = "0123456789";
    const struct tsec_span sealed = { text, sizeof(text) };
    uint8_t out[10];

    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_chacha_seal(key.bytes, nonce.bytes, tsec_span(text, 10), text, NULL)));
    for (size_t bit = 0; bit < sizeof(text) * 8; bit++) {
        text[bit / 8] ^= (uint8_t)(1 << bit % 8);
        memset(out, 0x5a, sizeof(out));
        CU_ASSERT_EQUAL(tsec_chacha_open(key.bytes, nonce.bytes, sealed, out, NULL).code,
                        TSEC_E_TAMPERED);
        CU_ASSERT_EQUAL(out[0] | out[9], 0);
        text[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t len = 0; len < sizeof(text); len++) {
        CU_ASSERT_EQUAL(
            tsec_chacha_open(key.bytes, nonce.bytes, tsec_span(text, len), out, NULL).code,
            TSEC_E_TAMPERED);
    }
    CU_ASSERT_FALSE(tsec_failed(tsec_chacha_open(key.bytes, nonce.bytes, sealed, out, NULL)));
    CU_ASSERT_EQUAL(memcmp(out, "0123456789", 10), 0);
}

static const struct test_case cases[] = {
    { "the published ciphertext", the_published_ciphertext },
    { "every flipped bit is refused", every_flipped_bit_is_refused },
};

TEST_MAIN("crypto/chacha", cases)
