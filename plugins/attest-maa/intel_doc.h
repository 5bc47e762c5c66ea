/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file intel_doc.h
 * @brief TCB info and QE identity: the one for this quote found in the collateral, and believed
 * because "Intel SGX TCB Signing" signed it and the pinned root signed that.
 */
#ifndef ATTEST_MAA_INTEL_DOC_H
#define ATTEST_MAA_INTEL_DOC_H

#include "pck_chain.h"
#include "qe_identity.h"
#include "tcb_info.h"

/** A document whose signature and signer hold. */
struct intel_doc {
    struct quote_fact fact;
    enum collateral_doc_kind kind;
    uint64_t evaluation;
    struct tsec_cert *signer;
    struct quote_window window; /* of document and signer */
    struct tcb_info *tcb;       /* one of these two */
    struct qe_identity *identity;
};

/** The newest that is for this chain's platform and TEE, genuine and current; *out is NULL when
 *  there is none of that kind for it at all.  Notes a failure under "tcb-info" or "qe-identity":
 *  EXPIRED or NOT_YET_VALID when all that are genuine are not current, COLLATERAL when none is
 *  genuine.  Held until intel_doc_release(). */
TSEC_MUST_CHECK tsec_rc intel_doc_find(const struct verifier_input *in,
                                       const struct pck_chain *chain, enum collateral_doc_kind kind,
                                       bool tdx, const struct intel_doc **out,
                                       struct tsec_err *err);
void intel_doc_release(const struct verifier_input *in, const struct intel_doc *doc);

/** "tcb-info" or "qe-identity": under which its checks are noted. */
const char *intel_doc_check(enum collateral_doc_kind kind);

#endif
