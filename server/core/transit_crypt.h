/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/transit_crypt.h
 * @brief What is done with a transit key: encrypt, decrypt, sign, verify, authenticate, agree.
 *
 * Pure: no transaction, no lock, nothing kept; whatever a request carries is given, and what comes
 * out is bytes (the prefix "vault:v1:" and base64 are api's).  Whether the key's settings allow it
 * was decided before.  Failures carry a sentence for the client in err->detail, never a key or a
 * plaintext.
 *
 * Forms, as Vault has them.  Symmetric: nonce ‖ ciphertext ‖ tag.  RSA: OAEP with SHA-256.
 * Derived: the key is HKDF-SHA-256(material, info = context); convergent: 32 bytes more are
 * derived, and the nonce is HMAC-SHA-256(those, plaintext), cut.  With associated data, where Vault
 * would use that same nonce again, the next 32 bytes of the derivation authenticate both.
 */
#ifndef TSEC_CORE_TRANSIT_CRYPT_H
#define TSEC_CORE_TRANSIT_CRYPT_H

#include "core/transit_cache.h"

/** A version without rows: for what was imported a moment ago, and for tests. */
TSEC_MUST_CHECK tsec_rc transit_material_new(enum transit_type type,
                                             const struct transit_version *version,
                                             const struct transit_material **out,
                                             struct tsec_err *err);
enum transit_type transit_material_type(const struct transit_material *material);
int64_t transit_material_number(const struct transit_material *material);
/** The pair of an asymmetric key; NULL otherwise. */
const struct tsec_pair *transit_material_pair(const struct transit_material *material);
/** About what it costs to keep, for the cache. */
size_t transit_material_bytes(const struct transit_material *material);

/** What a request says besides its data; spans may be empty. */
struct transit_params {
    struct tsec_span context;    /* demanded of derived keys, refused of others */
    struct tsec_span associated; /* AEAD types only */
    bool derived;                /* of the key */
    bool convergent;
};

/** Appends.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc transit_encrypt(const struct transit_material *material,
                                        const struct transit_params *params, struct tsec_span plain,
                                        struct tsec_buf *out, struct tsec_err *err);
/** Appends.  TSEC_E_TAMPERED: "cipher: message authentication failed". */
TSEC_MUST_CHECK tsec_rc transit_decrypt(const struct transit_material *material,
                                        const struct transit_params *params,
                                        struct tsec_span sealed, struct tsec_buf *out,
                                        struct tsec_err *err);

/** Appends.  `public_key` (may be NULL) receives the derived Ed25519 key's, 32 bytes. */
TSEC_MUST_CHECK tsec_rc transit_sign(const struct transit_material *material,
                                     const struct transit_params *params,
                                     const struct tsec_signing *how, struct tsec_span input,
                                     struct tsec_buf *sig, int *recovery_id,
                                     struct tsec_buf *public_key, struct tsec_err *err);
/** TSEC_E_DENIED: it does not hold.  TSEC_E_INVALID: no signature at all, or not for this key. */
TSEC_MUST_CHECK tsec_rc transit_verify(const struct transit_material *material,
                                       const struct transit_params *params,
                                       const struct tsec_signing *how, struct tsec_span input,
                                       struct tsec_span sig, struct tsec_err *err);
/** The raw public key of a derived Ed25519 key. */
TSEC_MUST_CHECK tsec_rc transit_derived_public(const struct transit_material *material,
                                               struct tsec_span context, struct tsec_buf *out,
                                               struct tsec_err *err);

/** With the version's HMAC key (of a key of type hmac: its material); tsec_hash_len() bytes. */
TSEC_MUST_CHECK tsec_rc transit_hmac(const struct transit_material *material, enum tsec_hash hash,
                                     struct tsec_span input, uint8_t *out, struct tsec_err *err);

#endif
