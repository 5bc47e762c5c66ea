/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/cors.h"

#include "tests/test.h"

static void
only_exact_origins_are_allowed(void)
{
    static const char *const origins[] = { "https://dash.example", "http://localhost:3000" };
    struct cors cors;

    CU_ASSERT_FALSE_FATAL(tsec_failed(cors_init(&cors, origins, 2, NULL)));
    CU_ASSERT_STRING_EQUAL(cors_allow(&cors, tsec_span_str("https://dash.example")), origins[0]);
    CU_ASSERT_STRING_EQUAL(cors_allow(&cors, tsec_span_str("http://localhost:3000")), origins[1]);
    CU_ASSERT_PTR_NULL(cors_allow(&cors, tsec_span_str("http://dash.example")));
    CU_ASSERT_PTR_NULL(cors_allow(&cors, tsec_span_str("https://dash.example:443")));
    CU_ASSERT_PTR_NULL(cors_allow(&cors, tsec_span_str("https://dash.example.evil")));
    CU_ASSERT_PTR_NULL(cors_allow(&cors, tsec_span_str("https://evil.dash.example")));
    CU_ASSERT_PTR_NULL(cors_allow(&cors, tsec_span_str("null")));
    CU_ASSERT_PTR_NULL(cors_allow(&cors, tsec_span_str("*")));
    CU_ASSERT_PTR_NULL(cors_allow(&cors, tsec_span_str("")));
}

static void
nothing_is_allowed_by_default(void)
{
    struct cors cors;

    CU_ASSERT_FALSE_FATAL(tsec_failed(cors_init(&cors, NULL, 0, NULL)));
    CU_ASSERT_PTR_NULL(cors_allow(&cors, tsec_span_str("https://dash.example")));
    CU_ASSERT_PTR_NULL(cors_allow(&cors, tsec_span_str("")));
}

static void
a_star_alone_allows_all(void)
{
    static const char *const any[] = { "*" };
    static const char *const mixed[] = { "*", "https://a" };
    struct cors cors;

    CU_ASSERT_FALSE_FATAL(tsec_failed(cors_init(&cors, any, 1, NULL)));
    CU_ASSERT_STRING_EQUAL(cors_allow(&cors, tsec_span_str("https://a")), "*");
    CU_ASSERT_PTR_NULL(cors_allow(&cors, tsec_span_str(""))); /* a request without Origin */
    CU_ASSERT_EQUAL(cors_init(&cors, mixed, 2, NULL).code, TSEC_E_CONFIG);
}

static void
what_is_no_origin_is_refused_by_the_configuration(void)
{
    static const char *const bad[] = {
        "",          "dash.example", "https://", "://a", "https://a/", "https://a/b", "https://*.a",
        "https://A", "https://a b",  "null"
    };
    struct cors cors;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(cors_init(&cors, &bad[i], 1, NULL).code, TSEC_E_CONFIG);
    }
}

static void
more_than_32_origins_are_refused(void)
{
    const char *many[CORS_ORIGINS_MAX + 1];
    struct cors cors;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(many); i++) {
        many[i] = "https://a";
    }
    CU_ASSERT_FALSE(tsec_failed(cors_init(&cors, many, CORS_ORIGINS_MAX, NULL)));
    CU_ASSERT_EQUAL(cors_init(&cors, many, CORS_ORIGINS_MAX + 1, NULL).code, TSEC_E_CONFIG);
}

static const struct test_case cases[] = {
    { "only exact origins are allowed", only_exact_origins_are_allowed },
    { "nothing is allowed by default", nothing_is_allowed_by_default },
    { "a star alone allows all", a_star_alone_allows_all },
    { "what is no origin is refused by the configuration",
      what_is_no_origin_is_refused_by_the_configuration },
    { "more than 32 origins are refused", more_than_32_origins_are_refused },
};

TEST_MAIN("gateway/cors", cases)
