/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_text.h"

#include "tests/test.h"

static void
a_plain_run_ends_at_the_first_special_byte_wherever_it_is(void)
{
    for (unsigned c = 0; c < 256; c++) {
        const bool plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';

        for (size_t at = 0; at < 24; at++) {
            char text[24];

            memset(text, ' ', sizeof(text));
            text[at] = (char)c;
            CU_ASSERT_EQUAL(tsec_json_plain(tsec_span(text, sizeof(text))), plain ? 24 : at);
            CU_ASSERT_EQUAL(tsec_json_plain(tsec_span(text, at)), at);
            if (!plain) { /* whatever comes behind it */
                memset(text + at, (int)c, sizeof(text) - at);
                CU_ASSERT_EQUAL(tsec_json_plain(tsec_span(text, sizeof(text))), at);
                memset(text + at + 1, ' ' - 1, sizeof(text) - at - 1);
                CU_ASSERT_EQUAL(tsec_json_plain(tsec_span(text, sizeof(text))), at);
            }
        }
    }
    CU_ASSERT_EQUAL(tsec_json_plain(tsec_span(NULL, 0)), 0);
}

static void
each_character_is_taken_off_the_front(void)
{
    static const struct {
        const char *text;
        const char *bytes;
        size_t took;
    } rows[] = {
        { "ab", "a", 1 },
        { "\xc3\xa9z", "\xc3\xa9", 2 },
        { "\\nz", "\n", 2 },
        { "\\u0041z", "A", 6 },
        { "\\u007f", "\x7f", 6 },
        { "\\u0080", "\xc2\x80", 6 },
        { "\\u07ff", "\xdf\xbf", 6 },
        { "\\u0800", "\xe0\xa0\x80", 6 },
        { "\\uD7FF", "\xed\x9f\xbf", 6 },
        { "\\uffff", "\xef\xbf\xbf", 6 },
        { "\\ud800\\udc00z", "\xf0\x90\x80\x80", 12 },
        { "\\udbff\\udfff", "\xf4\x8f\xbf\xbf", 12 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        struct tsec_span rest = tsec_span_str(rows[i].text);
        struct tsec_json_char c;

        CU_ASSERT_TRUE_FATAL(tsec_json_char_take(&rest, &c));
        CU_ASSERT_TRUE(tsec_span_is(tsec_span(c.bytes, c.len), rows[i].bytes));
        CU_ASSERT_EQUAL(rest.len, strlen(rows[i].text) - rows[i].took);
    }
}

static void
what_no_string_may_hold_is_not_taken(void)
{
    static const char *const bad[] = {
        "",          "\"",         "\x01",           "\x80",    "\\",
        "\\x",       "\\u",        "\\u004",         "\\u004g", "\\ud800",
        "\\ud800\\", "\\ud800\\u", "\\ud800\\ud800", "\\udc00", "\\ud800xxdc00"
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        struct tsec_span rest = tsec_span_str(bad[i]);
        struct tsec_json_char c;

        CU_ASSERT_FALSE(tsec_json_char_take(&rest, &c));
    }
}

static void
an_escaped_nul_is_one_byte(void)
{
    struct tsec_span rest = tsec_span_str("\\u0000x");
    struct tsec_json_char c;

    CU_ASSERT_TRUE_FATAL(tsec_json_char_take(&rest, &c));
    CU_ASSERT_EQUAL(c.len, 1);
    CU_ASSERT_EQUAL(c.bytes[0], '\0');
    CU_ASSERT_TRUE(tsec_span_is(rest, "x"));
}

static const struct test_case cases[] = {
    { "a plain run ends at the first special byte wherever it is",
      a_plain_run_ends_at_the_first_special_byte_wherever_it_is },
    { "each character is taken off the front", each_character_is_taken_off_the_front },
    { "an escaped NUL is one byte", an_escaped_nul_is_one_byte },
    { "what no string may hold is not taken", what_no_string_may_hold_is_not_taken },
};

TEST_MAIN("codec/json_text", cases)
