/* SPDX-License-Identifier: Apache-2.0 */
#include "snp_verify.h"

#include <inttypes.h>

#include "appraisal/claims.h"
#include "appraisal/report.h"
#include "snp_claims.h"
#include "snp_endorse.h"
#include "snp_expect.h"
#include "snp_policy.h"
#include "snp_table.h"

tsec_rc
snp_judge(const struct verifier_input *in, struct tsec_span bytes, bool vmpl0,
          struct snp_report *out, struct tsec_err *err)
{
    struct tsec_checks *checks = in->expect->checks;
    struct snp_endorsement endorsement;
    enum snp_product product = SNP_UNKNOWN;
    tsec_rc rc = TSEC_OK;

    if (tsec_failed(snp_report_parse(bytes, out, err))) {
        return tsec_check_passed_on(checks, TSEC_REASON_MALFORMED, "report", err);
    }
    tsec_check_ok(checks, "report", "version %" PRIu32 ", guest SVN %" PRIu32, out->version,
                  out->guest_svn);
    rc = snp_endorse(in, out, &endorsement, err);
    product = tsec_failed(rc) ? snp_report_product(out) : endorsement.vek.product;
    snp_claims_fill(out, product, in->claims);
    if (tsec_failed(rc)) {
        return rc;
    }
    snp_claims_add_vek(&endorsement.vek, in->claims);
    in->claims->not_before = endorsement.chain.not_before;
    in->claims->not_after = endorsement.chain.not_after;
    in->claims->revocation_checked = endorsement.chain.revocation_checked;
    return snp_policy_check(out, product, vmpl0, in->expect, err);
}

static tsec_rc
verify_report(const struct verifier_input *in, struct tsec_span bytes, struct tsec_err *err)
{
    struct snp_report report;

    TSEC_TRY(snp_judge(in, bytes, false, &report, err));
    return snp_expect_check(&report, in->expect, err);
}

tsec_rc
snp_collateral_with(const struct verifier_input *in, const struct collateral *carried,
                    struct collateral **out, struct tsec_err *err)
{
    const tsec_rc rc = collateral_join(in->collateral, carried, out, err);

    if (rc.code == TSEC_E_TOO_LARGE) {
        return tsec_check_failed(in->expect->checks, TSEC_REASON_COLLATERAL, "certificates", err,
                                 "more of them within the evidence and beside it than are taken");
    }
    return rc;
}

/* A report with a certificate table behind it; what the table has counts like other collateral. */
static tsec_rc
verify_extended(const struct verifier_input *in, struct tsec_err *err)
{
    TSEC_AUTO(collateral_free) struct collateral *carried = NULL;
    TSEC_AUTO(collateral_free) struct collateral *all = NULL;
    const struct tsec_span table =
        tsec_span(in->evidence.ptr + SNP_REPORT_LEN, in->evidence.len - SNP_REPORT_LEN);
    struct verifier_input with_table = *in;

    TSEC_TRY(collateral_new(&carried, err));
    if (tsec_failed(snp_table_read(table, carried, err))) {
        return tsec_check_passed_on(in->expect->checks, TSEC_REASON_MALFORMED, "table", err);
    }
    tsec_check_ok(in->expect->checks, "table", "%zu certificates behind the report",
                  collateral_certs(carried));
    TSEC_TRY(snp_collateral_with(in, carried, &all, err));
    with_table.collateral = all;
    return verify_report(&with_table, tsec_span(in->evidence.ptr, SNP_REPORT_LEN), err);
}

tsec_rc
snp_verify(const struct verifier_input *in, struct tsec_err *err)
{
    tsec_claims_init(in->claims, "snp", "snp");
    if (in->evidence.len > SNP_REPORT_LEN) {
        return verify_extended(in, err);
    }
    return verify_report(in, in->evidence, err);
}

tsec_rc
snp_decode(struct tsec_span evidence, struct tsec_claims *claims, struct tsec_err *err)
{
    const size_t len = evidence.len > SNP_REPORT_LEN ? SNP_REPORT_LEN : evidence.len;
    struct snp_report report;

    tsec_claims_init(claims, "snp", "snp");
    TSEC_TRY(snp_report_parse(tsec_span(evidence.ptr, len), &report, err));
    snp_claims_fill(&report, snp_report_product(&report), claims);
    return TSEC_OK;
}
