/* SPDX-License-Identifier: Apache-2.0 */
/* What vouches for the platform of a quote, and what it comes to. */
#include <string.h>

#include "appraisal/claims.h"
#include "quote_parse.h"
#include "tests/plugins/quote_rig.h"
#include "tests/test.h"

static struct quote_rig rig;

#define VERDICT_IS(expected) CU_ASSERT_STRING_EQUAL(quote_rig_verdict(&rig), expected)
#define BUF(name)            TSEC_AUTO_BUF struct tsec_buf name = TSEC_BUF_INIT((size_t)1 << 20)

static void
start(bool tdx)
{
    quote_rig_done(&rig);
    quote_rig_init(&rig, tdx);
}

/* ---- what is missing ---- */

static void
without_collateral_the_status_is_unknown(void)
{
    start(false);
    rig.no_tcb_info = rig.no_identity = rig.no_root_crl = rig.no_pck_crl = true;
    rig.no_signing_chain = true;
    VERDICT_IS("tcb tcb");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.err.detail, "unknown"));
    rig.expect.allow_tcb = TSEC_TCB_BIT(TSEC_TCB_OUT_OF_DATE);
    VERDICT_IS("tcb tcb");
    rig.expect.allow_tcb = TSEC_TCB_BIT(TSEC_TCB_UNKNOWN);
    VERDICT_IS("genuine");
    CU_ASSERT_EQUAL(rig.claims.tcb_status, TSEC_TCB_UNKNOWN);
    CU_ASSERT_FALSE(rig.claims.revocation_checked);
}

static void
without_a_qe_identity_the_status_is_unknown(void)
{
    start(true);
    rig.no_identity = true;
    VERDICT_IS("tcb tcb");
    rig.expect.allow_tcb = TSEC_TCB_ANY;
    VERDICT_IS("genuine");
    CU_ASSERT_EQUAL(rig.claims.tcb_status, TSEC_TCB_UNKNOWN);
    CU_ASSERT_TRUE(quote_rig_noted(&rig, "qe", "unknown status"));
}

static void
without_tcb_info_the_status_is_unknown(void)
{
    start(true);
    rig.no_tcb_info = true;
    VERDICT_IS("tcb tcb");
    rig.expect.allow_tcb = TSEC_TCB_ANY;
    VERDICT_IS("genuine");
    rig.spec.qe_report[SGX_SVN] = 5; /* a revoked QE is known to be that */
    VERDICT_IS("tcb tcb");
    CU_ASSERT_EQUAL(rig.claims.tcb_status, TSEC_TCB_REVOKED);
}

/* Even when any status is allowed. */
static void
a_qe_that_is_not_intel_s_is_refused_without_an_identity_too(void)
{
    start(false);
    rig.no_identity = true;
    rig.expect.allow_tcb = TSEC_TCB_ANY;
    rig.spec.qe_report[SGX_MRSIGNER] ^= 1;
    VERDICT_IS("chain qe");
    start(false);
    rig.no_identity = true;
    rig.expect.allow_tcb = TSEC_TCB_ANY;
    rig.spec.qe_report[SGX_ATTRIBUTES] |= 2;
    VERDICT_IS("chain qe");
}

static void
a_missing_crl_is_noted_and_refused_when_revocation_must_be_known(void)
{
    start(false);
    rig.no_pck_crl = true;
    VERDICT_IS("genuine");
    CU_ASSERT_FALSE(rig.claims.revocation_checked);
    CU_ASSERT_TRUE(quote_rig_noted(&rig, "revocation", "not checked"));
    rig.expect.require_revocation = true;
    VERDICT_IS("collateral revocation");
    rig.no_pck_crl = false;
    VERDICT_IS("genuine");
    rig.no_root_crl = true;
    VERDICT_IS("collateral revocation");
}

static void
documents_without_signature_or_signer_are_refused(void)
{
    start(false);
    rig.no_signatures = true;
    VERDICT_IS("collateral tcb-info");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.err.detail, "its signature is missing"));
    start(false);
    rig.no_signing_chain = true;
    VERDICT_IS("collateral tcb-info");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.err.detail, "issuer chain is missing"));
}

/* ---- what is wrong ---- */

static void
a_revoked_pck_is_refused_whatever_is_allowed(void)
{
    start(false);
    rig.expect.allow_tcb = TSEC_TCB_ANY;
    rig.pck_revokes = rig.spec.certs[MINT_SGX_PCK].serial;
    VERDICT_IS("revoked revocation");
    rig.pck_revokes++;
    VERDICT_IS("genuine");
}

static void
a_revoked_ca_or_signer_is_refused(void)
{
    start(false);
    rig.root_revokes = rig.spec.certs[MINT_SGX_CA].serial;
    VERDICT_IS("revoked revocation");
    start(false);
    rig.root_revokes = rig.spec.certs[MINT_SGX_SIGNING].serial;
    VERDICT_IS("revoked revocation");
}

static void
tcb_info_signed_by_a_stranger_is_refused(void)
{
    start(true);
    rig.info_signer = MINT_SGX_STRANGER;
    VERDICT_IS("collateral tcb-info");
    /* of a key of Intel's that has another purpose */
    rig.info_signer = MINT_SGX_PCK;
    VERDICT_IS("collateral tcb-info");
}

static void
a_signer_that_the_root_did_not_sign_is_refused(void)
{
    start(true);
    rig.spec.signers[MINT_SGX_SIGNING] = MINT_SGX_STRANGER;
    VERDICT_IS("collateral tcb-info");
}

static void
a_signer_of_another_name_is_none(void)
{
    start(true);
    rig.spec.certs[MINT_SGX_SIGNING].cn = "Intel SGX PCK Certificate";
    VERDICT_IS("collateral tcb-info");
}

/* The signature is over the bytes as they were: space in another place changes them. */
static void
tcb_info_written_otherwise_keeps_its_own_signature_only(void)
{
    BUF(body);
    BUF(spaced);
    BUF(wrapped);

    start(false);
    mint_sgx_tcb_info(&rig.spec, &body);
    tsec_buf_put_str(&spaced, "{ ");
    tsec_buf_put(&spaced, body.ptr + 1, body.len - 1);
    mint_sgx_wrap("tcbInfo", tsec_buf_span(&spaced), MINT_SGX_SIGNING, &wrapped);
    rig.tcb_info = tsec_buf_span(&wrapped);
    VERDICT_IS("genuine");
    /* the same text with the signature over the other */
    tsec_buf_reset(&spaced);
    mint_sgx_wrap("tcbInfo", tsec_buf_span(&body), MINT_SGX_SIGNING, &spaced);
    tsec_buf_reset(&wrapped);
    tsec_buf_put_str(&wrapped, "{\"tcbInfo\":{ ");
    tsec_buf_put(&wrapped, spaced.ptr + 12, spaced.len - 12);
    rig.tcb_info = tsec_buf_span(&wrapped);
    VERDICT_IS("collateral tcb-info");
}

static void
tampered_tcb_info_is_refused(void)
{
    BUF(body);
    BUF(wrapped);
    uint8_t *svn;

    start(false);
    rig.spec.platform.components[0] = 4; /* one below the first level */
    mint_sgx_tcb_info(&rig.spec, &body);
    mint_sgx_wrap("tcbInfo", tsec_buf_span(&body), MINT_SGX_SIGNING, &wrapped);
    rig.tcb_info = tsec_buf_span(&wrapped);
    VERDICT_IS("tcb tcb");
    svn = memmem(wrapped.ptr, wrapped.len, "\"svn\":5", 7);
    CU_ASSERT_PTR_NOT_NULL_FATAL(svn);
    svn[6] = '4'; /* which it would reach */
    VERDICT_IS("collateral tcb-info");
}

static void
expired_collateral_is_refused(void)
{
    start(false);
    rig.spec.next_update = "2027-01-15T08:00:00Z"; /* now */
    VERDICT_IS("genuine");
    rig.spec.next_update = "2027-01-15T07:59:59Z";
    VERDICT_IS("expired tcb-info");
    start(false);
    rig.spec.identity_next_update = "2027-01-15T07:59:59Z";
    VERDICT_IS("expired qe-identity");
    start(false);
    rig.spec.certs[MINT_SGX_SIGNING].not_after = MINT_SGX_NOW - 1;
    VERDICT_IS("expired tcb-info");
    rig.spec.signers[MINT_SGX_SIGNING] = MINT_SGX_STRANGER; /* worse than expired */
    VERDICT_IS("collateral tcb-info");
}

static void
collateral_that_is_not_valid_yet_is_refused(void)
{
    start(false);
    rig.spec.issue_date = "2027-01-15T08:00:00Z"; /* now */
    VERDICT_IS("genuine");
    rig.spec.issue_date = "2027-01-15T08:00:01Z";
    VERDICT_IS("not-yet-valid tcb-info");
}

/* ---- which of several ---- */

static void
tcb_info_of_another_platform_counts_as_missing(void)
{
    start(false);
    rig.spec.info_fmspc[0] ^= 1;
    VERDICT_IS("tcb tcb");
    CU_ASSERT_TRUE(quote_rig_noted(&rig, "tcb-info", "none in the collateral"));
    start(false);
    rig.spec.info_pce_id[1] ^= 1;
    VERDICT_IS("tcb tcb");
    start(false);
    rig.spec.identity_id = "TD_QE";
    VERDICT_IS("tcb tcb");
}

static void
of_several_the_newest_that_is_genuine_and_current_counts(void)
{
    struct mint_sgx other;
    BUF(old_body);
    BUF(old);
    BUF(forged_body);
    BUF(forged);
    BUF(expired_body);
    BUF(expired);

    start(false);
    other = rig.spec;
    other.evaluation = 19;
    other.levels[0].status = "OutOfDate";
    mint_sgx_tcb_info(&other, &old_body);
    mint_sgx_wrap("tcbInfo", tsec_buf_span(&old_body), MINT_SGX_SIGNING, &old);
    other.evaluation = 22;
    other.levels[0].status = "Revoked";
    mint_sgx_tcb_info(&other, &forged_body);
    mint_sgx_wrap("tcbInfo", tsec_buf_span(&forged_body), MINT_SGX_STRANGER, &forged);
    other.evaluation = 23;
    other.next_update = "2027-01-15T07:59:59Z";
    mint_sgx_tcb_info(&other, &expired_body);
    mint_sgx_wrap("tcbInfo", tsec_buf_span(&expired_body), MINT_SGX_SIGNING, &expired);
    rig.more[0] = tsec_buf_span(&old);
    rig.more[1] = tsec_buf_span(&forged);
    rig.more[2] = tsec_buf_span(&expired);
    rig.more_len = 3;
    VERDICT_IS("genuine");
    CU_ASSERT_TRUE(quote_rig_noted(&rig, "tcb-info", "evaluation data 20"));
    /* and without it, the older one */
    rig.no_tcb_info = true;
    VERDICT_IS("tcb tcb");
    CU_ASSERT_TRUE(quote_rig_noted(&rig, "tcb-info", "evaluation data 19"));
}

static void
loose_signatures_are_matched_by_trying(void)
{
    start(true);
    rig.loose = true;
    VERDICT_IS("genuine");
}

/* ---- what it comes to ---- */

static void
a_platform_that_is_out_of_date_needs_to_be_allowed(void)
{
    start(false);
    rig.spec.platform.components[3] = 4;
    VERDICT_IS("tcb tcb");
    CU_ASSERT_EQUAL(rig.claims.tcb_status, TSEC_TCB_OUT_OF_DATE);
    rig.expect.allow_tcb = TSEC_TCB_BIT(TSEC_TCB_SW_HARDENING_NEEDED);
    VERDICT_IS("tcb tcb");
    rig.expect.allow_tcb = TSEC_TCB_BIT(TSEC_TCB_OUT_OF_DATE);
    VERDICT_IS("genuine");
    CU_ASSERT_STRING_EQUAL(rig.claims.advisories, "INTEL-SA-00615,INTEL-SA-00657");
    CU_ASSERT_STRING_EQUAL(rig.claims.tcb_date, "2025-08-09T00:00:00Z");
}

static void
revoked_and_no_level_are_refused_whatever_is_allowed(void)
{
    start(true);
    rig.expect.allow_tcb = UINT32_MAX;
    rig.spec.platform.components[3] = 3;
    rig.spec.body[2] = 3;
    VERDICT_IS("tcb tcb");
    CU_ASSERT_EQUAL(rig.claims.tcb_status, TSEC_TCB_REVOKED);
    rig.spec.platform.components[3] = 2;
    VERDICT_IS("tcb tcb");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.err.detail, "no matching level"));
}

static void
a_qe_below_its_identity_s_levels_is_refused(void)
{
    start(false);
    rig.expect.allow_tcb = UINT32_MAX;
    rig.spec.qe_report[SGX_SVN] = 6;
    VERDICT_IS("genuine");
    CU_ASSERT_EQUAL(rig.claims.tcb_status, TSEC_TCB_OUT_OF_DATE);
    rig.spec.qe_report[SGX_SVN] = 5;
    VERDICT_IS("tcb tcb");
    CU_ASSERT_EQUAL(rig.claims.tcb_status, TSEC_TCB_REVOKED);
    rig.spec.qe_report[SGX_SVN] = 4;
    VERDICT_IS("tcb tcb");
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.err.detail, "no matching level"));
}

static void
a_qe_that_is_not_the_identity_s_is_refused(void)
{
    start(false);
    rig.expect.allow_tcb = UINT32_MAX;
    rig.spec.qe_report[SGX_MRSIGNER] ^= 1;
    VERDICT_IS("chain qe");
    start(false);
    rig.spec.qe_report[SGX_PROD_ID] = 9;
    VERDICT_IS("chain qe");
    start(false);
    rig.spec.qe_report[SGX_ATTRIBUTES] |= 2;
    VERDICT_IS("chain qe");
    start(false);
    rig.spec.qe_report[SGX_MISCSELECT] = 1;
    VERDICT_IS("chain qe");
}

static void
a_tdx_module_that_is_not_intel_s_is_refused(void)
{
    start(true);
    rig.expect.allow_tcb = UINT32_MAX;
    rig.spec.body[TD_MRSIGNERSEAM] = 1;
    VERDICT_IS("tcb tdx-module");
    start(true);
    rig.spec.body[TD_SEAM_ATTRIBUTES] = 1;
    VERDICT_IS("tcb tdx-module");
    start(true);
    rig.spec.body[TD_TEE_TCB_SVN + 1] = 9; /* a version that is not listed */
    VERDICT_IS("tcb tdx-module");
}

static void
tcb_info_of_version_2_is_good_for_sgx(void)
{
    start(false);
    rig.spec.info_version = 2;
    rig.spec.info_id = NULL;
    VERDICT_IS("genuine");
}

static const struct test_case cases[] = {
    { "without collateral the status is unknown", without_collateral_the_status_is_unknown },
    { "without a QE identity the status is unknown", without_a_qe_identity_the_status_is_unknown },
    { "without TCB info the status is unknown", without_tcb_info_the_status_is_unknown },
    { "a QE that is not Intel's is refused without an identity too",
      a_qe_that_is_not_intel_s_is_refused_without_an_identity_too },
    { "a missing CRL is noted, and refused when revocation must be known",
      a_missing_crl_is_noted_and_refused_when_revocation_must_be_known },
    { "documents without signature or signer are refused",
      documents_without_signature_or_signer_are_refused },
    { "a revoked PCK is refused whatever is allowed",
      a_revoked_pck_is_refused_whatever_is_allowed },
    { "a revoked CA or signer is refused", a_revoked_ca_or_signer_is_refused },
    { "TCB info signed by a stranger is refused", tcb_info_signed_by_a_stranger_is_refused },
    { "a signer that the root did not sign is refused",
      a_signer_that_the_root_did_not_sign_is_refused },
    { "a signer of another name is none", a_signer_of_another_name_is_none },
    { "TCB info written otherwise keeps its own signature only",
      tcb_info_written_otherwise_keeps_its_own_signature_only },
    { "tampered TCB info is refused", tampered_tcb_info_is_refused },
    { "expired collateral is refused", expired_collateral_is_refused },
    { "collateral that is not valid yet is refused", collateral_that_is_not_valid_yet_is_refused },
    { "TCB info of another platform counts as missing",
      tcb_info_of_another_platform_counts_as_missing },
    { "of several, the newest that is genuine and current counts",
      of_several_the_newest_that_is_genuine_and_current_counts },
    { "loose signatures are matched by trying", loose_signatures_are_matched_by_trying },
    { "a platform that is out of date needs to be allowed",
      a_platform_that_is_out_of_date_needs_to_be_allowed },
    { "revoked and no level are refused whatever is allowed",
      revoked_and_no_level_are_refused_whatever_is_allowed },
    { "a QE below its identity's levels is refused", a_qe_below_its_identity_s_levels_is_refused },
    { "a QE that is not the identity's is refused", a_qe_that_is_not_the_identity_s_is_refused },
    { "a TDX module that is not Intel's is refused", a_tdx_module_that_is_not_intel_s_is_refused },
    { "TCB info of version 2 is good for SGX", tcb_info_of_version_2_is_good_for_sgx },
};

TEST_MAIN("plugins/quote_verify_collateral", cases)
