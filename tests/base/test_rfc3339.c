/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include "tests/test.h"

static const struct {
    int64_t ns;
    const char *text;
} both_ways[] = {
    { 1, "1970-01-01T00:00:00.000000001Z" },
    { INT64_C(951782400) * 1000000000, "2000-02-29T00:00:00Z" },
    { INT64_C(951868799) * 1000000000, "2000-02-29T23:59:59Z" },
    { INT64_C(4107542400) * 1000000000, "2100-03-01T00:00:00Z" },
    { INT64_C(1795335429219521403), "2026-11-22T08:17:09.219521403Z" },
    { INT64_C(1795335429219521400), "2026-11-22T08:17:09.2195214Z" },
    { INT64_C(1795335429500000000), "2026-11-22T08:17:09.5Z" },
    { INT64_C(1798761599) * 1000000000, "2026-12-31T23:59:59Z" },
    { INT64_MAX, "2262-04-11T23:47:16.854775807Z" },
};

static void
a_time_goes_out_and_comes_back(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(both_ways); i++) {
        char out[TSEC_RFC3339_LEN];
        int64_t ns = -1;

        tsec_rfc3339(both_ways[i].ns, out);
        CU_ASSERT_STRING_EQUAL(out, both_ways[i].text);
        CU_ASSERT_TRUE(tsec_rfc3339_parse(tsec_span_str(both_ways[i].text), &ns));
        CU_ASSERT_EQUAL(ns, both_ways[i].ns);
    }
}

static void
a_time_never_set_is_year_one_and_before_1970_is_written_too(void)
{
    char out[TSEC_RFC3339_LEN];

    tsec_rfc3339(0, out);
    CU_ASSERT_STRING_EQUAL(out, "0001-01-01T00:00:00Z");
    tsec_rfc3339(-1, out);
    CU_ASSERT_STRING_EQUAL(out, "1969-12-31T23:59:59.999999999Z");
    tsec_rfc3339(INT64_MIN, out);
    CU_ASSERT_STRING_EQUAL(out, "1677-09-21T00:12:43.145224192Z");
}

static void
zones_and_case_are_read(void)
{
    static const struct {
        const char *text;
        int64_t s;
    } good[] = {
        { "1970-01-01T01:00:00+01:00", 0 },
        { "1969-12-31T23:30:00-00:30", 0 },
        { "1970-01-01t00:00:01z", 1 },
        { "1970-01-02T00:00:00.000-00:00", 86400 },
        { "1996-12-19T16:39:57-08:00", 851042397 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(good); i++) {
        int64_t ns = -1;

        CU_ASSERT_TRUE(tsec_rfc3339_parse(tsec_span_str(good[i].text), &ns));
        CU_ASSERT_EQUAL(ns, good[i].s * TSEC_NS_PER_S);
    }
}

static void
what_is_no_time_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "2026",
        "2026-11-22",
        "2026-11-22T08:17:09",
        "2026-11-22 08:17:09Z",
        "2026-11-22T08:17:09Z ",
        "2026-11-22T08:17:09ZZ",
        " 2026-11-22T08:17:09Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-04-00T00:00:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T23:60:00Z",
        "2026-11-22T23:59:60Z",
        "2026-11-22T08:17:09.Z",
        "2026-11-22T08:17:09.1234567890Z",
        "2026-11-22T08:17:09,5Z",
        "2026-11-22T08:17:09+0100",
        "2026-11-22T08:17:09+24:00",
        "2026-11-22T08:17:09+01:60",
        "2026-11-22T08:17:09+",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
        "0001-01-01T00:00:00Z",
        "2262-04-11T23:47:16.854775808Z",
        "9999-12-31T23:59:59Z",
        "-026-11-22T08:17:09Z",
        "+026-11-22T08:17:09Z",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        int64_t ns = 42;

        CU_ASSERT_FALSE(tsec_rfc3339_parse(tsec_span_str(bad[i]), &ns));
        CU_ASSERT_EQUAL(ns, 42);
    }
}

static const struct test_case cases[] = {
    { "a time goes out and comes back", a_time_goes_out_and_comes_back },
    { "a time never set is year one, and before 1970 is written too",
      a_time_never_set_is_year_one_and_before_1970_is_written_too },
    { "zones and case are read", zones_and_case_are_read },
    { "what is no time is refused", what_is_no_time_is_refused },
};

TEST_MAIN("base/rfc3339", cases)
