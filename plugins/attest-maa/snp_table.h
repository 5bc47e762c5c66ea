/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file snp_table.h
 * @brief The certificate table that a host puts behind a report (extended report, auxblob).
 *
 * It comes from the host and is trusted in nothing: its certificates are collateral like any other.
 * AMD, "SEV-ES Guest-Hypervisor Communication Block Standardization" (56421), SNP Extended Guest
 * Request.
 */
#ifndef ATTEST_MAA_SNP_TABLE_H
#define ATTEST_MAA_SNP_TABLE_H

#include "collateral.h"

enum { SNP_TABLE_ENTRIES_MAX = 32 };

/** Adds the certificates and lists whose kind is known; what it has of other kinds, and what is not
 *  a certificate, is passed over.  TSEC_E_INVALID: an entry reaches past the end, or bytes that no
 *  entry covers are not zero. */
TSEC_MUST_CHECK tsec_rc snp_table_read(struct tsec_span table, struct collateral *out,
                                       struct tsec_err *err);

#endif
