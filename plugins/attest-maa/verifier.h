/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file verifier.h
 * @brief The verifiers of this plugin, one per format, and what each is given.
 *
 * Each is a function of its arguments; the caches only remember which links have been checked, and
 * never change a verdict.
 */
#ifndef ATTEST_MAA_VERIFIER_H
#define ATTEST_MAA_VERIFIER_H

#include <tsec/attest.h>

#include "base/memo.h"
#include "collateral.h"

/** The vendors' roots.  verifier_anchors_pinned is what the plugin uses, always; tests give the
 *  digests of their own PKI. */
struct verifier_anchors {
    struct {
        const char *product;           /* "Milan" */
        uint8_t ark[TSEC_SHA256_LEN];  /* SHA-256 of the DER */
        uint8_t ask[TSEC_SHA256_LEN];  /* signs VCEKs */
        uint8_t asvk[TSEC_SHA256_LEN]; /* signs VLEKs */
    } amd[3];
    uint8_t intel_spki[TSEC_SHA256_LEN];   /* SHA-256 of the SGX root's SubjectPublicKeyInfo */
    uint8_t azure_tpm[2][TSEC_SHA256_LEN]; /* SHA-256 of the DER; all zero: none */
};
extern const struct verifier_anchors verifier_anchors_pinned;

/** What each format remembers (base/memo.h); its values are that format's own. */
struct verifier_cache {
    struct tsec_memo *snp;
    struct tsec_memo *quote;
    struct tsec_memo *token_keys;
};
TSEC_MUST_CHECK tsec_rc verifier_cache_init(struct verifier_cache *cache, struct tsec_err *err);
void verifier_cache_done(struct verifier_cache *cache);
/* Each makes its part of it. */
TSEC_MUST_CHECK tsec_rc snp_memo_new(struct tsec_memo **out, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc quote_memo_new(struct tsec_memo **out, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc maa_memo_new(struct tsec_memo **out, struct tsec_err *err);

struct maa_jwks; /* maa_jwks.h */

struct verifier_input {
    const struct verifier_anchors *anchors;
    struct verifier_cache *cache;        /* NULL: check everything each time */
    const struct collateral *collateral; /* kept and peer's together; may be NULL */
    const struct maa_jwks
        *token_keys; /* of expect->issuer, for want of expect->jwks; may be NULL */
    struct tsec_span evidence;
    const struct tsec_expectation *expect;
    int64_t now;
    struct tsec_claims *claims; /* initialised by the verifier */
};

/* Results and reasons: as tsec/attest.h says of verify(), with the account in expect->checks. */
TSEC_MUST_CHECK tsec_rc snp_verify(const struct verifier_input *in, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc az_vtpm_verify(const struct verifier_input *in, struct tsec_err *err);
/** SGX and TDX quotes; the format ("sgx", "tdx") must be what the quote is. */
TSEC_MUST_CHECK tsec_rc quote_verify(const struct verifier_input *in, bool tdx,
                                     struct tsec_err *err);
/** expect->issuer is set, and expect->jwks or token_keys. */
TSEC_MUST_CHECK tsec_rc maa_verify(const struct verifier_input *in, struct tsec_err *err);

TSEC_MUST_CHECK tsec_rc snp_decode(struct tsec_span evidence, struct tsec_claims *claims,
                                   struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc az_vtpm_decode(struct tsec_span evidence, struct tsec_claims *claims,
                                       struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc quote_decode(struct tsec_span evidence, bool tdx,
                                     struct tsec_claims *claims, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc maa_decode(struct tsec_span evidence, struct tsec_claims *claims,
                                   struct tsec_err *err);

#endif
