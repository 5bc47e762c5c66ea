/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include "tests/test.h"

#define SECOND INT64_C(1000000000)
#define HOUR   (3600 * SECOND)

static void
durations_of_every_form_are_read(void)
{
    static const struct {
        const char *text;
        int64_t ns;
    } good[] = {
        { "0", 0 },
        { "0s", 0 },
        { "3600", HOUR },
        { "1h", HOUR },
        { "1h30m", HOUR + 1800 * SECOND },
        { "1.5h", HOUR + 1800 * SECOND },
        { "50d", 50 * 24 * HOUR },
        { "1d12h", 36 * HOUR },
        { "100ms", 100000000 },
        { "1us", 1000 },
        { "1\xc2\xb5s", 1000 },
        { "1\xce\xbcs", 1000 },
        { "7ns", 7 },
        { "-90s", -90 * SECOND },
        { "+90s", 90 * SECOND },
        { "-3600", -HOUR },
        { ".5s", SECOND / 2 },
        { "1.s", SECOND },
        { "0.0000000019s", 1 },
        { "1m1m", 120 * SECOND },
        { "1.5", SECOND + SECOND / 2 },
        { "9223372036854775807ns", INT64_MAX },
        { "-9223372036854775807ns", -INT64_MAX },
        { "9223372036.854775807s", INT64_MAX },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(good); i++) {
        int64_t ns = 42;

        CU_ASSERT_TRUE(tsec_duration_parse(tsec_span_str(good[i].text), &ns));
        CU_ASSERT_EQUAL(ns, good[i].ns);
    }
}

static void
what_is_no_duration_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "-",
        "+",
        "s",
        ".",
        ".s",
        "h1",
        "1x",
        "1h30",
        "30 1h",
        "1 h",
        " 1h",
        "1h ",
        "1H",
        "--1h",
        "1h-30m",
        "1e3s",
        "0x10s",
        "1.2.3s",
        "1w",
        "1y",
        "9223372036854775808ns",
        "9223372036.854775808s",
        "106752d",
        "18446744073709551615",
        "18446744073709551616ns",
        "99999999999999999999999",
        "9223372036854775807ns9223372036854775807ns1ns1ns",
        "nan",
        "inf",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        int64_t ns = 42;

        CU_ASSERT_FALSE(tsec_duration_parse(tsec_span_str(bad[i]), &ns));
        CU_ASSERT_EQUAL(ns, 42);
    }
}

static void
durations_are_written_as_go_writes_them(void)
{
    static const struct {
        int64_t ns;
        const char *text;
    } rows[] = {
        { 0, "0s" },
        { 1, "1ns" },
        { 1100, "1.1\xc2\xb5s" },
        { 2200000, "2.2ms" },
        { 100000000, "100ms" },
        { SECOND, "1s" },
        { SECOND + SECOND / 2, "1.5s" },
        { 3300000000, "3.3s" },
        { 60 * SECOND, "1m0s" },
        { 305 * SECOND + 1, "5m5.000000001s" },
        { HOUR + 1800 * SECOND, "1h30m0s" },
        { HOUR, "1h0m0s" },
        { 768 * HOUR, "768h0m0s" },
        { -90 * SECOND, "-1m30s" },
        { INT64_MAX, "2562047h47m16.854775807s" },
        { INT64_MIN, "-2562047h47m16.854775808s" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(64);
        int64_t back = 42;

        tsec_duration_append(&b, rows[i].ns);
        CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), rows[i].text));
        if (rows[i].ns != INT64_MIN) {
            CU_ASSERT_TRUE(tsec_duration_parse(tsec_buf_span(&b), &back));
            CU_ASSERT_EQUAL(back, rows[i].ns);
        }
    }
}

static const struct test_case cases[] = {
    { "durations of every form are read", durations_of_every_form_are_read },
    { "what is no duration is refused", what_is_no_duration_is_refused },
    { "durations are written as Go writes them", durations_are_written_as_go_writes_them },
};

TEST_MAIN("base/duration", cases)
