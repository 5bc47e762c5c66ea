/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/x509.h
 * @brief Certificates and CRLs (RFC 5280) of the TEE vendors: read, and one signature at a time.
 *
 * Chains here are short and their order is known, so that no path is searched for and no store is
 * asked: each link is checked by its rules (tsec_chain_verify()), and trust comes from a digest
 * that the caller has pinned.  No name, host or system root is ever consulted.
 *
 * Certificates and CRLs are immutable once parsed and may be shared between threads.
 */
#ifndef TSEC_CRYPTO_X509_H
#define TSEC_CRYPTO_X509_H

#include "base/buf.h"
#include "crypto/hash.h"
#include "crypto/pubkey.h"

enum { TSEC_CERT_MAX = 16 * 1024, TSEC_CHAIN_MAX = 8, TSEC_CRL_MAX = 1024 * 1024 };

/** How a certificate is signed: the algorithms that genuine chains use, by name. */
enum tsec_cert_alg {
    TSEC_CERT_OTHER = 0,
    TSEC_CERT_ECDSA_SHA256,
    TSEC_CERT_ECDSA_SHA384,
    TSEC_CERT_RSA_SHA256,
    TSEC_CERT_RSA_SHA384,
    TSEC_CERT_PSS_SHA384, /* MGF1 with SHA-384, salt 48 */
};

struct tsec_cert;

/** Exactly one DER certificate of version 3, nothing behind it.  A key of a kind or encoding that
 *  crypto/pubkey.h does not take is no failure.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc tsec_cert_parse(struct tsec_span der, struct tsec_cert **out,
                                        struct tsec_err *err);
/** One holder more; parsed certificates are never copied. */
struct tsec_cert *tsec_cert_hold(const struct tsec_cert *cert);
/** One holder less; frees at the last. */
void tsec_cert_free(struct tsec_cert *cert);
TSEC_DEFINE_AUTO(struct tsec_cert, tsec_cert_free)

/* Spans live as long as the certificate. */
struct tsec_span tsec_cert_der(const struct tsec_cert *cert);
const uint8_t *tsec_cert_sha256(const struct tsec_cert *cert);      /* of the DER, 32 bytes */
struct tsec_span tsec_cert_spki(const struct tsec_cert *cert);      /* DER */
const uint8_t *tsec_cert_spki_sha256(const struct tsec_cert *cert); /* of the SPKI, 32 bytes */
const struct tsec_pubkey *
tsec_cert_key(const struct tsec_cert *cert);                      /* NULL: of no kind we know */
struct tsec_span tsec_cert_subject(const struct tsec_cert *cert); /* Name DER */
struct tsec_span tsec_cert_issuer(const struct tsec_cert *cert);
const char *tsec_cert_subject_cn(const struct tsec_cert *cert); /* "" when there is none */
const char *tsec_cert_issuer_cn(const struct tsec_cert *cert);
struct tsec_span tsec_cert_serial(const struct tsec_cert *cert); /* magnitude, big-endian */
int64_t tsec_cert_not_before(const struct tsec_cert *cert);      /* seconds since 1970 */
int64_t tsec_cert_not_after(const struct tsec_cert *cert);
enum tsec_cert_alg tsec_cert_alg(const struct tsec_cert *cert);
bool tsec_cert_is_ca(const struct tsec_cert *cert);          /* basicConstraints cA */
bool tsec_cert_may_sign_certs(const struct tsec_cert *cert); /* no keyUsage, or with keyCertSign */
bool tsec_cert_has_key_usage(const struct tsec_cert *cert);
int tsec_cert_path_len(const struct tsec_cert *cert); /* -1: not limited */
/** extnValue's contents of the extension with that dotted OID; .ptr is NULL when absent. */
struct tsec_span tsec_cert_extension(const struct tsec_cert *cert, const char *oid);
/** A critical extension other than basicConstraints, keyUsage, extKeyUsage, subjectAltName and
 *  issuerAltName. */
bool tsec_cert_has_unknown_critical(const struct tsec_cert *cert);

/** Signature only.  TSEC_E_DENIED. */
TSEC_MUST_CHECK tsec_rc tsec_cert_signed_by(const struct tsec_cert *cert,
                                            const struct tsec_cert *issuer, struct tsec_err *err);

/** What every link of one vendor's chains must be. */
struct tsec_chain_rules {
    uint32_t algs;           /* bits 1 << enum tsec_cert_alg that may sign a certificate */
    uint32_t key_kinds;      /* bits 1 << enum tsec_pubkey_kind; 0 = any */
    bool leaf_is_ca;         /* the leaf may be a CA (never otherwise) */
    bool ca_needs_key_usage; /* a CA must have keyUsage with keyCertSign */
};

enum tsec_chain_fault {
    TSEC_CHAIN_OK = 0,
    TSEC_CHAIN_BROKEN, /* names, CA flag, path length, key usage, unknown critical extension */
    TSEC_CHAIN_ALG,    /* algorithm or curve */
    TSEC_CHAIN_SIGNATURE,
    TSEC_CHAIN_EXPIRED,
    TSEC_CHAIN_NOT_YET_VALID,
};

/** chain[0] is the root, whose trust is the caller's business (it is not required to be
 *  self-signed); each certificate must be signed by the one before it.  Valid at t means
 *  not_before <= t <= not_after.  TSEC_E_DENIED, with the fault and the offending index; the
 *  window in which all hold is written also when it does not contain `now`.  Time is asked last:
 *  EXPIRED and NOT_YET_VALID say that all else holds. */
struct tsec_chain_result {
    enum tsec_chain_fault fault;
    size_t at;
    int64_t not_before;
    int64_t not_after;
};
TSEC_MUST_CHECK tsec_rc tsec_chain_verify(const struct tsec_cert *const *chain, size_t len,
                                          const struct tsec_chain_rules *rules, int64_t now,
                                          struct tsec_chain_result *out, struct tsec_err *err);

struct tsec_crl;

/** Exactly one DER CRL of version 2.  Not a delta, nor one of limited scope, nor with any critical
 *  extension: TSEC_E_INVALID, as for all that is not in order. */
TSEC_MUST_CHECK tsec_rc tsec_crl_parse(struct tsec_span der, struct tsec_crl **out,
                                       struct tsec_err *err);
void tsec_crl_free(struct tsec_crl *crl);
TSEC_DEFINE_AUTO(struct tsec_crl, tsec_crl_free)

struct tsec_span tsec_crl_issuer(const struct tsec_crl *crl); /* Name DER */
int64_t tsec_crl_this_update(const struct tsec_crl *crl);
int64_t tsec_crl_next_update(const struct tsec_crl *crl); /* INT64_MAX when it names none */
size_t tsec_crl_entries(const struct tsec_crl *crl);
/** Names must match, key usage allow it, and the signature hold.  TSEC_E_DENIED. */
TSEC_MUST_CHECK tsec_rc tsec_crl_signed_by(const struct tsec_crl *crl,
                                           const struct tsec_cert *issuer, struct tsec_err *err);
/** By serial number: that both are of one issuer is the caller's to know. */
bool tsec_crl_has(const struct tsec_crl *crl, const struct tsec_cert *cert);

#endif
