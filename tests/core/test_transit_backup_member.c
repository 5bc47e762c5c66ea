/* SPDX-License-Identifier: Apache-2.0 */
#include "core/transit_backup_form.h"

#include "tests/test.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

static const char object[] = "{\"n\":-7,\"big\":99999999999999999999,\"half\":1.5,\"t\":true,"
                             "\"f\":false,\"s\":\"a\\u0041\",\"e\":\"\",\"b\":\"AAEC\","
                             "\"bad\":\"AAE\",\"o\":{\"x\":1},\"a\":[1,2],\"null\":null}";
static struct tsec_arena *arena;
static struct tsec_err err;

static struct tsec_span
begin(void)
{
    OK(tsec_arena_new(1 << 16, &arena, NULL));
    err = (struct tsec_err){ 0 };
    return tsec_span_str(object);
}

static void
numbers_are_whole_and_fit(void)
{
    const struct tsec_span o = begin();
    int64_t n = 5;

    OK(backup_i64(o, "n", &n, NULL));
    CU_ASSERT_EQUAL(n, -7);
    OK(backup_i64(o, "absent", &n, NULL));
    CU_ASSERT_EQUAL(n, 0);
    OK(backup_i64(o, "null", &n, NULL));
    OK(backup_i64(tsec_span(NULL, 0), "n", &n, NULL));
    CU_ASSERT_EQUAL(backup_i64(o, "big", &n, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(backup_i64(o, "half", &n, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(backup_i64(o, "s", &n, &err).code, TSEC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "the backup is not one: \"s\" is not a whole number");
    tsec_arena_free(arena);
}

static void
truth_is_true_or_false(void)
{
    const struct tsec_span o = begin();
    bool b = false;

    OK(backup_bool(o, "t", &b, NULL));
    CU_ASSERT_TRUE(b);
    OK(backup_bool(o, "f", &b, NULL));
    CU_ASSERT_FALSE(b);
    OK(backup_bool(o, "absent", &b, NULL));
    CU_ASSERT_FALSE(b);
    OK(backup_bool(o, "null", &b, NULL));
    CU_ASSERT_EQUAL(backup_bool(o, "n", &b, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(backup_bool(o, "s", &b, NULL).code, TSEC_E_INVALID);
    tsec_arena_free(arena);
}

static void
text_is_unescaped_and_bytes_are_decoded(void)
{
    const struct tsec_span o = begin();
    const char *text = "";
    struct tsec_span bytes;

    OK(backup_text(o, "s", arena, &text, NULL));
    CU_ASSERT_STRING_EQUAL(text, "aA");
    OK(backup_text(o, "absent", arena, &text, NULL));
    CU_ASSERT_PTR_NULL(text);
    CU_ASSERT_EQUAL(backup_text(o, "n", arena, &text, NULL).code, TSEC_E_INVALID);
    OK(backup_bytes(o, "b", arena, &bytes, NULL));
    CU_ASSERT_TRUE(tsec_span_equal(bytes, tsec_span("\0\1\2", 3)));
    OK(backup_bytes(o, "e", arena, &bytes, NULL));
    CU_ASSERT_EQUAL(bytes.len, 0);
    OK(backup_bytes(o, "null", arena, &bytes, NULL));
    CU_ASSERT_EQUAL(bytes.len, 0);
    CU_ASSERT_EQUAL(backup_bytes(o, "bad", arena, &bytes, &err).code, TSEC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "the backup is not one: \"bad\" is not base64");
    CU_ASSERT_EQUAL(backup_bytes(o, "n", arena, &bytes, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(backup_decode(tsec_span_str("7"), arena, &bytes, NULL).code, TSEC_E_INVALID);
    tsec_arena_free(arena);
}

static void
containers_are_what_is_asked_for(void)
{
    const struct tsec_span o = begin();
    struct tsec_span value;

    OK(backup_container(o, "o", false, &value, NULL));
    CU_ASSERT_TRUE(tsec_span_is(value, "{\"x\":1}"));
    OK(backup_container(o, "a", true, &value, NULL));
    CU_ASSERT_TRUE(tsec_span_is(value, "[1,2]"));
    OK(backup_container(o, "absent", true, &value, NULL));
    CU_ASSERT_EQUAL(value.len, 0);
    CU_ASSERT_EQUAL(backup_container(o, "o", true, &value, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(backup_container(o, "a", false, &value, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(backup_container(o, "n", false, &value, NULL).code, TSEC_E_INVALID);
    tsec_arena_free(arena);
}

static const struct test_case cases[] = {
    { "numbers are whole and fit", numbers_are_whole_and_fit },
    { "truth is true or false", truth_is_true_or_false },
    { "text is unescaped and bytes are decoded", text_is_unescaped_and_bytes_are_decoded },
    { "containers are what is asked for", containers_are_what_is_asked_for },
};

TEST_MAIN("core/transit_backup_member", cases)
