/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "codec/json_scan.h"
#include "tests/test.h"

static void
the_table_of_rfc_7396_holds(void)
{
    static const struct {
        const char *target;
        const char *patch;
        const char *result;
    } rows[] = {
        /* appendix A */
        { "{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
        { "{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}" },
        { "{\"a\":\"b\"}", "{\"a\":null}", "{}" },
        { "{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}" },
        { "{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
        { "{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}" },
        { "{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}" },
        { "{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}" },
        { "[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]" },
        { "{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]" },
        { "{\"a\":\"foo\"}", "null", "null" },
        { "{\"a\":\"foo\"}", "\"bar\"", "\"bar\"" },
        { "{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}" },
        { "[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}" },
        { "{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}" },
        /* and ours */
        { "", "{\"a\":{\"b\":null,\"c\":[null]}}", "{\"a\":{\"c\":[null]}}" },
        { " { \"x\" : 1.50 } ", " {} ", "{\"x\":1.50}" },
        { "{\"\\u0061\":1}", "{\"a\":2}", "{\"\\u0061\":2}" },
        { "{\"a\":1}", "{\"\\u0061\":null}", "{}" },
        { "{\"big\":12345678901234567890}", "{\"b\":1e400}",
          "{\"big\":12345678901234567890,\"b\":1e400}" },
        { "{\"a\":1,\"b\":2,\"c\":3}", "{\"c\":30,\"d\":4,\"a\":10}",
          "{\"a\":10,\"b\":2,\"c\":30,\"d\":4}" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(1000);

        tsec_json_merge(&b, tsec_span_str(rows[i].target), tsec_span_str(rows[i].patch));
        CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), rows[i].result));
    }
}

static void
a_merge_of_large_objects_is_not_quadratic(void)
{
    TSEC_AUTO_BUF struct tsec_buf target = TSEC_BUF_INIT(1 << 20);
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(1 << 22);
    const struct tsec_json_limits limits = TSEC_JSON_LIMITS_DEFAULT;
    const clock_t before = clock();

    for (unsigned i = 0; i < 30000; i++) {
        tsec_buf_printf(&target, "%c\"k%u\":%u", i == 0 ? '{' : ',', i, i);
    }
    tsec_buf_put_byte(&target, '}');
    tsec_json_merge(&out, tsec_buf_span(&target), tsec_buf_span(&target));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&out), tsec_buf_span(&target)));
    CU_ASSERT_FALSE(tsec_failed(tsec_json_check(tsec_buf_span(&out), &limits, NULL)));
    CU_ASSERT_TRUE(clock() - before < CLOCKS_PER_SEC);
}

static void
a_merge_that_does_not_fit_fails(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(10);

    tsec_json_merge(&b, tsec_span_str("{\"a\":1}"), tsec_span_str("{\"b\":1}"));
    CU_ASSERT_EQUAL(tsec_buf_check(&b, NULL).code, TSEC_E_TOO_LARGE);
}

static void
subkeys_have_the_names_and_none_of_the_values(void)
{
    static const char object[] = "{\"a\":\"secret\",\"b\":{\"c\":1,\"d\":{\"e\":[1]}},\"f\":{},"
                                 "\"g\":[{\"h\":1}],\"i\":null}";
    static const struct {
        unsigned depth;
        const char *result;
    } rows[] = {
        { 0,
          "{\"a\":null,\"b\":{\"c\":null,\"d\":{\"e\":null}},\"f\":null,\"g\":null,\"i\":null}" },
        { 1, "{\"a\":null,\"b\":null,\"f\":null,\"g\":null,\"i\":null}" },
        { 2, "{\"a\":null,\"b\":{\"c\":null,\"d\":null},\"f\":null,\"g\":null,\"i\":null}" },
        { 3,
          "{\"a\":null,\"b\":{\"c\":null,\"d\":{\"e\":null}},\"f\":null,\"g\":null,\"i\":null}" },
        { 9999, "{\"a\":null,\"b\":{\"c\":null,\"d\":{\"e\":null}},\"f\":null,\"g\":null,"
                "\"i\":null}" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(1000);

        tsec_json_subkeys(&b, tsec_span_str(object), rows[i].depth);
        CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), rows[i].result));
    }
}

static void
subkeys_of_nothing_are_nothing(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(1000);

    tsec_json_subkeys(&b, tsec_span_str(" { } "), 0);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), "{}"));
    tsec_buf_reset(&b);
    tsec_json_subkeys(&b, tsec_span_str("\"secret\""), 0);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), "null"));
}

static const struct test_case cases[] = {
    { "the table of RFC 7396 holds", the_table_of_rfc_7396_holds },
    { "a merge of large objects is not quadratic", a_merge_of_large_objects_is_not_quadratic },
    { "a merge that does not fit fails", a_merge_that_does_not_fit_fails },
    { "subkeys have the names and none of the values",
      subkeys_have_the_names_and_none_of_the_values },
    { "subkeys of nothing are nothing", subkeys_of_nothing_are_nothing },
};

TEST_MAIN("codec/json_merge", cases)
