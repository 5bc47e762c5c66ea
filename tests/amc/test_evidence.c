/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/evidence.h"

#include "crypto/crypto.h"
#include "tests/amc/peers.h"

static tsec_rc
parse(const char *text, struct tsec_buf *bytes, struct amc_evidence *out)
{
    tsec_buf_reset(bytes);
    return amc_evidence_parse(tsec_span_str(text), bytes, out, NULL);
}

static void
what_is_written_is_read(void)
{
    static const struct amc_evidence written = {
        .format = "snp",
        .mode = AMC_IDENTITY,
        .made_at_s = 1700000000,
        .evidence = { (const uint8_t *)"report", 6 },
        .collateral = { { (const uint8_t *)"chain", 5 }, { (const uint8_t *)"crl", 3 } },
        .collateral_len = 2,
        .role = "payments",
    };
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    struct amc_evidence e;

    amc_evidence_write(&written, &text);
    CU_ASSERT_FALSE_FATAL(tsec_failed(amc_evidence_parse(tsec_buf_span(&text), &bytes, &e, NULL)));
    CU_ASSERT_STRING_EQUAL(e.format, "snp");
    CU_ASSERT_TRUE(e.mode == AMC_IDENTITY && e.made_at_s == 1700000000 && e.layout == AMC_RAW48);
    CU_ASSERT_TRUE(tsec_span_is(e.evidence, "report"));
    CU_ASSERT_EQUAL_FATAL(e.collateral_len, 2);
    CU_ASSERT_TRUE(tsec_span_is(e.collateral[0], "chain"));
    CU_ASSERT_TRUE(tsec_span_is(e.collateral[1], "crl"));
    CU_ASSERT_STRING_EQUAL(e.role, "payments");
}

static void
each_mode_has_what_it_needs(void)
{
    static const char *const taken[] = {
        "{\"format\":\"nitro\",\"mode\":\"fresh\",\"evidence\":\"AQID\"}",
        "{\"format\":\"maa\",\"mode\":\"fresh\",\"evidence\":\"AQID\",\"bind\":\"maa32\"}",
        "{\"format\":\"snp\",\"mode\":\"identity\",\"evidence\":\"AQID\",\"made_at\":5}",
        "{\"format\":\"none\",\"mode\":\"none\"}",
        "{\"format\":\"none\",\"mode\":\"none\",\"role\":\"r\",\"evidence\":\"\"}",
        "{\"format\":\"none\",\"mode\":\"resumed\",\"collateral\":[]}",
    };
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    struct amc_evidence e;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(taken); i++) {
        CU_ASSERT_FALSE(tsec_failed(parse(taken[i], &bytes, &e)));
    }
}

static void
what_does_not_fit_together_is_refused(void)
{
    static const char *const refused[] = {
        "{}",
        "{\"format\":\"nitro\",\"evidence\":\"AQID\"}",
        "{\"mode\":\"fresh\",\"evidence\":\"AQID\"}",
        "{\"format\":\"nitro\",\"mode\":\"fresh\"}",
        "{\"format\":\"nitro\",\"mode\":\"fresh\",\"evidence\":\"\"}",
        "{\"format\":\"nitro\",\"mode\":\"fresh\",\"evidence\":\"AQ==\"}",
        "{\"format\":\"nitro\",\"mode\":\"fresher\",\"evidence\":\"AQID\"}",
        "{\"format\":\"none\",\"mode\":\"fresh\",\"evidence\":\"AQID\"}",
        "{\"format\":\"none\",\"mode\":\"none\",\"evidence\":\"AQID\"}",
        "{\"format\":\"nitro\",\"mode\":\"none\"}",
        "{\"format\":\"none\",\"mode\":\"resumed\",\"collateral\":[\"AQID\"]}",
        "{\"format\":\"snp\",\"mode\":\"identity\",\"evidence\":\"AQID\"}",
        "{\"format\":\"snp\",\"mode\":\"identity\",\"evidence\":\"AQID\",\"made_at\":0}",
        "{\"format\":\"snp\",\"mode\":\"identity\",\"evidence\":\"AQID\",\"made_at\":-1}",
        "{\"format\":\"snp\",\"mode\":\"fresh\",\"evidence\":\"AQID\",\"bind\":\"tpm32\"}",
        "{\"format\":\"snp\",\"mode\":\"fresh\",\"evidence\":\"AQID\",\"collateral\":\"AQID\"}",
        "{\"format\":\"snp\",\"mode\":\"fresh\",\"evidence\":\"AQID\",\"collateral\":[1]}",
        "{\"format\":\"snp\",\"mode\":\"fresh\",\"evidence\":\"AQID\",\"role\":\"\"}",
        "{\"format\":\"snp\",\"mode\":\"fresh\",\"evidence\":\"AQID\",\"role\":\"a\\nb\"}",
        "{\"format\":\"snp\",\"mode\":\"fresh\",\"evidence\":\"AQID\",\"evidence\":\"AQID\"}",
    };
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    struct amc_evidence e;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(refused); i++) {
        CU_ASSERT_EQUAL(parse(refused[i], &bytes, &e).code, TSEC_E_INVALID);
    }
}

static void
collateral_is_bounded_in_number(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(4096);
    struct amc_evidence e;

    for (int n = AMC_COLLATERAL_MAX; n <= AMC_COLLATERAL_MAX + 1; n++) {
        tsec_buf_reset(&text);
        tsec_buf_reset(&bytes);
        tsec_buf_put_str(
            &text, "{\"format\":\"snp\",\"mode\":\"fresh\",\"evidence\":\"AQID\",\"collateral\":[");
        for (int i = 0; i < n; i++) {
            tsec_buf_put_str(&text, i == 0 ? "\"AQID\"" : ",\"AQID\"");
        }
        tsec_buf_put_str(&text, "]}");
        CU_ASSERT_EQUAL(tsec_failed(amc_evidence_parse(tsec_buf_span(&text), &bytes, &e, NULL)),
                        n > AMC_COLLATERAL_MAX);
    }
}

static void
each_format_is_asked_with_what_its_verifier_takes(void)
{
    static const struct tsec_span nonce = { (const uint8_t *)"nonce", 5 };
    static const struct tsec_span spki = { (const uint8_t *)"spki", 4 };
    uint8_t binding[AMC_HASH_LEN];
    struct amc_expect e;

    memset(binding, 0x11, sizeof(binding));
    amc_expect("nitro", AMC_RAW48, binding, nonce, spki, &e);
    CU_ASSERT_TRUE(tsec_span_equal(e.binding, tsec_span(binding, 48)));
    CU_ASSERT_TRUE(e.nonce.ptr == nonce.ptr && e.public_key.ptr == spki.ptr);
    amc_expect("snp", AMC_RAW48, binding, nonce, spki, &e);
    CU_ASSERT_EQUAL(e.binding.len, 64);
    CU_ASSERT_TRUE(tsec_span_starts(e.binding, tsec_span(binding, 48)));
    CU_ASSERT_TRUE(tsec_span_zero(tsec_span(e.binding.ptr + 48, 16)));
    CU_ASSERT_TRUE(e.nonce.ptr == NULL && e.public_key.ptr == NULL);
    amc_expect("az-snp-vtpm", AMC_TPM32, binding, nonce, spki, &e);
    CU_ASSERT_TRUE(tsec_span_equal(e.binding, tsec_span(binding, 32)));
    CU_ASSERT_TRUE(e.nonce.ptr == NULL && e.public_key.ptr == NULL);
    amc_expect("maa", AMC_MAA32, binding, nonce, spki, &e);
    CU_ASSERT_TRUE(tsec_span_equal(e.binding, tsec_span(binding, 48)));
    CU_ASSERT_TRUE(e.nonce.ptr == nonce.ptr && e.public_key.ptr == NULL);
}

static void
a_plugin_is_asked_for_the_same_bytes(void)
{
    uint8_t binding[AMC_HASH_LEN];
    uint8_t asked[64];
    struct amc_expect e;
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(256);

    memset(binding, 0xff, sizeof(binding));
    amc_request_binding(AMC_RAW48, binding, asked);
    amc_expect("sim-v1", AMC_RAW48, binding, tsec_span(NULL, 0), tsec_span(NULL, 0), &e);
    CU_ASSERT_TRUE(tsec_span_equal(e.binding, tsec_span(asked, 64)));
    amc_request_binding(AMC_TPM32, binding, asked);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_span(asked, 32), tsec_span(binding, 32)));
    CU_ASSERT_TRUE(tsec_span_zero(tsec_span(asked + 32, 32)));
    amc_runtime_data(binding, tsec_span_str("\x01\x02\x03"), &text);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&text),
                                "{\"amc\":\"________________________________"
                                "________________________________\",\"nonce\":\"AQID\"}"));
}

static const struct test_case cases[] = {
    { "what is written is read", what_is_written_is_read },
    { "each mode has what it needs", each_mode_has_what_it_needs },
    { "what does not fit together is refused", what_does_not_fit_together_is_refused },
    { "collateral is bounded in number", collateral_is_bounded_in_number },
    { "each format is asked with what its verifier takes",
      each_format_is_asked_with_what_its_verifier_takes },
    { "a plugin is asked for the same bytes", a_plugin_is_asked_for_the_same_bytes },
};

TEST_MAIN("amc/evidence", cases)
