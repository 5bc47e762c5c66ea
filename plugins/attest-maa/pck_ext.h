/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pck_ext.h
 * @brief What Intel certifies of a platform in its PCK certificate: the SGX extensions
 * (1.2.840.113741.1.13.1), read strictly.
 *
 * Intel: "SGX PCK Certificate and CRL Profile Specification" section 1.3.5.
 */
#ifndef ATTEST_MAA_PCK_EXT_H
#define ATTEST_MAA_PCK_EXT_H

#include "crypto/x509.h"

enum { PCK_COMPONENTS = 16 };

struct pck_ext {
    uint8_t ppid[16];
    uint8_t components[PCK_COMPONENTS]; /* SVNs */
    uint16_t pce_svn;
    uint8_t cpu_svn[16];
    uint8_t pce_id[2];
    uint8_t fmspc[6];
    uint8_t sgx_type; /* 0 standard, 1 scalable, 2 scalable with integrity */
    bool has_instance;
    uint8_t instance[16]; /* of a platform with several packages */
};

/** The contents of the extension.  Each part must be there once, but for the instance and the
 *  configuration, and nothing that the specification does not name.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc pck_ext_parse(struct tsec_span der, struct pck_ext *out,
                                      struct tsec_err *err);
/** The same of a certificate, which must have it. */
TSEC_MUST_CHECK tsec_rc pck_ext_read(const struct tsec_cert *cert, struct pck_ext *out,
                                     struct tsec_err *err);

#endif
