/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/member.h"

#include "tests/test.h"

static const struct tsec_json_limits limits = { .depth_max = 8, .members_max = 32 };

static tsec_rc
read_one(const char *text, struct amc_member *m)
{
    m->name = "a";
    return amc_members(tsec_span_str(text), 64, &limits, m, 1, NULL);
}

static struct amc_member
value_of(const char *text)
{
    return (struct amc_member){ "a", tsec_span_str(text) };
}

static void
a_member_is_found_by_its_name_however_written(void)
{
    struct amc_member m;

    CU_ASSERT_FALSE(tsec_failed(read_one(" {\"b\":1,\"\\u0061\":\"x\"} ", &m)));
    CU_ASSERT_TRUE(amc_member_is(&m, "x"));
    CU_ASSERT_FALSE(tsec_failed(read_one("{\"b\":{\"a\":1}}", &m)));
    CU_ASSERT_FALSE(amc_member_there(&m));
}

static void
what_is_no_object_or_says_a_thing_twice_is_refused(void)
{
    static const char *const texts[] = { "",
                                         "[]",
                                         "1",
                                         "null",
                                         "{",
                                         "{} {}",
                                         "{\"a\":1,\"a\":1}",
                                         "{\"a\":1,\"\\u0061\":1}",
                                         "{\"a\":[[[[[[[[[[1]]]]]]]]]]}",
                                         "{\"a\":\"\xff\"}" };
    struct amc_member m;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(texts); i++) {
        CU_ASSERT_EQUAL(read_one(texts[i], &m).code, TSEC_E_INVALID);
    }
    CU_ASSERT_EQUAL(
        read_one("{\"a\":\"0123456789012345678901234567890123456789012345678901234567890\"}", &m)
            .code,
        TSEC_E_INVALID);
}

static void
bytes_are_base64url_of_exactly_that_length(void)
{
    static const char *const refused[] = { "\"\"",      "\"AQI\"",       "\"AQIDBA\"",
                                           "\"AQID=\"", "\"+/8A\"",      "\"AQ ID\"",
                                           "4",         "null",          "[\"AQID\"]",
                                           "{}",        "\"AQ\\u0049D\"" };
    uint8_t out[3] = { 0 };
    struct amc_member m = value_of("\"AQID\"");

    CU_ASSERT_TRUE(amc_member_fixed(&m, out, 3));
    CU_ASSERT_TRUE(out[0] == 1 && out[1] == 2 && out[2] == 3);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(refused); i++) {
        m = value_of(refused[i]);
        CU_ASSERT_FALSE(amc_member_fixed(&m, out, 3));
    }
}

static void
bytes_of_any_length_are_appended(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(5);
    struct tsec_span got;
    struct amc_member m = value_of("\"AQID\"");

    CU_ASSERT_TRUE(amc_member_bytes(&m, &out, &got));
    CU_ASSERT_EQUAL(got.len, 3);
    m = value_of("\"\"");
    CU_ASSERT_TRUE(amc_member_bytes(&m, &out, &got));
    CU_ASSERT_TRUE(got.len == 0 && got.ptr != NULL);
    m = value_of("\"AQID\"");
    CU_ASSERT_FALSE(amc_member_bytes(&m, &out, &got)); /* past the ceiling */
}

static void
text_has_no_control_characters_and_an_end(void)
{
    static const char *const refused[] = { "\"\"",        "\"abcde\"", "\"a\\nb\"", "\"\\u007f\"",
                                           "\"\\u0085\"", "5",         "null",      "true" };
    char out[5];
    struct amc_member m = value_of("\"ab\\u0063d\"");

    CU_ASSERT_FALSE(amc_member_text(&m, out, 4)); /* longer than that as it is written */
    m = value_of("\"abcd\"");
    CU_ASSERT_TRUE(amc_member_text(&m, out, 4));
    CU_ASSERT_STRING_EQUAL(out, "abcd");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(refused); i++) {
        m = value_of(refused[i]);
        CU_ASSERT_FALSE(amc_member_text(&m, out, 4));
    }
}

static void
numbers_and_booleans_are_not_taken_from_strings(void)
{
    static const char *const refused[] = { "\"5\"", "5.0", "5e0", "-1", "11", "true", "null" };
    int64_t n = 0;
    bool b = false;
    struct amc_member m = value_of("5");

    CU_ASSERT_TRUE(amc_member_int(&m, 0, 10, &n) && n == 5);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(refused); i++) {
        m = value_of(refused[i]);
        CU_ASSERT_FALSE(amc_member_int(&m, 0, 10, &n));
    }
    m = value_of("true");
    CU_ASSERT_TRUE(amc_member_bool(&m, &b) && b);
    m = value_of("false");
    CU_ASSERT_TRUE(amc_member_bool(&m, &b) && !b);
    m = value_of("\"true\"");
    CU_ASSERT_FALSE(amc_member_bool(&m, &b));
}

static const struct test_case cases[] = {
    { "a member is found by its name, however written",
      a_member_is_found_by_its_name_however_written },
    { "what is no object or says a thing twice is refused",
      what_is_no_object_or_says_a_thing_twice_is_refused },
    { "bytes are base64url of exactly that length", bytes_are_base64url_of_exactly_that_length },
    { "bytes of any length are appended", bytes_of_any_length_are_appended },
    { "text has no control characters, and an end", text_has_no_control_characters_and_an_end },
    { "numbers and booleans are not taken from strings",
      numbers_and_booleans_are_not_taken_from_strings },
};

TEST_MAIN("amc/member", cases)
