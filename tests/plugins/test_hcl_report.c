/* SPDX-License-Identifier: Apache-2.0 */
#include "hcl_report.h"

#include "crypto/crypto.h"
#include "tests/mint/mint_hcl.h"
#include "tests/test.h"

enum { BLOB_MAX = 64 * 1024 };

static const char runtime[] = "{\"keys\":[]}";

static void
mint(uint8_t report[static MINT_SNP_REPORT_LEN], struct tsec_buf *blob)
{
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P384);
    struct mint_snp_vek vek;

    CU_ASSERT_EQUAL_FATAL(tsec_crypto_setup(NULL).code, 0);
    mint_snp_vek_init(&vek, "Milan", false);
    mint_snp_report(2, &vek, report);
    mint_hcl(report, key, tsec_span_str(runtime), blob);
}

static void
report_and_runtime_data_are_found(void)
{
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(BLOB_MAX);
    uint8_t report[MINT_SNP_REPORT_LEN];
    struct hcl_report hcl;

    mint(report, &blob);
    CU_ASSERT_TRUE(hcl_report_is(tsec_buf_span(&blob)));
    CU_ASSERT_EQUAL_FATAL(hcl_report_parse(tsec_buf_span(&blob), &hcl, NULL).code, 0);
    CU_ASSERT_TRUE(tsec_span_equal(hcl.snp_report, tsec_span(report, sizeof(report))));
    CU_ASSERT_TRUE(tsec_span_is(hcl.runtime, runtime));
    CU_ASSERT_EQUAL(hcl.version, 1);
}

static void
one_field_changed_is_refused(void)
{
    static const struct {
        size_t at;
        uint8_t value;
        bool good;
    } cases[] = {
        { 0, 'h', false },
        { MINT_HCL_VERSION, 0, false },
        { MINT_HCL_VERSION, 2, true },
        { MINT_HCL_VERSION, 3, false },
        { MINT_HCL_REPORT_SIZE, 1, false },
        { MINT_HCL_REQUEST, 1, false },
        { MINT_HCL_STATUS, 1, false },
        { MINT_HCL_STATUS + 4, 1, false }, /* reserved */
        { MINT_HCL_REPORT - 1, 1, false },
        { MINT_HCL_DATA_SIZE, 1, false },
        { MINT_HCL_DATA_SIZE + 4, 2, false }, /* version of the data */
        { MINT_HCL_REPORT_TYPE, 4, false },   /* TDX */
        { MINT_HCL_HASH_TYPE, 0, false },
        { MINT_HCL_HASH_TYPE, 2, true },
        { MINT_HCL_HASH_TYPE, 3, true },
        { MINT_HCL_HASH_TYPE, 4, false },
        { MINT_HCL_JSON_SIZE, 1, false },
        { MINT_HCL_JSON_SIZE + 3, 0xff, false },
        { MINT_HCL_LEN - 1, 1, false }, /* behind the runtime data */
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(cases); i++) {
        TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(BLOB_MAX);
        uint8_t report[MINT_SNP_REPORT_LEN];
        struct hcl_report hcl;

        mint(report, &blob);
        blob.ptr[cases[i].at] = cases[i].value;
        CU_ASSERT_EQUAL(hcl_report_parse(tsec_buf_span(&blob), &hcl, NULL).code,
                        cases[i].good ? 0 : TSEC_E_INVALID);
    }
}

static void
it_may_be_cut_behind_the_runtime_data_and_not_within(void)
{
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(BLOB_MAX);
    uint8_t report[MINT_SNP_REPORT_LEN];
    const size_t len = MINT_HCL_JSON + sizeof(runtime) - 1;
    struct hcl_report hcl;

    mint(report, &blob);
    CU_ASSERT_EQUAL(hcl_report_parse(tsec_span(blob.ptr, len), &hcl, NULL).code, 0);
    CU_ASSERT_EQUAL(hcl_report_parse(tsec_span(blob.ptr, len - 1), &hcl, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(hcl_report_parse(tsec_span(blob.ptr, MINT_HCL_JSON - 1), &hcl, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(hcl_report_parse(tsec_span(blob.ptr, 4), &hcl, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(hcl_report_parse(tsec_span(NULL, 0), &hcl, NULL).code, TSEC_E_INVALID);
}

static void
report_data_is_the_digest_and_zeros(void)
{
    static const enum tsec_hash hashes[] = { TSEC_SHA256, TSEC_SHA384, TSEC_SHA512 };
    struct hcl_report hcl = { .runtime = tsec_span_str(runtime) };
    uint8_t data[64];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(hashes); i++) {
        hcl.hash = hashes[i];
        memset(data, 0, sizeof(data));
        tsec_hash_parts(hashes[i], &hcl.runtime, 1, data);
        CU_ASSERT_TRUE(hcl_report_holds(&hcl, tsec_span(data, sizeof(data))));
        data[63] ^= 1;
        CU_ASSERT_FALSE(hcl_report_holds(&hcl, tsec_span(data, sizeof(data))));
        data[63] ^= 1;
        data[0] ^= 1;
        CU_ASSERT_FALSE(hcl_report_holds(&hcl, tsec_span(data, sizeof(data))));
        data[0] ^= 1;
        CU_ASSERT_FALSE(hcl_report_holds(&hcl, tsec_span(data, 16)));
        hcl.hash = hashes[(i + 1) % TSEC_ARRAY_LEN(hashes)];
        CU_ASSERT_FALSE(hcl_report_holds(&hcl, tsec_span(data, sizeof(data))));
    }
}

static const struct test_case cases[] = {
    { "report and runtime data are found", report_and_runtime_data_are_found },
    { "one field changed is refused", one_field_changed_is_refused },
    { "it may be cut behind the runtime data and not within",
      it_may_be_cut_behind_the_runtime_data_and_not_within },
    { "report_data is the digest and zeros", report_data_is_the_digest_and_zeros },
};

TEST_MAIN("hcl_report", cases)
