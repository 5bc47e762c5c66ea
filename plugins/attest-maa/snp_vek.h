/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file snp_vek.h
 * @brief What a VCEK or VLEK certificate says of its key: which product, chip and firmware.
 *
 * Read from the certificate, not checked: whoever signed it is snp_chain.h's business.  AMD 57230,
 * "VCEK Certificate and KDS Interface Specification", X.509v3 extensions.
 */
#ifndef ATTEST_MAA_SNP_VEK_H
#define ATTEST_MAA_SNP_VEK_H

#include "crypto/x509.h"
#include "snp_report.h"

/** Borrows from the certificate. */
struct snp_vek {
    const struct tsec_cert *cert;
    enum snp_signing_key kind; /* VCEK or VLEK */
    enum snp_product product;
    struct snp_tcb tcb;
    struct tsec_span hwid;   /* of a VCEK: 64 bytes, or 8 */
    struct tsec_span csp_id; /* of a VLEK: text */
};

/** By its names: a VCEK or VLEK, well made or not. */
bool snp_vek_is(const struct tsec_cert *cert, enum snp_signing_key kind);

/** TSEC_E_INVALID: not of that kind, or an extension is missing or malformed. */
TSEC_MUST_CHECK tsec_rc snp_vek_read(const struct tsec_cert *cert, enum snp_signing_key kind,
                                     struct snp_vek *out, struct tsec_err *err);

/** How far a certificate fits a report; more is better. */
enum snp_fit { SNP_FIT_NO_PRODUCT = 0, SNP_FIT_NO_CHIP, SNP_FIT_NO_TCB, SNP_FITS };
enum snp_fit snp_vek_fit(const struct snp_vek *vek, const struct snp_report *report);

#endif
