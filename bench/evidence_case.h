/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file bench/evidence_case.h
 * @brief One piece of evidence with all that vouches for it, and how it is verified.
 *
 * Real ones where $TSEC_VECTORS has them (the first of its manifest that is genuine), minted ones
 * otherwise.
 */
#ifndef BENCH_EVIDENCE_CASE_H
#define BENCH_EVIDENCE_CASE_H

#include "attest-maa/maa_jwks.h"
#include "attest-maa/verifier.h"
#include "attest-nitro/nitro_verify.h"
#include "base/buf.h"

enum { CASE_COLLATERAL_MAX = 16 };

struct evidence_case {
    const char *kind; /* "nitro", "nitro-tpm", "snp", "az-snp-vtpm", "sgx", "tdx", "maa" */
    const char *source;
    int64_t at;
    struct tsec_buf evidence;
    struct tsec_buf collateral[CASE_COLLATERAL_MAX];
    size_t collateral_len;
    struct tsec_buf jwks;
    char issuer[256];
    uint8_t nitro_root[TSEC_SHA256_LEN];
    struct verifier_anchors anchors;
    /* what a server keeps between verifications */
    struct collateral *kept;
    struct maa_jwks *keys;
    struct evidence_memory {
        struct verifier_cache cache;
        struct tsec_memo *chains;
    } cached, cold;
};

/** NULL when there is nothing of this kind to be had. */
struct evidence_case *evidence_case_load(const char *kind);
void evidence_case_free(struct evidence_case *c);
TSEC_DEFINE_AUTO(struct evidence_case, evidence_case_free)

enum evidence_how {
    EVIDENCE_BESIDE, /* collateral comes with it and is read first; nothing is remembered */
    EVIDENCE_COLD, /* collateral has been read, as a server does when it fetches it; the rest new */
    EVIDENCE_CACHED, /* its chain and its collateral have been checked before */
};
/** Once. */
TSEC_MUST_CHECK tsec_rc evidence_case_verify(struct evidence_case *c, enum evidence_how how,
                                             struct tsec_err *err);
/** Forgets what was remembered, before the next verification that is not cached. */
void evidence_case_forget(struct evidence_case *c);
/** Whether anything comes beside it. */
bool evidence_case_has_beside(const struct evidence_case *c);
/** Whether keys of bare numbers come with this kind of evidence. */
bool evidence_case_keys_inside(const struct evidence_case *c);

#endif
