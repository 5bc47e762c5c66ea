/* SPDX-License-Identifier: Apache-2.0 */
#include "api/target.h"

#include <stdio.h>

#include "tests/test.h"

struct target_case {
    const char *raw;
    const char *path;    /* NULL: refused */
    enum tsec_code code; /* of the refusal */
};

static const struct target_case targets[] = {
    { "/", "/", 0 },
    { "/v1/secret/data/a", "/v1/secret/data/a", 0 },
    { "/v1/secret/metadata/", "/v1/secret/metadata/", 0 },
    { "/v1/a?list=true", "/v1/a", 0 },
    { "/v1/a?", "/v1/a", 0 },
    { "/v1/a%20b", "/v1/a b", 0 },
    { "/v1/a+b", "/v1/a+b", 0 },
    { "/v1/a%2Fb", "/v1/a/b", 0 },
    { "/v1/a%2525", "/v1/a%25", 0 }, /* once, not until nothing is left */
    { "/v1/%C3%A4\xc3\xa4", "/v1/\xc3\xa4\xc3\xa4", 0 },
    { "/v1/...", "/v1/...", 0 },
    { "/v1/.a/..b", "/v1/.a/..b", 0 },
    { "/v1/a%3Fb%23c%5Cd", "/v1/a?b#c\\d", 0 },
    { "", NULL, TSEC_E_INVALID },
    { "v1/a", NULL, TSEC_E_INVALID },
    { "*", NULL, TSEC_E_INVALID },
    { "http://evil/v1/a", NULL, TSEC_E_INVALID },
    { "evil:443", NULL, TSEC_E_INVALID },
    { "?a=b", NULL, TSEC_E_INVALID },
    { "//", NULL, TSEC_E_INVALID },
    { "//v1/a", NULL, TSEC_E_INVALID },
    { "/v1//a", NULL, TSEC_E_INVALID },
    { "/v1/a//", NULL, TSEC_E_INVALID },
    { "/v1/%2fa", NULL, TSEC_E_INVALID },
    { "/v1/./a", NULL, TSEC_E_INVALID },
    { "/v1/../a", NULL, TSEC_E_INVALID },
    { "/v1/a/..", NULL, TSEC_E_INVALID },
    { "/v1/a/.", NULL, TSEC_E_INVALID },
    { "/..", NULL, TSEC_E_INVALID },
    { "/v1/%2e%2e/a", NULL, TSEC_E_INVALID },
    { "/v1/.%2E/a", NULL, TSEC_E_INVALID },
    { "/v1/%2e", NULL, TSEC_E_INVALID },
    { "/v1/a%2f..%2fb", NULL, TSEC_E_INVALID },
    { "/v1/a%00b", NULL, TSEC_E_INVALID },
    { "/v1/a%00", NULL, TSEC_E_INVALID },
    { "/v1/a%0ab", NULL, TSEC_E_INVALID },
    { "/v1/a%7f", NULL, TSEC_E_INVALID },
    { "/v1/a%c2%80", NULL, TSEC_E_INVALID },
    { "/v1/a\x01", NULL, TSEC_E_INVALID },
    { "/v1/a\tb", NULL, TSEC_E_INVALID },
    { "/v1/a b", NULL, TSEC_E_INVALID },
    { "/v1/a\\b", NULL, TSEC_E_INVALID },
    { "/v1/a#b", NULL, TSEC_E_INVALID },
    { "/v1/a%", NULL, TSEC_E_INVALID },
    { "/v1/a%4", NULL, TSEC_E_INVALID },
    { "/v1/a%zz", NULL, TSEC_E_INVALID },
    { "/v1/a%ff", NULL, TSEC_E_INVALID },
    { "/v1/a\xc3", NULL, TSEC_E_INVALID },
    { "/v1/%c0%ae", NULL, TSEC_E_INVALID }, /* an overlong dot */
    { "/v1/a?b=%00", NULL, TSEC_E_INVALID },
    { "/v1/a?b=%ff", NULL, TSEC_E_INVALID },
    { "/v1/a?%zz", NULL, TSEC_E_INVALID },
};

static struct tsec_arena *
arena_new(void)
{
    struct tsec_arena *arena = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_arena_new(1 << 20, &arena, NULL)));
    return arena;
}

static void
targets_are_taken_or_refused_as_the_table_says(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = arena_new();

    for (size_t i = 0; i < TSEC_ARRAY_LEN(targets); i++) {
        struct api_refusal refusal = { 0 };
        struct api_target out;
        const bool taken = api_target_parse(tsec_span_str(targets[i].raw), arena, &out, &refusal);

        if (taken != (targets[i].path != NULL)) {
            (void)printf("\n    %s\n", targets[i].raw);
        }
        CU_ASSERT_EQUAL(taken, targets[i].path != NULL);
        if (taken && targets[i].path != NULL) {
            CU_ASSERT_STRING_EQUAL(out.path, targets[i].path);
        } else {
            CU_ASSERT_EQUAL(refusal.code, targets[i].code);
            CU_ASSERT_PTR_NOT_NULL(refusal.sentence);
        }
        tsec_arena_reset(arena);
    }
}

static void
a_raw_nul_is_refused(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = arena_new();
    struct api_refusal refusal = { 0 };
    struct api_target out;

    CU_ASSERT_FALSE(api_target_parse(tsec_span("/v1/a\0b", 7), arena, &out, &refusal));
    CU_ASSERT_EQUAL(refusal.code, TSEC_E_INVALID);
}

static void
a_path_of_2048_is_the_longest(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = arena_new();
    char raw[API_PATH_MAX + API_QUERY_MAX + 3];
    struct api_refusal refusal = { 0 };
    struct api_target out;

    memset(raw, 'a', sizeof(raw));
    raw[0] = '/';
    CU_ASSERT_TRUE(api_target_parse(tsec_span(raw, API_PATH_MAX), arena, &out, &refusal));
    CU_ASSERT_FALSE(api_target_parse(tsec_span(raw, API_PATH_MAX + 1), arena, &out, &refusal));
    CU_ASSERT_EQUAL(refusal.code, TSEC_E_URI_LONG);
    raw[2] = '?';
    CU_ASSERT_TRUE(api_target_parse(tsec_span(raw, 3 + API_QUERY_MAX), arena, &out, &refusal));
    CU_ASSERT_FALSE(api_target_parse(tsec_span(raw, 4 + API_QUERY_MAX), arena, &out, &refusal));
    CU_ASSERT_EQUAL(refusal.code, TSEC_E_URI_LONG);
}

static void
parameters_are_decoded_in_order(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = arena_new();
    struct api_refusal refusal = { 0 };
    struct api_target out;

    CU_ASSERT_TRUE_FATAL(
        api_target_parse(tsec_span_str("/a?x=1+2&&y&%7a=%26=&"), arena, &out, &refusal));
    CU_ASSERT_EQUAL_FATAL(out.query_len, 3);
    CU_ASSERT_STRING_EQUAL(out.query[0].name, "x");
    CU_ASSERT_STRING_EQUAL(out.query[0].value, "1 2");
    CU_ASSERT_STRING_EQUAL(out.query[1].name, "y");
    CU_ASSERT_STRING_EQUAL(out.query[1].value, "");
    CU_ASSERT_STRING_EQUAL(out.query[2].name, "z");
    CU_ASSERT_STRING_EQUAL(out.query[2].value, "&=");
}

static void
more_than_32_parameters_are_refused(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = arena_new();
    TSEC_AUTO_BUF struct tsec_buf raw = TSEC_BUF_INIT(1024);
    struct api_refusal refusal = { 0 };
    struct api_target out;

    tsec_buf_put_str(&raw, "/a?p");
    for (int i = 1; i < API_PARAMS_MAX; i++) {
        tsec_buf_put_str(&raw, "&p");
    }
    CU_ASSERT_TRUE(api_target_parse(tsec_buf_span(&raw), arena, &out, &refusal));
    CU_ASSERT_EQUAL(out.query_len, API_PARAMS_MAX);
    tsec_buf_put_str(&raw, "&p");
    CU_ASSERT_FALSE(api_target_parse(tsec_buf_span(&raw), arena, &out, &refusal));
    CU_ASSERT_EQUAL(refusal.code, TSEC_E_URI_LONG);
}

static void
an_arena_that_is_full_refuses(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;
    struct api_refusal refusal = { 0 };
    struct api_target out;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_arena_new(8, &arena, NULL)));
    CU_ASSERT_FALSE(
        api_target_parse(tsec_span_str("/v1/secret/data/some/path"), arena, &out, &refusal));
    CU_ASSERT_EQUAL(refusal.code, TSEC_E_NO_MEMORY);
}

static void
methods_have_their_names_in_capitals(void)
{
    CU_ASSERT_EQUAL(api_method_of(tsec_span_str("GET")), API_GET);
    CU_ASSERT_EQUAL(api_method_of(tsec_span_str("LIST")), API_LIST);
    CU_ASSERT_EQUAL(api_method_of(tsec_span_str("SCAN")), API_SCAN);
    CU_ASSERT_EQUAL(api_method_of(tsec_span_str("get")), API_METHOD_UNSET);
    CU_ASSERT_EQUAL(api_method_of(tsec_span_str("TRACE")), API_METHOD_UNSET);
    CU_ASSERT_EQUAL(api_method_of(tsec_span_str("")), API_METHOD_UNSET);
    CU_ASSERT_EQUAL(api_method_of(tsec_span_str("GETX")), API_METHOD_UNSET);
}

static const struct {
    const char *raw;
    enum api_method sent;
    enum api_method taken; /* API_METHOD_UNSET: refused */
} verbs[] = {
    { "/a", API_GET, API_GET },
    { "/a?list=true", API_GET, API_LIST },
    { "/a?list=1", API_GET, API_LIST },
    { "/a?list=True", API_GET, API_LIST },
    { "/a?list=T", API_GET, API_LIST },
    { "/a?list=false", API_GET, API_GET },
    { "/a?list=", API_GET, API_GET },
    { "/a?list=0&scan=TRUE", API_GET, API_SCAN },
    { "/a?scan=true", API_GET, API_SCAN },
    { "/a?list=true", API_POST, API_POST },
    { "/a?list=yes", API_POST, API_POST },
    { "/a?list=yes", API_GET, API_METHOD_UNSET },
    { "/a?scan=2", API_GET, API_METHOD_UNSET },
    { "/a?list=true&scan=true", API_GET, API_METHOD_UNSET },
};

static void
a_get_with_list_is_a_list(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = arena_new();

    for (size_t i = 0; i < TSEC_ARRAY_LEN(verbs); i++) {
        struct api_refusal refusal = { 0 };
        struct api_target target;
        enum api_method method = verbs[i].sent;
        bool taken;

        CU_ASSERT_TRUE_FATAL(
            api_target_parse(tsec_span_str(verbs[i].raw), arena, &target, &refusal));
        taken = api_method_apply_query(&target, &method, &refusal);
        CU_ASSERT_EQUAL(taken, verbs[i].taken != API_METHOD_UNSET);
        CU_ASSERT_TRUE(!taken || method == verbs[i].taken);
    }
}

static const struct test_case cases[] = {
    { "targets are taken or refused as the table says",
      targets_are_taken_or_refused_as_the_table_says },
    { "a raw NUL is refused", a_raw_nul_is_refused },
    { "a path of 2048 is the longest", a_path_of_2048_is_the_longest },
    { "parameters are decoded in order", parameters_are_decoded_in_order },
    { "more than 32 parameters are refused", more_than_32_parameters_are_refused },
    { "an arena that is full refuses", an_arena_that_is_full_refuses },
    { "methods have their names in capitals", methods_have_their_names_in_capitals },
    { "a GET with list is a LIST", a_get_with_list_is_a_list },
};

TEST_MAIN("api/target", cases)
