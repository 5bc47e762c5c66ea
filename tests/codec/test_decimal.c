/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/decimal.h"

#include "base/hex.h"
#include "tests/test.h"

static struct tsec_buf out = TSEC_BUF_INIT(4096);

static void
expect_digits(const char *hex, const char *digits)
{
    uint8_t bytes[TSEC_DECIMAL_BYTES_MAX];
    const size_t len = strlen(hex) / 2;

    CU_ASSERT_TRUE_FATAL(tsec_hex_decode(tsec_span_str(hex), bytes, len));
    tsec_buf_reset(&out);
    tsec_decimal_append(&out, tsec_span(bytes, len));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&out), digits));
}

static void
expect_bytes(const char *digits, const char *hex)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(4096);

    tsec_buf_reset(&out);
    CU_ASSERT_EQUAL(tsec_decimal_read(tsec_span_str(digits), &out, NULL).code, 0);
    tsec_hex_append(&text, tsec_buf_span(&out));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&text), hex));
}

/* The primes of P-256 and Ed25519, and what lies at the edges of a limb and of nine digits. */
static const struct {
    const char *hex;
    const char *digits;
} known[] = {
    { "01", "1" },
    { "09", "9" },
    { "0a", "10" },
    { "ff", "255" },
    { "0100", "256" },
    { "3b9ac9ff", "999999999" },
    { "3b9aca00", "1000000000" },
    { "ffffffff", "4294967295" },
    { "0100000000", "4294967296" },
    { "0de0b6b3a763ffff", "999999999999999999" },
    { "0de0b6b3a7640000", "1000000000000000000" },
    { "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
      "11579208921035624876269744694940757353008614341529031419553363130886709785395"
      "1" },
    { "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed",
      "57896044618658097711785492504343953926634992332820282019728792003956564819949" },
};

static void
known_numbers_convert_both_ways(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        const char *hex = known[i].hex;

        expect_digits(hex, known[i].digits);
        expect_bytes(known[i].digits, hex);
    }
    tsec_buf_done(&out);
}

static void
leading_zeroes_do_not_count(void)
{
    expect_digits("0000000000000000ff", "255");
    expect_bytes("0000000000000000000000255", "ff");
    expect_bytes("0", "");
    expect_bytes("000000000000", "");
    tsec_buf_reset(&out);
    tsec_decimal_append(&out, tsec_span(NULL, 0));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&out), "0"));
    expect_digits("0000", "0");
    tsec_buf_done(&out);
}

/* Whatever its length, a number comes back; so does the largest there can be. */
static void
every_length_comes_back(void)
{
    uint8_t bytes[TSEC_DECIMAL_BYTES_MAX];
    TSEC_AUTO_BUF struct tsec_buf back = TSEC_BUF_INIT(4096);

    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(i * 151 + 1);
    }
    for (size_t len = 1; len <= sizeof(bytes); len++) {
        bytes[0] = len == sizeof(bytes) ? 0xff : (uint8_t)(len % 255 + 1);
        tsec_buf_reset(&out);
        tsec_buf_reset(&back);
        tsec_decimal_append(&out, tsec_span(bytes, len));
        CU_ASSERT_EQUAL(tsec_decimal_read(tsec_buf_span(&out), &back, NULL).code, 0);
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&back), tsec_span(bytes, len)));
    }
    memset(bytes, 0xff, sizeof(bytes));
    tsec_buf_reset(&out);
    tsec_buf_reset(&back);
    tsec_decimal_append(&out, tsec_span(bytes, sizeof(bytes)));
    CU_ASSERT_EQUAL(out.len, 1253);
    CU_ASSERT_EQUAL(tsec_decimal_read(tsec_buf_span(&out), &back, NULL).code, 0);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&back), tsec_span(bytes, sizeof(bytes))));
    tsec_buf_done(&out);
}

static void
what_is_no_whole_number_is_refused(void)
{
    static const char *const bad[] = { "",   "-1", "+1",  "1.0", "1e9",
                                       " 1", "1 ", "0x1", "12a", "\"1\"" };
    static char longest[TSEC_DECIMAL_DIGITS_MAX + 1];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(tsec_decimal_read(tsec_span_str(bad[i]), &out, NULL).code, TSEC_E_INVALID);
    }
    memset(longest, '9', sizeof(longest));
    CU_ASSERT_EQUAL(tsec_decimal_read(tsec_span(longest, sizeof(longest)), &out, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(out.len, 0);
    CU_ASSERT_EQUAL(tsec_decimal_read(tsec_span(longest, sizeof(longest) - 1), &out, NULL).code, 0);
    tsec_buf_done(&out);
}

static void
too_many_bytes_make_the_buffer_fail(void)
{
    static const uint8_t bytes[TSEC_DECIMAL_BYTES_MAX + 1] = { 1 };

    tsec_decimal_append(&out, tsec_span(bytes, sizeof(bytes)));
    CU_ASSERT_NOT_EQUAL(tsec_buf_check(&out, NULL).code, 0);
    tsec_buf_done(&out);
}

static const struct test_case cases[] = {
    { "known numbers convert both ways", known_numbers_convert_both_ways },
    { "leading zeroes do not count", leading_zeroes_do_not_count },
    { "every length comes back", every_length_comes_back },
    { "what is no whole number is refused", what_is_no_whole_number_is_refused },
    { "too many bytes make the buffer fail", too_many_bytes_make_the_buffer_fail },
};

TEST_MAIN("codec/decimal", cases)
