/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_out.h"

#include "codec/json_scan.h"
#include "tests/test.h"

static void
commas_stand_between_and_nowhere_else(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(1000);
    struct tsec_json_out out = tsec_json_out(&b);

    tsec_json_object(&out);
    tsec_json_put_str(&out, "s", "x");
    tsec_json_put_str(&out, "n", NULL);
    tsec_json_put_int(&out, "i", INT64_MIN);
    tsec_json_put_int(&out, "j", INT64_MAX);
    tsec_json_put_bool(&out, "t", true);
    tsec_json_put_bool(&out, "f", false);
    tsec_json_put_null(&out, "z");
    tsec_json_put_span(&out, "p", tsec_span("yz", 1));
    tsec_json_put_raw(&out, "r", tsec_span_str("[1.50]"));
    tsec_json_key(&out, "a");
    tsec_json_array(&out);
    tsec_json_int(&out, 1);
    tsec_json_object(&out);
    tsec_json_object_end(&out);
    tsec_json_array(&out);
    tsec_json_array_end(&out);
    tsec_json_null(&out);
    tsec_json_array_end(&out);
    tsec_json_put_time(&out, "never", 0);
    tsec_json_put_time(&out, "when", INT64_C(951782400500000000));
    tsec_json_object_end(&out);
    CU_ASSERT_TRUE(tsec_span_is(
        tsec_buf_span(&b),
        "{\"s\":\"x\",\"n\":null,\"i\":-9223372036854775808,\"j\":9223372036854775807,\"t\":true,"
        "\"f\":false,\"z\":null,\"p\":\"y\",\"r\":[1.50],\"a\":[1,{},[],null],\"never\":\"\","
        "\"when\":\"2000-02-29T00:00:00.5Z\"}"));
}

static void
what_rfc_8259_demands_is_escaped_and_nothing_else(void)
{
    static const struct {
        const char *text;
        size_t len;
        const char *json;
    } rows[] = {
        { "", 0, "\"\"" },
        { "a/b'<>&\x7f", 8, "\"a/b'<>&\x7f\"" },
        { "\"\\\b\f\n\r\t", 7, "\"\\\"\\\\\\b\\f\\n\\r\\t\"" },
        { "\0\x01\x1f", 3, "\"\\u0000\\u0001\\u001f\"" },
        { "12345678\"12345678", 17, "\"12345678\\\"12345678\"" },
        { "h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 10,
          "\"h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
        { "a\xff"
          "b",
          3,
          "\"a\xef\xbf\xbd"
          "b\"" },
        { "\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
        { "cut \xe2\x82", 6, "\"cut \xef\xbf\xbd\xef\xbf\xbd\"" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(1000);
        struct tsec_json_out out = tsec_json_out(&b);

        tsec_json_span(&out, tsec_span(rows[i].text, rows[i].len));
        CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), rows[i].json));
    }
}

static void
any_byte_at_any_place_makes_a_valid_string(void)
{
    const struct tsec_json_limits limits = TSEC_JSON_LIMITS_DEFAULT;

    for (unsigned c = 1; c < 256; c++) { /* \u0000 is written, but not read */
        for (size_t at = 0; at < 20; at++) {
            TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(1000);
            struct tsec_json_out out = tsec_json_out(&b);
            char text[20];

            memset(text, 'x', sizeof(text));
            text[at] = (char)c;
            tsec_json_span(&out, tsec_span(text, sizeof(text)));
            CU_ASSERT_FALSE(tsec_failed(tsec_json_check(tsec_buf_span(&b), &limits, NULL)));
            CU_ASSERT_EQUAL(tsec_json_string_is(tsec_buf_span(&b), tsec_span(text, 20)), c < 0x80);
        }
    }
}

static void
misuse_fails_instead_of_writing_no_json(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(1000);
    struct tsec_json_out out = tsec_json_out(&b);

    tsec_json_object_end(&out);
    CU_ASSERT_TRUE(tsec_failed(tsec_buf_check(&b, NULL)));

    tsec_buf_reset(&b);
    out = tsec_json_out(&b);
    tsec_json_object(&out);
    tsec_json_key(&out, "a");
    tsec_json_object_end(&out);
    CU_ASSERT_TRUE(tsec_failed(tsec_buf_check(&b, NULL)));

    tsec_buf_reset(&b);
    out = tsec_json_out(&b);
    tsec_json_object(&out);
    tsec_json_key(&out, "a");
    tsec_json_key(&out, "b");
    CU_ASSERT_TRUE(tsec_failed(tsec_buf_check(&b, NULL)));
}

static void
the_deepest_level_is_reached_and_not_passed(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(1000);
    struct tsec_json_out out = tsec_json_out(&b);

    for (int i = 0; i < TSEC_JSON_OUT_DEPTH; i++) {
        tsec_json_array(&out);
    }
    CU_ASSERT_FALSE(tsec_failed(tsec_buf_check(&b, NULL)));
    tsec_json_array(&out);
    CU_ASSERT_TRUE(tsec_failed(tsec_buf_check(&b, NULL)));
}

static const struct test_case cases[] = {
    { "commas stand between and nowhere else", commas_stand_between_and_nowhere_else },
    { "what RFC 8259 demands is escaped and nothing else",
      what_rfc_8259_demands_is_escaped_and_nothing_else },
    { "any byte at any place makes a valid string", any_byte_at_any_place_makes_a_valid_string },
    { "misuse fails instead of writing no JSON", misuse_fails_instead_of_writing_no_json },
    { "the deepest level is reached and not passed", the_deepest_level_is_reached_and_not_passed },
};

TEST_MAIN("codec/json_out", cases)
