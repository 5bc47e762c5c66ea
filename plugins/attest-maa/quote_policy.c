/* SPDX-License-Identifier: Apache-2.0 */
#include "quote_policy.h"

#include "appraisal/claims.h"
#include "appraisal/report.h"
#include "quote_claims.h"
#include "snp_expect.h"
#include "snp_report.h"

enum { SGX_PROVISION_KEY = 0x10, SGX_EINIT_TOKEN_KEY = 0x20 };

static void
note_attributes(const struct quote *quote, struct tsec_checks *checks)
{
    const uint8_t flags = quote->tdx ? 0 : quote->body.ptr[SGX_ATTRIBUTES];

    if ((flags & (SGX_PROVISION_KEY | SGX_EINIT_TOKEN_KEY)) != 0) {
        tsec_check_ok(checks, "attributes", "the enclave may use%s%s",
                      (flags & SGX_PROVISION_KEY) != 0 ? " the provisioning key" : "",
                      (flags & SGX_EINIT_TOKEN_KEY) != 0 ? " the launch token key" : "");
    }
    if (quote->td15 && !tsec_span_zero(quote_at(quote->body, TD_MRSERVICETD, 48))) {
        tsec_check_ok(checks, "attributes",
                      "a service TD is bound to this one (mrservicetd): it may be migrated");
    }
}

tsec_rc
quote_policy_debug(const struct quote *quote, const struct tsec_expectation *expect,
                   struct tsec_err *err)
{
    note_attributes(quote, expect->checks);
    if (!quote_is_debug(quote)) {
        tsec_check_ok(expect->checks, "debug", "off");
        return TSEC_OK;
    }
    if (!expect->allow_debug) {
        return tsec_check_failed(expect->checks, TSEC_REASON_DEBUG, "debug", err,
                                 quote->tdx ? "the TD's attributes let its host look into it "
                                              "(TUD is 0x%02x)"
                                            : "the enclave is in debug mode (ATTRIBUTES 0x%02x)",
                                 quote->body.ptr[quote->tdx ? TD_ATTRIBUTES : SGX_ATTRIBUTES]);
    }
    tsec_check_ok(expect->checks, "debug", "on, and allowed");
    return TSEC_OK;
}

tsec_rc
quote_policy_expect(const struct quote *quote, const struct tsec_expectation *expect,
                    struct tsec_err *err)
{
    const struct tsec_span seen = quote_report_data(quote);

    if (expect->binding.ptr != NULL) {
        if (!snp_expect_padded(seen, expect->binding)) {
            return snp_expect_differs(expect->checks, TSEC_REASON_BINDING, "binding", "report_data",
                                      expect->binding, seen, err);
        }
        tsec_check_ok(expect->checks, "binding", "report_data is what was expected");
    }
    if (expect->nonce.len != 0) {
        return tsec_check_failed(expect->checks, TSEC_REASON_NONCE, "nonce", err,
                                 "a quote carries no nonce: expect it as the binding, or within "
                                 "what the binding is a digest of");
    }
    TSEC_TRY(snp_expect_no_key(expect, err));
    return snp_expect_age(expect, expect->binding.len != 0, err);
}

tsec_rc
quote_policy_tcb(enum tsec_tcb_status status, bool partly_unknown,
                 const struct tsec_expectation *expect, struct tsec_err *err)
{
    const uint32_t allowed = (expect->allow_tcb | TSEC_TCB_BIT(TSEC_TCB_UP_TO_DATE)) & TSEC_TCB_ANY;
    const uint32_t needed =
        TSEC_TCB_BIT(status) | (partly_unknown ? TSEC_TCB_BIT(TSEC_TCB_UNKNOWN) : 0);

    if ((allowed & needed) == needed) {
        tsec_check_ok(expect->checks, "tcb", "%s%s", tsec_tcb_status_name(status),
                      status == TSEC_TCB_UP_TO_DATE ? "" : ", which is allowed");
        return TSEC_OK;
    }
    if (status == TSEC_TCB_UNKNOWN) {
        return tsec_check_failed(expect->checks, TSEC_REASON_TCB, "tcb", err,
                                 "unknown: TCB info and QE identity for this platform are not "
                                 "both in the collateral");
    }
    return tsec_check_failed(expect->checks, TSEC_REASON_TCB, "tcb", err,
                             "%s%s, which is not allowed", tsec_tcb_status_name(status),
                             partly_unknown ? " at best, without a QE identity" : "");
}
