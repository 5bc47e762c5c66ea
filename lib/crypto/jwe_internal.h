/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/jwe_internal.h
 * @brief What writing and reading a JWE share: how the content key comes to its recipient.  Nothing
 * outside lib/crypto, and its tests, includes it.
 */
#ifndef TSEC_CRYPTO_JWE_INTERNAL_H
#define TSEC_CRYPTO_JWE_INTERNAL_H

#include "crypto/pair.h"

enum { JWE_CEK_LEN = 32, JWE_WRAPPED_MAX = 512, JWE_HEADER_MAX = 8192 };

#define JWE_ECDH "ECDH-ES+A256KW"
#define JWE_RSA  "RSA-OAEP-256"
#define JWE_ENC  "A256GCM"

/** A recipient's key from its SPKI.  TSEC_E_INVALID: none of those that can be written to. */
TSEC_MUST_CHECK tsec_rc tsec_jwe_public(struct tsec_span spki, struct tsec_pair **out,
                                        struct tsec_err *err);

/** Concat KDF with SHA-256 (RFC 7518 section 4.6.2): `bits` 8 to 256, of which out has as many
 *  bytes. */
void tsec_jwe_concat_kdf(struct tsec_span z, const char *algorithm, struct tsec_span apu,
                         struct tsec_span apv, unsigned bits, uint8_t *out);

/** ECDH-ES+A256KW.  `ephemeral`: receives the key pair that "epk" tells. */
TSEC_MUST_CHECK tsec_rc tsec_jwe_wrap_ecdh(const struct tsec_pair *to,
                                           const uint8_t cek[JWE_CEK_LEN],
                                           struct tsec_pair **ephemeral, struct tsec_buf *wrapped,
                                           struct tsec_err *err);
/** TSEC_E_TAMPERED: not for this key. */
TSEC_MUST_CHECK tsec_rc tsec_jwe_unwrap_ecdh(const struct tsec_pair *own,
                                             const struct tsec_pair *ephemeral,
                                             struct tsec_span wrapped, uint8_t cek[JWE_CEK_LEN],
                                             struct tsec_err *err);
/** RSA-OAEP-256.  TSEC_E_TAMPERED. */
TSEC_MUST_CHECK tsec_rc tsec_jwe_unwrap_rsa(const struct tsec_pair *own, struct tsec_span wrapped,
                                            uint8_t cek[JWE_CEK_LEN], struct tsec_err *err);

#endif
