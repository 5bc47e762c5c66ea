/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/pkcs11/p11_certificate.h
 * @brief The parts of an X.509 certificate (RFC 5280 section 4.1) that a token shows by themselves.
 *
 * Nothing is verified here: who uses a certificate does that.
 */
#ifndef TSEC_CLIENT_P11_CERTIFICATE_H
#define TSEC_CLIENT_P11_CERTIFICATE_H

#include "base/err.h"
#include "base/span.h"

/** Spans are of the DER; each part with its head. */
struct p11_certificate {
    struct tsec_span der;
    struct tsec_span serial;
    struct tsec_span issuer;
    struct tsec_span subject;
    struct tsec_span spki;
};

TSEC_MUST_CHECK tsec_rc p11_certificate_parse(struct tsec_span der, struct p11_certificate *out,
                                              struct tsec_err *err);

#endif
