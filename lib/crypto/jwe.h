/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/jwe.h
 * @brief Compact JWE (RFC 7516) to one public key: how a secret leaves for code that was attested.
 *
 * ECDH-ES+A256KW (RFC 7518 section 4.6) for P-256 and P-384, RSA-OAEP-256 (section 4.3) for RSA
 * from 2048 bits; always A256GCM.  Nothing else is made or read.
 */
#ifndef TSEC_CRYPTO_JWE_H
#define TSEC_CRYPTO_JWE_H

#include "crypto/sign.h"

enum { TSEC_JWE_MAX = 16 * 1024 * 1024 };

/** Whether this SPKI DER is of a key that can be written to; TSEC_E_INVALID says which are. */
TSEC_MUST_CHECK tsec_rc tsec_jwe_recipient_check(struct tsec_span spki, struct tsec_err *err);
/** A JWK (EC P-256, P-384; RSA) as SPKI DER, appended. */
TSEC_MUST_CHECK tsec_rc tsec_jwk_to_spki(struct tsec_span jwk, struct tsec_buf *spki,
                                         struct tsec_err *err);

/** Appends the token.  `kid`, may be empty, and `typ` ("JWT"; may be NULL) go into the header. */
TSEC_MUST_CHECK tsec_rc tsec_jwe_encrypt(struct tsec_span spki, struct tsec_span kid,
                                         const char *typ, struct tsec_span plain,
                                         struct tsec_buf *out, struct tsec_err *err);

/** The same in two halves.  The first agrees on a key, which takes about a millisecond; the second
 *  encrypts, which takes next to nothing, and may be done again, under a nonce of its own: for a
 * text of which one version leaves, or for several that leave together. */
struct tsec_jwe;
TSEC_MUST_CHECK tsec_rc tsec_jwe_begin(struct tsec_span spki, struct tsec_span kid, const char *typ,
                                       struct tsec_jwe **out, struct tsec_err *err);
void tsec_jwe_free(struct tsec_jwe *jwe);
TSEC_DEFINE_AUTO(struct tsec_jwe, tsec_jwe_free)
TSEC_MUST_CHECK tsec_rc tsec_jwe_finish(const struct tsec_jwe *jwe, struct tsec_span plain,
                                        struct tsec_buf *out, struct tsec_err *err);

/** Private keys of recipients, for the client: made here, P-384 or RSA. */
struct tsec_recipient;
enum tsec_recipient_kind { TSEC_RECIPIENT_P384 = 1, TSEC_RECIPIENT_P256, TSEC_RECIPIENT_RSA };
TSEC_MUST_CHECK tsec_rc tsec_recipient_generate(enum tsec_recipient_kind kind,
                                                struct tsec_recipient **out, struct tsec_err *err);
/** From PEM (PKCS #8), for tests and for keys that are made elsewhere. */
TSEC_MUST_CHECK tsec_rc tsec_recipient_from_pem(struct tsec_span pem, struct tsec_recipient **out,
                                                struct tsec_err *err);
void tsec_recipient_free(struct tsec_recipient *recipient);
TSEC_DEFINE_AUTO(struct tsec_recipient, tsec_recipient_free)
TSEC_MUST_CHECK tsec_rc tsec_recipient_spki(const struct tsec_recipient *recipient,
                                            struct tsec_buf *out, struct tsec_err *err);
/** Appends the plaintext.  TSEC_E_DENIED: not for this key, or altered; TSEC_E_INVALID: no such
 *  JWE. */
TSEC_MUST_CHECK tsec_rc tsec_jwe_decrypt(const struct tsec_recipient *recipient,
                                         struct tsec_span token, struct tsec_buf *plain,
                                         struct tsec_err *err);

#endif
