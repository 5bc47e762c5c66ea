/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/bech32.h"

#include "tests/crypto/vector.h"

/* From the tests of age: an identity of 32 bytes 0x42. */
static const char identity[] =
    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
static const char hrp[] = "age-secret-key-";

static void
the_published_identity_goes_in_and_out(void)
{
    const struct vector raw = vector_of(0x42, 32);
    char text[128];
    uint8_t out[32];

    CU_ASSERT_TRUE(tsec_bech32_decode(hrp, tsec_span_str(identity), out));
    CU_ASSERT_EQUAL(memcmp(out, raw.bytes, sizeof(out)), 0);
    tsec_bech32_encode(hrp, raw.bytes, text);
    CU_ASSERT_EQUAL(strcasecmp(text, identity), 0);
}

static void
every_value_comes_back(void)
{
    for (unsigned seed = 0; seed < 64; seed++) {
        uint8_t raw[32];
        uint8_t out[32];
        char text[128];

        for (unsigned i = 0; i < sizeof(raw); i++) {
            raw[i] = (uint8_t)(seed * 37 + i * (2 * seed + 1));
        }
        tsec_bech32_encode("age", raw, text);
        CU_ASSERT_EQUAL(strlen(text), 62);
        CU_ASSERT_TRUE(tsec_bech32_decode("age", tsec_span_str(text), out));
        CU_ASSERT_EQUAL(memcmp(raw, out, sizeof(raw)), 0);
    }
}

static bool
refused(const char *prefix, struct tsec_span text)
{
    static const uint8_t zero[32];
    uint8_t out[32];

    memset(out, 0x5a, sizeof(out));
    return !tsec_bech32_decode(prefix, text, out) && memcmp(out, zero, sizeof(out)) == 0;
}

static void
every_changed_character_is_refused(void)
{
    char text[sizeof(identity)];
    const struct tsec_span span = { (const uint8_t *)text, sizeof(text) - 1 };

    memcpy(text, identity, sizeof(text));
    for (size_t i = 0; i < span.len; i++) {
        const char before = text[i];

        text[i] = before == 'Q' ? 'P' : 'Q';
        CU_ASSERT_TRUE(refused(hrp, span));
        text[i] = 'B'; /* no digit */
        CU_ASSERT_TRUE(refused(hrp, span));
        text[i] = (char)0xc3;
        CU_ASSERT_TRUE(refused(hrp, span));
        text[i] = before;
        CU_ASSERT_TRUE(refused(hrp, tsec_span(text, i)));
    }
    text[20] = 'z'; /* lower case among upper */
    CU_ASSERT_TRUE(refused(hrp, span));
    CU_ASSERT_TRUE(refused("age", tsec_span_str(identity)));
    CU_ASSERT_TRUE(refused(hrp, tsec_span(identity, sizeof(identity))));
}

static const struct test_case cases[] = {
    { "the published identity goes in and out", the_published_identity_goes_in_and_out },
    { "every value comes back", every_value_comes_back },
    { "every changed character is refused", every_changed_character_is_refused },
};

TEST_MAIN("crypto/bech32", cases)
