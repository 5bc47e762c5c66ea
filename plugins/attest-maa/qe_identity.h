/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file qe_identity.h
 * @brief Which enclave may sign quotes: Intel's QE or TD QE, as their identity has it.
 *
 * Any enclave that may ask the provisioning certification enclave gets its report signed by the
 * PCK, so that the PCK's signature alone does not say that Intel's code holds the attestation key.
 */
#ifndef ATTEST_MAA_QE_IDENTITY_H
#define ATTEST_MAA_QE_IDENTITY_H

#include "tcb_verdict.h"

struct qe_identity {
    uint8_t miscselect[4]; /* as the report has it */
    uint8_t miscselect_mask[4];
    uint8_t attributes[16];
    uint8_t attributes_mask[16];
    uint8_t mrsigner[32];
    uint16_t prod_id;
    struct tcb_svn_levels levels;
};

/** `body` has passed tsec_json_check().  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc qe_identity_parse(struct tsec_span body, struct qe_identity **out,
                                          struct tsec_err *err);
void qe_identity_free(struct qe_identity *identity);
TSEC_DEFINE_AUTO(struct qe_identity, qe_identity_free)

/** Whether a QE's report (384 bytes) is of that enclave.  TSEC_E_DENIED says what differs. */
TSEC_MUST_CHECK tsec_rc qe_identity_match(const struct qe_identity *identity,
                                          struct tsec_span report, struct tsec_err *err);
/** The same without an identity: signed by Intel's key for its quoting enclaves, of the right
 *  product, and not in debug mode. */
TSEC_MUST_CHECK tsec_rc qe_identity_match_intel(bool tdx, struct tsec_span report,
                                                struct tsec_err *err);

#endif
