/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file snp_verify.h
 * @brief An SNP report judged, bare or within other evidence (verifier.h has the format itself).
 */
#ifndef ATTEST_MAA_SNP_VERIFY_H
#define ATTEST_MAA_SNP_VERIFY_H

#include "snp_report.h"
#include "verifier.h"

/** in->evidence is not read: `bytes` are the report.  All but what expect has of binding, nonce,
 *  public key and age.  With `vmpl0` it must have been made at VMPL 0. */
TSEC_MUST_CHECK tsec_rc snp_judge(const struct verifier_input *in, struct tsec_span bytes,
                                  bool vmpl0, struct snp_report *out, struct tsec_err *err);

/** What is kept and what came within the evidence, together; the account says when it is too much.
 */
TSEC_MUST_CHECK tsec_rc snp_collateral_with(const struct verifier_input *in,
                                            const struct collateral *carried,
                                            struct collateral **out, struct tsec_err *err);

#endif
