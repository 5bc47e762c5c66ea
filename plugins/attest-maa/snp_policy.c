/* SPDX-License-Identifier: Apache-2.0 */
#include "snp_policy.h"

#include <inttypes.h>

#include "appraisal/report.h"

static tsec_rc
check_bits(const struct snp_report *report, struct tsec_checks *checks, struct tsec_err *err)
{
    const uint64_t unknown = report->policy & ~SNP_POLICY_KNOWN;

    if ((report->policy & SNP_POLICY_ONE) == 0) {
        return tsec_check_failed(checks, TSEC_REASON_POLICY, "policy", err,
                                 "guest policy 0x%" PRIx64 ": bit 17 must be 1", report->policy);
    }
    /* Whether a bit that is not known here loosens or tightens the guest cannot be told. */
    if (unknown != 0) {
        return tsec_check_failed(checks, TSEC_REASON_POLICY, "policy", err,
                                 "guest policy 0x%" PRIx64 ": bits 0x%" PRIx64
                                 " are not known here",
                                 report->policy, unknown);
    }
    tsec_check_ok(checks, "policy", "0x%" PRIx64 "%s%s", report->policy,
                  (report->policy & SNP_POLICY_SMT) != 0 ? ", SMT allowed" : "",
                  (report->policy & SNP_POLICY_MIGRATE_MA) != 0 ? ", migration agent allowed" : "");
    return TSEC_OK;
}

static tsec_rc
check_debug(const struct snp_report *report, const struct tsec_expectation *expect,
            struct tsec_err *err)
{
    if ((report->policy & SNP_POLICY_DEBUG) == 0) {
        tsec_check_ok(expect->checks, "debug", "off");
        return TSEC_OK;
    }
    if (!expect->allow_debug) {
        return tsec_check_failed(expect->checks, TSEC_REASON_DEBUG, "debug", err,
                                 "the guest policy allows its host to debug it (bit 19)");
    }
    tsec_check_ok(expect->checks, "debug", "on, and allowed");
    return TSEC_OK;
}

/* ABI specification, "TCB_VERSION": what is reported was committed, what is committed runs. */
static tsec_rc
check_order(const struct snp_report *report, enum snp_product product, struct tsec_checks *checks,
            struct tsec_err *err)
{
    const struct snp_tcb reported = snp_tcb_read(product, report->reported_tcb);
    const struct snp_tcb committed = snp_tcb_read(product, report->committed_tcb);
    const struct snp_tcb current = snp_tcb_read(product, report->current_tcb);
    char a[SNP_TCB_TEXT_LEN];
    char b[SNP_TCB_TEXT_LEN];

    if (!snp_tcb_at_most(&reported, &committed)) {
        snp_tcb_text(product, &reported, a);
        snp_tcb_text(product, &committed, b);
        return tsec_check_failed(checks, TSEC_REASON_TCB, "tcb-order", err,
                                 "reported %s is above committed %s", a, b);
    }
    snp_tcb_text(product, &committed, a);
    snp_tcb_text(product, &current, b);
    if (!snp_tcb_at_most(&committed, &current)) {
        return tsec_check_failed(checks, TSEC_REASON_TCB, "tcb-order", err,
                                 "committed %s is above current %s", a, b);
    }
    tsec_check_ok(checks, "tcb-order", "committed %s, current %s", a, b);
    return TSEC_OK;
}

tsec_rc
snp_policy_check(const struct snp_report *report, enum snp_product product, bool vmpl0,
                 const struct tsec_expectation *expect, struct tsec_err *err)
{
    TSEC_TRY(check_bits(report, expect->checks, err));
    TSEC_TRY(check_debug(report, expect, err));
    TSEC_TRY(check_order(report, product, expect->checks, err));
    if (vmpl0 && report->vmpl != 0) {
        return tsec_check_failed(expect->checks, TSEC_REASON_POLICY, "vmpl", err,
                                 "made at VMPL %" PRIu32 ", expected 0: not by the paravisor",
                                 report->vmpl);
    }
    if (vmpl0) {
        tsec_check_ok(expect->checks, "vmpl", "0");
    }
    return TSEC_OK;
}
