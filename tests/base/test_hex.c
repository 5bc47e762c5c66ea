/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

#include <stdio.h>

#include "tests/test.h"

static void
every_byte_goes_out_as_printf_writes_it_and_comes_back(void)
{
    for (unsigned i = 0; i < 256; i++) {
        const uint8_t byte = (uint8_t)i;
        uint8_t back = 0;
        char out[3];
        char expected[3];

        tsec_hex_encode(tsec_span(&byte, 1), out);
        (void)snprintf(expected, sizeof(expected), "%02x", i);
        CU_ASSERT_STRING_EQUAL(out, expected);
        CU_ASSERT_TRUE(tsec_hex_decode(tsec_span(out, 2), &back, 1) && back == byte);
        (void)snprintf(expected, sizeof(expected), "%02X", i);
        CU_ASSERT_TRUE(tsec_hex_decode(tsec_span(expected, 2), &back, 1) && back == byte);
    }
}

static void
only_the_digits_are_digits(void)
{
    for (unsigned c = 0; c < 256; c++) {
        const uint8_t text[2] = { '0', (uint8_t)c };
        uint8_t out = 0xff;
        const bool digit =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

        CU_ASSERT_EQUAL(tsec_hex_decode(tsec_span(text, 2), &out, 1), digit);
        if (!digit) {
            CU_ASSERT_EQUAL(out, 0);
        }
    }
}

static void
a_wrong_length_is_refused_and_the_output_zeroed(void)
{
    uint8_t out[2] = { 1, 1 };

    CU_ASSERT_FALSE(tsec_hex_decode(tsec_span_str("aabb0"), out, 2));
    CU_ASSERT_FALSE(tsec_hex_decode(tsec_span_str("aabbcc"), out, 2));
    CU_ASSERT_FALSE(tsec_hex_decode(tsec_span_str("aab"), out, 2));
    CU_ASSERT_FALSE(tsec_hex_decode(tsec_span_str(""), out, 2));
    CU_ASSERT_TRUE(out[0] == 0 && out[1] == 0);
    CU_ASSERT_FALSE(tsec_hex_decode(tsec_span_str("aa b"), out, 2));
    CU_ASSERT_TRUE(tsec_hex_decode(tsec_span_str(""), out, 0));
}

static void
appending_respects_the_ceiling(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(5);

    tsec_hex_append(&b, tsec_span("\x01\xff", 2));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), "01ff"));
    tsec_hex_append(&b, tsec_span("\x01", 1));
    CU_ASSERT_TRUE(tsec_failed(tsec_buf_check(&b, NULL)));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), "01ff"));
}

static const struct test_case cases[] = {
    { "every byte goes out as printf writes it and comes back",
      every_byte_goes_out_as_printf_writes_it_and_comes_back },
    { "only the digits are digits", only_the_digits_are_digits },
    { "a wrong length is refused and the output zeroed",
      a_wrong_length_is_refused_and_the_output_zeroed },
    { "appending respects the ceiling", appending_respects_the_ceiling },
};

TEST_MAIN("base/hex", cases)
