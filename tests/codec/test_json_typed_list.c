/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_typed.h"
#include "tests/test.h"

static struct tsec_arena *arena;

static tsec_rc
read_value(const char *text, const struct tsec_json_field *field, struct tsec_err *err)
{
    TSEC_AUTO(tsec_json_free) json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    return tsec_json_typed(value, field, arena, err);
}

static void
lists_come_as_arrays_or_with_commas(void)
{
    static const struct {
        const char *text;
        size_t len;
        const char *items[3];
    } good[] = {
        { "[]", 0, { NULL } },
        { "\"\"", 0, { NULL } },
        { "\" , \"", 0, { NULL } },
        { "\"a\"", 1, { "a" } },
        { "[\"a\"]", 1, { "a" } },
        { "[\"a,b\",\"\"]", 2, { "a,b", "" } },
        { "\"a,b\"", 2, { "a", "b" } },
        { "\" a , b c ,\"", 2, { "a", "b c" } },
        { "[1,\"2\"]", 2, { "1", "2" } },
        { "7", 1, { "7" } },
        { "\"a,b,c\"", 3, { "a", "b", "c" } },
    };
    struct tsec_strings out;
    const struct tsec_json_field field = TSEC_JSON_LIST("field", &out, NULL, 3);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(good); i++) {
        out = (struct tsec_strings){ NULL, 99 };
        CU_ASSERT_FALSE(tsec_failed(read_value(good[i].text, &field, NULL)));
        CU_ASSERT_EQUAL_FATAL(out.len, good[i].len);
        CU_ASSERT_PTR_NOT_NULL(out.items);
        for (size_t j = 0; j < out.len; j++) {
            CU_ASSERT_STRING_EQUAL(out.items[j], good[i].items[j]);
        }
    }
}

static void
what_is_no_list_is_refused_and_not_quoted(void)
{
    static const char *const bad[] = { "true",
                                       "{}",
                                       "1.5",
                                       "[true]",
                                       "[null]",
                                       "[[\"hunter2\"]]",
                                       "[{}]",
                                       "[\"a\",\"b\",\"c\",\"hunter2\"]",
                                       "\"a,b,c,hunter2\"" };
    struct tsec_strings out = { NULL, 99 };
    const struct tsec_json_field field = TSEC_JSON_LIST("field", &out, NULL, 3);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        struct tsec_err err = { 0 };

        CU_ASSERT_EQUAL(read_value(bad[i], &field, &err).code, TSEC_E_INVALID);
        CU_ASSERT_PTR_NULL(strstr(err.detail, "hunter"));
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "\"field\""));
        CU_ASSERT_EQUAL(out.len, 99);
    }
}

static void
maps_come_as_objects_or_as_text_and_are_sorted(void)
{
    static const struct {
        const char *text;
        size_t len;
        const char *keys[3];
        const char *values[3];
    } good[] = {
        { "{}", 0, { NULL }, { NULL } },
        { "\"\"", 0, { NULL }, { NULL } },
        { "\"{}\"", 0, { NULL }, { NULL } },
        { "{\"b\":\"2\",\"a\":\"1\",\"c\":3}", 3, { "a", "b", "c" }, { "1", "2", "3" } },
        { "\"{\\\"k\\\":\\\"v\\\"}\"", 1, { "k" }, { "v" } },
        { "{\"\":\"\"}", 1, { "" }, { "" } },
    };
    struct tsec_string_map out;
    const struct tsec_json_field field = TSEC_JSON_MAP("field", &out, NULL, 3);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(good); i++) {
        out = (struct tsec_string_map){ NULL, NULL, 99 };
        CU_ASSERT_FALSE(tsec_failed(read_value(good[i].text, &field, NULL)));
        CU_ASSERT_EQUAL_FATAL(out.len, good[i].len);
        for (size_t j = 0; j < out.len; j++) {
            CU_ASSERT_STRING_EQUAL(out.keys[j], good[i].keys[j]);
            CU_ASSERT_STRING_EQUAL(out.values[j], good[i].values[j]);
        }
    }
}

static void
what_is_no_map_is_refused_and_not_quoted(void)
{
    static const char *const bad[] = {
        "[]",
        "1",
        "true",
        "\"hunter2\"",
        "\"[]\"",
        "\"\\\"{}\\\"\"",
        "{\"a\":true}",
        "{\"a\":null}",
        "{\"hunter2\":{}}",
        "{\"a\":[\"hunter2\"]}",
        "\"{\\\"a\\\":1,\\\"a\\\":2}\"",
        "{\"a\":\"\",\"b\":\"\",\"c\":\"\",\"d\":\"\"}",
    };
    struct tsec_string_map out = { NULL, NULL, 99 };
    const struct tsec_json_field field = TSEC_JSON_MAP("field", &out, NULL, 3);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        struct tsec_err err = { 0 };

        CU_ASSERT_EQUAL(read_value(bad[i], &field, &err).code, TSEC_E_INVALID);
        CU_ASSERT_PTR_NULL(strstr(err.detail, "hunter"));
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "\"field\""));
        CU_ASSERT_EQUAL(out.len, 99);
    }
}

static const struct test_case cases[] = {
    { "lists come as arrays or with commas", lists_come_as_arrays_or_with_commas },
    { "what is no list is refused and not quoted", what_is_no_list_is_refused_and_not_quoted },
    { "maps come as objects or as text, and are sorted",
      maps_come_as_objects_or_as_text_and_are_sorted },
    { "what is no map is refused and not quoted", what_is_no_map_is_refused_and_not_quoted },
};

int
main(void)
{
    int rc = TEST_FAIL;

    tsec_json_setup();
    if (!tsec_failed(tsec_arena_new(100000, &arena, NULL))) {
        rc = test_main("codec/json_typed_list", cases, TSEC_ARRAY_LEN(cases));
    }
    tsec_arena_free(arena);
    return rc;
}
