/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/pair.h
 * @brief Key pairs that users keep here: Ed25519 (RFC 8032), ECDSA and ECDH on P-256, P-384, P-521
 * (FIPS 186-5) and secp256k1 (SEC 2), RSA with PSS, PKCS #1 v1.5 and OAEP (RFC 8017).
 *
 * The server's own keys are crypto/sign.h's; the keys of others that evidence is signed with are
 * crypto/pubkey.h's.
 *
 * A pair is immutable once made and may be used from many threads at once.  The private number of
 * Ed25519 and of the curves lies in the locked heap (tsec_crypto_lock_heap()) where there is one;
 * RSA's lie in ordinary memory, into which the library copies the primes anyway when it signs.  All
 * are wiped when the pair is freed.  Blinding and the constant-time paths of the libraries stay on.
 *
 * Nonces of ECDSA.  Hedged (the default): derived from the private key, the digest and fresh
 * randomness together, so that neither a weak random source nor a replayed one gives two signatures
 * with one nonce.  Deterministic: RFC 6979, with no randomness at all.
 */
#ifndef TSEC_CRYPTO_PAIR_H
#define TSEC_CRYPTO_PAIR_H

#include "base/buf.h"
#include "crypto/hash.h"

enum tsec_pair_kind {
    TSEC_PAIR_ED25519 = 1,
    TSEC_PAIR_P256,
    TSEC_PAIR_P384,
    TSEC_PAIR_P521,
    TSEC_PAIR_SECP256K1,
    TSEC_PAIR_RSA2048,
    TSEC_PAIR_RSA3072,
    TSEC_PAIR_RSA4096,
};
enum { TSEC_PAIR_PKCS8_MAX = 4096, TSEC_PAIR_SPKI_MAX = 1024, TSEC_PAIR_SIG_MAX = 512 };

struct tsec_pair;

/* All that make a private key: TSEC_E_NO_MEMORY also when the locked heap is full, of which a key
 * on a curve takes 32 to 256 bytes, and a generated RSA key 2 KiB.  */

/** RSA takes from a tenth of a second to several. */
TSEC_MUST_CHECK tsec_rc tsec_pair_generate(enum tsec_pair_kind kind, struct tsec_pair **out,
                                           struct tsec_err *err);
/** From PKCS #8 DER that tsec_pair_pkcs8() gave: quick, little is checked. */
TSEC_MUST_CHECK tsec_rc tsec_pair_open(enum tsec_pair_kind kind, struct tsec_span pkcs8,
                                       struct tsec_pair **out, struct tsec_err *err);
/** From somebody else's PKCS #8 DER (unencrypted, nothing behind it): every number is checked, and
 *  that public and private part belong together.  RSA: two primes, proved to be prime, of half the
 *  modulus each; a modulus of exactly the kind's bits; an odd exponent of 65537 or more and at most
 *  64 bits.  Curves: by name, points uncompressed.  TSEC_E_INVALID, also for a key of another kind;
 *  the detail is a sentence for whoever sent it.  RSA-4096 takes up to a second. */
TSEC_MUST_CHECK tsec_rc tsec_pair_import(enum tsec_pair_kind kind, struct tsec_span pkcs8,
                                         struct tsec_pair **out, struct tsec_err *err);
/** A public key alone, SubjectPublicKeyInfo DER; verifies, encrypts, and nothing else. */
TSEC_MUST_CHECK tsec_rc tsec_pair_from_spki(enum tsec_pair_kind kind, struct tsec_span spki,
                                            struct tsec_pair **out, struct tsec_err *err);
/** Ed25519 from its seed of 32 bytes, for keys that are derived. */
TSEC_MUST_CHECK tsec_rc tsec_pair_from_seed(const uint8_t seed[32], struct tsec_pair **out,
                                            struct tsec_err *err);
void tsec_pair_free(struct tsec_pair *pair);
TSEC_DEFINE_AUTO(struct tsec_pair, tsec_pair_free)

enum tsec_pair_kind tsec_pair_kind_of(const struct tsec_pair *pair);
bool tsec_pair_is_private(const struct tsec_pair *pair);
bool tsec_pair_kind_is_rsa(enum tsec_pair_kind kind);
bool tsec_pair_kind_is_ecdsa(enum tsec_pair_kind kind);

/* Each appends.  `secret` bytes go to buffers that the caller wipes (every tsec_buf does). */
TSEC_MUST_CHECK tsec_rc tsec_pair_pkcs8(const struct tsec_pair *pair, struct tsec_buf *out,
                                        struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc tsec_pair_spki(const struct tsec_pair *pair, struct tsec_buf *out,
                                       struct tsec_err *err);
/** Ed25519: 32 bytes; curves: 0x04 ‖ x ‖ y; RSA: TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc tsec_pair_point(const struct tsec_pair *pair, struct tsec_buf *out,
                                        struct tsec_err *err);
/** What old tools read: "EC PRIVATE KEY" (SEC 1), "RSA PRIVATE KEY" (PKCS #1) as DER; Ed25519:
 *  seed ‖ public key, 64 bytes. */
TSEC_MUST_CHECK tsec_rc tsec_pair_traditional(const struct tsec_pair *pair, struct tsec_buf *out,
                                              struct tsec_err *err);

/* ---- signing ---- */

enum tsec_pair_scheme { TSEC_SCHEME_PSS = 0, TSEC_SCHEME_PKCS1 }; /* RSA */
enum tsec_pair_form {
    TSEC_FORM_DER = 0, /* Ecdsa-Sig-Value (RFC 3279) */
    TSEC_FORM_RAW,     /* r ‖ s, each of the order's length */
};
enum tsec_pair_nonce { TSEC_NONCE_HEDGED = 0, TSEC_NONCE_RFC6979 }; /* ECDSA */
enum { TSEC_SALT_AUTO = -1, TSEC_SALT_HASH = -2 };
enum { TSEC_HASH_NONE = 0 };

/** What Ed25519 ignores: it signs the message as it is. */
struct tsec_signing {
    enum tsec_hash hash; /* TSEC_HASH_NONE: PKCS #1 v1.5 over the input without DigestInfo */
    bool prehashed;      /* the input is the digest; its length must be the hash's */
    enum tsec_pair_scheme scheme;
    enum tsec_pair_form form;
    enum tsec_pair_nonce nonce;
    int salt_len; /* PSS: bytes, HASH, or AUTO (signing: the most that fits; verifying: any) */
    bool low_s;   /* ECDSA: s at most half the order, which a verifier demands as well; what is
                     signed with secp256k1 always has such an s */
};

/** Appends.  TSEC_E_INVALID: not what this kind of key can do, or a digest of another length.
 *  `recovery_id` (may be NULL): secp256k1 only, 0 to 3 (SEC 1 section 4.1.6); -1 for others. */
TSEC_MUST_CHECK tsec_rc tsec_pair_sign(const struct tsec_pair *pair, const struct tsec_signing *how,
                                       struct tsec_span input, struct tsec_buf *sig,
                                       int *recovery_id, struct tsec_err *err);
/** TSEC_E_DENIED: not this key's signature over this input; for RSA and Ed25519 also of another
 *  length.  TSEC_E_INVALID: as when signing, and ECDSA's bytes that are no signature of that form
 * at all (not strictly DER, or r ‖ s of another length). */
TSEC_MUST_CHECK tsec_rc tsec_pair_verify(const struct tsec_pair *pair,
                                         const struct tsec_signing *how, struct tsec_span input,
                                         struct tsec_span sig, struct tsec_err *err);

/* ---- RSA-OAEP and agreement ---- */

/** MGF1 with the same hash.  TSEC_E_INVALID: not RSA, or too long. */
TSEC_MUST_CHECK tsec_rc tsec_pair_encrypt(const struct tsec_pair *pair, enum tsec_hash hash,
                                          struct tsec_span label, struct tsec_span plain,
                                          struct tsec_buf *out, struct tsec_err *err);
/** TSEC_E_TAMPERED: does not decrypt; says nothing else, and takes as long. */
TSEC_MUST_CHECK tsec_rc tsec_pair_decrypt(const struct tsec_pair *pair, enum tsec_hash hash,
                                          struct tsec_span label, struct tsec_span sealed,
                                          struct tsec_buf *out, struct tsec_err *err);
/** The x coordinate of ECDH (SP 800-56A); the peer is checked to lie on the curve.  TSEC_E_INVALID:
 *  RSA, Ed25519, or a peer of another kind. */
TSEC_MUST_CHECK tsec_rc tsec_pair_agree(const struct tsec_pair *own, const struct tsec_pair *peer,
                                        struct tsec_buf *secret, struct tsec_err *err);

#endif
