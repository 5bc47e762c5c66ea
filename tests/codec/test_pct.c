/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/pct.h"

#include "tests/test.h"

static void
escapes_are_decoded_once(void)
{
    static const struct {
        const char *text;
        bool plus;
        const char *result;
    } rows[] = {
        { "", false, "" },
        { "a/b", false, "a/b" },
        { "a%2Fb%2f", false, "a/b/" },
        { "%25%32%35", false, "%25" },
        { "a+b", false, "a+b" },
        { "a+b%2B", true, "a b+" },
        { "%ff%80", false, "\xff\x80" },
        { "%20", true, " " },
        { "%2e%2e", false, ".." },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(100);

        CU_ASSERT_FALSE(
            tsec_failed(tsec_pct_decode(&b, tsec_span_str(rows[i].text), rows[i].plus, NULL)));
        CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), rows[i].result));
    }
}

static void
a_broken_escape_and_nul_are_refused_and_nothing_appended(void)
{
    static const struct tsec_span bad[] = {
        { (const uint8_t *)"a%", 2 },     { (const uint8_t *)"a%2", 3 },
        { (const uint8_t *)"%zz", 3 },    { (const uint8_t *)"%2g", 3 },
        { (const uint8_t *)"% 2", 3 },    { (const uint8_t *)"%%41", 4 },
        { (const uint8_t *)"a%00b", 5 },  { (const uint8_t *)"a\0b", 3 },
        { (const uint8_t *)"%u0041", 6 }, { (const uint8_t *)"%+1", 3 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(100);

        tsec_buf_put_str(&b, "x");
        CU_ASSERT_EQUAL(tsec_pct_decode(&b, bad[i], false, NULL).code, TSEC_E_INVALID);
        CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), "x"));
    }
}

static void
what_does_not_fit_is_too_large(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(2);

    CU_ASSERT_EQUAL(tsec_pct_decode(&b, tsec_span_str("abc"), false, NULL).code, TSEC_E_TOO_LARGE);
}

static void
every_byte_is_encoded_so_that_it_comes_back(void)
{
    for (int keep = 0; keep < 2; keep++) {
        TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(1000);
        TSEC_AUTO_BUF struct tsec_buf back = TSEC_BUF_INIT(1000);
        uint8_t all[255];

        for (size_t i = 0; i < sizeof(all); i++) {
            all[i] = (uint8_t)(i + 1);
        }
        tsec_pct_encode(&text, tsec_span(all, sizeof(all)), keep == 1);
        CU_ASSERT_FALSE(tsec_failed(tsec_pct_decode(&back, tsec_buf_span(&text), true, NULL)));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&back), tsec_span(all, sizeof(all))));
    }
}

static void
only_unreserved_characters_stand_plain(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(1000);

    tsec_pct_encode(&b, tsec_span("aZ09-._~/ +%\0\xe9", 14), false);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), "aZ09-._~%2F%20%2B%25%00%E9"));
    tsec_buf_reset(&b);
    tsec_pct_encode(&b, tsec_span_str("a/b?c"), true);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), "a/b%3Fc"));
}

static const struct test_case cases[] = {
    { "escapes are decoded once", escapes_are_decoded_once },
    { "a broken escape and NUL are refused and nothing appended",
      a_broken_escape_and_nul_are_refused_and_nothing_appended },
    { "what does not fit is too large", what_does_not_fit_is_too_large },
    { "every byte is encoded so that it comes back", every_byte_is_encoded_so_that_it_comes_back },
    { "only unreserved characters stand plain", only_unreserved_characters_stand_plain },
};

TEST_MAIN("codec/pct", cases)
