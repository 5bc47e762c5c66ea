/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/x509_internal.h
 * @brief What the readers of certificates and of CRLs share.  Nothing outside lib/crypto includes
 * it.
 */
#ifndef TSEC_CRYPTO_X509_INTERNAL_H
#define TSEC_CRYPTO_X509_INTERNAL_H

#include <stdatomic.h>

#include "crypto/asn1.h"
#include "crypto/x509.h"

enum {
    X509_EXTENSIONS_MAX = 32,
    X509_CN_MAX = 256, /* 64 characters of UTF-8 (RFC 5280 appendix A.1) */
};

struct tsec_x509_extension {
    struct tsec_span oid;
    struct tsec_span value;
    bool critical;
};

struct tsec_x509_extensions {
    struct tsec_x509_extension items[X509_EXTENSIONS_MAX];
    size_t len;
};

/** What is signed, how and with what: the outer form that certificates and CRLs have in common. */
struct tsec_x509_signed {
    struct tsec_span tbs; /* with its head: these bytes are signed */
    struct tsec_span algorithm;
    enum tsec_cert_alg alg;
    struct tsec_span signature;
};

struct tsec_cert {
    atomic_uint holders;
    struct tsec_x509_signed outer;
    struct tsec_span serial;
    struct tsec_span issuer;
    struct tsec_span subject;
    struct tsec_span spki;
    int64_t not_before;
    int64_t not_after;
    struct tsec_x509_extensions extensions;
    bool ca;
    int path_len;
    bool has_key_usage;
    unsigned key_usage; /* the first byte of the BIT STRING: 0x80 is bit 0 */
    struct tsec_pubkey *key;
    uint8_t sha256[TSEC_SHA256_LEN];
    uint8_t spki_sha256[TSEC_SHA256_LEN];
    char subject_cn[X509_CN_MAX + 1];
    char issuer_cn[X509_CN_MAX + 1];
    size_t der_len;
    uint8_t der[];
};

enum { X509_KU_CERT_SIGN = 0x04, X509_KU_CRL_SIGN = 0x02 };

/** Opens `der`, which must be all there is; the inside of its tbs is left in `body`. */
bool tsec_x509_open(struct tsec_span der, struct tsec_x509_signed *out, struct tsec_span *body);
/** The algorithm once more, which must be the outer one. */
bool tsec_x509_take_algorithm(struct tsec_span *body, const struct tsec_x509_signed *outer);
/** Checks the signature with that key. */
TSEC_MUST_CHECK tsec_rc tsec_x509_holds(const struct tsec_x509_signed *outer,
                                        const struct tsec_pubkey *key, struct tsec_err *err);
/** Whether it is a Name (RFC 5280 section 4.1.2.4), and its last commonName; "" when there is none
 *  that is text. */
bool tsec_x509_read_name(struct tsec_span name, char cn[X509_CN_MAX + 1]);

/** `list`: contents of the SEQUENCE OF Extension.  No extension twice. */
bool tsec_x509_read_extensions(struct tsec_span list, struct tsec_x509_extensions *out);
const struct tsec_x509_extension *tsec_x509_find(const struct tsec_x509_extensions *extensions,
                                                 const char *oid);
/** Reads basicConstraints and keyUsage into the certificate; false when they are malformed. */
bool tsec_x509_read_constraints(struct tsec_cert *cert);

#endif
