/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_cache.h"

#include "tests/test.h"

#define HEAD(chain, body)                                                     \
    "tee-secrets-collateral 1\nfetched-at: 2026-11-22T08:17:09Z\nsource: u\n" \
    "chain: " chain "\nbody: " body "\n\n"

static void
what_is_written_is_read(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(1024);
    const struct maa_cached in = { .fetched_at = 1795335429,
                                   .source = tsec_span_str("https://a/certs"),
                                   .chain = tsec_span_str("PEM\n"),
                                   .body = tsec_span("\0\n\xff", 3) };
    struct maa_cached out;

    maa_cache_write(&in, &text);
    CU_ASSERT_EQUAL(maa_cache_read(tsec_buf_span(&text), &out, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(out.fetched_at, in.fetched_at);
    CU_ASSERT_TRUE(tsec_span_equal(out.source, in.source));
    CU_ASSERT_TRUE(tsec_span_equal(out.chain, in.chain));
    CU_ASSERT_TRUE(tsec_span_equal(out.body, in.body));
    for (size_t len = 0; len < text.len; len++) {
        CU_ASSERT_EQUAL(maa_cache_read(tsec_span(text.ptr, len), &out, NULL).code, TSEC_E_INVALID);
    }
}

static void
what_was_not_written_so_is_refused(void)
{
    static const char *const bad[] = {
        HEAD("0", "1") "xy",
        HEAD("2", "0") "x",
        HEAD("-1", "0"),
        HEAD("", "0"),
        HEAD("0x1", "0") "x",
        HEAD("99999999999999999999", "0"),
        "tee-secrets-collateral 2\nfetched-at: 2026-11-22T08:17:09Z\nsource: u\nchain: 0\nbody: "
        "0\n\n",
        "tee-secrets-collateral 1\nfetched-at: today\nsource: u\nchain: 0\nbody: 0\n\n",
        "{\"keys\":[]}",
    };
    struct maa_cached out;

    CU_ASSERT_EQUAL(maa_cache_read(tsec_span_str(HEAD("0", "1") "x"), &out, NULL).code,
                    TSEC_OK_CODE);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(maa_cache_read(tsec_span_str(bad[i]), &out, NULL).code, TSEC_E_INVALID);
    }
}

static const struct test_case cases[] = {
    { "what is written is read", what_is_written_is_read },
    { "what was not written so is refused", what_was_not_written_so_is_refused },
};

TEST_MAIN("maa-cache", cases)
