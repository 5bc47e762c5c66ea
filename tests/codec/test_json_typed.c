/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_typed.h"

#include "base/clock.h"
#include "tests/test.h"

#define SECOND TSEC_NS_PER_S

static struct tsec_arena *arena;

/* Reads one value written as JSON. */
static tsec_rc
read_value(const char *text, const struct tsec_json_field *field, struct tsec_err *err)
{
    TSEC_AUTO(tsec_json_free) json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    return tsec_json_typed(value, field, arena, err);
}

/* The field is named, the value is not. */
static void
refuses(const char *text, const struct tsec_json_field *field)
{
    struct tsec_err err = { 0 };

    CU_ASSERT_EQUAL(read_value(text, field, &err).code, TSEC_E_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "\"field\""));
    CU_ASSERT_PTR_NULL(strstr(err.detail, "hunter"));
}

static void
booleans_come_in_the_forms_clients_send(void)
{
    static const struct {
        const char *text;
        bool value;
    } good[] = {
        { "true", true },       { "\"true\"", true }, { "1", true },        { "\"1\"", true },
        { "\"t\"", true },      { "\"T\"", true },    { "\"TRUE\"", true }, { "false", false },
        { "\"false\"", false }, { "0", false },       { "\"0\"", false },   { "\"f\"", false },
    };
    static const char *const bad[] = { "2",           "-1",        "1.0", "\"\"", "\"yes\"",
                                       "\"hunter2\"", "\"true \"", "[]",  "{}",   "\"tRUE\"" };
    bool out = false;
    const struct tsec_json_field field = TSEC_JSON_BOOL("field", &out, NULL);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(good); i++) {
        out = !good[i].value;
        CU_ASSERT_FALSE(tsec_failed(read_value(good[i].text, &field, NULL)));
        CU_ASSERT_EQUAL(out, good[i].value);
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        refuses(bad[i], &field);
    }
}

static void
numbers_come_as_such_or_in_decimal(void)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = { { "5", 5 }, { "\"5\"", 5 }, { "-5", -5 }, { "\"-5\"", -5 }, { "10", 10 } };
    static const char *const bad[] = {
        "11",   "-6",          "\"11\"", "5.0",     "\"5.0\"",
        "\"\"", "\" 5\"",      "\"5 \"", "\"0x5\"", "\"\\\"5\\\"\"",
        "true", "\"hunter2\"", "[5]",    "\"05\"",  "\"99999999999999999999\""
    };
    int64_t out = 0;
    const struct tsec_json_field field = TSEC_JSON_INT("field", &out, NULL, -5, 10);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(good); i++) {
        out = 99;
        CU_ASSERT_FALSE(tsec_failed(read_value(good[i].text, &field, NULL)));
        CU_ASSERT_EQUAL(out, good[i].value);
    }
    out = 99;
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        refuses(bad[i], &field);
        CU_ASSERT_EQUAL(out, 99);
    }
}

static void
durations_come_as_seconds_or_as_text(void)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        { "3600", 3600 * SECOND },
        { "\"3600\"", 3600 * SECOND },
        { "\"1h\"", 3600 * SECOND },
        { "\"1.5h\"", 5400 * SECOND },
        { "\"50d\"", 4320000 * SECOND },
        { "\"100ms\"", SECOND / 10 },
        { "1.5", SECOND * 3 / 2 },
        { "0", 0 },
        { "\"\"", 0 },
    };
    static const char *const bad[] = { "-1",      "\"-1s\"",     "5184001",
                                       "\"61d\"", "99999999999", "9223372036854775807",
                                       "1e300",   "-1e300",      "\"hunter2\"",
                                       "\"1w\"",  "true",        "[]" };
    int64_t out = 0;
    const struct tsec_json_field field =
        TSEC_JSON_DURATION("field", &out, NULL, 60 * 86400 * SECOND);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(good); i++) {
        out = 99;
        CU_ASSERT_FALSE(tsec_failed(read_value(good[i].text, &field, NULL)));
        CU_ASSERT_EQUAL(out, good[i].value);
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        refuses(bad[i], &field);
    }
}

static void
the_range_of_a_duration_is_told(void)
{
    struct tsec_err err = { 0 };
    int64_t out = 0;
    const struct tsec_json_field field = TSEC_JSON_DURATION("field", &out, NULL, 3600 * SECOND);

    CU_ASSERT_TRUE(tsec_failed(read_value("3601", &field, &err)));
    CU_ASSERT_STRING_EQUAL(err.detail, "field \"field\" must be a duration from 0s to 1h0m0s");
}

static void
strings_are_copied_within_their_length(void)
{
    static const char *const bad[] = {
        "\"hunter2\"", "1", "true", "[]", "{}", "\"\\u00e9\\u00e9\""
    };
    const char *out = NULL;
    const struct tsec_json_field field = TSEC_JSON_STR("field", &out, NULL, 3);

    CU_ASSERT_FALSE(tsec_failed(read_value("\"abc\"", &field, NULL)));
    CU_ASSERT_STRING_EQUAL(out, "abc");
    CU_ASSERT_FALSE(tsec_failed(read_value("\"\"", &field, NULL)));
    CU_ASSERT_STRING_EQUAL(out, "");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        refuses(bad[i], &field);
    }
    CU_ASSERT_STRING_EQUAL(out, "");
}

static void
nul_inside_a_string_is_refused(void)
{
    TSEC_AUTO(tsec_json_free) json_t *value = json_stringn("a\0b", 3);
    const char *out = NULL;
    const struct tsec_json_field field = TSEC_JSON_STR("field", &out, NULL, 10);

    CU_ASSERT_EQUAL(tsec_json_typed(value, &field, arena, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_PTR_NULL(out);
}

static void
any_json_is_borrowed(void)
{
    TSEC_AUTO(tsec_json_free) json_t *value = json_array();
    json_t *out = NULL;
    const struct tsec_json_field field = TSEC_JSON_ANY("field", &out, NULL);

    CU_ASSERT_FALSE(tsec_failed(tsec_json_typed(value, &field, arena, NULL)));
    CU_ASSERT_PTR_EQUAL(out, value);
    CU_ASSERT_EQUAL(value->refcount, 1);
}

static void
a_full_arena_is_no_memory_and_a_field_without_kind_our_fault(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *small = NULL;
    TSEC_AUTO(tsec_json_free) json_t *value = json_string("longer than the arena");
    const char *out = NULL;
    const struct tsec_json_field field = TSEC_JSON_STR("field", &out, NULL, 100);
    const struct tsec_json_field none = { "field", TSEC_FIELD_UNSET, false, &out, NULL, 0, 0 };

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_arena_new(10, &small, NULL)));
    CU_ASSERT_EQUAL(tsec_json_typed(value, &field, small, NULL).code, TSEC_E_NO_MEMORY);
    CU_ASSERT_EQUAL(tsec_json_typed(value, &none, small, NULL).code, TSEC_E_INTERNAL);
}

static const struct test_case cases[] = {
    { "booleans come in the forms clients send", booleans_come_in_the_forms_clients_send },
    { "numbers come as such or in decimal", numbers_come_as_such_or_in_decimal },
    { "durations come as seconds or as text", durations_come_as_seconds_or_as_text },
    { "the range of a duration is told", the_range_of_a_duration_is_told },
    { "strings are copied within their length", strings_are_copied_within_their_length },
    { "NUL inside a string is refused", nul_inside_a_string_is_refused },
    { "any JSON is borrowed", any_json_is_borrowed },
    { "a full arena is no memory, and a field without kind our fault",
      a_full_arena_is_no_memory_and_a_field_without_kind_our_fault },
};

int
main(void)
{
    int rc = TEST_FAIL;

    tsec_json_setup();
    if (!tsec_failed(tsec_arena_new(100000, &arena, NULL))) {
        rc = test_main("codec/json_typed", cases, TSEC_ARRAY_LEN(cases));
    }
    tsec_arena_free(arena);
    return rc;
}
