/* SPDX-License-Identifier: Apache-2.0 */
/* What makes a quote genuine: its signatures, its chain, what it says of itself. */
#include <string.h>

#include "appraisal/claims.h"
#include "quote_parse.h"
#include "tests/plugins/quote_rig.h"
#include "tests/test.h"

static struct quote_rig rig;

#define VERDICT_IS(expected) CU_ASSERT_STRING_EQUAL(quote_rig_verdict(&rig), expected)

static void
start(bool tdx)
{
    quote_rig_done(&rig);
    quote_rig_init(&rig, tdx);
}

static void
a_genuine_quote_is_genuine(void)
{
    start(false);
    VERDICT_IS("genuine");
    CU_ASSERT_EQUAL(rig.claims.tcb_status, TSEC_TCB_UP_TO_DATE);
    CU_ASSERT_TRUE(rig.claims.revocation_checked);
    CU_ASSERT_TRUE(quote_rig_noted(&rig, "quote", "version 3, SGX"));
    CU_ASSERT_TRUE(quote_rig_noted(&rig, "tcb", "UpToDate"));
    start(true);
    VERDICT_IS("genuine");
    CU_ASSERT_TRUE(quote_rig_noted(&rig, "quote", "version 4, TDX 1.0"));
    CU_ASSERT_TRUE(quote_rig_noted(&rig, "tdx-module", "version 1 SVN 4"));
}

static void
all_versions_and_bodies_are_taken(void)
{
    start(false);
    rig.spec.version = 4;
    VERDICT_IS("genuine");
    rig.spec.version = 5;
    VERDICT_IS("genuine");
    start(true);
    rig.spec.version = 5;
    VERDICT_IS("genuine");
    rig.spec.body_type = 3;
    VERDICT_IS("genuine");
    CU_ASSERT_TRUE(quote_rig_noted(&rig, "quote", "version 5, TDX 1.5"));
}

static void
its_window_is_that_of_all_that_vouches_for_it(void)
{
    start(false);
    VERDICT_IS("genuine");
    CU_ASSERT_EQUAL(rig.claims.not_before, MINT_SGX_NOW - 3600); /* the CRLs */
    CU_ASSERT_EQUAL(rig.claims.not_after, 1802131200);           /* nextUpdate of the TCB info */
}

static void
what_is_not_a_quote_is_malformed(void)
{
    start(false);
    rig.quote_ready = true;
    tsec_buf_put_str(&rig.quote, "no quote at all");
    VERDICT_IS("malformed quote");
    start(false);
    rig.spec.version = 6;
    VERDICT_IS("malformed quote");
    start(false);
    rig.spec.vendor = 0x94;
    VERDICT_IS("malformed quote");
}

static void
a_quote_of_the_other_tee_is_refused(void)
{
    start(false);
    rig.as_tdx = true;
    VERDICT_IS("malformed quote");
    start(true);
    rig.as_tdx = false;
    VERDICT_IS("malformed quote");
}

static void
another_key_type_or_certification_data_is_refused(void)
{
    start(false);
    rig.spec.key_type = 3;
    VERDICT_IS("algorithm quote");
    start(false);
    rig.spec.cert_type = 3;
    VERDICT_IS("no-endorsement quote");
    start(true);
    rig.spec.cert_type = 1;
    VERDICT_IS("no-endorsement quote");
}

static void
zero_bytes_behind_it_are_noted_and_others_refused(void)
{
    start(true);
    rig.spec.padding = 70;
    VERDICT_IS("genuine");
    CU_ASSERT_TRUE(quote_rig_noted(&rig, "padding", "70 zero bytes"));
    rig.spec.padding_byte = 1;
    VERDICT_IS("malformed quote");
}

static void
open_enclave_s_wrapping_is_taken_off(void)
{
    start(false);
    rig.spec.wrapped = true;
    VERDICT_IS("genuine");
    CU_ASSERT_TRUE(quote_rig_noted(&rig, "quote", "Open Enclave"));
}

/* ---- signatures ---- */

static void
a_quote_signed_by_another_key_is_refused(void)
{
    start(true);
    rig.spec.quote_signer = MINT_SGX_STRANGER;
    VERDICT_IS("signature signature");
}

static void
a_changed_byte_of_the_report_is_refused(void)
{
    start(false);
    VERDICT_IS("genuine");
    rig.quote_ready = true;
    rig.quote.ptr[48 + SGX_MRENCLAVE] ^= 1;
    VERDICT_IS("signature signature");
}

static void
a_changed_byte_of_the_header_is_refused(void)
{
    start(false);
    VERDICT_IS("genuine");
    rig.quote_ready = true;
    rig.quote.ptr[40] ^= 1;
    VERDICT_IS("signature signature");
}

static void
a_qe_report_that_the_pck_did_not_sign_is_refused(void)
{
    start(false);
    rig.spec.qe_signer = MINT_SGX_STRANGER;
    VERDICT_IS("signature qe-report");
}

static void
a_qe_report_for_another_attestation_key_is_refused(void)
{
    start(true);
    rig.spec.qe_other_key = true;
    VERDICT_IS("signature qe-binding");
}

static void
qe_report_data_with_something_behind_the_digest_is_refused(void)
{
    start(false);
    rig.spec.qe_tail = 1;
    VERDICT_IS("signature qe-binding");
}

static void
an_attestation_key_off_the_curve_is_refused(void)
{
    start(false);
    rig.spec.zero_attestation_key = true;
    VERDICT_IS("signature signature");
}

/* ---- chain ---- */

static void
a_root_with_another_key_is_refused(void)
{
    start(false);
    rig.spec.keys[MINT_SGX_ROOT] = MINT_SGX_STRANGER;
    rig.spec.signers[MINT_SGX_ROOT] = MINT_SGX_STRANGER;
    rig.spec.signers[MINT_SGX_CA] = MINT_SGX_STRANGER;
    VERDICT_IS("chain root");
}

/* The key is pinned: a certificate that only carries it proves nothing. */
static void
a_root_with_the_pinned_key_and_a_stranger_s_signature_is_refused(void)
{
    start(false);
    rig.spec.signers[MINT_SGX_ROOT] = MINT_SGX_STRANGER;
    VERDICT_IS("chain root");
}

static void
a_ca_or_pck_signed_by_a_stranger_is_refused(void)
{
    start(false);
    rig.spec.signers[MINT_SGX_CA] = MINT_SGX_STRANGER;
    VERDICT_IS("chain chain");
    start(false);
    rig.spec.signers[MINT_SGX_PCK] = MINT_SGX_STRANGER;
    VERDICT_IS("chain chain");
}

static void
an_intermediate_that_is_no_ca_is_refused(void)
{
    start(false);
    rig.spec.certs[MINT_SGX_CA].ca = false;
    VERDICT_IS("chain chain");
}

static void
a_path_longer_than_allowed_is_refused(void)
{
    start(false);
    rig.spec.certs[MINT_SGX_ROOT].path_len = 0;
    VERDICT_IS("chain chain");
}

static void
a_ca_that_may_not_sign_certificates_is_refused(void)
{
    start(false);
    rig.spec.certs[MINT_SGX_CA].key_usage = MINT_KU_CRL_SIGN;
    VERDICT_IS("chain chain");
}

static void
a_ca_on_another_curve_or_another_hash_is_refused(void)
{
    start(false);
    rig.spec.p384_ca = true;
    VERDICT_IS("algorithm chain");
    start(false);
    rig.spec.certs[MINT_SGX_PCK].md = "SHA384";
    VERDICT_IS("algorithm chain");
}

static void
certificates_of_other_names_are_refused(void)
{
    start(false);
    rig.spec.certs[MINT_SGX_PCK].cn = "Intel SGX TCB Signing";
    VERDICT_IS("chain chain");
    start(false);
    rig.spec.certs[MINT_SGX_CA].cn = "Intel SGX PCK Platform CA 2";
    rig.spec.certs[MINT_SGX_PCK].issuer_cn = "Intel SGX PCK Platform CA 2";
    VERDICT_IS("chain chain");
}

static void
a_pck_without_its_extensions_is_refused(void)
{
    start(false);
    rig.spec.no_extension = true;
    VERDICT_IS("chain chain");
}

static void
a_chain_expired_by_a_second_is_refused(void)
{
    start(false);
    rig.expect.allow_tcb = TSEC_TCB_ANY;
    rig.no_tcb_info = rig.no_identity = rig.no_root_crl = rig.no_pck_crl = true;
    rig.now = rig.spec.certs[MINT_SGX_PCK].not_after;
    VERDICT_IS("genuine");
    rig.now++;
    VERDICT_IS("expired chain");
    rig.now = rig.spec.certs[MINT_SGX_PCK].not_before;
    VERDICT_IS("genuine");
    rig.now--;
    VERDICT_IS("not-yet-valid chain");
}

static const struct test_case cases[] = {
    { "a genuine quote is genuine", a_genuine_quote_is_genuine },
    { "all versions and bodies are taken", all_versions_and_bodies_are_taken },
    { "its window is that of all that vouches for it",
      its_window_is_that_of_all_that_vouches_for_it },
    { "what is not a quote is malformed", what_is_not_a_quote_is_malformed },
    { "a quote of the other TEE is refused", a_quote_of_the_other_tee_is_refused },
    { "another key type or certification data is refused",
      another_key_type_or_certification_data_is_refused },
    { "zero bytes behind it are noted, and others refused",
      zero_bytes_behind_it_are_noted_and_others_refused },
    { "Open Enclave's wrapping is taken off", open_enclave_s_wrapping_is_taken_off },
    { "a quote signed by another key is refused", a_quote_signed_by_another_key_is_refused },
    { "a changed byte of the report is refused", a_changed_byte_of_the_report_is_refused },
    { "a changed byte of the header is refused", a_changed_byte_of_the_header_is_refused },
    { "a QE report that the PCK did not sign is refused",
      a_qe_report_that_the_pck_did_not_sign_is_refused },
    { "a QE report for another attestation key is refused",
      a_qe_report_for_another_attestation_key_is_refused },
    { "QE report data with something behind the digest is refused",
      qe_report_data_with_something_behind_the_digest_is_refused },
    { "an attestation key off the curve is refused", an_attestation_key_off_the_curve_is_refused },
    { "a root with another key is refused", a_root_with_another_key_is_refused },
    { "a root with the pinned key and a stranger's signature is refused",
      a_root_with_the_pinned_key_and_a_stranger_s_signature_is_refused },
    { "a CA or PCK signed by a stranger is refused", a_ca_or_pck_signed_by_a_stranger_is_refused },
    { "an intermediate that is no CA is refused", an_intermediate_that_is_no_ca_is_refused },
    { "a path longer than allowed is refused", a_path_longer_than_allowed_is_refused },
    { "a CA that may not sign certificates is refused",
      a_ca_that_may_not_sign_certificates_is_refused },
    { "a CA on another curve or another hash is refused",
      a_ca_on_another_curve_or_another_hash_is_refused },
    { "certificates of other names are refused", certificates_of_other_names_are_refused },
    { "a PCK without its extensions is refused", a_pck_without_its_extensions_is_refused },
    { "a chain expired by a second is refused", a_chain_expired_by_a_second_is_refused },
};

TEST_MAIN("plugins/quote_verify", cases)
