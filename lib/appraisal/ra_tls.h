/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file appraisal/ra_tls.h
 * @brief Evidence inside an X.509 certificate, bound to the certificate's key: the interoperable
 * RA-TLS form of the Confidential Computing Consortium.
 *
 * It appraises nothing: who reads a certificate appraises the evidence with the binding given here.
 * Unless the claims have a nonce, the evidence says nothing about when it was made.
 *
 * The extension (OID 2.23.133.5.4.9, not critical) holds, for SGX and TDX quotes,
 *
 *     60000([evidence, claims])
 *
 * and for every other format a conceptual message wrapper around the same array:
 *
 *     ["application/vnd.tee-secrets.evidence; format=FORMAT", h'[evidence, claims]', 4]
 *
 * claims = {"pubkey-hash": h'[alg, hash of the SPKI]', ? "nonce": bytes}, and the evidence is bound
 * to SHA-256(claims) followed by zeroes.
 */
#ifndef TSEC_APPRAISAL_RA_TLS_H
#define TSEC_APPRAISAL_RA_TLS_H

#include "base/buf.h"

#define TSEC_RA_TLS_OID "2.23.133.5.4.9"

enum { TSEC_RA_TLS_FORMAT_MAX = 31, TSEC_RA_TLS_MAX = 64 * 1024 };

struct tsec_cert;

/** Appends the claims about a key, SubjectPublicKeyInfo DER.  `nonce` may be empty: none. */
void tsec_ra_tls_claims(struct tsec_span spki, struct tsec_span nonce, struct tsec_buf *out);
/** What the evidence is bound to. */
void tsec_ra_tls_binding(struct tsec_span claims, uint8_t out[64]);
/** Appends the extension's contents.  TSEC_E_INVALID: too large for a certificate. */
TSEC_MUST_CHECK tsec_rc tsec_ra_tls_extension(const char *format, struct tsec_span evidence,
                                              struct tsec_span claims, struct tsec_buf *out,
                                              struct tsec_err *err);

/** What a certificate carries; spans are into its extension. */
struct tsec_ra_tls {
    char format[TSEC_RA_TLS_FORMAT_MAX + 1]; /* as verifiers know it */
    struct tsec_span evidence;
    struct tsec_span claims;
    struct tsec_span nonce; /* empty: none */
    uint8_t binding[64];    /* what the evidence must be bound to */
};

/** From the extension's contents, for a certificate with that key.  TSEC_E_INVALID: not of this
 *  form.  TSEC_E_DENIED: it is about another key. */
TSEC_MUST_CHECK tsec_rc tsec_ra_tls_read(struct tsec_span extension, struct tsec_span spki,
                                         struct tsec_ra_tls *out, struct tsec_err *err);
/** The same; TSEC_E_NOT_FOUND: the certificate carries no evidence. */
TSEC_MUST_CHECK tsec_rc tsec_ra_tls_of(const struct tsec_cert *cert, struct tsec_ra_tls *out,
                                       struct tsec_err *err);

#endif
