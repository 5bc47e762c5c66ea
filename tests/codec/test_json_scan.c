/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_scan.h"

#include <stdio.h>
#include <time.h>

#include "tests/test.h"

static tsec_rc
check(const char *text, struct tsec_err *err)
{
    const struct tsec_json_limits limits = TSEC_JSON_LIMITS_DEFAULT;

    return tsec_json_check(tsec_span_str(text), &limits, err);
}

static void
json_is_accepted(void)
{
    static const char *const good[] = {
        "{}",
        "[]",
        " \t\r\n{ } \t\r\n",
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-0.0e-0",
        "123456789012345678901234567890.123456789e+400",
        "1E2",
        "\"\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\uABCD\\uabcd\"",
        "\"\\ud83d\\ude00\"",
        "\"\x7f\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
        "[1,[2,[3]],{\"a\":{\"b\":[]}}]",
        "{\"a\":1,\"b\":2,\"\":3}",
        "{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}",
        "{\"a\" : [ 1 , 2 ] , \"b\" : \"x\" }",
        "{\"a\":1,\"A\":2,\"a \":3,\"\\u00e1\":4}",
        "\"a string of more than eight bytes, with an \\u00e9scape\"",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(good); i++) {
        struct tsec_err err = { 0 };

        CU_ASSERT_FALSE(tsec_failed(check(good[i], &err)));
        if (err.code != 0) {
            (void)printf("%s: %s\n", good[i], err.detail);
        }
    }
}

/* clang-format off */
static const char *const no_json[] = {
    "", " ", "{", "}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{\"a\":1]",
    "{\"a\"}", "{\"a\":}", "{\"a\" 1}", "{\"a\":1,}", "{,\"a\":1}", "{a:1}", "{'a':1}", "{1:1}",
    "{\"a\":1 \"b\":2}", "{\"a\":1}}", "{}{}", "{} x", "1 2", "nul", "nulll", "True", "tru",
    "NaN", "Infinity", "-Infinity", "-", "+1", "01", "-01", "1.", ".5", "1.e5", "1e", "1e+",
    "0x10", "1_000", "--1", "\"", "\"abc", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"",
    "\"\\U0041\"", "\"a\nb\"", "\"a\tb\"", "\"\x1f\"", "\"\\ud83d\"", "\"\\ude00\"",
    "\"\\ud83dx\"", "\"\\ud83d\\n\"", "\"\\ud83d\\u0041\"", "\"\\ude00\\ud83d\"", "\"\\u0000\"",
    "{\"a\\u0000\":1}", "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"",
    "\"\xe2\x82\"", "\xef\xbb\xbf{}", "// c\n{}", "{}/**/", "\xc2\xa0{}", "\x0b{}", "'a'",
    "[\"12345678\x01\"]", "[\"1234567\x80\"]",
};
/* clang-format on */

static void
what_is_no_json_is_refused(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(no_json); i++) {
        const tsec_rc rc = check(no_json[i], NULL);

        CU_ASSERT_EQUAL(rc.code, TSEC_E_INVALID);
        if (!tsec_failed(rc)) {
            (void)printf("accepted: %s\n", no_json[i]);
        }
    }
}

static void
a_nul_byte_is_no_end_of_text(void)
{
    const struct tsec_json_limits limits = TSEC_JSON_LIMITS_DEFAULT;

    CU_ASSERT_TRUE(tsec_failed(tsec_json_check(tsec_span("{}\0", 3), &limits, NULL)));
    CU_ASSERT_TRUE(tsec_failed(tsec_json_check(tsec_span("\"a\0b\"", 5), &limits, NULL)));
    CU_ASSERT_TRUE(tsec_failed(tsec_json_check(tsec_span(NULL, 0), &limits, NULL)));
}

static void
a_name_twice_in_one_object_is_refused_however_it_is_written(void)
{
    static const char *const bad[] = {
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"b\":2,\"\\u0061\":2}",
        "{\"\":1,\"\":2}",
        "{\"\\u00e9\":1,\"\xc3\xa9\":2}",
        "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}",
        "{\"/\":1,\"\\/\":2}",
        "{\"\\n\":1,\"\\u000A\":2}",
        "[{\"x\":{\"k\":1,\"k\":1}}]",
        "{\"a\":{\"b\":1},\"a\":{\"c\":1}}",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(check(bad[i], NULL).code, TSEC_E_INVALID);
    }
}

/* {"k0":0,...,"k<n-1>":0 <tail> } */
static void
many(struct tsec_buf *b, unsigned n, const char *tail)
{
    tsec_buf_reset(b);
    tsec_buf_put_byte(b, '{');
    for (unsigned i = 0; i < n; i++) {
        tsec_buf_printf(b, "%s\"k%u\":0", i == 0 ? "" : ",", i);
    }
    tsec_buf_put_str(b, tail);
    tsec_buf_put_byte(b, '}');
}

static void
a_name_twice_is_found_among_any_number(void)
{
    static const unsigned counts[] = { 2, 15, 16, 17, 31, 32, 33, 100, 5000 };
    const struct tsec_json_limits limits = TSEC_JSON_LIMITS_DEFAULT;
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(1 << 20);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(counts); i++) {
        many(&b, counts[i], "");
        CU_ASSERT_FALSE(tsec_failed(tsec_json_check(tsec_buf_span(&b), &limits, NULL)));
        many(&b, counts[i], ",\"k0\":1");
        CU_ASSERT_TRUE(tsec_failed(tsec_json_check(tsec_buf_span(&b), &limits, NULL)));
        many(&b, counts[i], ",\"\\u006b1\":1");
        CU_ASSERT_TRUE(tsec_failed(tsec_json_check(tsec_buf_span(&b), &limits, NULL)));
        many(&b, counts[i], ",\"in\":{\"k0\":{\"k0\":1}}");
        CU_ASSERT_FALSE(tsec_failed(tsec_json_check(tsec_buf_span(&b), &limits, NULL)));
    }
}

static void
a_large_object_is_not_quadratic(void)
{
    const struct tsec_json_limits limits = TSEC_JSON_LIMITS_DEFAULT;
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(1 << 21);
    const clock_t before = clock();

    many(&b, 65535, "");
    CU_ASSERT_FALSE(tsec_failed(tsec_json_check(tsec_buf_span(&b), &limits, NULL)));
    /* pairwise would be 2 * 10^9 comparisons */
    CU_ASSERT_TRUE(clock() - before < CLOCKS_PER_SEC);
}

static void
the_limits_are_reached_and_not_passed(void)
{
    const struct tsec_json_limits limits = { .depth_max = 3, .members_max = 4 };
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        { "[[[1]]]", true },
        { "[[[[]]]]", false },
        { "{\"a\":{\"a\":{\"a\":1}}}", true },
        { "{\"a\":{\"a\":{\"a\":{}}}}", false },
        { "[1,2,3,4]", true },
        { "[1,2,3,4,5]", false },
        { "[[],[],[],[]]", true },
        { "{\"a\":1,\"b\":[1,2]}", true },
        { "{\"a\":1,\"b\":[1,2,3]}", false },
        { "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5}", false },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        CU_ASSERT_EQUAL(tsec_failed(tsec_json_check(tsec_span_str(rows[i].text), &limits, NULL)),
                        !rows[i].good);
    }
}

static void
nul_is_taken_in_values_only_where_it_was_asked_for(void)
{
    struct tsec_json_limits limits = TSEC_JSON_LIMITS_DEFAULT;
    const struct tsec_span value = tsec_span_str("{\"a\":[\"x\\u0000y\"]}");
    const struct tsec_span name = tsec_span_str("{\"a\\u0000\":1}");

    CU_ASSERT_TRUE(tsec_failed(tsec_json_check(value, &limits, NULL)));
    limits.nul = true;
    CU_ASSERT_FALSE(tsec_failed(tsec_json_check(value, &limits, NULL)));
    CU_ASSERT_TRUE(tsec_failed(tsec_json_check(name, &limits, NULL)));
    CU_ASSERT_TRUE(tsec_failed(tsec_json_check(tsec_span("\"\0\"", 3), &limits, NULL)));
}

static void
depth_64_is_the_most_whatever_the_limits_say(void)
{
    const struct tsec_json_limits limits = { .depth_max = 1000, .members_max = 1000 };
    char text[200];

    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    CU_ASSERT_TRUE(tsec_failed(tsec_json_check(tsec_span(text, 130), &limits, NULL)));
    CU_ASSERT_FALSE(tsec_failed(tsec_json_check(tsec_span(text + 1, 128), &limits, NULL)));
}

static void
an_error_gives_the_place_and_never_the_text(void)
{
    struct tsec_err err = { 0 };

    CU_ASSERT_TRUE(tsec_failed(check("{\"password\":\"hunter2\",}", &err)));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "at byte 22"));
    CU_ASSERT_TRUE(tsec_failed(check("{\"password\":hunter2}", &err)));
    CU_ASSERT_PTR_NULL(strstr(err.detail, "hunter"));
    CU_ASSERT_TRUE(tsec_failed(check("{\"password\":1,\"password\":2}", &err)));
    CU_ASSERT_PTR_NULL(strstr(err.detail, "password"));
}

static const struct test_case cases[] = {
    { "JSON is accepted", json_is_accepted },
    { "what is no JSON is refused", what_is_no_json_is_refused },
    { "a NUL byte is no end of text", a_nul_byte_is_no_end_of_text },
    { "a name twice in one object is refused however it is written",
      a_name_twice_in_one_object_is_refused_however_it_is_written },
    { "a name twice is found among any number", a_name_twice_is_found_among_any_number },
    { "a large object is not quadratic", a_large_object_is_not_quadratic },
    { "the limits are reached and not passed", the_limits_are_reached_and_not_passed },
    { "NUL is taken in values only where it was asked for",
      nul_is_taken_in_values_only_where_it_was_asked_for },
    { "depth 64 is the most whatever the limits say",
      depth_64_is_the_most_whatever_the_limits_say },
    { "an error gives the place and never the text", an_error_gives_the_place_and_never_the_text },
};

TEST_MAIN("codec/json_scan", cases)
