/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file az_vtpm_evidence.h
 * @brief Evidence of an Azure confidential VM taken apart: the HCL report, a quote of its vTPM, and
 * certificates that came with them.  Form only.
 *
 * Either the bare HCL report, or a JSON object as docs/attest-snp.md describes it, which is also
 * what the Confidential Containers project writes (its versions 0, 1 and 2).
 */
#ifndef ATTEST_MAA_AZ_VTPM_EVIDENCE_H
#define ATTEST_MAA_AZ_VTPM_EVIDENCE_H

#include "collateral.h"
#include "tpm_quote.h"

struct az_vtpm_evidence {
    struct tsec_buf hcl;
    bool has_quote;
    struct tsec_buf message;
    struct tsec_buf signature;
    struct tsec_buf pcrs;
    struct collateral *carried; /* certificates; NULL when there are none */
};

/** az_vtpm_evidence_done() afterwards, also when it failed.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc az_vtpm_evidence_parse(struct tsec_span bytes, struct az_vtpm_evidence *out,
                                               struct tsec_err *err);
void az_vtpm_evidence_done(struct az_vtpm_evidence *evidence);
#define AZ_VTPM_AUTO_EVIDENCE __attribute__((cleanup(az_vtpm_evidence_done)))

#endif
