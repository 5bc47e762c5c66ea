/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "appraisal/claims.h"
#include "appraisal/report.h"
#include "base/hex.h"
#include "intel_doc.h"
#include "quote_claims.h"
#include "quote_parse.h"
#include "quote_policy.h"
#include "revocation.h"
#include "tcb_level.h"

enum { BOUND_LEN = TSEC_SHA256_LEN };

/* One verification; what is held is released by run_done(). */
struct run {
    const struct verifier_input *in;
    struct quote quote;
    const struct pck_chain *chain;
    const struct intel_doc *tcb_info;
    const struct intel_doc *identity;
    struct quote_window window;
    bool revocation_checked;
    struct tcb_result tcb; /* status UNKNOWN when nothing is known */
    bool no_level;         /* the platform is below all that Intel lists */
    struct tsec_err why;   /* then */
};

static void
run_done(struct run *run)
{
    pck_chain_release(run->in, run->chain);
    intel_doc_release(run->in, run->tcb_info);
    intel_doc_release(run->in, run->identity);
}

/* ---- the quote and its signatures ---- */

static tsec_rc
read_quote(struct run *run, bool tdx, struct tsec_err *err)
{
    struct tsec_checks *checks = run->in->expect->checks;
    const struct quote *q = &run->quote;
    enum tsec_reason reason = TSEC_REASON_MALFORMED;

    if (tsec_failed(quote_parse(run->in->evidence, &run->quote, &reason, err))) {
        if (quote_has_reports(q)) {
            quote_claims_fill(q, run->in->claims);
        }
        return tsec_check_passed_on(checks, reason, "quote", err);
    }
    if (q->tdx != tdx) {
        return tsec_check_failed(checks, TSEC_REASON_MALFORMED, "quote", err,
                                 "a quote of %s, given as one of %s", q->tdx ? "TDX" : "SGX",
                                 tdx ? "TDX" : "SGX");
    }
    tsec_check_ok(checks, "quote", "version %u, %s%s", q->version,
                  !q->tdx   ? "SGX"
                  : q->td15 ? "TDX 1.5"
                            : "TDX 1.0",
                  q->wrapped ? ", in Open Enclave's wrapping" : "");
    if (q->padding > 0) {
        tsec_check_ok(checks, "padding", "%zu zero bytes behind the quote, not signed", q->padding);
    }
    quote_claims_fill(q, run->in->claims);
    return TSEC_OK;
}

static tsec_rc
check_qe_report(struct run *run, struct tsec_err *err)
{
    struct tsec_checks *checks = run->in->expect->checks;
    const struct quote *q = &run->quote;
    const struct tsec_span parts[] = { q->key, q->qe_auth };
    uint8_t bound[2 * BOUND_LEN] = { 0 };

    if (tsec_failed(tsec_pubkey_verify(tsec_cert_key(run->chain->pck), TSEC_SIG_ES256, q->qe_report,
                                       q->qe_signature, NULL))) {
        return tsec_check_failed(checks, TSEC_REASON_SIGNATURE, "qe-report", err,
                                 "the QE report is not signed by the PCK of this chain");
    }
    tsec_check_ok(checks, "qe-report", "signed by the PCK");
    tsec_hash_parts(TSEC_SHA256, parts, TSEC_ARRAY_LEN(parts), bound);
    if (!tsec_span_equal(quote_at(q->qe_report, SGX_REPORT_DATA, sizeof(bound)),
                         tsec_span(bound, sizeof(bound)))) {
        return tsec_check_failed(checks, TSEC_REASON_SIGNATURE, "qe-binding", err,
                                 "the QE report is not for this attestation key");
    }
    tsec_check_ok(checks, "qe-binding", "the QE vouches for the attestation key");
    return TSEC_OK;
}

static tsec_rc
check_signature(struct run *run, struct tsec_err *err)
{
    TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *key = NULL;
    struct tsec_checks *checks = run->in->expect->checks;
    const struct quote *q = &run->quote;

    if (tsec_failed(tsec_pubkey_from_point(TSEC_PUBKEY_P256, q->key, &key, NULL))) {
        return tsec_check_failed(checks, TSEC_REASON_SIGNATURE, "signature", err,
                                 "the attestation key is no point of P-256");
    }
    if (tsec_failed(tsec_pubkey_verify(key, TSEC_SIG_ES256, q->signed_bytes, q->signature, NULL))) {
        return tsec_check_failed(checks, TSEC_REASON_SIGNATURE, "signature", err,
                                 "the quote is not signed by its attestation key");
    }
    tsec_check_ok(checks, "signature", "the quote is signed by the attestation key");
    return TSEC_OK;
}

static tsec_rc
check_authenticity(struct run *run, bool tdx, struct tsec_err *err)
{
    TSEC_TRY(read_quote(run, tdx, err));
    TSEC_TRY(pck_chain_get(run->in, run->quote.pck_chain, &run->chain, err));
    quote_claims_add_pck(&run->chain->ext, run->in->claims);
    quote_window_narrow(&run->window, run->chain->window);
    TSEC_TRY(check_qe_report(run, err));
    return check_signature(run, err);
}

/* ---- revocation ---- */

static tsec_rc
check_revoked(struct run *run, const struct tsec_cert *issuer, const struct tsec_cert *cert,
              struct tsec_err *err)
{
    return revocation_check(run->in, issuer, cert, &run->revocation_checked, &run->window, err);
}

static tsec_rc
check_chain_revoked(struct run *run, struct tsec_err *err)
{
    run->revocation_checked = true;
    TSEC_TRY(check_revoked(run, run->chain->root, run->chain->ca, err));
    return check_revoked(run, run->chain->ca, run->chain->pck, err);
}

/* ---- collateral ---- */

/* Both documents mostly have one signer. */
static bool
is_known_signer(const struct run *run, const struct tsec_cert *signer)
{
    return run->tcb_info != NULL
           && tsec_span_equal(tsec_cert_der(run->tcb_info->signer), tsec_cert_der(signer));
}

static tsec_rc
find_doc(struct run *run, enum collateral_doc_kind kind, const struct intel_doc **out,
         struct tsec_err *err)
{
    char text[TSEC_RFC3339_LEN];

    TSEC_TRY(intel_doc_find(run->in, run->chain, kind, run->quote.tdx, out, err));
    if (*out == NULL) {
        tsec_check_ok(run->in->expect->checks, intel_doc_check(kind),
                      "none in the collateral for this platform");
        return TSEC_OK;
    }
    if (kind == COLLATERAL_TCB_INFO || !is_known_signer(run, (*out)->signer)) {
        TSEC_TRY(check_revoked(run, run->chain->root, (*out)->signer, err));
    }
    quote_window_narrow(&run->window, (*out)->window);
    tsec_check_ok(run->in->expect->checks, intel_doc_check(kind),
                  "signed by Intel, evaluation data %llu, good to %s",
                  (unsigned long long)(*out)->evaluation,
                  quote_time_text((*out)->window.not_after, text));
    return TSEC_OK;
}

/* *verdict is NULL when nothing is known of this QE's level, which is not the same as bad. */
static tsec_rc
check_qe(struct run *run, const struct tcb_verdict **verdict, struct tsec_err *err)
{
    struct tsec_checks *checks = run->in->expect->checks;
    const struct tsec_span report = run->quote.qe_report;
    const uint16_t svn = quote_u16(report, SGX_SVN);
    const tsec_rc rc = run->identity == NULL
                           ? qe_identity_match_intel(run->quote.tdx, report, err)
                           : qe_identity_match(run->identity->identity, report, err);

    *verdict = NULL;
    if (tsec_failed(rc)) {
        return tsec_check_passed_on(checks, TSEC_REASON_CHAIN, "qe", err);
    }
    if (run->identity == NULL) {
        tsec_check_ok(checks, "qe", "Intel's by its signer, SVN %u of unknown status", svn);
        return TSEC_OK;
    }
    *verdict = tcb_svn_levels_find(&run->identity->identity->levels, svn);
    if (*verdict == NULL) {
        run->no_level = tsec_failed(
            TSEC_FAIL(&run->why, TSEC_E_DENIED,
                      "no matching level: SVN %u of the QE is below all of its identity", svn));
        return TSEC_OK;
    }
    tsec_check_ok(checks, "qe", "Intel's, SVN %u: %s", svn,
                  tsec_tcb_status_name((*verdict)->status));
    return TSEC_OK;
}

static tsec_rc
check_module(struct run *run, struct tsec_err *err)
{
    struct tsec_checks *checks = run->in->expect->checks;
    const struct tsec_span svn = quote_at(run->quote.body, TD_TEE_TCB_SVN, 2);

    if (!run->quote.tdx) {
        return TSEC_OK;
    }
    if (tsec_failed(tcb_module_match(run->tcb_info->tcb, &run->quote, err))) {
        return tsec_check_passed_on(checks, TSEC_REASON_TCB, "tdx-module", err);
    }
    tsec_check_ok(checks, "tdx-module", "Intel's, version %u SVN %u", svn.ptr[1], svn.ptr[0]);
    return TSEC_OK;
}

static void
put_tcb(struct run *run)
{
    struct tsec_claims *claims = run->in->claims;
    char date[TSEC_RFC3339_LEN];

    claims->tcb_status = run->tcb.status;
    (void)snprintf(claims->tcb_date, sizeof(claims->tcb_date), "%s",
                   quote_time_text(run->tcb.date, date));
    (void)snprintf(claims->advisories, sizeof(claims->advisories), "%s", run->tcb.advisories);
    tsec_check_ok(run->in->expect->checks, "tcb-level", "level %zu of %zu, of %.10s: %s",
                  run->tcb.level + 1, run->tcb_info->tcb->levels_len, date,
                  tsec_tcb_status_name(run->tcb.status));
}

static tsec_rc
evaluate_tcb(struct run *run, const struct tcb_verdict *qe, struct tsec_err *err)
{
    if (run->tcb_info == NULL) {
        /* of what is not known, this much is */
        if (qe != NULL && qe->status == TSEC_TCB_REVOKED) {
            run->tcb.status = run->in->claims->tcb_status = TSEC_TCB_REVOKED;
        }
        return TSEC_OK;
    }
    TSEC_TRY(check_module(run, err));

    const struct tcb_input input = { run->tcb_info->tcb, &run->chain->ext, &run->quote, qe };

    if (tsec_failed(tcb_evaluate(&input, &run->tcb, &run->why))) {
        run->no_level = true;
        run->tcb.status = TSEC_TCB_UNKNOWN;
        return TSEC_OK;
    }
    put_tcb(run);
    return TSEC_OK;
}

static tsec_rc
check_collateral(struct run *run, struct tsec_err *err)
{
    const struct tcb_verdict *qe = NULL;

    TSEC_TRY(check_chain_revoked(run, err));
    TSEC_TRY(find_doc(run, COLLATERAL_TCB_INFO, &run->tcb_info, err));
    TSEC_TRY(find_doc(run, COLLATERAL_QE_IDENTITY, &run->identity, err));
    TSEC_TRY(check_qe(run, &qe, err));
    return run->no_level ? TSEC_OK : evaluate_tcb(run, qe, err);
}

/* ---- all of it ---- */

static void
put_window(const struct run *run)
{
    struct tsec_claims *claims = run->in->claims;

    claims->not_before = run->window.not_before;
    claims->not_after = run->window.not_after;
    claims->revocation_checked = run->revocation_checked;
}

static tsec_rc
judge(struct run *run, bool tdx, struct tsec_err *err)
{
    const struct verifier_input *in = run->in;

    TSEC_TRY(check_authenticity(run, tdx, err));
    TSEC_TRY(check_collateral(run, err));
    put_window(run);
    TSEC_TRY(quote_policy_debug(&run->quote, in->expect, err));
    TSEC_TRY(quote_policy_expect(&run->quote, in->expect, err));
    if (run->no_level) {
        return tsec_check_failed(in->expect->checks, TSEC_REASON_TCB, "tcb", err, "%s",
                                 run->why.detail);
    }
    return quote_policy_tcb(run->tcb.status, run->tcb.partly_unknown, in->expect, err);
}

tsec_rc
quote_verify(const struct verifier_input *in, bool tdx, struct tsec_err *err)
{
    struct run run = {
        .in = in,
        .window = quote_window_always(),
        .tcb = { .status = TSEC_TCB_UNKNOWN },
    };
    tsec_rc rc;

    tsec_claims_init(in->claims, tdx ? "tdx" : "sgx", tdx ? "tdx" : "sgx");
    rc = judge(&run, tdx, err);
    run_done(&run);
    return rc;
}

tsec_rc
quote_decode(struct tsec_span evidence, bool tdx, struct tsec_claims *claims, struct tsec_err *err)
{
    struct quote quote;
    struct pck_ext ext;
    enum tsec_reason reason;
    const tsec_rc rc = quote_parse(evidence, &quote, &reason, err);

    /* what cannot be verified for want of a chain can be read all the same */
    if (tsec_failed(rc) && (rc.code != TSEC_E_DENIED || !quote_has_reports(&quote))) {
        return tsec_rc_of(TSEC_E_INVALID);
    }
    if (quote.tdx != tdx) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a quote of %s", quote.tdx ? "TDX" : "SGX");
    }
    quote_claims_fill(&quote, claims);
    if (!tsec_failed(rc) && pck_chain_peek(quote.pck_chain, &ext)) {
        quote_claims_add_pck(&ext, claims);
    }
    return TSEC_OK;
}
