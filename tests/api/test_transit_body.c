/* SPDX-License-Identifier: Apache-2.0 */
#include "api/transit_body.h"

#include "tests/test.h"

static struct tsec_arena *arena;
static struct transit_body body;
static struct tsec_err err;

static void
read_object(const char *text)
{
    CU_ASSERT_EQUAL_FATAL(tsec_arena_new(65536, &arena, NULL).code, 0);
    transit_body_of(tsec_span_str(text), &body);
    err = (struct tsec_err){ 0 };
}

static void
done(void)
{
    tsec_arena_free(arena);
    arena = NULL;
}

static void
strings_come_without_quotes_and_escapes(void)
{
    struct tsec_span text = { 0 };

    read_object("{\"plaintext\":\"QUJD\" , \"in\\u0070ut\":\"a\\/b\\u00e4\",\"context\":\"\"}");
    CU_ASSERT_EQUAL(transit_text(&body, TRANSIT_IN_PLAINTEXT, arena, &text, &err).code, 0);
    CU_ASSERT_TRUE(tsec_span_is(text, "QUJD"));
    CU_ASSERT_EQUAL(transit_text(&body, TRANSIT_IN_INPUT, arena, &text, &err).code, 0);
    CU_ASSERT_TRUE(tsec_span_is(text, "a/b\xc3\xa4"));
    CU_ASSERT_EQUAL(transit_text(&body, TRANSIT_IN_CONTEXT, arena, &text, &err).code, 0);
    CU_ASSERT_EQUAL(text.len, 0);
    CU_ASSERT_TRUE(transit_given(&body, TRANSIT_IN_CONTEXT));
    done();
}

static void
what_is_absent_or_null_stays_as_it_was(void)
{
    struct tsec_span text = tsec_span_str("before");
    int64_t n = 7;
    bool on = true;

    read_object("{\"plaintext\":null,\"key_version\":null,\"other\":{\"input\":\"no\"}}");
    CU_ASSERT_FALSE(transit_given(&body, TRANSIT_IN_PLAINTEXT));
    CU_ASSERT_FALSE(transit_given(&body, TRANSIT_IN_INPUT));
    CU_ASSERT_EQUAL(transit_text(&body, TRANSIT_IN_PLAINTEXT, arena, &text, &err).code, 0);
    CU_ASSERT_EQUAL(transit_number(&body, TRANSIT_IN_VERSION, &n, &err).code, 0);
    CU_ASSERT_EQUAL(transit_flag(&body, TRANSIT_IN_PREHASHED, &on, &err).code, 0);
    CU_ASSERT_TRUE(tsec_span_is(text, "before"));
    CU_ASSERT_EQUAL(n, 7);
    CU_ASSERT_TRUE(on);
    done();
}

static void
numbers_and_booleans_may_come_as_strings(void)
{
    static const struct {
        const char *text;
        int on; /* -1: refused */
    } flags[] = {
        { "{\"prehashed\":true}", 1 },       { "{\"prehashed\":false}", 0 },
        { "{\"prehashed\":1}", 1 },          { "{\"prehashed\":0}", 0 },
        { "{\"prehashed\":\"true\"}", 1 },   { "{\"prehashed\":\"1\"}", 1 },
        { "{\"prehashed\":\"f\"}", 0 },      { "{\"prehashed\":\"\"}", 0 },
        { "{\"prehashed\":\"maybe\"}", -1 }, { "{\"prehashed\":2}", -1 },
        { "{\"prehashed\":[]}", -1 },
    };
    int64_t n = 0;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(flags); i++) {
        bool on = false;
        tsec_rc rc;

        read_object(flags[i].text);
        rc = transit_flag(&body, TRANSIT_IN_PREHASHED, &on, &err);
        CU_ASSERT_EQUAL(rc.code, flags[i].on < 0 ? TSEC_E_INVALID : 0);
        CU_ASSERT_EQUAL(on, flags[i].on == 1);
        done();
    }
    read_object("{\"key_version\":\"12\",\"bits\":128}");
    CU_ASSERT_EQUAL(transit_number(&body, TRANSIT_IN_VERSION, &n, &err).code, 0);
    CU_ASSERT_EQUAL(n, 12);
    CU_ASSERT_EQUAL(transit_number(&body, TRANSIT_IN_BITS, &n, &err).code, 0);
    CU_ASSERT_EQUAL(n, 128);
    done();
}

static void
what_does_not_fit_is_named_and_never_quoted(void)
{
    struct tsec_span text = { 0 };
    int64_t n = 0;

    read_object("{\"plaintext\":4711,\"key_version\":1.5}");
    CU_ASSERT_EQUAL(transit_text(&body, TRANSIT_IN_PLAINTEXT, arena, &text, &err).code,
                    TSEC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "error converting input for field \"plaintext\": expected a string");
    CU_ASSERT_EQUAL(transit_number(&body, TRANSIT_IN_VERSION, &n, &err).code, TSEC_E_INVALID);
    body.item = true;
    body.index = 3;
    CU_ASSERT_EQUAL(transit_text(&body, TRANSIT_IN_PLAINTEXT, arena, &text, &err).code,
                    TSEC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "failed to parse batch input: '[3].plaintext' expected a string");
    CU_ASSERT_PTR_NULL(strstr(err.detail, "4711"));
    done();
}

static const struct test_case cases[] = {
    { "strings come without quotes and escapes", strings_come_without_quotes_and_escapes },
    { "what is absent or null stays as it was", what_is_absent_or_null_stays_as_it_was },
    { "numbers and booleans may come as strings", numbers_and_booleans_may_come_as_strings },
    { "what does not fit is named and never quoted", what_does_not_fit_is_named_and_never_quoted },
};

TEST_MAIN("api/transit_body", cases)
