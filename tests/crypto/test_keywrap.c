/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/keywrap.h"

#include "tests/crypto/vector.h"

enum { PLAIN_MAX = 65536, OUT_MAX = PLAIN_MAX + 64 };

static const uint8_t key[TSEC_KWP_KEY_LEN] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
    16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
};

/* RFC 5649 has its examples with keys of 192 bits; these are its shapes (shorter than a block, one
 * block, 20 bytes, whole blocks) under the key 00 01 … 1f, from another implementation, which also
 * gives the RFC's answers. */
static void
known_answers(void)
{
    static const struct {
        const char *plain;
        const char *wrapped;
    } known[] = {
        { "46", "6a33bdc4eec1548359bce3d8fed7cb77" },
        { "666f7250617369", "58e279f5513cf162191889c81e4d43e9" },
        { "3132333435363738", "4110f94dd1c06808f5f6fbb89f363ed6" },
        { "000102030405060708090a0b0c0d0e0f10111213",
          "22d7fffc96b7adad9391ac9230d46b810e82e0f101f19e83e358f32ac9d407b6" },
        { "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
          "c783bf3f6ee99c48dabbc410e284c52cbf758578989de18a3294c9a4d197c8a2"
          "6270488b1ce98016" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(OUT_MAX);
        const struct vector plain = vector(known[i].plain);
        const struct vector wrapped = vector(known[i].wrapped);

        CU_ASSERT_FALSE(tsec_failed(tsec_kwp_wrap(key, vector_span(&plain), &out, NULL)));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&out), vector_span(&wrapped)));
        tsec_buf_reset(&out);
        CU_ASSERT_FALSE(tsec_failed(tsec_kwp_unwrap(key, vector_span(&wrapped), &out, NULL)));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&out), vector_span(&plain)));
    }
}

static void
every_length_comes_back_appended(void)
{
    const struct vector plain = vector_of(0, 80); /* zeroes, as padding is */

    for (size_t len = 1; len <= plain.len; len++) {
        TSEC_AUTO_BUF struct tsec_buf wrapped = TSEC_BUF_INIT(OUT_MAX);
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(OUT_MAX);

        tsec_buf_put_str(&wrapped, "abc");
        tsec_buf_put_str(&out, "xyz");
        CU_ASSERT_FALSE_FATAL(
            tsec_failed(tsec_kwp_wrap(key, tsec_span(plain.bytes, len), &wrapped, NULL)));
        CU_ASSERT_EQUAL(wrapped.len, 3 + (len + 7) / 8 * 8 + 8);
        CU_ASSERT_FALSE_FATAL(tsec_failed(
            tsec_kwp_unwrap(key, tsec_span(wrapped.ptr + 3, wrapped.len - 3), &out, NULL)));
        CU_ASSERT_EQUAL(out.len, 3 + len);
        CU_ASSERT_TRUE(tsec_span_is(tsec_span(wrapped.ptr, 3), "abc"));
        CU_ASSERT_TRUE(tsec_span_is(tsec_span(out.ptr, 3), "xyz"));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_span(out.ptr + 3, len), tsec_span(plain.bytes, len)));
    }
}

static void
the_longest_comes_back_and_a_longer_one_is_refused(void)
{
    static uint8_t plain[PLAIN_MAX + 1] = { 1, 2, 3, [PLAIN_MAX - 1] = 9 };
    TSEC_AUTO_BUF struct tsec_buf wrapped = TSEC_BUF_INIT(OUT_MAX);
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT((size_t)2 * OUT_MAX);

    CU_ASSERT_EQUAL(tsec_kwp_wrap(key, tsec_span(plain, sizeof(plain)), &wrapped, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_kwp_wrap(key, tsec_span(plain, 0), &wrapped, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(wrapped.len, 0);
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_kwp_wrap(key, tsec_span(plain, PLAIN_MAX), &wrapped, NULL)));
    CU_ASSERT_FALSE(tsec_failed(tsec_kwp_unwrap(key, tsec_buf_span(&wrapped), &out, NULL)));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&out), tsec_span(plain, PLAIN_MAX)));
}

static bool
refused(const uint8_t *with, struct tsec_span wrapped)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(OUT_MAX);

    tsec_buf_put_str(&out, "kept");
    return tsec_kwp_unwrap(with, wrapped, &out, NULL).code == TSEC_E_TAMPERED
           && tsec_span_is(tsec_buf_span(&out), "kept");
}

static void
every_flipped_bit_is_refused(void)
{
    const struct vector plain = vector_of(0x77, 20);
    uint8_t other[TSEC_KWP_KEY_LEN];
    TSEC_AUTO_BUF struct tsec_buf wrapped = TSEC_BUF_INIT(OUT_MAX);

    memcpy(other, key, sizeof(other));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_kwp_wrap(key, vector_span(&plain), &wrapped, NULL)));
    for (size_t bit = 0; bit < wrapped.len * 8; bit++) {
        wrapped.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CU_ASSERT_TRUE(refused(key, tsec_buf_span(&wrapped)));
        wrapped.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t bit = 0; bit < sizeof(other) * 8; bit++) {
        other[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CU_ASSERT_TRUE(refused(other, tsec_buf_span(&wrapped)));
        other[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    CU_ASSERT_FALSE(refused(key, tsec_buf_span(&wrapped)));
}

static void
other_lengths_are_refused(void)
{
    static uint8_t zero[PLAIN_MAX + 16];
    const struct vector plain = vector_of(0x77, 24);
    TSEC_AUTO_BUF struct tsec_buf wrapped = TSEC_BUF_INIT(OUT_MAX);

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_kwp_wrap(key, vector_span(&plain), &wrapped, NULL)));
    for (size_t len = 0; len < wrapped.len; len++) {
        CU_ASSERT_TRUE(refused(key, tsec_span(wrapped.ptr, len)));
    }
    CU_ASSERT_TRUE(refused(key, tsec_span(zero, sizeof(zero))));
    CU_ASSERT_TRUE(refused(key, tsec_span(zero, PLAIN_MAX + 8)));
    CU_ASSERT_TRUE(refused(key, tsec_span(zero, 16)));
}

/* Key wrap without padding (RFC 3394, section 4.6: this key, this text) has another constant. */
static void
what_was_wrapped_without_padding_is_refused(void)
{
    const struct vector wrapped = vector("28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326"
                                         "cbc7f0e71a99f43bfb988b9b7a02dd21");

    CU_ASSERT_TRUE(refused(key, vector_span(&wrapped)));
}

static void
without_room_nothing_is_written(void)
{
    const struct vector plain = vector_of(0x77, 24);
    TSEC_AUTO_BUF struct tsec_buf wrapped = TSEC_BUF_INIT(32);
    TSEC_AUTO_BUF struct tsec_buf tight = TSEC_BUF_INIT(31);
    TSEC_AUTO_BUF struct tsec_buf tiny = TSEC_BUF_INIT(8);

    CU_ASSERT_EQUAL(tsec_kwp_wrap(key, vector_span(&plain), &tight, NULL).code, TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(tight.len, 0);
    CU_ASSERT_FALSE(tsec_failed(tsec_kwp_wrap(key, vector_span(&plain), &wrapped, NULL)));
    CU_ASSERT_EQUAL(tsec_kwp_unwrap(key, tsec_buf_span(&wrapped), &tiny, NULL).code,
                    TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(tiny.len, 0);
}

/* RFC 3394 section 4.6 */
static void
a_key_is_wrapped_as_the_rfc_says(void)
{
    const struct vector plain =
        vector("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
    uint8_t wrapped[TSEC_KW_WRAPPED_LEN];
    uint8_t back[TSEC_KW_KEY_LEN];

    CU_ASSERT_FALSE(tsec_failed(tsec_kw_wrap(key, plain.bytes, wrapped, NULL)));
    CU_ASSERT_TRUE(vector_is(tsec_span(wrapped, sizeof(wrapped)),
                             "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326"
                             "cbc7f0e71a99f43bfb988b9b7a02dd21"));
    CU_ASSERT_FALSE(
        tsec_failed(tsec_kw_unwrap(key, tsec_span(wrapped, sizeof(wrapped)), back, NULL)));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_span(back, sizeof(back)), vector_span(&plain)));
    for (size_t i = 0; i < sizeof(wrapped); i++) {
        wrapped[i] ^= 1;
        CU_ASSERT_EQUAL(tsec_kw_unwrap(key, tsec_span(wrapped, sizeof(wrapped)), back, NULL).code,
                        TSEC_E_TAMPERED);
        CU_ASSERT_TRUE(tsec_span_zero(tsec_span(back, sizeof(back))));
        wrapped[i] ^= 1;
        CU_ASSERT_EQUAL(tsec_kw_unwrap(key, tsec_span(wrapped, i), back, NULL).code,
                        TSEC_E_TAMPERED);
    }
}

static const struct test_case cases[] = {
    { "a key is wrapped as the RFC says", a_key_is_wrapped_as_the_rfc_says },
    { "known answers", known_answers },
    { "every length comes back, appended", every_length_comes_back_appended },
    { "the longest comes back and a longer one is refused",
      the_longest_comes_back_and_a_longer_one_is_refused },
    { "every flipped bit is refused", every_flipped_bit_is_refused },
    { "other lengths are refused", other_lengths_are_refused },
    { "what was wrapped without padding is refused", what_was_wrapped_without_padding_is_refused },
    { "without room nothing is written", without_room_nothing_is_written },
};

TEST_MAIN("crypto/keywrap", cases)
