/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file snp_endorse.h
 * @brief Whether a report was signed by a key that AMD vouches for: finds the certificate among the
 * collateral, checks its chain and with its key the report's signature.
 *
 * Certificates of other machines, other firmware, or nobody's at all may lie in the collateral in
 * any number and order; they are left aside.  A report is genuine when any one that fits vouches
 * for it.
 */
#ifndef ATTEST_MAA_SNP_ENDORSE_H
#define ATTEST_MAA_SNP_ENDORSE_H

#include "snp_chain.h"

struct snp_endorsement {
    struct snp_vek vek; /* borrows from the collateral */
    struct snp_chain chain;
};

/** Notes "algorithm", "signing-key", "vek", "chain", "revocation" and "signature". */
TSEC_MUST_CHECK tsec_rc snp_endorse(const struct verifier_input *in,
                                    const struct snp_report *report, struct snp_endorsement *out,
                                    struct tsec_err *err);

#endif
