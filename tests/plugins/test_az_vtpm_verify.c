/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/az_rig.h"

static void
all_forms_of_evidence_are_verified(void)
{
    AZ_AUTO_RIG struct az_rig rig;

    az_rig_init(&rig, tsec_span_str("challenge"));
    for (int version = 0; version <= 2; version++) {
        TSEC_AUTO_BUF struct tsec_buf json = TSEC_BUF_INIT(AZ_EVIDENCE_MAX);

        az_rig_json(&rig, version, &json);
        AZ_GENUINE(&rig, snp_rig_verify_az(&rig.snp, tsec_buf_span(&json)));
    }
    AZ_REFUSED(&rig, az_rig_run_bare(&rig), NO_ENDORSEMENT, "vek");
    snp_rig_add_vek(&rig.snp, &rig.snp.vek);
    AZ_GENUINE(&rig, az_rig_run_bare(&rig));
}

static void
the_claims_are_of_report_runtime_data_and_quote(void)
{
    AZ_AUTO_RIG struct az_rig rig;
    const struct tsec_claims *claims = &rig.snp.claims;

    az_rig_init(&rig, tsec_span_str("challenge"));
    AZ_GENUINE(&rig, az_rig_run(&rig));
    CU_ASSERT_STRING_EQUAL(claims->tee, "azure-cvm");
    CU_ASSERT_STRING_EQUAL(claims->format, "az-snp-vtpm");
    CU_ASSERT_EQUAL(claims->measurement_len, 48);
    CU_ASSERT_EQUAL(claims->nonce_len, 9);
    CU_ASSERT_EQUAL(claims->user_data_len, 0);
    CU_ASSERT_EQUAL(tsec_claims_find(claims, "tcb_snp")->number, 24);
    CU_ASSERT_EQUAL(tsec_claims_find(claims, "pcr0")->value[0], 1);
    CU_ASSERT_EQUAL(tsec_claims_find(claims, "pcr23")->value[0], 24);
    CU_ASSERT_PTR_NOT_NULL(tsec_claims_find(claims, "vm_id"));
    CU_ASSERT_EQUAL(claims->not_after, rig.snp.vek.not_after);
    CU_ASSERT_TRUE(claims->entries_len < TSEC_CLAIM_ENTRIES);
}

/* PCRs that no quote vouches for are none. */
static void
a_bare_report_has_no_pcrs(void)
{
    AZ_AUTO_RIG struct az_rig rig;

    az_rig_init(&rig, tsec_span_str("challenge"));
    snp_rig_add_vek(&rig.snp, &rig.snp.vek);
    AZ_GENUINE(&rig, az_rig_run_bare(&rig));
    CU_ASSERT_PTR_NULL(tsec_claims_find(&rig.snp.claims, "pcr0"));
    CU_ASSERT_EQUAL(rig.snp.claims.nonce_len, 0);
}

static void
runtime_data_that_the_report_does_not_vouch_for_is_refused(void)
{
    AZ_AUTO_RIG struct az_rig rig;

    az_rig_init(&rig, tsec_span_str("challenge"));
    rig.hcl.ptr[MINT_HCL_JSON + 1] ^= 1;
    AZ_REFUSED(&rig, az_rig_run(&rig), SIGNATURE, "runtime-data");
    CU_ASSERT_PTR_NULL(tsec_claims_find(&rig.snp.claims, "vm_id"));
    rig.hcl.ptr[MINT_HCL_JSON + 1] ^= 1;
    AZ_GENUINE(&rig, az_rig_run(&rig));
    rig.snp.report[MINT_SNP_REPORT_DATA + 63] = 1; /* behind the digest */
    snp_rig_sign(&rig.snp);
    memcpy(rig.hcl.ptr + MINT_HCL_REPORT, rig.snp.report, MINT_SNP_REPORT_LEN);
    AZ_REFUSED(&rig, az_rig_run(&rig), SIGNATURE, "runtime-data");
}

static void
runtime_data_without_an_attestation_key_is_refused(void)
{
    static const char runtime[] = "{\"keys\":[]}";
    AZ_AUTO_RIG struct az_rig rig;

    az_rig_init(&rig, tsec_span_str("challenge"));
    tsec_buf_reset(&rig.hcl);
    mint_hcl(rig.snp.report, rig.snp.key, tsec_span_str(runtime), &rig.hcl);
    AZ_REFUSED(&rig, az_rig_run(&rig), MALFORMED, "runtime-data");
}

static void
a_report_that_was_not_made_by_the_paravisor_is_refused(void)
{
    AZ_AUTO_RIG struct az_rig rig;

    az_rig_init(&rig, tsec_span_str("challenge"));
    rig.snp.report[MINT_SNP_VMPL] = 2;
    az_rig_make(&rig);
    AZ_REFUSED(&rig, az_rig_run(&rig), POLICY, "vmpl");
}

static void
what_holds_of_reports_holds_of_those_within(void)
{
    AZ_AUTO_RIG struct az_rig rig;

    az_rig_init(&rig, tsec_span_str("challenge"));
    rig.snp.report[MINT_SNP_POLICY + 2] |= 8;
    az_rig_make(&rig);
    AZ_REFUSED(&rig, az_rig_run(&rig), DEBUG, "debug");
    rig.snp.report[MINT_SNP_POLICY + 2] ^= 8;
    az_rig_make(&rig);
    rig.hcl.ptr[MINT_HCL_REPORT + MINT_SNP_MEASUREMENT] ^= 1;
    AZ_REFUSED(&rig, az_rig_run(&rig), SIGNATURE, "signature");
    rig.snp.now = rig.snp.vek.not_after + 1;
    AZ_REFUSED(&rig, az_rig_run(&rig), EXPIRED, "chain");
}

static void
a_quote_of_another_vtpm_is_refused(void)
{
    AZ_AUTO_RIG struct az_rig rig;

    az_rig_init(&rig, tsec_span_str("challenge"));
    tsec_buf_reset(&rig.signature);
    mint_sign(mint_rsa(2048, 0), TSEC_SIG_RS256, tsec_buf_span(&rig.message), &rig.signature);
    AZ_REFUSED(&rig, az_rig_run(&rig), SIGNATURE, "quote");
    CU_ASSERT_PTR_NULL(tsec_claims_find(&rig.snp.claims, "pcr0"));
}

static void
pcrs_that_were_not_quoted_are_refused(void)
{
    AZ_AUTO_RIG struct az_rig rig;

    az_rig_init(&rig, tsec_span_str("challenge"));
    rig.pcrs.ptr[0] ^= 1;
    AZ_REFUSED(&rig, az_rig_run(&rig), SIGNATURE, "pcrs");
    rig.quote.wrong_digest = true;
    az_rig_make(&rig);
    AZ_REFUSED(&rig, az_rig_run(&rig), SIGNATURE, "pcrs");
    CU_ASSERT_PTR_NULL(tsec_claims_find(&rig.snp.claims, "pcr0"));
}

static void
every_byte_of_the_blob_counts(void)
{
    AZ_AUTO_RIG struct az_rig rig;

    az_rig_init(&rig, tsec_span_str("challenge"));
    snp_rig_add_vek(&rig.snp, &rig.snp.vek);
    rig.snp.cached = true;
    for (size_t i = 0; i < rig.hcl.len; i++) {
        rig.hcl.ptr[i] ^= 4;
        CU_ASSERT_TRUE(tsec_failed(az_rig_run_bare(&rig)));
        rig.hcl.ptr[i] ^= 4;
    }
    AZ_GENUINE(&rig, az_rig_run_bare(&rig));
}

static void
decoding_judges_nothing(void)
{
    AZ_AUTO_RIG struct az_rig rig;
    TSEC_AUTO_BUF struct tsec_buf json = TSEC_BUF_INIT(AZ_EVIDENCE_MAX);
    struct tsec_claims *claims = &rig.snp.claims;

    az_rig_init(&rig, tsec_span_str("challenge"));
    memset(rig.hcl.ptr + MINT_HCL_REPORT + MINT_SNP_SIGNATURE, 0xff, 100);
    memset(rig.signature.ptr, 0xff, 100);
    az_rig_json(&rig, 1, &json);
    CU_ASSERT_EQUAL(az_vtpm_decode(tsec_buf_span(&json), claims, NULL).code, 0);
    CU_ASSERT_STRING_EQUAL(claims->tee, "azure-cvm");
    CU_ASSERT_PTR_NOT_NULL(tsec_claims_find(claims, "pcr23"));
    CU_ASSERT_EQUAL(az_vtpm_decode(tsec_buf_span(&rig.hcl), claims, NULL).code, 0);
    CU_ASSERT_PTR_NULL(tsec_claims_find(claims, "pcr23"));
    rig.message.ptr[0] = 0;
    tsec_buf_reset(&json);
    az_rig_json(&rig, 1, &json);
    CU_ASSERT_EQUAL(az_vtpm_decode(tsec_buf_span(&json), claims, NULL).code, TSEC_E_INVALID);
    tsec_buf_truncate(&rig.pcrs, 32); /* fewer values than PCRs: as many as there are */
    rig.message.ptr[0] = 0xff;
    tsec_buf_reset(&json);
    az_rig_json(&rig, 1, &json);
    CU_ASSERT_EQUAL(az_vtpm_decode(tsec_buf_span(&json), claims, NULL).code, 0);
}

static const struct test_case cases[] = {
    { "all forms of evidence are verified", all_forms_of_evidence_are_verified },
    { "the claims are of report, runtime data and quote",
      the_claims_are_of_report_runtime_data_and_quote },
    { "a bare report has no PCRs", a_bare_report_has_no_pcrs },
    { "runtime data that the report does not vouch for is refused",
      runtime_data_that_the_report_does_not_vouch_for_is_refused },
    { "runtime data without an attestation key is refused",
      runtime_data_without_an_attestation_key_is_refused },
    { "a report that was not made by the paravisor is refused",
      a_report_that_was_not_made_by_the_paravisor_is_refused },
    { "what holds of reports holds of those within", what_holds_of_reports_holds_of_those_within },
    { "a quote of another vTPM is refused", a_quote_of_another_vtpm_is_refused },
    { "PCRs that were not quoted are refused", pcrs_that_were_not_quoted_are_refused },
    { "every byte of the blob counts", every_byte_of_the_blob_counts },
    { "decoding judges nothing", decoding_judges_nothing },
};

TEST_MAIN("az_vtpm_verify", cases)
