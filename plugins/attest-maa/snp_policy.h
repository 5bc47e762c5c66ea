/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file snp_policy.h
 * @brief What a genuine report must say to be acceptable at all, whatever runs in the guest.
 *
 * Which firmware, guest or signer is good enough is not decided here: measurement expressions ask
 * the claims.
 */
#ifndef ATTEST_MAA_SNP_POLICY_H
#define ATTEST_MAA_SNP_POLICY_H

#include "snp_report.h"
#include "verifier.h"

/** Notes "policy", "debug", "tcb-order" and, with `vmpl0`, "vmpl". */
TSEC_MUST_CHECK tsec_rc snp_policy_check(const struct snp_report *report, enum snp_product product,
                                         bool vmpl0, const struct tsec_expectation *expect,
                                         struct tsec_err *err);

#endif
