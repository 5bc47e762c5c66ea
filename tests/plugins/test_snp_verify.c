/* SPDX-License-Identifier: Apache-2.0 */
#include "snp_verify.h"

#include "tests/plugins/snp_rig.h"

static struct tsec_span
report_data(const struct snp_rig *rig)
{
    return tsec_span(rig->report + MINT_SNP_REPORT_DATA, 64);
}

static uint64_t
number(const struct snp_rig *rig, const char *name)
{
    const struct tsec_claim *claim = tsec_claims_find(&rig->claims, name);

    return claim == NULL || claim->kind != TSEC_CLAIM_NUMBER ? UINT64_MAX : claim->number;
}

static bool
says(const struct snp_rig *rig, const char *name, const void *bytes, size_t len)
{
    const struct tsec_claim *claim = tsec_claims_find(&rig->claims, name);

    return claim != NULL
           && tsec_span_equal(tsec_span(claim->value, claim->len), tsec_span(bytes, len));
}

static void
the_claims_are_those_of_the_report(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Turin", false, 5);
    snp_rig_endorse(&rig);
    SNP_GENUINE(&rig);
    CU_ASSERT_STRING_EQUAL(rig.claims.tee, "snp");
    CU_ASSERT_STRING_EQUAL(rig.claims.format, "snp");
    CU_ASSERT_STRING_EQUAL(rig.claims.hardware_model, "Turin");
    CU_ASSERT_TRUE(tsec_span_equal(tsec_span(rig.claims.measurement, rig.claims.measurement_len),
                                   tsec_span(rig.report + MINT_SNP_MEASUREMENT, 48)));
    CU_ASSERT_EQUAL(rig.claims.signer_len, 48);
    CU_ASSERT_EQUAL(strncmp(rig.claims.instance, "c0c1c2c3c4c5c6c700", 18), 0);
    CU_ASSERT_TRUE(rig.claims.has_svn);
    CU_ASSERT_EQUAL(rig.claims.svn, 7);
    CU_ASSERT_FALSE(rig.claims.debug || rig.claims.simulated || rig.claims.has_issued_at);
    CU_ASSERT_EQUAL(rig.claims.tcb_status, TSEC_TCB_NONE);
    CU_ASSERT_EQUAL(number(&rig, "tcb_fmc"), 1);
    CU_ASSERT_EQUAL(number(&rig, "tcb_bootloader"), 4);
    CU_ASSERT_EQUAL(number(&rig, "tcb_tee"), 0);
    CU_ASSERT_EQUAL(number(&rig, "tcb_snp"), 24);
    CU_ASSERT_EQUAL(number(&rig, "tcb_microcode"), 219);
    CU_ASSERT_EQUAL(number(&rig, "policy"), 0x30000);
    CU_ASSERT_EQUAL(number(&rig, "vmpl"), 0);
    CU_ASSERT_TRUE(says(&rig, "signing_key", "VCEK", 4));
    CU_ASSERT_TRUE(says(&rig, "host_data", rig.report + 0xc0, 32));
    CU_ASSERT_TRUE(says(&rig, "id_key", rig.report + 0xe0, 48));
    CU_ASSERT_TRUE(says(&rig, "chip_id", rig.report + MINT_SNP_CHIP_ID, 64));
    CU_ASSERT_PTR_NULL(tsec_claims_find(&rig.claims, "author_key"));
    CU_ASSERT_PTR_NULL(tsec_claims_find(&rig.claims, "csp_id"));
}

static void
a_vlek_tells_the_provider_and_no_chip(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", true, 3);
    snp_rig_endorse(&rig);
    SNP_GENUINE(&rig);
    CU_ASSERT_TRUE(says(&rig, "signing_key", "VLEK", 4));
    CU_ASSERT_TRUE(says(&rig, "csp_id", rig.vek.csp_id, strlen(rig.vek.csp_id)));
    CU_ASSERT_PTR_NULL(tsec_claims_find(&rig.claims, "chip_id"));
    CU_ASSERT_STRING_EQUAL(rig.claims.instance, "");
    CU_ASSERT_PTR_NULL(tsec_claims_find(&rig.claims, "tcb_fmc"));
}

/* Section 6.3, 23: versions 1 and 6. */
static void
reports_of_other_versions_are_refused(void)
{
    static const uint8_t versions[] = { 0, 1, 6, 255 };
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_endorse(&rig);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(versions); i++) {
        rig.report[0] = versions[i];
        snp_rig_sign(&rig);
        SNP_REFUSED(&rig, MALFORMED, "report");
    }
    CU_ASSERT_TRUE(snp_rig_refused(&rig, snp_rig_verify(&rig, tsec_span(rig.report, 0)),
                                   TSEC_REASON_MALFORMED, "report"));
    CU_ASSERT_TRUE(snp_rig_refused(&rig, snp_rig_verify(&rig, tsec_span(rig.report, 1183)),
                                   TSEC_REASON_MALFORMED, "report"));
}

static void
the_binding_is_report_data_with_zeros_behind_it(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_endorse(&rig);
    rig.expect.binding = report_data(&rig);
    SNP_GENUINE(&rig);
    rig.expect.binding.len = 63;
    SNP_REFUSED(&rig, BINDING, "binding");
    CU_ASSERT_PTR_NOT_NULL(strstr(snp_rig_detail(&rig, "binding"), "expected dadada"));
    memset(rig.report + MINT_SNP_REPORT_DATA + 32, 0, 32);
    snp_rig_sign(&rig);
    SNP_GENUINE(&rig);
    rig.expect.binding.len = 32;
    SNP_GENUINE(&rig);
    rig.expect.binding.len = 31;
    SNP_REFUSED(&rig, BINDING, "binding");
    rig.expect.binding.len = 0; /* expected empty */
    SNP_REFUSED(&rig, BINDING, "binding");
    memset(rig.report + MINT_SNP_REPORT_DATA, 0, 64);
    snp_rig_sign(&rig);
    SNP_GENUINE(&rig);
}

static void
a_binding_that_is_too_long_is_refused(void)
{
    SNP_AUTO_RIG struct snp_rig rig;
    uint8_t binding[65];

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_endorse(&rig);
    memset(binding, 0xda, sizeof(binding));
    rig.expect.binding = tsec_span(binding, sizeof(binding));
    SNP_REFUSED(&rig, BINDING, "binding");
}

/* Section 6.3, 11 and 14: what a report cannot show is not shown. */
static void
a_nonce_key_or_age_that_it_has_no_place_for_is_refused(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_endorse(&rig);
    rig.expect.nonce = report_data(&rig);
    SNP_REFUSED(&rig, NONCE, "nonce");
    rig.expect.nonce.len = 0;
    SNP_GENUINE(&rig);
    rig.expect.public_key = report_data(&rig);
    SNP_REFUSED(&rig, PUBLIC_KEY, "public-key");
    rig.expect.public_key.len = 0;
    SNP_GENUINE(&rig);
    rig.expect.max_age_s = 60;
    SNP_REFUSED(&rig, STALE, "age");
    rig.expect.binding = report_data(&rig);
    SNP_GENUINE(&rig);
}

/* The bits of a report are read without any certificate. */
static void
decoding_judges_nothing(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Genoa", false, 3);
    memset(rig.report + MINT_SNP_SIGNATURE, 0xff, 144);
    memset(&rig.claims, 0, sizeof(rig.claims));
    CU_ASSERT_EQUAL(snp_decode(tsec_span(rig.report, sizeof(rig.report)), &rig.claims, NULL).code,
                    0);
    CU_ASSERT_STRING_EQUAL(rig.claims.hardware_model, "Genoa");
    CU_ASSERT_EQUAL(number(&rig, "tcb_snp"), 24);
    CU_ASSERT_EQUAL(snp_decode(tsec_span(rig.report, 1000), &rig.claims, NULL).code,
                    TSEC_E_INVALID);
}

/* Claims are there for a person to read when the verification fails. */
static void
claims_are_filled_also_of_what_is_refused(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", false, 3);
    SNP_REFUSED(&rig, NO_ENDORSEMENT, "vek");
    CU_ASSERT_EQUAL(rig.claims.measurement_len, 48);
    CU_ASSERT_EQUAL(number(&rig, "tcb_snp"), 24);
}

static void
no_account_is_needed(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", false, 3);
    rig.expect.checks = NULL;
    CU_ASSERT_EQUAL(snp_rig_run(&rig).code, TSEC_E_DENIED);
    snp_rig_endorse(&rig);
    CU_ASSERT_EQUAL(snp_rig_run(&rig).code, 0);
}

static const struct test_case cases[] = {
    { "the claims are those of the report", the_claims_are_those_of_the_report },
    { "a VLEK tells the provider and no chip", a_vlek_tells_the_provider_and_no_chip },
    { "reports of other versions are refused", reports_of_other_versions_are_refused },
    { "the binding is report_data with zeros behind it",
      the_binding_is_report_data_with_zeros_behind_it },
    { "a binding that is too long is refused", a_binding_that_is_too_long_is_refused },
    { "a nonce, key or age that it has no place for is refused",
      a_nonce_key_or_age_that_it_has_no_place_for_is_refused },
    { "decoding judges nothing", decoding_judges_nothing },
    { "claims are filled also of what is refused", claims_are_filled_also_of_what_is_refused },
    { "no account is needed", no_account_is_needed },
};

TEST_MAIN("snp_verify", cases)
