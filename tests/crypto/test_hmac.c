/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hash.h"
#include "tests/crypto/vector.h"

/* RFC 4231 sections 4.2 to 4.7; the same keys and texts for SHA-1 (those of RFC 2202 section 3
 * among them) and for SHA-3, whose rates are the block lengths, from another implementation. */
static void
published_macs(void)
{
    static const struct {
        enum tsec_hash hash;
        uint8_t key_byte; /* 0: the key is "Jefe" */
        size_t key_len;
        const char *text;
        const char *mac;
    } known[] = {
        { TSEC_SHA224, 0x0b, 20, "Hi There",
          "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22" },
        { TSEC_SHA256, 0x0b, 20, "Hi There",
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
        { TSEC_SHA384, 0x0b, 20, "Hi There",
          "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
          "faea9ea9076ede7f4af152e8b2fa9cb6" },
        { TSEC_SHA512, 0x0b, 20, "Hi There",
          "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
          "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854" },
        { TSEC_SHA256, 0, 4, "what do ya want for nothing?",
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
        { TSEC_SHA256, 0xaa, 131, "Test Using Larger Than Block-Size Key - Hash Key First",
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
        { TSEC_SHA1, 0x0b, 20, "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00" },
        { TSEC_SHA1, 0, 4, "what do ya want for nothing?",
          "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
        { TSEC_SHA1, 0xaa, 131, "Test Using Larger Than Block-Size Key - Hash Key First",
          "90d0dace1c1bdc957339307803160335bde6df2b" },
        { TSEC_SHA3_224, 0x0b, 20, "Hi There",
          "3b16546bbc7be2706a031dcafd56373d9884367641d8c59af3c860f7" },
        { TSEC_SHA3_224, 0, 4, "what do ya want for nothing?",
          "7fdb8dd88bd2f60d1b798634ad386811c2cfc85bfaf5d52bbace5e66" },
        { TSEC_SHA3_224, 0xaa, 147, "Test Using Larger Than Block-Size Key - Hash Key First",
          "b96d730c148c2daad8649d83defaa3719738d34775397b7571c38515" },
        { TSEC_SHA3_256, 0x0b, 20, "Hi There",
          "ba85192310dffa96e2a3a40e69774351140bb7185e1202cdcc917589f95e16bb" },
        { TSEC_SHA3_256, 0, 4, "what do ya want for nothing?",
          "c7d4072e788877ae3596bbb0da73b887c9171f93095b294ae857fbe2645e1ba5" },
        { TSEC_SHA3_256, 0xaa, 147, "Test Using Larger Than Block-Size Key - Hash Key First",
          "a6072f86de52b38bb349fe84cd6d97fb6a37c4c0f62aae93981193a7229d3467" },
        { TSEC_SHA3_384, 0x0b, 20, "Hi There",
          "68d2dcf7fd4ddd0a2240c8a437305f61fb7334cfb5d0226e1bc27dc10a2e723a"
          "20d370b47743130e26ac7e3d532886bd" },
        { TSEC_SHA3_384, 0, 4, "what do ya want for nothing?",
          "f1101f8cbf9766fd6764d2ed61903f21ca9b18f57cf3e1a23ca13508a93243ce"
          "48c045dc007f26a21b3f5e0e9df4c20a" },
        { TSEC_SHA3_384, 0xaa, 131, "Test Using Larger Than Block-Size Key - Hash Key First",
          "0fc19513bf6bd878037016706a0e57bc528139836b9a42c3d419e498e0e1fb96"
          "16fd669138d33a1105e07c72b6953bcc" },
        { TSEC_SHA3_512, 0x0b, 20, "Hi There",
          "eb3fbd4b2eaab8f5c504bd3a41465aacec15770a7cabac531e482f860b5ec7ba"
          "47ccb2c6f2afce8f88d22b6dc61380f23a668fd3888bb80537c0a0b86407689e" },
        { TSEC_SHA3_512, 0, 4, "what do ya want for nothing?",
          "5a4bfeab6166427c7a3647b747292b8384537cdb89afb3bf5665e4c5e709350b"
          "287baec921fd7ca0ee7a0c31d022a95e1fc92ba9d77df883960275beb4e62024" },
        { TSEC_SHA3_512, 0xaa, 131, "Test Using Larger Than Block-Size Key - Hash Key First",
          "00f751a9e50695b090ed6911a4b65524951cdc15a73a5d58bb55215ea2cd839a"
          "c79d2b44a39bafab27e83fde9e11f6340b11d991b1b91bf2eee7fc872426c3a4" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        struct vector key = vector_of(known[i].key_byte, known[i].key_len);
        uint8_t out[TSEC_SHA512_LEN];

        if (known[i].key_byte == 0) {
            memcpy(key.bytes, "Jefe", 4);
        }
        CU_ASSERT_FALSE(tsec_failed(
            tsec_hmac(known[i].hash, vector_span(&key), tsec_span_str(known[i].text), out, NULL)));
        CU_ASSERT_TRUE(vector_is(tsec_span(out, tsec_hash_len(known[i].hash)), known[i].mac));
    }
}

static void
a_prepared_key_macs_the_concatenation(void)
{
    static const char text[] = "what do ya want for nothing?";
    TSEC_AUTO(tsec_hmac_key_free) struct tsec_hmac_key *key = NULL;
    const struct tsec_span parts[] = { tsec_span(text, 4), tsec_span(NULL, 0),
                                       tsec_span(text + 4, sizeof(text) - 5) };
    uint8_t out[TSEC_SHA256_LEN];

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_hmac_key_new(tsec_span_str("Jefe"), &key, NULL)));
    for (int again = 0; again < 2; again++) {
        tsec_hmac_parts(key, parts, TSEC_ARRAY_LEN(parts), out);
        CU_ASSERT_TRUE(vector_is(tsec_span(out, sizeof(out)), "5bdcc146bf60754e6a042426089575c7"
                                                              "5a003f089d2739839dec58b964ec3843"));
    }
    tsec_hmac_parts(key, parts, 1, out);
    CU_ASSERT_FALSE(vector_is(tsec_span(out, sizeof(out)), "5bdcc146bf60754e6a042426089575c7"
                                                           "5a003f089d2739839dec58b964ec3843"));
}

static void
an_unknown_hash_is_refused(void)
{
    uint8_t out[TSEC_SHA512_LEN];
    const struct tsec_span none = { NULL, 0 };

    CU_ASSERT_EQUAL(tsec_hmac((enum tsec_hash)0, none, none, out, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_hmac((enum tsec_hash)TSEC_HASHES, none, none, out, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_hkdf((enum tsec_hash)TSEC_HASHES, none, none, none, out, 1, NULL).code,
                    TSEC_E_INVALID);
}

/* RFC 5869 appendix A.1 and A.3. */
static void
published_key_derivations(void)
{
    const struct vector ikm = vector_of(0x0b, 22);
    const struct vector salt = vector("000102030405060708090a0b0c");
    const struct vector info = vector("f0f1f2f3f4f5f6f7f8f9");
    const struct tsec_span none = { NULL, 0 };
    uint8_t out[42];

    CU_ASSERT_FALSE(tsec_failed(tsec_hkdf(TSEC_SHA256, vector_span(&ikm), vector_span(&salt),
                                          vector_span(&info), out, sizeof(out), NULL)));
    CU_ASSERT_TRUE(vector_is(tsec_span(out, sizeof(out)),
                             "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                             "34007208d5b887185865"));
    CU_ASSERT_FALSE(
        tsec_failed(tsec_hkdf(TSEC_SHA256, vector_span(&ikm), none, none, out, sizeof(out), NULL)));
    CU_ASSERT_TRUE(vector_is(tsec_span(out, sizeof(out)),
                             "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                             "9d201395faa4b61a96c8"));
}

/* The same case A.1: what its extraction gives, and what that is expanded to. */
static void
each_half_of_a_derivation_is_known(void)
{
    const struct vector ikm = vector_of(0x0b, 22);
    const struct vector salt = vector("000102030405060708090a0b0c");
    const struct vector info = vector("f0f1f2f3f4f5f6f7f8f9");
    uint8_t prk[TSEC_SHA256_LEN];
    uint8_t out[42];

    CU_ASSERT_FALSE(tsec_failed(
        tsec_hkdf_extract(TSEC_SHA256, vector_span(&salt), vector_span(&ikm), prk, NULL)));
    CU_ASSERT_TRUE(vector_is(tsec_span(prk, sizeof(prk)),
                             "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"));
    CU_ASSERT_FALSE(tsec_failed(tsec_hkdf_expand(TSEC_SHA256, tsec_span(prk, sizeof(prk)),
                                                 vector_span(&info), out, sizeof(out), NULL)));
    CU_ASSERT_TRUE(vector_is(tsec_span(out, sizeof(out)),
                             "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                             "34007208d5b887185865"));
    CU_ASSERT_EQUAL(tsec_hkdf_expand(TSEC_SHA256, tsec_span(prk, sizeof(prk) - 1),
                                     vector_span(&info), out, sizeof(out), NULL)
                        .code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(
        tsec_hkdf_expand(TSEC_SHA256, tsec_span(prk, sizeof(prk)), vector_span(&info), out, 0, NULL)
            .code,
        TSEC_E_INVALID);
}

static void
a_derivation_of_nothing_or_of_too_much_is_refused(void)
{
    static uint8_t out[255 * TSEC_SHA256_LEN + 1];
    const struct tsec_span none = { NULL, 0 };
    const struct tsec_span ikm = tsec_span_str("k");

    CU_ASSERT_EQUAL(tsec_hkdf(TSEC_SHA256, ikm, none, none, out, 0, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_hkdf(TSEC_SHA256, ikm, none, none, out, sizeof(out), NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_FALSE(
        tsec_failed(tsec_hkdf(TSEC_SHA256, ikm, none, none, out, sizeof(out) - 1, NULL)));
}

static const struct test_case cases[] = {
    { "published MACs", published_macs },
    { "a prepared key MACs the concatenation", a_prepared_key_macs_the_concatenation },
    { "an unknown hash is refused", an_unknown_hash_is_refused },
    { "published key derivations", published_key_derivations },
    { "each half of a derivation is known", each_half_of_a_derivation_is_known },
    { "a derivation of nothing or of too much is refused",
      a_derivation_of_nothing_or_of_too_much_is_refused },
};

TEST_MAIN("crypto/hmac", cases)
