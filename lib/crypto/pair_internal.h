/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/pair_internal.h
 * @brief A key pair as the modules of this folder see it: a table of kinds, what a family of kinds
 * does, and what a curve does.  Nothing outside lib/crypto includes it.
 *
 * pair.c looks the kind up, wraps and unwraps PKCS #8 and SubjectPublicKeyInfo, and hands the rest
 * to the family: Ed25519, RSA, or the curves with ECDSA.  That last family (pair_curve.c,
 * pair_ecdsa.c) does everything that is the same for all curves (DER of keys and signatures,
 * hashing, checks of options) and hands numbers to the curve's own operations, which are OpenSSL's
 * for P-256, P-384 and P-521 (pair_ec.c) and libsecp256k1's for secp256k1.  To add a curve is to
 * fill in a `struct tsec_curve_ops` and a line of the table in pair_type.c.
 */
#ifndef TSEC_CRYPTO_PAIR_INTERNAL_H
#define TSEC_CRYPTO_PAIR_INTERNAL_H

#include <openssl/evp.h>

#include "crypto/pair.h"
#include "crypto/slots.h"

enum {
    PAIR_HALF_MAX = 66, /* of a scalar, a coordinate, r or s: P-521 */
    PAIR_POINT_MAX = 2 * PAIR_HALF_MAX + 1,
    PAIR_RAW_MAX = 2 * PAIR_HALF_MAX,
    PAIR_DIGEST_MAX = TSEC_SHA512_LEN,
};

/** All numbers are big-endian and of the order's length (`type->half` bytes); a point is 0x04 ‖ x ‖
 *  y (`type->point_len` bytes).  Each returns TSEC_E_NO_MEMORY when the locked heap is full. */
struct tsec_curve_ops {
    /** A new key: sets pair->point and the backend's own state. */
    TSEC_MUST_CHECK tsec_rc (*generate)(struct tsec_pair *pair, struct tsec_err *err);
    /** A private key.  Sets pair->point when `point` is empty; otherwise pair->point is already
     *  `point`, and `check` says whether that must be proved to be the scalar's.  A scalar that is
     *  not in 1..n-1, a point that is not on the curve: TSEC_E_INVALID. */
    TSEC_MUST_CHECK tsec_rc (*set_scalar)(struct tsec_pair *pair, const uint8_t *scalar,
                                          struct tsec_span point, bool check, struct tsec_err *err);
    /** A public key; pair->point is already set.  Not on the curve: TSEC_E_INVALID. */
    TSEC_MUST_CHECK tsec_rc (*set_point)(struct tsec_pair *pair, struct tsec_err *err);
    /** The private number, into a buffer that the caller wipes. */
    TSEC_MUST_CHECK tsec_rc (*scalar)(const struct tsec_pair *pair, uint8_t *out,
                                      struct tsec_err *err);
    /** ECDSA over a digest of any length up to PAIR_DIGEST_MAX: r ‖ s.  Heeds how->nonce, how->hash
     *  (which RFC 6979 takes its HMAC from) and how->low_s; sets *recovery_id (never NULL) to -1
     *  where there is none. */
    TSEC_MUST_CHECK tsec_rc (*sign)(const struct tsec_pair *pair, const struct tsec_signing *how,
                                    struct tsec_span digest, uint8_t *rs, int *recovery_id,
                                    struct tsec_err *err);
    /** TSEC_E_DENIED: r or s out of range, does not hold, or how->low_s is set and s is high on a
     *  curve where that is demanded. */
    TSEC_MUST_CHECK tsec_rc (*verify)(const struct tsec_pair *pair, const struct tsec_signing *how,
                                      struct tsec_span digest, const uint8_t *rs,
                                      struct tsec_err *err);
    /** The x coordinate of the product, into a buffer that the caller wipes. */
    TSEC_MUST_CHECK tsec_rc (*agree)(const struct tsec_pair *own, const struct tsec_pair *peer,
                                     uint8_t *x, struct tsec_err *err);
    /** Wipes and frees pair->own; NULL when the backend keeps only pair->pkey. */
    void (*done)(struct tsec_pair *pair);
};

struct tsec_pair_family {
    TSEC_MUST_CHECK tsec_rc (*generate)(struct tsec_pair *pair, struct tsec_err *err);
    /** `key`: contents of PKCS #8's privateKey; `point`: of its publicKey, or NULL (RFC 5958).
     *  `check`: prove everything; it is somebody else's. */
    TSEC_MUST_CHECK tsec_rc (*set_private)(struct tsec_pair *pair, struct tsec_span key,
                                           struct tsec_span point, bool check,
                                           struct tsec_err *err);
    /** `key`: contents of subjectPublicKey. */
    TSEC_MUST_CHECK tsec_rc (*set_public)(struct tsec_pair *pair, struct tsec_span key,
                                          struct tsec_err *err);
    TSEC_MUST_CHECK tsec_rc (*put_private)(const struct tsec_pair *pair, struct tsec_buf *out,
                                           struct tsec_err *err);
    TSEC_MUST_CHECK tsec_rc (*put_public)(const struct tsec_pair *pair, struct tsec_buf *out,
                                          struct tsec_err *err);
    TSEC_MUST_CHECK tsec_rc (*put_traditional)(const struct tsec_pair *pair, struct tsec_buf *out,
                                               struct tsec_err *err);
    TSEC_MUST_CHECK tsec_rc (*sign)(const struct tsec_pair *pair, const struct tsec_signing *how,
                                    struct tsec_span input, struct tsec_buf *sig, int *recovery_id,
                                    struct tsec_err *err);
    TSEC_MUST_CHECK tsec_rc (*verify)(const struct tsec_pair *pair, const struct tsec_signing *how,
                                      struct tsec_span input, struct tsec_span sig,
                                      struct tsec_err *err);
};

extern const struct tsec_pair_family tsec_family_ed25519; /* pair_ed25519.c */
extern const struct tsec_pair_family tsec_family_curve;   /* pair_curve.c */
extern const struct tsec_pair_family tsec_family_rsa;     /* pair_rsa.c */
extern const struct tsec_curve_ops tsec_curve_openssl;    /* pair_ec.c */
extern const struct tsec_curve_ops tsec_curve_secp256k1;  /* pair_secp256k1.c */

struct tsec_pair_type {
    enum tsec_pair_kind kind;
    const char *name; /* for sentences, and as OpenSSL calls the group: "P-256" */
    const struct tsec_pair_family *family;
    const struct tsec_curve_ops *curve; /* ECDSA only */
    int nid;                            /* of the curve */
    unsigned bits;                      /* of the modulus or the order */
    size_t half;                        /* of a number of the order's length; RSA: of n */
    size_t point_len;                   /* raw public key; 0: RSA */
    struct tsec_span algorithm;         /* AlgorithmIdentifier, all of it */
    struct tsec_span oid;               /* of the named curve, with its head */
};

/** NULL for a value that is no kind, or none that this build can do. */
const struct tsec_pair_type *tsec_pair_type(enum tsec_pair_kind kind);

struct tsec_pair {
    const struct tsec_pair_type *type;
    bool is_private;
    uint8_t point[PAIR_POINT_MAX]; /* type->point_len bytes */
    EVP_PKEY *pkey;                /* of OpenSSL's backends */
    struct tsec_slots *idle;       /* of struct tsec_pair_contexts, of OpenSSL's backends */
    void *own;                     /* of other backends */
};

static inline struct tsec_span
tsec_pair_point_span(const struct tsec_pair *pair)
{
    return tsec_span(pair->point, pair->type->point_len);
}

/** After a call of the library failed: empties its list of errors and fails with TSEC_E_NO_MEMORY
 *  where it ran out of memory (the locked heap is small), with `code` and `what` otherwise. */
TSEC_MUST_CHECK tsec_rc tsec_pair_failed(struct tsec_err *err, enum tsec_code code,
                                         const char *what);
/** The digest that is signed: `input` hashed, or `input` itself when it is one (then of the hash's
 *  length, or TSEC_E_INVALID).  `digest` has PAIR_DIGEST_MAX bytes. */
TSEC_MUST_CHECK tsec_rc tsec_pair_digest(const struct tsec_signing *how, struct tsec_span input,
                                         uint8_t *digest, struct tsec_span *out,
                                         struct tsec_err *err);

TSEC_MUST_CHECK tsec_rc tsec_pair_set_seed(struct tsec_pair *pair, const uint8_t seed[32],
                                           struct tsec_err *err); /* Ed25519 */

/** From big-endian to the byte order that the library's parameters have. */
void tsec_pair_native(const uint8_t *big, uint8_t *native, size_t len);

/* ---- prepared contexts: making one costs a sixth of a P-256 signature ---- */

struct tsec_pair_contexts {
    EVP_PKEY_CTX *sign; /* initialised on first use */
    EVP_PKEY_CTX *verify;
    struct tsec_signing sign_how; /* RSA: what they are set up for */
    struct tsec_signing verify_how;
    EVP_MD_CTX *md_sign;
    EVP_MD_CTX *md_verify;
};

/** An idle one, or a new empty one; NULL when there is no memory. */
struct tsec_pair_contexts *tsec_pair_take(const struct tsec_pair *pair);
/** Back to the idle ones, or freed. */
void tsec_pair_put(const struct tsec_pair *pair, struct tsec_pair_contexts *contexts);
/** After a failure, when its state is unknown. */
void tsec_pair_drop(struct tsec_pair_contexts *contexts);
/** All idle ones, with their slots. */
void tsec_pair_contexts_free(struct tsec_pair *pair);

#endif
