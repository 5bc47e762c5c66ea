/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/sign.h
 * @brief Key pairs: Ed25519 (RFC 8032) and ECDSA/ECDH on P-384 and P-256 (FIPS 186-5), X25519.
 */
#ifndef TSEC_CRYPTO_SIGN_H
#define TSEC_CRYPTO_SIGN_H

#include "base/buf.h"
#include "crypto/hash.h"

enum tsec_key_kind { TSEC_KEY_ED25519 = 1, TSEC_KEY_P384, TSEC_KEY_P256, TSEC_KEY_X25519 };
enum { TSEC_ED25519_KEY_LEN = 32, TSEC_ED25519_SIG_LEN = 64 };

struct tsec_key;

TSEC_MUST_CHECK tsec_rc tsec_key_generate(enum tsec_key_kind kind, struct tsec_key **out,
                                          struct tsec_err *err);
/** Raw private key: 32-byte seed (Ed25519, X25519) or the scalar, big-endian (32 or 48 bytes). */
TSEC_MUST_CHECK tsec_rc tsec_key_from_private(enum tsec_key_kind kind, struct tsec_span raw,
                                              struct tsec_key **out, struct tsec_err *err);
/** Raw public key: 32 bytes, or an uncompressed point (0x04 ‖ x ‖ y) that is on the curve. */
TSEC_MUST_CHECK tsec_rc tsec_key_from_public(enum tsec_key_kind kind, struct tsec_span raw,
                                             struct tsec_key **out, struct tsec_err *err);
/** SubjectPublicKeyInfo DER of any of the kinds. */
TSEC_MUST_CHECK tsec_rc tsec_key_from_spki(struct tsec_span der, struct tsec_key **out,
                                           struct tsec_err *err);
/** The same key once more, to be freed by itself: cheap, where making it from its bytes is not. */
TSEC_MUST_CHECK tsec_rc tsec_key_share(const struct tsec_key *key, struct tsec_key **out,
                                       struct tsec_err *err);
void tsec_key_free(struct tsec_key *key);
TSEC_DEFINE_AUTO(struct tsec_key, tsec_key_free)

enum tsec_key_kind tsec_key_kind_of(const struct tsec_key *key);
/** Appends raw public / raw private / SPKI DER / PKCS#8 PEM. */
TSEC_MUST_CHECK tsec_rc tsec_key_public(const struct tsec_key *key, struct tsec_buf *out,
                                        struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc tsec_key_private(const struct tsec_key *key, struct tsec_buf *out,
                                         struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc tsec_key_spki(const struct tsec_key *key, struct tsec_buf *out,
                                      struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc tsec_key_pem(const struct tsec_key *key, struct tsec_buf *out,
                                     struct tsec_err *err);

/** Ed25519 signs the message (hash is ignored); ECDSA signs its hash and appends raw r ‖ s. */
TSEC_MUST_CHECK tsec_rc tsec_sign(const struct tsec_key *key, enum tsec_hash hash,
                                  struct tsec_span message, struct tsec_buf *sig,
                                  struct tsec_err *err);
/** TSEC_E_DENIED: the signature is not this key's over this message. */
TSEC_MUST_CHECK tsec_rc tsec_verify(const struct tsec_key *key, enum tsec_hash hash,
                                    struct tsec_span message, struct tsec_span sig,
                                    struct tsec_err *err);

/** ECDH (x coordinate) or X25519; TSEC_E_INVALID for other kinds, mixed kinds, or a zero result. */
TSEC_MUST_CHECK tsec_rc tsec_key_agree(const struct tsec_key *own, const struct tsec_key *peer,
                                       struct tsec_buf *secret, struct tsec_err *err);

/** A self-signed X.509 certificate for `name` (CN and SAN) with this key (P-256 or P-384), PEM,
 *  from `not_before` for `days`.  `name` may be a DNS name or an IP address. */
TSEC_MUST_CHECK tsec_rc tsec_self_signed(const struct tsec_key *key, const char *name,
                                         int64_t not_before, int days, struct tsec_buf *pem,
                                         struct tsec_err *err);

/** What a certificate is to say. */
struct tsec_cert_spec {
    const char *name;
    int64_t not_before;
    int days;
    const char *extension_oid; /* of one further extension, not critical; NULL: none */
    struct tsec_span extension;
};
/** The same, with an extension. */
TSEC_MUST_CHECK tsec_rc tsec_self_signed_of(const struct tsec_key *key,
                                            const struct tsec_cert_spec *spec, struct tsec_buf *pem,
                                            struct tsec_err *err);

#endif
