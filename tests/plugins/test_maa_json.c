/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_json.h"

#include <string.h>

#include "tests/test.h"

#define S(text) tsec_span_str(text)

static void
members_are_picked_by_their_exact_names(void)
{
    static const struct tsec_span names[] = { MAA_NAME("alg"), MAA_NAME("a"), MAA_NAME("none") };
    struct tsec_span v[3];

    maa_pick(S("{\"Alg\":1,\"al\":2,\"algo\":3,\"alg\":4,\"a\":{\"none\":5}}"), names, 3, v);
    CU_ASSERT_TRUE(tsec_span_is(v[0], "4"));
    CU_ASSERT_TRUE(tsec_span_is(v[1], "{\"none\":5}"));
    CU_ASSERT_FALSE(maa_has(v[2]));
}

static void
an_escaped_name_is_that_name(void)
{
    static const struct tsec_span names[] = { MAA_NAME("alg") };
    struct tsec_span v[1];

    maa_pick(S("{\"\\u0061lg\":7}"), names, 1, v);
    CU_ASSERT_TRUE(tsec_span_is(v[0], "7"));
    maa_pick(S("{\"\\u0062lg\":7}"), names, 1, v);
    CU_ASSERT_FALSE(maa_has(v[0]));
}

static void
what_is_no_object_has_no_members(void)
{
    static const struct tsec_span names[] = { MAA_NAME("a") };
    static const char *const texts[] = { "[\"a\",1]", "\"a\"", "7", "null", "" };
    struct tsec_span v[1];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(texts); i++) {
        v[0] = S("x");
        maa_pick(S(texts[i]), names, 1, v);
        CU_ASSERT_FALSE(maa_has(v[0]));
    }
}

static void
numbers_are_digits_within_their_range(void)
{
    static const char *const bad[] = {
        "-1", "-0", "1.0", "1e2", "\"1\"", "true", "256", "null", "[1]", "", "99999999999999999999"
    };
    uint64_t n = 0;

    CU_ASSERT_TRUE(maa_number(S("0"), 255, &n) && n == 0);
    CU_ASSERT_TRUE(maa_number(S("255"), 255, &n) && n == 255);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_FALSE(maa_number(S(bad[i]), 255, &n));
    }
}

static void
truths_are_true_or_false(void)
{
    static const char *const bad[] = { "\"true\"", "1", "0", "null", "", "[]" };
    bool b = false;

    CU_ASSERT_TRUE(maa_bool(S("true"), &b) && b);
    CU_ASSERT_TRUE(maa_bool(S("false"), &b) && !b);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_FALSE(maa_bool(S(bad[i]), &b));
        CU_ASSERT_FALSE(b);
    }
}

static void
hex_has_its_length_and_nothing_else(void)
{
    static const char *const bad[] = {
        "\"00f\"", "\"00ff00\"", "\"00fg\"", "\"\"", "7", "", "null"
    };
    uint8_t out[2];

    CU_ASSERT_TRUE(maa_hex(S("\"00fF\""), out, 2) && out[1] == 0xff);
    CU_ASSERT_TRUE(maa_hex(S("\"0\\u0030ff\""), out, 2) && out[1] == 0xff);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_FALSE(maa_hex(S(bad[i]), out, 2));
        CU_ASSERT_EQUAL(out[1], 0);
    }
}

static void
base64_is_of_its_kind(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(64);

    CU_ASSERT_TRUE(maa_base64(S("\"-_8APg\""), TSEC_BASE64_URL, &out));
    CU_ASSERT_EQUAL(out.len, 4);
    CU_ASSERT_FALSE(maa_base64(S("\"+/8APg==\""), TSEC_BASE64_URL, &out));
    CU_ASSERT_FALSE(maa_base64(S("\"-_8APg\""), TSEC_BASE64_STD, &out));
    CU_ASSERT_FALSE(maa_base64(S("\"-_8APh\""), TSEC_BASE64_URL, &out)); /* stray bits */
    CU_ASSERT_FALSE(maa_base64(S("7"), TSEC_BASE64_URL, &out));
    CU_ASSERT_EQUAL(out.len, 4);
}

static void
a_string_says_what_it_says_unescaped(void)
{
    TSEC_AUTO_BUF struct tsec_buf copy = TSEC_BUF_INIT(64);
    struct tsec_span text;

    CU_ASSERT_TRUE(maa_string(S("\"plain\""), &copy, &text) && tsec_span_is(text, "plain"));
    CU_ASSERT_TRUE(maa_string(S("\"a\\nb\""), &copy, &text) && tsec_span_is(text, "a\nb"));
    CU_ASSERT_FALSE(maa_string(S("7"), &copy, &text));
    CU_ASSERT_TRUE(maa_says(S("\"\\u004aWT\""), "JWT"));
    CU_ASSERT_FALSE(maa_says(S("\"jwt\""), "JWT"));
    CU_ASSERT_FALSE(maa_says(S("\"JWT \""), "JWT"));
    CU_ASSERT_FALSE(maa_says(S(""), ""));
    CU_ASSERT_FALSE(maa_says(S("[\"JWT\"]"), "JWT"));
}

static void
what_is_shown_is_short_and_printable(void)
{
    char text[200];

    memset(text, 'x', sizeof(text));
    CU_ASSERT_TRUE(tsec_span_is(maa_shown(S("\"RS256\"")), "\"RS256\""));
    CU_ASSERT_TRUE(tsec_span_is(maa_shown(S("")), "absent"));
    CU_ASSERT_TRUE(tsec_span_is(maa_shown(S("\"\xc3\xa4\"")), "not plain ASCII"));
    CU_ASSERT_TRUE(tsec_span_is(maa_shown(S("\"\x7f\"")), "not plain ASCII"));
    CU_ASSERT_EQUAL(maa_shown(tsec_span(text, sizeof(text))).len, 80);
}

static const struct test_case cases[] = {
    { "members are picked by their exact names", members_are_picked_by_their_exact_names },
    { "an escaped name is that name", an_escaped_name_is_that_name },
    { "what is no object has no members", what_is_no_object_has_no_members },
    { "numbers are digits within their range", numbers_are_digits_within_their_range },
    { "truths are true or false", truths_are_true_or_false },
    { "hex has its length and nothing else", hex_has_its_length_and_nothing_else },
    { "base64 is of its kind", base64_is_of_its_kind },
    { "a string says what it says unescaped", a_string_says_what_it_says_unescaped },
    { "what is shown is short and printable", what_is_shown_is_short_and_printable },
};

TEST_MAIN("maa-json", cases)
