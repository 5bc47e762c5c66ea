/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file snp_rig.h
 * @brief One SNP report of a minted chip, the collateral for it, and a verification of both; for
 * the tests of everything about SNP.
 *
 *     snp_rig_init(&rig, "Milan", false, 3);
 *     snp_rig_endorse(&rig);
 *     rig.report[MINT_SNP_VMPL] = 1;
 *     snp_rig_sign(&rig);
 *     SNP_GENUINE(&rig);
 */
#ifndef TESTS_SNP_RIG_H
#define TESTS_SNP_RIG_H

#include "appraisal/claims.h"
#include "appraisal/report.h"
#include "tests/mint/mint_snp.h"
#include "tests/test.h"
#include "verifier.h"

struct snp_rig {
    struct verifier_anchors anchors; /* of the minted roots */
    struct collateral *set;
    struct verifier_cache cache; /* in use when rig.cached */
    bool cached;
    struct mint_key *key; /* of the VEK */
    struct mint_snp_vek vek;
    uint8_t report[MINT_SNP_REPORT_LEN];
    struct tsec_expectation expect;
    struct tsec_checks checks;
    struct tsec_claims claims;
    int64_t now;
};

void snp_rig_init(struct snp_rig *rig, const char *product, bool vlek, unsigned version);
void snp_rig_done(struct snp_rig *rig);
#define SNP_AUTO_RIG __attribute__((cleanup(snp_rig_done)))

void snp_rig_add(struct snp_rig *rig, struct tsec_span item);
/** ARK, ASK and ASVK of a product. */
void snp_rig_add_roots(struct snp_rig *rig, const char *product);
/** A certificate of the rig's key as `vek` has it. */
void snp_rig_add_vek(struct snp_rig *rig, const struct mint_snp_vek *vek);
/** Roots and the VEK of the rig. */
void snp_rig_endorse(struct snp_rig *rig);
void snp_rig_sign(struct snp_rig *rig);

/** As the formats are. */
tsec_rc snp_rig_verify(struct snp_rig *rig, struct tsec_span evidence);
tsec_rc snp_rig_verify_az(struct snp_rig *rig, struct tsec_span evidence);
/** A genuine report, signed, through snp_verify(). */
tsec_rc snp_rig_run(struct snp_rig *rig);

/** Whether the last verification was refused for that reason by that check; says so when not. */
bool snp_rig_refused(const struct snp_rig *rig, tsec_rc rc, enum tsec_reason reason,
                     const char *check);
bool snp_rig_genuine(const struct snp_rig *rig, tsec_rc rc);
/** The detail of a check; "" when it was not made. */
const char *snp_rig_detail(const struct snp_rig *rig, const char *check);

#define SNP_GENUINE(rig) CU_ASSERT_TRUE(snp_rig_genuine((rig), snp_rig_run(rig)))
#define SNP_REFUSED(rig, reason, check) \
    CU_ASSERT_TRUE(snp_rig_refused((rig), snp_rig_run(rig), TSEC_REASON_##reason, (check)))

#endif
