/* SPDX-License-Identifier: Apache-2.0 */
#include "appraisal/claims.h"
#include "appraisal/report.h"
#include "az_vtpm_evidence.h"
#include "az_vtpm_expect.h"
#include "hcl_report.h"
#include "snp_claims.h"
#include "snp_verify.h"
#include "verifier.h"

/* The parts of one verification. */
struct parts {
    const struct verifier_input *in;
    struct az_vtpm_evidence evidence;
    struct hcl_report hcl;
    struct hcl_runtime runtime;
    struct tpm_attest attest;
};

static void
parts_done(struct parts *parts)
{
    az_vtpm_evidence_done(&parts->evidence);
    hcl_runtime_done(&parts->runtime);
}

static struct tpm_quote
quote_of(const struct parts *parts)
{
    return (struct tpm_quote){ .message = tsec_buf_span(&parts->evidence.message),
                               .signature = tsec_buf_span(&parts->evidence.signature),
                               .pcrs = tsec_buf_span(&parts->evidence.pcrs) };
}

static tsec_rc
parse(struct parts *parts, struct tsec_span bytes, struct tsec_err *err)
{
    TSEC_TRY(az_vtpm_evidence_parse(bytes, &parts->evidence, err));
    return hcl_report_parse(tsec_buf_span(&parts->evidence.hcl), &parts->hcl, err);
}

static tsec_rc
check_report(const struct parts *parts, struct snp_report *report, struct tsec_err *err)
{
    TSEC_AUTO(collateral_free) struct collateral *all = NULL;
    struct verifier_input in = *parts->in;

    if (parts->evidence.carried != NULL) {
        TSEC_TRY(snp_collateral_with(&in, parts->evidence.carried, &all, err));
        in.collateral = all;
    }
    return snp_judge(&in, parts->hcl.snp_report, true, report, err);
}

/* What the runtime data says counts for something only once the report vouches for its bytes. */
static tsec_rc
check_runtime(struct parts *parts, const struct snp_report *report, struct tsec_err *err)
{
    struct tsec_checks *checks = parts->in->expect->checks;

    if (!hcl_report_holds(&parts->hcl, report->report_data)) {
        return tsec_check_failed(checks, TSEC_REASON_SIGNATURE, "runtime-data", err,
                                 "report_data is not the digest of the runtime data");
    }
    if (tsec_failed(hcl_runtime_parse(parts->hcl.runtime, &parts->runtime, err))) {
        return tsec_check_passed_on(checks, TSEC_REASON_MALFORMED, "runtime-data", err);
    }
    tsec_check_ok(checks, "runtime-data", "%zu bytes, whose digest is in the report",
                  parts->hcl.runtime.len);
    hcl_runtime_claims(&parts->runtime, parts->in->claims);
    return TSEC_OK;
}

static tsec_rc
check_quote(struct parts *parts, struct tsec_err *err)
{
    const struct tpm_quote quote = quote_of(parts);
    struct tsec_checks *checks = parts->in->expect->checks;

    if (!parts->evidence.has_quote) {
        tsec_check_ok(checks, "quote", "none: no PCRs, and no answer to a challenge");
        return TSEC_OK;
    }
    TSEC_TRY(tpm_quote_check(&quote, parts->runtime.ak, parts->runtime.ak_len, checks,
                             &parts->attest, err));
    tpm_quote_claims(&quote, &parts->attest, parts->in->claims);
    return TSEC_OK;
}

tsec_rc
az_vtpm_verify(const struct verifier_input *in, struct tsec_err *err)
{
    __attribute__((cleanup(parts_done))) struct parts parts = { .in = in };
    struct snp_report report;

    tsec_claims_init(in->claims, "azure-cvm", "az-snp-vtpm");
    if (tsec_failed(parse(&parts, in->evidence, err))) {
        return tsec_check_passed_on(in->expect->checks, TSEC_REASON_MALFORMED, "evidence", err);
    }
    tsec_check_ok(in->expect->checks, "evidence", "HCL report%s",
                  parts.evidence.has_quote ? " and a quote of the vTPM" : "");
    TSEC_TRY(check_report(&parts, &report, err));
    TSEC_TRY(check_runtime(&parts, &report, err));
    TSEC_TRY(check_quote(&parts, err));
    return az_vtpm_expect_check(parts.evidence.has_quote ? &parts.attest : NULL, &parts.runtime,
                                in->expect, err);
}

static tsec_rc
decode(struct tsec_span evidence, struct tsec_claims *claims, struct tsec_err *err)
{
    __attribute__((cleanup(parts_done))) struct parts parts = { .in = NULL };
    struct snp_report report;

    tsec_claims_init(claims, "azure-cvm", "az-snp-vtpm");
    TSEC_TRY(parse(&parts, evidence, err));
    TSEC_TRY(snp_report_parse(parts.hcl.snp_report, &report, err));
    snp_claims_fill(&report, snp_report_product(&report), claims);
    TSEC_TRY(hcl_runtime_parse(parts.hcl.runtime, &parts.runtime, err));
    hcl_runtime_claims(&parts.runtime, claims);
    if (parts.evidence.has_quote) {
        const struct tpm_quote quote = quote_of(&parts);

        TSEC_TRY(tpm_attest_parse(quote.message, &parts.attest, err));
        tpm_quote_claims(&quote, &parts.attest, claims);
    }
    return TSEC_OK;
}

tsec_rc
az_vtpm_decode(struct tsec_span evidence, struct tsec_claims *claims, struct tsec_err *err)
{
    const tsec_rc rc = decode(evidence, claims, err);

    if (rc.code == TSEC_E_TOO_LARGE) { /* a part, for which the whole cannot be evidence */
        return TSEC_FAIL(err, TSEC_E_INVALID, "a part of it is longer than any known one");
    }
    return rc;
}
