/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file maa_jwks.h
 * @brief The token keys of one issuer, out of its JWKS (RFC 7517): RSA only.
 *
 * An entry's key is its certificate's (x5c[0], as Azure gives them), or n and e, or both, which
 * must then be the same.  Certificates only carry the key: who the issuer is, TLS told when the
 * document was fetched, or the operator who gave the file.  Immutable once parsed.
 */
#ifndef ATTEST_MAA_MAA_JWKS_H
#define ATTEST_MAA_MAA_JWKS_H

#include "base/buf.h"
#include "crypto/pubkey.h"
#include "crypto/x509.h"

enum { MAA_JWKS_MAX = 512 * 1024, MAA_JWKS_KEYS = 64 };

struct maa_key {
    struct tsec_span kid;          /* raw JSON string, of the document */
    const struct tsec_pubkey *rsa; /* NULL: an entry that cannot be used, and why */
    const char *why;
    struct tsec_cert *cert;  /* whose key it is, or NULL */
    struct tsec_pubkey *own; /* when there is no certificate */
};

struct maa_jwks;

/** `kid`: raw JSON string; only entries of that name are read then, all when .ptr is NULL.  The
 *  text is copied.  TSEC_E_INVALID: not a JWKS. */
TSEC_MUST_CHECK tsec_rc maa_jwks_parse(struct tsec_span json, struct tsec_span kid,
                                       struct maa_jwks **out, struct tsec_err *err);
void maa_jwks_free(struct maa_jwks *jwks);
TSEC_DEFINE_AUTO(struct maa_jwks, maa_jwks_free)

/** The next entry of that name from *at on, or NULL.  Several may have one name. */
const struct maa_key *maa_jwks_next(const struct maa_jwks *jwks, struct tsec_span kid, size_t *at);
/** How many keys can be used. */
size_t maa_jwks_usable(const struct maa_jwks *jwks);
/** Whether a (checked) document is a JWKS: an object with an array "keys". */
bool maa_jwks_is(struct tsec_span json);

#endif
