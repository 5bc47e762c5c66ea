/* SPDX-License-Identifier: Apache-2.0 */
#include "nitro_verify.h"

#include "appraisal/claims.h"
#include "appraisal/report.h"
#include "codec/cose.h"
#include "nitro_chain.h"
#include "nitro_claims.h"
#include "nitro_doc.h"
#include "nitro_text.h"

enum { SIGNATURE_LEN = 96, SIG_STRUCTURE_MAX = NITRO_EVIDENCE_MAX + 64 };

/* ---- form ---- */

static tsec_rc
check_form(const struct nitro_input *in, struct tsec_cose_sign1 *cose, struct nitro_doc *doc,
           struct tsec_err *err)
{
    struct tsec_checks *checks = in->expect->checks;
    struct tsec_err why = { .code = 0 };

    if (in->evidence.len > NITRO_EVIDENCE_MAX) {
        return tsec_check_failed(checks, TSEC_REASON_MALFORMED, "size", err,
                                 "at most %d bytes expected, %zu seen", NITRO_EVIDENCE_MAX,
                                 in->evidence.len);
    }
    if (tsec_failed(tsec_cose_sign1_parse(in->evidence, cose, &why))) {
        return tsec_check_failed(checks, TSEC_REASON_MALFORMED, "cose", err, "%s", why.detail);
    }
    tsec_check_ok(checks, "cose", "COSE_Sign1, %zu bytes", in->evidence.len);
    if (cose->alg != TSEC_COSE_ES384 || cose->signature.len != SIGNATURE_LEN) {
        return tsec_check_failed(checks, TSEC_REASON_ALGORITHM, "algorithm", err,
                                 "expected ES384 (%d) and %d bytes of signature; seen %lld and %zu",
                                 TSEC_COSE_ES384, SIGNATURE_LEN, (long long)cose->alg,
                                 cose->signature.len);
    }
    tsec_check_ok(checks, "algorithm", "ES384");
    if (tsec_failed(nitro_doc_parse(cose->payload, doc, &why))) {
        return tsec_check_failed(checks, TSEC_REASON_MALFORMED, "document", err, "%s", why.detail);
    }
    tsec_check_ok(checks, "document", "of %.*s, %s", (int)doc->module_id.len,
                  (const char *)doc->module_id.ptr,
                  doc->tpm ? "an instance with NitroTPM" : "an enclave");
    return TSEC_OK;
}

/* ---- signature and time ---- */

static tsec_rc
check_signature(const struct nitro_input *in, const struct tsec_cose_sign1 *cose,
                const struct nitro_chain *chain, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SIG_STRUCTURE_MAX);
    const struct tsec_pubkey *key = tsec_cert_key(chain->leaf);

    tsec_buf_reserve(&text, cose->payload.len + cose->protected.len + 32);
    tsec_cose_signed_bytes(cose, &text);
    if (text.failed) {
        return tsec_check_failed(in->expect->checks, TSEC_REASON_INTERNAL, "signature", err,
                                 "no memory");
    }
    if (key == NULL
        || tsec_failed(
            tsec_pubkey_verify(key, TSEC_SIG_ES384, tsec_buf_span(&text), cose->signature, NULL))) {
        return tsec_check_failed(in->expect->checks, TSEC_REASON_SIGNATURE, "signature", err,
                                 "the document's certificate did not sign this document");
    }
    tsec_check_ok(in->expect->checks, "signature", "by the document's certificate");
    return TSEC_OK;
}

/* The clock of the host that signed may be ahead of ours by NITRO_SKEW_S; it is never outside of
 * the life of its own certificate. */
static tsec_rc
check_timestamp(const struct nitro_input *in, const struct nitro_chain *chain, int64_t issued,
                struct tsec_err *err)
{
    struct tsec_checks *checks = in->expect->checks;
    const struct nitro_text when = nitro_text_time(issued);
    const int64_t from = tsec_cert_not_before(chain->leaf);
    const int64_t to = tsec_cert_not_after(chain->leaf);

    if (issued < from || issued > to) {
        return tsec_check_failed(
            checks, issued < from ? TSEC_REASON_NOT_YET_VALID : TSEC_REASON_EXPIRED, "timestamp",
            err, "made at %s, outside of its certificate's life %s to %s", when.s,
            nitro_text_time(from).s, nitro_text_time(to).s);
    }
    if (issued - in->now > NITRO_SKEW_S) {
        return tsec_check_failed(checks, TSEC_REASON_NOT_YET_VALID, "timestamp", err,
                                 "made at %s, %lld s ahead of %s; at most %d s are allowed", when.s,
                                 (long long)(issued - in->now), nitro_text_time(in->now).s,
                                 NITRO_SKEW_S);
    }
    if (in->expect->max_age_s != 0 && in->now - issued > in->expect->max_age_s) {
        return tsec_check_failed(checks, TSEC_REASON_STALE, "timestamp", err,
                                 "made at %s, %lld s ago; at most %lld s are allowed", when.s,
                                 (long long)(in->now - issued), (long long)in->expect->max_age_s);
    }
    tsec_check_ok(checks, "timestamp", "made at %s, %lld s ago", when.s,
                  (long long)(in->now - issued));
    return TSEC_OK;
}

static tsec_rc
check_origin(const struct nitro_input *in, const struct tsec_cose_sign1 *cose,
             const struct nitro_doc *doc, struct tsec_err *err)
{
    const struct nitro_chain *chain = NULL;
    tsec_rc rc;

    TSEC_TRY(nitro_chain_verify(in, doc, &chain, err));
    rc = check_signature(in, cose, chain, err);
    if (!tsec_failed(rc)) {
        rc = check_timestamp(in, chain, in->claims->issued_at, err);
    }
    nitro_chain_release(in->chains, chain);
    return rc;
}

/* ---- what is measured ---- */

/* AWS: an enclave in debug mode has zeroes for PCRs.  One is enough: no image is measured so. */
static tsec_rc
check_enclave_pcrs(const struct nitro_input *in, const struct nitro_doc *doc, struct tsec_err *err)
{
    static const char *const names[] = { "pcr0", "pcr1", "pcr2" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(names); i++) {
        const bool zero = tsec_span_zero(doc->pcrs[i]);

        if (zero && !in->expect->allow_debug) {
            return tsec_check_failed(in->expect->checks, TSEC_REASON_DEBUG, names[i], err,
                                     "all zero: the enclave was started in debug mode");
        }
        tsec_check_ok(in->expect->checks, names[i], "%s",
                      zero ? "all zero: debug mode, which is allowed here"
                           : nitro_text_bytes(doc->pcrs[i]).s);
    }
    return TSEC_OK;
}

/* "NitroTPM Attestation Document contents": PCR4 is what was booted, PCR12 the command line given
 * to it, PCR7 the Secure Boot policy.  PCR0 and PCR1 are AWS's own and constant. */
static tsec_rc
check_tpm_pcrs(const struct nitro_input *in, const struct nitro_doc *doc, struct tsec_err *err)
{
    if (tsec_span_zero(doc->pcrs[4])) {
        return tsec_check_failed(in->expect->checks, TSEC_REASON_POLICY, "pcr4", err,
                                 "all zero: the firmware has not measured what it booted");
    }
    tsec_check_ok(in->expect->checks, "pcr4", "%s", nitro_text_bytes(doc->pcrs[4]).s);
    tsec_check_ok(in->expect->checks, "pcr7", "%s", nitro_text_bytes(doc->pcrs[7]).s);
    tsec_check_ok(in->expect->checks, "pcr12", "%s", nitro_text_bytes(doc->pcrs[12]).s);
    return TSEC_OK;
}

static tsec_rc
check_pcrs(const struct nitro_input *in, const struct nitro_doc *doc, struct tsec_err *err)
{
    return doc->tpm ? check_tpm_pcrs(in, doc, err) : check_enclave_pcrs(in, doc, err);
}

/* ---- what is expected ---- */

static tsec_rc
check_field(struct tsec_checks *checks, enum tsec_reason reason, const char *name,
            struct tsec_span expected, struct tsec_span seen, struct tsec_err *err)
{
    if (expected.ptr == NULL) {
        return TSEC_OK;
    }
    if (!tsec_ct_equal(expected, seen)) {
        return tsec_check_failed(checks, reason, name, err, "expected %s; seen %s",
                                 nitro_text_bytes(expected).s, nitro_text_bytes(seen).s);
    }
    tsec_check_ok(checks, name, "%s, as expected", nitro_text_bytes(seen).s);
    return TSEC_OK;
}

static tsec_rc
check_expected(const struct nitro_input *in, const struct nitro_doc *doc, struct tsec_err *err)
{
    const struct tsec_expectation *e = in->expect;

    TSEC_TRY(check_field(e->checks, TSEC_REASON_NONCE, "nonce", e->nonce, doc->nonce, err));
    TSEC_TRY(
        check_field(e->checks, TSEC_REASON_BINDING, "user_data", e->binding, doc->user_data, err));
    return check_field(e->checks, TSEC_REASON_PUBLIC_KEY, "public_key", e->public_key,
                       doc->public_key, err);
}

tsec_rc
nitro_verify(const struct nitro_input *in, struct tsec_err *err)
{
    struct tsec_cose_sign1 cose;
    struct nitro_doc doc;

    tsec_claims_init(in->claims, "nitro", NITRO_FORMAT);
    TSEC_TRY(check_form(in, &cose, &doc, err));
    nitro_claims_fill(&doc, in->claims);
    TSEC_TRY(check_origin(in, &cose, &doc, err));
    TSEC_TRY(check_pcrs(in, &doc, err));
    return check_expected(in, &doc, err);
}

/* ---- reading without judging ---- */

static void
note_window(const struct nitro_doc *doc, struct tsec_claims *claims)
{
    struct tsec_cert *leaf = NULL;

    if (tsec_failed(tsec_cert_parse(doc->certificate, &leaf, NULL))) {
        return;
    }
    claims->not_before = tsec_cert_not_before(leaf);
    claims->not_after = tsec_cert_not_after(leaf);
    tsec_cert_free(leaf);
}

tsec_rc
nitro_decode(struct tsec_span evidence, struct tsec_claims *claims, struct tsec_err *err)
{
    struct tsec_cose_sign1 cose;
    struct nitro_doc doc;

    if (evidence.len > NITRO_EVIDENCE_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "an attestation document has at most %d bytes",
                         NITRO_EVIDENCE_MAX);
    }
    TSEC_TRY(tsec_cose_sign1_parse(evidence, &cose, err));
    TSEC_TRY(nitro_doc_parse(cose.payload, &doc, err));
    nitro_claims_fill(&doc, claims);
    note_window(&doc, claims);
    return TSEC_OK;
}
