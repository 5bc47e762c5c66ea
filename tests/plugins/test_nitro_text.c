/* SPDX-License-Identifier: Apache-2.0 */
#include "attest-nitro/nitro_text.h"

#include "tests/test.h"

static void
times_are_rfc_3339(void)
{
    CU_ASSERT_STRING_EQUAL(nitro_text_time(1).s, "1970-01-01T00:00:01Z");
    CU_ASSERT_STRING_EQUAL(nitro_text_time(1766668537).s, "2025-12-25T13:15:37Z");
}

static void
times_out_of_range_are_numbers(void)
{
    CU_ASSERT_STRING_EQUAL(nitro_text_time(-1).s, "-1 s");
    CU_ASSERT_STRING_EQUAL(nitro_text_time(0).s, "0 s");
    CU_ASSERT_STRING_EQUAL(nitro_text_time(INT64_MAX).s, "9223372036854775807 s");
    CU_ASSERT_STRING_EQUAL(nitro_text_time(INT64_MIN).s, "-9223372036854775808 s");
    CU_ASSERT_STRING_EQUAL(nitro_text_time(INT64_C(9223372037)).s, "9223372037 s");
}

static void
bytes_are_cut_and_counted(void)
{
    static const uint8_t bytes[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };

    CU_ASSERT_STRING_EQUAL(nitro_text_bytes(tsec_span(NULL, 0)).s, "empty");
    CU_ASSERT_STRING_EQUAL(nitro_text_bytes(tsec_span(bytes, 1)).s, "00 (1 bytes)");
    CU_ASSERT_STRING_EQUAL(nitro_text_bytes(tsec_span(bytes, 12)).s,
                           "000102030405060708090a0b (12 bytes)");
    CU_ASSERT_STRING_EQUAL(nitro_text_bytes(tsec_span(bytes, 13)).s,
                           "000102030405060708090a0b... (13 bytes)");
}

static const struct test_case cases[] = {
    { "times are RFC 3339", times_are_rfc_3339 },
    { "times out of range are numbers", times_out_of_range_are_numbers },
    { "bytes are cut and counted", bytes_are_cut_and_counted },
};

TEST_MAIN("attest-nitro/nitro_text", cases)
