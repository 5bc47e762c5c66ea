/* SPDX-License-Identifier: Apache-2.0 */
/* More in test_maa_verify_expected.c. */
#include "maa_runtime.h"

#include "tests/test.h"

static void
bytes_may_be_said_in_hex_or_base64(void)
{
    static const uint8_t bytes[] = { 0xfb, 0xff, 0x00, 0x3e };
    static const char *const said[] = { "fbff003e", "FBFF003E", "+/8APg==", "-_8APg" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(said); i++) {
        CU_ASSERT_TRUE(maa_runtime_says(tsec_span_str(said[i]), tsec_span(bytes, 4)));
        CU_ASSERT_FALSE(maa_runtime_says(tsec_span_str(said[i]), tsec_span(bytes, 3)));
    }
    CU_ASSERT_TRUE(maa_runtime_says(tsec_span(bytes, 4), tsec_span(bytes, 4)));
}

static void
nothing_says_nothing_and_nothing_else(void)
{
    CU_ASSERT_TRUE(maa_runtime_says(tsec_span("", 0), tsec_span("", 0)));
    CU_ASSERT_FALSE(maa_runtime_says(tsec_span("", 0), tsec_span_str("x")));
    CU_ASSERT_FALSE(maa_runtime_says(tsec_span_str("x"), tsec_span("", 0)));
}

static void
report_data_that_are_not_there_bind_nothing(void)
{
    static struct tsec_claims claims;
    static const struct maa_token token = { .nested = false };

    CU_ASSERT_FALSE(maa_runtime_bound(&token, &claims, tsec_span("", 0)));
    claims.report_data_len = 64;
    CU_ASSERT_TRUE(maa_runtime_bound(&token, &claims, tsec_span("", 0)));
    claims.report_data[63] = 1;
    CU_ASSERT_FALSE(maa_runtime_bound(&token, &claims, tsec_span("", 0)));
}

static const struct test_case cases[] = {
    { "bytes may be said in hex or base64", bytes_may_be_said_in_hex_or_base64 },
    { "nothing says nothing, and nothing else", nothing_says_nothing_and_nothing_else },
    { "report data that are not there bind nothing", report_data_that_are_not_there_bind_nothing },
};

TEST_MAIN("maa-runtime", cases)
