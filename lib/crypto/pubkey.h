/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/pubkey.h
 * @brief A public key of somebody else, of any kind that evidence is signed with, and its
 * signatures checked.  No private key is ever in one; our own keys are crypto/sign.h's.
 *
 * Immutable once made: any number of threads may verify with one key.
 */
#ifndef TSEC_CRYPTO_PUBKEY_H
#define TSEC_CRYPTO_PUBKEY_H

#include "base/buf.h"

enum tsec_pubkey_kind {
    TSEC_PUBKEY_P256 = 1,
    TSEC_PUBKEY_P384,
    TSEC_PUBKEY_P521,
    TSEC_PUBKEY_RSA,
    TSEC_PUBKEY_ED25519,
};

/** Algorithm and form of a signature: who verifies says which, never the message. */
enum tsec_sigalg {
    TSEC_SIG_ES256 = 1, /* ECDSA P-256 with SHA-256, raw r ‖ s (64 bytes) */
    TSEC_SIG_ES384,     /* ECDSA P-384 with SHA-384, raw r ‖ s (96 bytes) */
    TSEC_SIG_ES512,     /* ECDSA P-521 with SHA-512, raw r ‖ s (132 bytes) */
    TSEC_SIG_ES256_DER, /* the same as Ecdsa-Sig-Value (RFC 3279) */
    TSEC_SIG_ES384_DER,
    TSEC_SIG_RS256, /* RSASSA-PKCS1-v1_5 with SHA-256, SHA-384, SHA-512 */
    TSEC_SIG_RS384,
    TSEC_SIG_RS512,
    TSEC_SIG_PS256, /* RSASSA-PSS, MGF1 with the same hash, salt of the hash's length */
    TSEC_SIG_PS384,
    TSEC_SIG_PS512,
    TSEC_SIG_EDDSA, /* Ed25519 */
};

struct tsec_pubkey;

/** SubjectPublicKeyInfo DER.  Points must lie on their curve; RSA has 2048 to 8192 bits and an odd
 *  exponent of 3 or more, at most 64 bits.  TSEC_E_INVALID otherwise. */
TSEC_MUST_CHECK tsec_rc tsec_pubkey_from_spki(struct tsec_span der, struct tsec_pubkey **out,
                                              struct tsec_err *err);
/** x ‖ y, 64 bytes (P-256) or 96 (P-384). */
TSEC_MUST_CHECK tsec_rc tsec_pubkey_from_point(enum tsec_pubkey_kind kind, struct tsec_span xy,
                                               struct tsec_pubkey **out, struct tsec_err *err);
/** Modulus and exponent, big-endian. */
TSEC_MUST_CHECK tsec_rc tsec_pubkey_from_rsa(struct tsec_span n, struct tsec_span e,
                                             struct tsec_pubkey **out, struct tsec_err *err);
void tsec_pubkey_free(struct tsec_pubkey *key);
TSEC_DEFINE_AUTO(struct tsec_pubkey, tsec_pubkey_free)

enum tsec_pubkey_kind tsec_pubkey_kind_of(const struct tsec_pubkey *key);
/** Of the modulus or the field. */
unsigned tsec_pubkey_bits(const struct tsec_pubkey *key);

/** TSEC_E_DENIED: not this key's signature over this message, a key of another kind than the
 *  algorithm's, or a signature of another length. */
TSEC_MUST_CHECK tsec_rc tsec_pubkey_verify(const struct tsec_pubkey *key, enum tsec_sigalg alg,
                                           struct tsec_span message, struct tsec_span signature,
                                           struct tsec_err *err);

#endif
