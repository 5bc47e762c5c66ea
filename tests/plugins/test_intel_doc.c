/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a document when there is much else; what it must be is in test_quote_verify_collateral.c.
 */
#include "intel_doc.h"

#include <string.h>

#include "tests/plugins/quote_rig.h"
#include "tests/test.h"

#define BUF(name) TSEC_AUTO_BUF struct tsec_buf name = TSEC_BUF_INIT((size_t)1 << 20)

static struct quote_rig rig;

/* The rig's collateral and chain, and one document looked for in it. */
static void
with_doc(enum collateral_doc_kind kind, void (*look)(const struct intel_doc *doc, tsec_rc rc))
{
    const struct pck_chain *chain = NULL;
    const struct intel_doc *doc = NULL;
    BUF(pem);

    (void)quote_rig_verdict(&rig);
    mint_sgx_chain(&rig.spec, &pem);

    const struct verifier_input in = {
        .anchors = &rig.anchors,
        .cache = rig.cache,
        .collateral = rig.set,
        .expect = &rig.expect,
        .now = rig.now,
        .claims = &rig.claims,
    };

    memset(&rig.checks, 0, sizeof(rig.checks));
    CU_ASSERT_FALSE_FATAL(tsec_failed(pck_chain_get(&in, tsec_buf_span(&pem), &chain, NULL)));

    const tsec_rc rc = intel_doc_find(&in, chain, kind, rig.spec.tdx, &doc, &rig.err);

    look(doc, rc);
    intel_doc_release(&in, doc);
    pck_chain_release(&in, chain);
}

static void
start(bool tdx)
{
    quote_rig_done(&rig);
    quote_rig_init(&rig, tdx);
}

static void
is_tcb_info(const struct intel_doc *doc, tsec_rc rc)
{
    CU_ASSERT_FALSE(tsec_failed(rc));
    CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
    CU_ASSERT_EQUAL(doc->kind, COLLATERAL_TCB_INFO);
    CU_ASSERT_EQUAL(doc->evaluation, 20);
    CU_ASSERT_EQUAL(doc->tcb->levels_len, 3);
    CU_ASSERT_PTR_NULL(doc->identity);
    CU_ASSERT_STRING_EQUAL(tsec_cert_subject_cn(doc->signer), "Intel SGX TCB Signing");
    CU_ASSERT_EQUAL(doc->window.not_before, 1799539200); /* 2027-01-10 */
    CU_ASSERT_EQUAL(doc->window.not_after, 1802131200);
}

static void
is_identity(const struct intel_doc *doc, tsec_rc rc)
{
    CU_ASSERT_FALSE(tsec_failed(rc));
    CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
    CU_ASSERT_EQUAL(doc->kind, COLLATERAL_QE_IDENTITY);
    CU_ASSERT_PTR_NOT_NULL(doc->identity);
    CU_ASSERT_PTR_NULL(doc->tcb);
}

static void
is_none(const struct intel_doc *doc, tsec_rc rc)
{
    CU_ASSERT_FALSE(tsec_failed(rc));
    CU_ASSERT_PTR_NULL(doc);
    CU_ASSERT_EQUAL(rig.checks.reason, TSEC_REASON_NONE);
}

static void
is_refused(const struct intel_doc *doc, tsec_rc rc)
{
    CU_ASSERT_EQUAL(rc.code, TSEC_E_DENIED);
    CU_ASSERT_PTR_NULL(doc);
    CU_ASSERT_EQUAL(rig.checks.reason, TSEC_REASON_COLLATERAL);
}

static void
each_kind_is_found(void)
{
    start(false);
    with_doc(COLLATERAL_TCB_INFO, is_tcb_info);
    with_doc(COLLATERAL_QE_IDENTITY, is_identity);
    start(true);
    with_doc(COLLATERAL_TCB_INFO, is_tcb_info);
    CU_ASSERT_STRING_EQUAL(intel_doc_check(COLLATERAL_TCB_INFO), "tcb-info");
    CU_ASSERT_STRING_EQUAL(intel_doc_check(COLLATERAL_QE_IDENTITY), "qe-identity");
}

static void
none_is_no_failure(void)
{
    start(false);
    rig.no_tcb_info = true;
    with_doc(COLLATERAL_TCB_INFO, is_none);
    rig.no_tcb_info = false;
    rig.spec.info_fmspc[5] ^= 1;
    with_doc(COLLATERAL_TCB_INFO, is_none);
}

/* Signatures of others among the collateral cost something, and change nothing. */
static void
it_is_found_behind_signatures_of_others(void)
{
    uint8_t junk[4][64];

    start(false);
    rig.loose = true;
    for (size_t i = 0; i < TSEC_ARRAY_LEN(junk); i++) {
        memset(junk[i], (int)(0xf0 + i), sizeof(junk[i]));
        rig.more[i] = tsec_span(junk[i], sizeof(junk[i]));
    }
    rig.more_len = TSEC_ARRAY_LEN(junk);
    with_doc(COLLATERAL_TCB_INFO, is_tcb_info);
    with_doc(COLLATERAL_QE_IDENTITY, is_identity);
}

/* A genuine signer of a test PKI with the same name, as somebody might send along. */
static void
another_certificate_of_the_signer_s_name_is_passed_over(void)
{
    struct mint_sgx other;
    BUF(der);

    start(false);
    other = rig.spec;
    other.keys[MINT_SGX_SIGNING] = MINT_SGX_STRANGER;
    other.signers[MINT_SGX_SIGNING] = MINT_SGX_STRANGER;
    mint_sgx_cert(&other, MINT_SGX_SIGNING, &der);
    rig.more[0] = tsec_buf_span(&der);
    rig.more_len = 1;
    with_doc(COLLATERAL_TCB_INFO, is_tcb_info);
    /* and it vouches for nothing */
    rig.info_signer = MINT_SGX_STRANGER;
    with_doc(COLLATERAL_TCB_INFO, is_refused);
}

/* Intel renews the certificate and keeps the key: in a folder that has both, before and behind. */
static void
a_signer_s_certificate_that_was_renewed_does_no_harm(void)
{
    const int64_t day = 86400;

    for (int late = 0; late < 2; late++) {
        struct mint_sgx old;
        BUF(der);

        start(false);
        old = rig.spec;
        old.certs[MINT_SGX_SIGNING].serial ^= 0x77;
        old.certs[MINT_SGX_SIGNING].not_after = rig.now + (late == 0 ? -day : day);
        mint_sgx_cert(&old, MINT_SGX_SIGNING, &der);
        rig.more[0] = tsec_buf_span(&der);
        rig.more_len = 1;
        /* with the old one remembered, from when it was good */
        CU_ASSERT_STRING_EQUAL(quote_rig_verdict(&rig), "genuine");
        rig.now += late == 0 ? 0 : 2 * day;
        with_doc(COLLATERAL_TCB_INFO, is_tcb_info);
        with_doc(COLLATERAL_QE_IDENTITY, is_identity);
        CU_ASSERT_STRING_EQUAL(quote_rig_again(&rig), "genuine");
    }
}

static void
a_signer_that_has_expired_is_told_as_the_reason(void)
{
    start(false);
    rig.spec.certs[MINT_SGX_SIGNING].not_after = rig.now - 1;
    CU_ASSERT_STRING_EQUAL(quote_rig_verdict(&rig), "expired tcb-info");
}

/* Signed, and still not what it should be. */
static void
a_genuine_document_that_cannot_be_read_is_refused(void)
{
    start(false);
    rig.spec.levels[0].status = "Splendid";
    with_doc(COLLATERAL_TCB_INFO, is_refused);
}

static void
trying_ends(void)
{
    uint8_t junk[60][64];
    TSEC_AUTO(collateral_free) struct collateral *set = NULL;
    const struct pck_chain *chain = NULL;
    const struct intel_doc *doc = NULL;
    BUF(pem);
    BUF(body);
    BUF(signers);

    start(false);
    CU_ASSERT_FALSE_FATAL(tsec_failed(collateral_new(&set, NULL)));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(junk); i++) {
        memset(junk[i], (int)(0xc0 + i), sizeof(junk[i]));
        CU_ASSERT_FALSE(
            tsec_failed(collateral_add(set, tsec_span(junk[i], sizeof(junk[i])), NULL)));
    }
    mint_sgx_tcb_info(&rig.spec, &body);
    mint_sgx_signing_chain(&rig.spec, &signers);
    CU_ASSERT_FALSE(tsec_failed(collateral_add(set, tsec_buf_span(&body), NULL)));
    CU_ASSERT_FALSE(tsec_failed(collateral_add(set, tsec_buf_span(&signers), NULL)));
    mint_sgx_chain(&rig.spec, &pem);

    const struct verifier_input in = {
        .anchors = &rig.anchors, .collateral = set, .expect = &rig.expect, .now = rig.now
    };

    CU_ASSERT_FALSE_FATAL(tsec_failed(pck_chain_get(&in, tsec_buf_span(&pem), &chain, NULL)));
    is_refused(doc, intel_doc_find(&in, chain, COLLATERAL_TCB_INFO, false, &doc, &rig.err));
    pck_chain_release(&in, chain);
    quote_rig_done(&rig);
}

static const struct test_case cases[] = {
    { "each kind is found", each_kind_is_found },
    { "none is no failure", none_is_no_failure },
    { "it is found behind signatures of others", it_is_found_behind_signatures_of_others },
    { "another certificate of the signer's name is passed over",
      another_certificate_of_the_signer_s_name_is_passed_over },
    { "a signer's certificate that was renewed does no harm",
      a_signer_s_certificate_that_was_renewed_does_no_harm },
    { "a signer that has expired is told as the reason",
      a_signer_that_has_expired_is_told_as_the_reason },
    { "a genuine document that cannot be read is refused",
      a_genuine_document_that_cannot_be_read_is_refused },
    { "trying ends", trying_ends },
};

TEST_MAIN("plugins/intel_doc", cases)
