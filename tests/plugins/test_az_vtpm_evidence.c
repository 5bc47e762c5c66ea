/* SPDX-License-Identifier: Apache-2.0 */
#include "az_vtpm_evidence.h"

#include "tests/plugins/az_rig.h"

static bool
same(const struct tsec_buf *a, const struct tsec_buf *b)
{
    return tsec_span_equal(tsec_buf_span(a), tsec_buf_span(b));
}

static void
the_versions_in_use_say_the_same(void)
{
    AZ_AUTO_RIG struct az_rig rig;

    az_rig_init(&rig, tsec_span_str("challenge"));
    for (int version = 0; version <= 2; version++) {
        TSEC_AUTO_BUF struct tsec_buf json = TSEC_BUF_INIT(AZ_EVIDENCE_MAX);
        AZ_VTPM_AUTO_EVIDENCE struct az_vtpm_evidence evidence;

        az_rig_json(&rig, version, &json);
        CU_ASSERT_EQUAL_FATAL(az_vtpm_evidence_parse(tsec_buf_span(&json), &evidence, NULL).code,
                              0);
        CU_ASSERT_TRUE(evidence.has_quote);
        CU_ASSERT_TRUE(same(&evidence.hcl, &rig.hcl));
        CU_ASSERT_TRUE(same(&evidence.message, &rig.message));
        CU_ASSERT_TRUE(same(&evidence.signature, &rig.signature));
        CU_ASSERT_TRUE(same(&evidence.pcrs, &rig.pcrs));
        CU_ASSERT_EQUAL(collateral_certs(evidence.carried), 1);
    }
}

static void
a_bare_report_is_evidence_without_a_quote(void)
{
    AZ_AUTO_RIG struct az_rig rig;
    AZ_VTPM_AUTO_EVIDENCE struct az_vtpm_evidence evidence;

    az_rig_init(&rig, tsec_span_str("challenge"));
    CU_ASSERT_EQUAL_FATAL(az_vtpm_evidence_parse(tsec_buf_span(&rig.hcl), &evidence, NULL).code, 0);
    CU_ASSERT_FALSE(evidence.has_quote);
    CU_ASSERT_PTR_NULL(evidence.carried);
    CU_ASSERT_TRUE(same(&evidence.hcl, &rig.hcl));
}

#define PCR   "\"0000000000000000000000000000000000000000000000000000000000000000\""
#define QUOTE "{\"message\":\"00\",\"signature\":\"00\",\"pcrs\":[" PCR "]}"

static const struct {
    const char *json;
    bool good;
} forms[] = {
    { "{\"hcl_report\":\"00\"}", true },
    { "{\"report\":[0]}", true },
    { " {\"hcl_report\":\"00\",\"note\":1} ", true },
    { "{\"hcl_report\":\"00\",\"quote\":" QUOTE "}", true },
    { "{\"hcl_report\":\"00\",\"tpm_quote\":" QUOTE "}", true },
    { "{\"hcl_report\":\"00\",\"version\":0}", true },
    { "{\"hcl_report\":\"00\",\"certificates\":[]}", true },
    { "{\"hcl_report\":\"00\",\"version\":3}", false },
    { "{\"hcl_report\":\"00\",\"version\":\"1\"}", false },
    { "{\"hcl_report\":\"00\",\"version\":-1}", false },
    /* one of each, and once */
    { "{}", false },
    { "{\"hcl_report\":\"00\",\"report\":[0]}", false },
    { "{\"hcl_report\":\"00\",\"quote\":" QUOTE ",\"tpm_quote\":" QUOTE "}", false },
    { "{\"hcl_report\":\"00\",\"hcl_report\":\"00\"}", false },
    { "{\"hcl_report\":null}", false },
    { "{\"hcl_report\":\"-\"}", false },
    /* a quote is whole */
    { "{\"hcl_report\":\"00\",\"quote\":null}", false },
    { "{\"hcl_report\":\"00\",\"quote\":[]}", false },
    { "{\"hcl_report\":\"00\",\"quote\":{}}", false },
    { "{\"hcl_report\":\"00\",\"quote\":{\"message\":\"00\",\"signature\":\"00\"}}", false },
    { "{\"hcl_report\":\"00\",\"quote\":{\"message\":\"00\",\"pcrs\":[]}}", false },
    { "{\"hcl_report\":\"00\",\"quote\":{\"message\":\"00\",\"signature\":\"00\",\"pcrs\":{}}}",
      false },
    { "{\"hcl_report\":\"00\",\"quote\":{\"message\":\"00\",\"signature\":\"00\",\"pcrs\":[\"00\"]"
      "}}",
      false },
    /* certificates are some */
    { "{\"hcl_report\":\"00\",\"vcek\":\"\"}", false },
    { "{\"hcl_report\":\"00\",\"vcek\":\"AAAA\"}", false },
    { "{\"hcl_report\":\"00\",\"vcek\":7}", false },
    { "{\"hcl_report\":\"00\",\"vcek\":\"-----BEGIN CERTIFICATE-----\"}", false },
    { "{\"hcl_report\":\"00\",\"certificates\":{}}", false },
    { "{\"hcl_report\":\"00\",\"certificates\":[7]}", false },
    { "[]", false },
    { "\"00\"", false },
    { "{\"hcl_report\":\"00\"}x", false },
    { "{\"hcl_report\":\"00\"", false },
    { "", false },
};

static void
other_forms_are_refused(void)
{
    AZ_AUTO_RIG struct az_rig rig; /* for the library's setup */

    az_rig_init(&rig, tsec_span_str(""));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(forms); i++) {
        AZ_VTPM_AUTO_EVIDENCE struct az_vtpm_evidence evidence;
        const tsec_rc rc = az_vtpm_evidence_parse(tsec_span_str(forms[i].json), &evidence, NULL);

        CU_ASSERT_EQUAL(rc.code, forms[i].good ? 0 : TSEC_E_INVALID);
        if ((rc.code == 0) != forms[i].good) {
            (void)printf("\n    %s\n", forms[i].json);
        }
        if (!forms[i].good) {
            AZ_REFUSED(&rig, az_rig_run_text(&rig, forms[i].json), MALFORMED, "evidence");
        }
    }
}

static void
sizes_are_bounded(void)
{
    AZ_AUTO_RIG struct az_rig rig;
    TSEC_AUTO_BUF struct tsec_buf big = TSEC_BUF_INIT(TSEC_EVIDENCE_MAX + 1);
    AZ_VTPM_AUTO_EVIDENCE struct az_vtpm_evidence evidence;

    az_rig_init(&rig, tsec_span_str(""));
    tsec_buf_put_span(&big, tsec_buf_span(&rig.hcl));
    (void)tsec_buf_extend(&big, TSEC_EVIDENCE_MAX + 1 - big.len);
    CU_ASSERT_EQUAL(az_vtpm_evidence_parse(tsec_buf_span(&big), &evidence, NULL).code,
                    TSEC_E_INVALID);
    az_vtpm_evidence_done(&evidence);
    tsec_buf_truncate(&big, 40 * 1024); /* more than an NV index holds */
    CU_ASSERT_EQUAL(az_vtpm_evidence_parse(tsec_buf_span(&big), &evidence, NULL).code,
                    TSEC_E_INVALID);
}

static const struct test_case cases[] = {
    { "the versions in use say the same", the_versions_in_use_say_the_same },
    { "a bare report is evidence without a quote", a_bare_report_is_evidence_without_a_quote },
    { "other forms are refused", other_forms_are_refused },
    { "sizes are bounded", sizes_are_bounded },
};

TEST_MAIN("az_vtpm_evidence", cases)
