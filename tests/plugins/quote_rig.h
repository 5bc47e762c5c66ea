/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file quote_rig.h
 * @brief A quote with its collateral, made and verified: a test changes one thing of it and looks
 * at the verdict.
 */
#ifndef TESTS_QUOTE_RIG_H
#define TESTS_QUOTE_RIG_H

#include "tests/mint/mint_sgx.h"
#include "verifier.h"

struct quote_rig {
    struct mint_sgx spec;
    /* collateral: genuine but for what these say */
    bool no_tcb_info;
    bool no_identity;
    bool no_root_crl;
    bool no_pck_crl;
    bool no_signing_chain;
    bool no_signatures;
    bool loose; /* documents bare, signatures beside them */
    uint64_t root_revokes;
    uint64_t pck_revokes;
    enum mint_sgx_key info_signer; /* MINT_SGX_SIGNING */
    struct tsec_span tcb_info;     /* in place of the one made, with its signature */
    struct tsec_span more[4];      /* further items, put in first */
    size_t more_len;
    bool quote_ready; /* `quote` is the test's own, or that of the run before */
    /* verification */
    struct verifier_anchors anchors;
    struct verifier_cache *cache;
    struct tsec_expectation expect;
    int64_t now;
    bool as_tdx; /* the format it is given as */
    /* what came of it */
    struct tsec_buf quote;
    struct collateral *set;
    struct tsec_claims claims;
    struct tsec_checks checks;
    struct tsec_err err;
    tsec_rc rc;
    char verdict[80];
};

/** Genuine at MINT_SGX_NOW. */
void quote_rig_init(struct quote_rig *rig, bool tdx);
void quote_rig_done(struct quote_rig *rig);
/** Makes quote and collateral, verifies, and says "genuine", or "REASON CHECK" with the reason's
 *  slug and the name of the check that failed. */
const char *quote_rig_verdict(struct quote_rig *rig);
/** The same with what was made before. */
const char *quote_rig_again(struct quote_rig *rig);
/** Whether a check of that name held and its detail has `text` in it. */
bool quote_rig_noted(const struct quote_rig *rig, const char *name, const char *text);

#endif
