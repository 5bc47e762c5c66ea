/* SPDX-License-Identifier: Apache-2.0 */
#include "base/span.h"

#include "tests/test.h"

#define SPAN(literal) tsec_span(literal, sizeof(literal) - 1)

static void
equal_spans_have_the_same_bytes(void)
{
    CU_ASSERT_TRUE(tsec_span_equal(SPAN("abc"), SPAN("abc")));
    CU_ASSERT_TRUE(tsec_span_equal(SPAN("a\0c"), SPAN("a\0c")));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_span(NULL, 0), SPAN("")));
    CU_ASSERT_FALSE(tsec_span_equal(SPAN("abc"), SPAN("abd")));
    CU_ASSERT_FALSE(tsec_span_equal(SPAN("abc"), SPAN("ab")));
    CU_ASSERT_FALSE(tsec_span_equal(SPAN("a\0c"), SPAN("a\0d")));
    CU_ASSERT_TRUE(tsec_span_is(SPAN("abc"), "abc"));
    CU_ASSERT_FALSE(tsec_span_is(SPAN("abc\0"), "abc"));
    CU_ASSERT_TRUE(tsec_span_is(tsec_span(NULL, 0), ""));
    CU_ASSERT_EQUAL(tsec_span_str(NULL).len, 0);
}

static void
order_is_that_of_bytes_with_a_prefix_first(void)
{
    CU_ASSERT_TRUE(tsec_span_compare(SPAN("a"), SPAN("b")) < 0);
    CU_ASSERT_TRUE(tsec_span_compare(SPAN("\xff"), SPAN("a")) > 0);
    CU_ASSERT_TRUE(tsec_span_compare(SPAN("a"), SPAN("ab")) < 0);
    CU_ASSERT_TRUE(tsec_span_compare(SPAN("b"), SPAN("ab")) > 0);
    CU_ASSERT_TRUE(tsec_span_compare(tsec_span(NULL, 0), SPAN("a")) < 0);
    CU_ASSERT_EQUAL(tsec_span_compare(SPAN("ab"), SPAN("ab")), 0);
}

static void
a_prefix_is_no_longer_than_what_it_starts(void)
{
    CU_ASSERT_TRUE(tsec_span_starts(SPAN("abc"), SPAN("ab")));
    CU_ASSERT_TRUE(tsec_span_starts(SPAN("abc"), SPAN("")));
    CU_ASSERT_TRUE(tsec_span_starts(SPAN("abc"), SPAN("abc")));
    CU_ASSERT_FALSE(tsec_span_starts(SPAN("ab"), SPAN("abc")));
    CU_ASSERT_FALSE(tsec_span_starts(SPAN("abc"), SPAN("b")));
}

static void
constant_time_equality_agrees_with_equality(void)
{
    CU_ASSERT_TRUE(tsec_ct_equal(SPAN("secret"), SPAN("secret")));
    CU_ASSERT_TRUE(tsec_ct_equal(tsec_span(NULL, 0), tsec_span(NULL, 0)));
    CU_ASSERT_FALSE(tsec_ct_equal(SPAN("secret"), SPAN("secreu")));
    CU_ASSERT_FALSE(tsec_ct_equal(SPAN("secret"), SPAN("tecret")));
    CU_ASSERT_FALSE(tsec_ct_equal(SPAN("secret"), SPAN("secre")));
    CU_ASSERT_FALSE(tsec_ct_equal(SPAN("a\x80"), SPAN("a\x00")));
}

static void
utf8_of_every_length_is_valid(void)
{
    CU_ASSERT_TRUE(tsec_utf8_valid(SPAN("")));
    CU_ASSERT_TRUE(tsec_utf8_valid(SPAN("plain\x7f\x00")));
    CU_ASSERT_TRUE(tsec_utf8_valid(SPAN("\xc2\x80\xdf\xbf")));
    CU_ASSERT_TRUE(tsec_utf8_valid(SPAN("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf")));
    CU_ASSERT_TRUE(tsec_utf8_valid(SPAN("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf")));
    CU_ASSERT_EQUAL(tsec_utf8_step(SPAN("\xf0\x9f\x98\x80z")), 4);
    CU_ASSERT_EQUAL(tsec_utf8_step(SPAN("z")), 1);
}

static void
broken_utf8_is_refused(void)
{
    static const struct tsec_span bad[] = {
        { (const uint8_t *)"\x80", 1 },             /* a continuation alone */
        { (const uint8_t *)"\xc0\x80", 2 },         /* overlong NUL */
        { (const uint8_t *)"\xc1\xbf", 2 },         /* overlong */
        { (const uint8_t *)"\xe0\x9f\xbf", 3 },     /* overlong */
        { (const uint8_t *)"\xf0\x8f\xbf\xbf", 4 }, /* overlong */
        { (const uint8_t *)"\xed\xa0\x80", 3 },     /* surrogate */
        { (const uint8_t *)"\xed\xbf\xbf", 3 },     /* surrogate */
        { (const uint8_t *)"\xf4\x90\x80\x80", 4 }, /* past U+10FFFF */
        { (const uint8_t *)"\xf5\x80\x80\x80", 4 },
        { (const uint8_t *)"\xff", 1 },
        { (const uint8_t *)"a\xc3", 2 },            /* cut short */
        { (const uint8_t *)"\xe2\x82", 2 },         /* cut short */
        { (const uint8_t *)"\xf0\x9f\x98", 3 },     /* cut short */
        { (const uint8_t *)"\xe2\x82\x41", 3 },     /* third is no continuation */
        { (const uint8_t *)"\xf0\x9f\x98\x41", 4 }, /* fourth is none */
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_FALSE(tsec_utf8_valid(bad[i]));
    }
    CU_ASSERT_EQUAL(tsec_utf8_step(tsec_span(NULL, 0)), 0);
}

static void
zero_is_every_byte_or_none(void)
{
    uint8_t bytes[70] = { 0 };

    CU_ASSERT_TRUE(tsec_span_zero(tsec_span(NULL, 0)));
    CU_ASSERT_TRUE(tsec_span_zero(tsec_span(bytes, sizeof(bytes))));
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = 0x80;
        CU_ASSERT_FALSE(tsec_span_zero(tsec_span(bytes, sizeof(bytes))));
        CU_ASSERT_TRUE(tsec_span_zero(tsec_span(bytes, i)));
        bytes[i] = 0;
    }
}

static void
plain_text_has_no_control_characters(void)
{
    static const char *const plain[] = { "", "CN=a b.example", "\xc2\xa0", "\xe2\x82\xac" };
    static const char *const other[] = {
        "a\nb", "\x1b[2J", "\x7f", "\xc2\x85", "\xff", "\xe2\x82"
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(plain); i++) {
        CU_ASSERT_TRUE(tsec_text_plain(tsec_span_str(plain[i])));
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(other); i++) {
        CU_ASSERT_FALSE(tsec_text_plain(tsec_span_str(other[i])));
    }
    CU_ASSERT_FALSE(tsec_text_plain(tsec_span("a\0b", 3)));
}

static const struct test_case cases[] = {
    { "plain text has no control characters", plain_text_has_no_control_characters },
    { "zero is every byte or none", zero_is_every_byte_or_none },
    { "equal spans have the same bytes", equal_spans_have_the_same_bytes },
    { "order is that of bytes with a prefix first", order_is_that_of_bytes_with_a_prefix_first },
    { "a prefix is no longer than what it starts", a_prefix_is_no_longer_than_what_it_starts },
    { "constant time equality agrees with equality", constant_time_equality_agrees_with_equality },
    { "UTF-8 of every length is valid", utf8_of_every_length_is_valid },
    { "broken UTF-8 is refused", broken_utf8_is_refused },
};

TEST_MAIN("base/span", cases)
