/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_fields.h"

#include "tests/freed.h"
#include "tests/test.h"

static tsec_rc
parse(const char *body, json_t **out, struct tsec_err *err)
{
    return tsec_json_parse(tsec_span_str(body), out, err);
}

static void
an_object_is_parsed_and_nothing_is_an_empty_one(void)
{
    static const struct {
        const char *body;
        size_t members;
    } rows[] = { { "{\"a\":1,\"b\":{}}", 2 }, { "{}", 0 }, { "", 0 }, { " \n", 0 }, { "null", 0 } };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        TSEC_AUTO(tsec_json_free) json_t *json = NULL;

        CU_ASSERT_FALSE_FATAL(tsec_failed(parse(rows[i].body, &json, NULL)));
        CU_ASSERT_TRUE(json_is_object(json));
        CU_ASSERT_EQUAL(json_object_size(json), rows[i].members);
    }
}

static void
what_is_no_object_is_refused_without_a_quote_of_it(void)
{
    static const char *const bad[] = {
        "[]",
        "\"hunter2\"",
        "1",
        "true",
        "{\"a\":hunter2}",
        "{\"hunter2\":1,\"hunter2\":2}",
        "{\"a\":\"hunter2\"",
        "{\"a\":\"hunter2\"} x",
        "{\"hunter2\":99999999999999999999}",
        "{\"hunter2\":1e999}",
        "{\"a\":\"\\u0000hunter2\"}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        json_t *json = NULL;
        struct tsec_err err = { 0 };

        CU_ASSERT_EQUAL(parse(bad[i], &json, &err).code, TSEC_E_INVALID);
        CU_ASSERT_PTR_NULL(json);
        CU_ASSERT_TRUE(strlen(err.detail) > 0);
        CU_ASSERT_PTR_NULL(strstr(err.detail, "hunter"));
    }
}

struct read {
    const char *name;
    int64_t count;
    bool flag;
    bool name_given;
    bool flag_given;
};

static tsec_rc
read_body(const char *body, bool strict, struct read *out, struct tsec_arena *arena,
          struct tsec_err *err)
{
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR("name", &out->name, &out->name_given, 10),
        TSEC_JSON_INT("count", &out->count, NULL, 1, 9),
        TSEC_JSON_BOOL("flag", &out->flag, &out->flag_given),
    };
    TSEC_AUTO(tsec_json_free) json_t *json = NULL;

    TSEC_TRY(parse(body, &json, err));
    return tsec_json_read(json, fields, TSEC_ARRAY_LEN(fields), strict, arena, err);
}

static void
fields_are_filled_and_absent_ones_left_alone(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;
    struct read r = { .count = 7, .flag = true, .flag_given = true };

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_arena_new(1000, &arena, NULL)));
    CU_ASSERT_FALSE(
        tsec_failed(read_body("{\"name\":\"x\",\"flag\":null,\"y\":1}", false, &r, arena, NULL)));
    CU_ASSERT_STRING_EQUAL(r.name, "x"); /* in the arena: the body is gone */
    CU_ASSERT_TRUE(r.name_given);
    CU_ASSERT_EQUAL(r.count, 7);
    CU_ASSERT_TRUE(r.flag);
    CU_ASSERT_FALSE(r.flag_given); /* null is not given */
}

static void
an_unknown_member_is_refused_when_strict_and_not_named(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;
    struct read r = { 0 };
    struct tsec_err err = { 0 };

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_arena_new(1000, &arena, NULL)));
    CU_ASSERT_EQUAL(read_body("{\"hunter2\":1}", true, &r, arena, &err).code, TSEC_E_INVALID);
    CU_ASSERT_PTR_NULL(strstr(err.detail, "hunter"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "name, count, flag"));
    CU_ASSERT_FALSE(tsec_failed(read_body("{\"count\":2}", true, &r, arena, NULL)));
    CU_ASSERT_FALSE(tsec_failed(read_body("{\"hunter2\":1}", false, &r, arena, NULL)));
}

static void
a_required_field_must_be_there_and_not_empty(void)
{
    static const char *const bad[] = { "{}", "{\"k\":null}", "{\"k\":\"\"}", "{\"k\":1}" };
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;
    const char *k = NULL;
    const struct tsec_json_field fields[] = { TSEC_JSON_STR_REQ("k", &k, 3) };

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_arena_new(1000, &arena, NULL)));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        TSEC_AUTO(tsec_json_free) json_t *json = NULL;
        struct tsec_err err = { 0 };

        CU_ASSERT_FALSE_FATAL(tsec_failed(parse(bad[i], &json, NULL)));
        CU_ASSERT_EQUAL(tsec_json_read(json, fields, 1, false, arena, &err).code, TSEC_E_INVALID);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "\"k\""));
        CU_ASSERT_PTR_NULL(k);
    }
}

static void
only_an_object_is_read(void)
{
    TSEC_AUTO(tsec_json_free) json_t *array = json_array();

    CU_ASSERT_EQUAL(tsec_json_read(array, NULL, 0, false, NULL, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_json_read(NULL, NULL, 0, false, NULL, NULL).code, TSEC_E_INVALID);
}

static void
what_the_json_library_held_is_zeroed(void)
{
    char body[1100] = "{\"k\":\"";
    json_t *json = NULL;

    memset(body + 6, 'x', 1000);
    (void)memcpy(body + 1006, "\"}", 3);
    (void)freed_blocks();
    CU_ASSERT_FALSE_FATAL(tsec_failed(parse(body, &json, NULL)));
    /* the mark is written where the string is: what jansson frees now is that memory */
    memset((char *)(uintptr_t)json_string_value(json_object_get(json, "k")), FREED_MARK, 1000);
    (void)freed_leaks();
    json_decref(json);
    CU_ASSERT_TRUE(freed_blocks() > 3); /* the hook does run */
    CU_ASSERT_EQUAL(freed_leaks(), 0);
}

static const struct test_case cases[] = {
    { "an object is parsed and nothing is an empty one",
      an_object_is_parsed_and_nothing_is_an_empty_one },
    { "what is no object is refused without a quote of it",
      what_is_no_object_is_refused_without_a_quote_of_it },
    { "fields are filled and absent ones left alone",
      fields_are_filled_and_absent_ones_left_alone },
    { "an unknown member is refused when strict and not named",
      an_unknown_member_is_refused_when_strict_and_not_named },
    { "a required field must be there and not empty",
      a_required_field_must_be_there_and_not_empty },
    { "only an object is read", only_an_object_is_read },
    { "what the JSON library held is zeroed", what_the_json_library_held_is_zeroed },
};

int
main(void)
{
    tsec_json_setup();
    return test_main("codec/json_fields", cases, TSEC_ARRAY_LEN(cases));
}
