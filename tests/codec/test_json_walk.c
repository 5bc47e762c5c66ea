/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_scan.h"

#include <stdio.h>

#include "tests/test.h"

static void
members_come_in_order_trimmed(void)
{
    static const struct {
        const char *name;
        const char *value;
        enum tsec_json_type type;
    } expected[] = {
        { "\"a\"", "1", TSEC_JSON_NUMBER },
        { "\"b\\\"}\"", "\"x,]}\\\\\"", TSEC_JSON_STRING },
        { "\"c\"", "{\"d\" : [ 1 , \"]\" ] }", TSEC_JSON_OBJECT },
        { "\"e\"", "[[],{}]", TSEC_JSON_ARRAY },
        { "\"t\"", "true", TSEC_JSON_TRUE },
        { "\"f\"", "false", TSEC_JSON_FALSE },
        { "\"n\"", "null", TSEC_JSON_NULL },
        { "\"m\"", "-1.5e3", TSEC_JSON_NUMBER },
    };
    struct tsec_json_walk walk = tsec_json_walk(
        tsec_span_str(" { \"a\" : 1 , \"b\\\"}\":\"x,]}\\\\\",\"c\" :{\"d\" : [ 1 , \"]\" ] } ,"
                      "\"e\":[[],{}],\"t\":true,\"f\":false,\"n\":null , \"m\": -1.5e3 } "));
    struct tsec_json_member m;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(expected); i++) {
        CU_ASSERT_TRUE_FATAL(tsec_json_next(&walk, &m));
        CU_ASSERT_TRUE(tsec_span_is(m.name_raw, expected[i].name));
        CU_ASSERT_TRUE(tsec_span_is(m.value, expected[i].value));
        CU_ASSERT_EQUAL(tsec_json_type_of(m.value), expected[i].type);
    }
    CU_ASSERT_FALSE(tsec_json_next(&walk, &m));
    CU_ASSERT_FALSE(tsec_json_next(&walk, &m));
}

static void
elements_come_without_names(void)
{
    static const char *const expected[] = { "\"a\"", "\"b:c\"", "[1]", "2", "{\"x\":1}" };
    struct tsec_json_walk walk =
        tsec_json_walk(tsec_span_str("[\"a\" ,\"b:c\", [1],2 , {\"x\":1}]"));
    struct tsec_json_member m;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(expected); i++) {
        CU_ASSERT_TRUE_FATAL(tsec_json_next(&walk, &m));
        CU_ASSERT_EQUAL(m.name_raw.len, 0);
        CU_ASSERT_TRUE(tsec_span_is(m.value, expected[i]));
    }
    CU_ASSERT_FALSE(tsec_json_next(&walk, &m));
}

/* As many backslashes as one likes: a string ends where an even number of them stands before the
 * quote. */
static void
a_string_ends_after_an_even_number_of_backslashes(void)
{
    for (unsigned pairs = 0; pairs <= 5; pairs++) {
        char inside[32] = "";
        char text[64];
        struct tsec_json_walk walk;
        struct tsec_json_member m;

        memset(inside, '\\', (size_t)2 * pairs);
        (void)snprintf(text, sizeof(text), "[\"%s\",\"%s\\\",\",\"\"]", inside, inside);
        walk = tsec_json_walk(tsec_span_str(text));
        CU_ASSERT_TRUE_FATAL(tsec_json_next(&walk, &m));
        CU_ASSERT_EQUAL(m.value.len, (size_t)2 * pairs + 2);
        CU_ASSERT_TRUE_FATAL(tsec_json_next(&walk, &m));
        CU_ASSERT_EQUAL(m.value.len, (size_t)2 * pairs + 5); /* with an escaped quote and a comma */
        CU_ASSERT_TRUE_FATAL(tsec_json_next(&walk, &m));
        CU_ASSERT_TRUE(tsec_span_is(m.value, "\"\""));
        CU_ASSERT_FALSE(tsec_json_next(&walk, &m));
    }
}

static void
what_has_no_members_walks_nowhere(void)
{
    static const char *const texts[] = { "{}", "[ ]", "1", "\"{\"", "null", "" };
    struct tsec_json_member m;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(texts); i++) {
        struct tsec_json_walk walk = tsec_json_walk(tsec_span_str(texts[i]));

        CU_ASSERT_FALSE(tsec_json_next(&walk, &m));
    }
}

static void
a_member_is_found_by_name_at_its_own_level_only(void)
{
    const struct tsec_span object =
        tsec_span_str("{\"x\":{\"a\":1},\"\\u0061\": [2] ,\"ab\":3,\"y\":null}");
    struct tsec_span value;

    CU_ASSERT_EQUAL(tsec_json_member(object, "a", &value), TSEC_JSON_ARRAY);
    CU_ASSERT_TRUE(tsec_span_is(value, "[2]"));
    CU_ASSERT_EQUAL(tsec_json_member(object, "y", &value), TSEC_JSON_NULL);
    CU_ASSERT_EQUAL(tsec_json_member(object, "b", &value), TSEC_JSON_NONE);
    CU_ASSERT_EQUAL(value.len, 0);
    CU_ASSERT_EQUAL(tsec_json_member(object, "", &value), TSEC_JSON_NONE);
    CU_ASSERT_EQUAL(tsec_json_member(tsec_span_str("[\"a\",1]"), "a", &value), TSEC_JSON_NONE);
    CU_ASSERT_EQUAL(tsec_json_member(tsec_span(NULL, 0), "a", &value), TSEC_JSON_NONE);
}

static void
strings_are_compared_after_unescaping(void)
{
    CU_ASSERT_TRUE(
        tsec_json_string_is(tsec_span_str("\"a\\n\\u00e9\""), tsec_span_str("a\n\xc3\xa9")));
    CU_ASSERT_TRUE(tsec_json_string_is(tsec_span_str("\"\""), tsec_span_str("")));
    CU_ASSERT_FALSE(tsec_json_string_is(tsec_span_str("\"ab\""), tsec_span_str("a")));
    CU_ASSERT_FALSE(tsec_json_string_is(tsec_span_str("\"a\""), tsec_span_str("ab")));
    CU_ASSERT_FALSE(tsec_json_string_is(tsec_span_str("\"\\u0061\""), tsec_span_str("ab")));
    CU_ASSERT_TRUE(
        tsec_json_strings_equal(tsec_span_str("\"\\u0061/\""), tsec_span_str("\"a\\/\"")));
    CU_ASSERT_FALSE(tsec_json_strings_equal(tsec_span_str("\"a\""), tsec_span_str("\"a \"")));
    CU_ASSERT_FALSE(tsec_json_strings_equal(tsec_span_str("\"\\u0061\""), tsec_span_str("\"b\"")));
}

static void
unescaping_gives_the_text(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(1000);

    tsec_json_unescape(&b, tsec_span_str("\"plain text \\\"\\\\\\/\\b\\f\\n\\r\\t"
                                         "\\u0041\\u00E9\\u20ac\\ud83d\\ude00 \xc3\xa9 end\""));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b),
                                "plain text \"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 "
                                "\xc3\xa9 end"));
    tsec_buf_reset(&b);
    tsec_json_unescape(&b, tsec_span_str("\"\""));
    CU_ASSERT_EQUAL(b.len, 0);
    tsec_json_unescape(&b, tsec_span_str("\"a\\x\""));
    CU_ASSERT_TRUE(tsec_failed(tsec_buf_check(&b, NULL)));
}

static void
integers_are_read_within_64_bits(void)
{
    static const struct {
        const char *text;
        int64_t n;
    } good[] = {
        { "0", 0 },
        { "-0", 0 },
        { " 42 ", 42 },
        { "-7", -7 },
        { "\"5\"", 5 },
        { "9223372036854775807", INT64_MAX },
        { "-9223372036854775808", INT64_MIN },
        { "\"-9223372036854775808\"", INT64_MIN },
    };
    static const char *const bad[] = {
        "9223372036854775808",
        "-9223372036854775809",
        "1.0",
        "1e3",
        "\"\"",
        "\"-\"",
        "\" 5\"",
        "\"5a\"",
        "true",
        "null",
        "[1]",
        "",
        "\"05\"",
        "\"+5\"",
        "{}",
        "\"--5\"",
        "99999999999999999999999",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(good); i++) {
        int64_t n = 99;

        CU_ASSERT_TRUE(tsec_json_to_i64(tsec_span_str(good[i].text), &n));
        CU_ASSERT_EQUAL(n, good[i].n);
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        int64_t n = 99;

        CU_ASSERT_FALSE(tsec_json_to_i64(tsec_span_str(bad[i]), &n));
        CU_ASSERT_EQUAL(n, 99);
    }
}

static void
trim_takes_json_space_only(void)
{
    CU_ASSERT_TRUE(tsec_span_is(tsec_json_trim(tsec_span_str(" \t\r\n1 \t\r\n")), "1"));
    CU_ASSERT_TRUE(tsec_span_is(tsec_json_trim(tsec_span_str("\v1\v")), "\v1\v"));
    CU_ASSERT_EQUAL(tsec_json_trim(tsec_span_str("  ")).len, 0);
    CU_ASSERT_EQUAL(tsec_json_type_of(tsec_span_str("  ")), TSEC_JSON_NONE);
}

static const struct test_case cases[] = {
    { "members come in order, trimmed", members_come_in_order_trimmed },
    { "elements come without names", elements_come_without_names },
    { "what has no members walks nowhere", what_has_no_members_walks_nowhere },
    { "a string ends after an even number of backslashes",
      a_string_ends_after_an_even_number_of_backslashes },
    { "a member is found by name at its own level only",
      a_member_is_found_by_name_at_its_own_level_only },
    { "strings are compared after unescaping", strings_are_compared_after_unescaping },
    { "unescaping gives the text", unescaping_gives_the_text },
    { "integers are read within 64 bits", integers_are_read_within_64_bits },
    { "trim takes JSON space only", trim_takes_json_space_only },
};

TEST_MAIN("codec/json_walk", cases)
