/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mint/mint_cert.h
 * @brief A test PKI: keys, certificates and CRLs of any shape, good or wrong on purpose.
 *
 * Nothing here checks anything: a test asks for a CA flag that is false, a path length of 0, a
 * wrong curve, and gets it.  Every failure of the library aborts the test program.
 */
#ifndef MINT_CERT_H
#define MINT_CERT_H

#include "base/buf.h"
#include "crypto/pubkey.h"

struct mint_key;

/** P256, P384, P521, ED25519; RSA: see below. */
struct mint_key *mint_key(enum tsec_pubkey_kind kind);
/** RSA keys are slow to make: the same few are handed out again (`which` 0..3), from a pool that
 *  lives as long as the program. */
struct mint_key *mint_rsa(unsigned bits, unsigned which);
void mint_key_free(struct mint_key *key); /* harmless for a pooled one and NULL */
TSEC_DEFINE_AUTO(struct mint_key, mint_key_free)

void mint_key_spki(const struct mint_key *key, struct tsec_buf *out);
/** x ‖ y. */
void mint_key_point(const struct mint_key *key, struct tsec_buf *out);
/** Modulus, big-endian; the exponent is 65537. */
void mint_key_modulus(const struct mint_key *key, struct tsec_buf *out);
/** Appends the signature in the form that tsec_pubkey_verify() takes for `alg`. */
void mint_sign(const struct mint_key *key, enum tsec_sigalg alg, struct tsec_span message,
               struct tsec_buf *out);

enum { MINT_KU_DIGITAL_SIGNATURE = 1, MINT_KU_CERT_SIGN = 2, MINT_KU_CRL_SIGN = 4 };

struct mint_extension {
    const char *oid; /* dotted; NULL ends the list */
    bool critical;
    struct tsec_span value; /* extnValue's contents, DER or whatever the test wants */
};

struct mint_cert_spec {
    const char *cn;
    const char *issuer_cn; /* NULL: own cn (self-issued) */
    int64_t not_before;
    int64_t not_after;
    uint64_t serial;
    bool basic_constraints; /* has the extension at all */
    bool ca;
    int path_len;       /* -1: none */
    unsigned key_usage; /* MINT_KU_ bits; 0: no extension */
    const char *md;     /* "SHA256", "SHA384", ... */
    bool pss;           /* RSASSA-PSS, salt as long as the hash */
    const struct mint_extension *extensions;
};

/** Appends the DER.  `issuer` signs. */
void mint_cert(const struct mint_cert_spec *spec, const struct mint_key *subject,
               const struct mint_key *issuer, struct tsec_buf *der);

struct mint_crl_spec {
    const char *issuer_cn;
    int64_t this_update;
    int64_t next_update;     /* 0: none */
    const uint64_t *revoked; /* serials */
    size_t revoked_len;
    const char *md;
    bool pss;
    const struct mint_extension *extensions;
};
void mint_crl(const struct mint_crl_spec *spec, const struct mint_key *issuer,
              struct tsec_buf *der);

/** Appends `der` as a PEM block. */
void mint_pem(const char *label, struct tsec_span der, struct tsec_buf *out);

#endif
