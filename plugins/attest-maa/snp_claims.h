/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file snp_claims.h
 * @brief What an SNP report says, in the vocabulary of the measurement expressions.
 */
#ifndef ATTEST_MAA_SNP_CLAIMS_H
#define ATTEST_MAA_SNP_CLAIMS_H

#include <tsec/attest.h>

#include "snp_vek.h"

/** Into initialised claims.  The product decides where the firmware's versions stand; SNP_UNKNOWN
 *  when neither the report nor a certificate tells. */
void snp_claims_fill(const struct snp_report *report, enum snp_product product,
                     struct tsec_claims *claims);
/** What only the certificate tells. */
void snp_claims_add_vek(const struct snp_vek *vek, struct tsec_claims *claims);

#endif
