/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file az_rig.h
 * @brief Evidence of a minted Azure confidential VM, on top of snp_rig.h's chip.
 */
#ifndef TESTS_AZ_RIG_H
#define TESTS_AZ_RIG_H

#include "tests/mint/mint_hcl.h"
#include "tests/plugins/snp_rig.h"

enum { AZ_EVIDENCE_MAX = 256 * 1024 };

struct az_rig {
    struct snp_rig snp;
    struct mint_quote quote;
    struct tsec_span user_data; /* in the runtime data */
    struct tsec_buf hcl;
    struct tsec_buf message;
    struct tsec_buf signature;
    struct tsec_buf pcrs;
    struct tsec_buf vcek;
};

/** A Milan chip with its roots; `extra` is the quote's extraData, of PCRs 0 to 23. */
void az_rig_init(struct az_rig *rig, struct tsec_span extra);
void az_rig_done(struct az_rig *rig);
#define AZ_AUTO_RIG __attribute__((cleanup(az_rig_done)))

/** Makes the parts anew from what the rig says. */
void az_rig_make(struct az_rig *rig);
/** The parts as evidence: version 0, 1 or 2 with the VCEK within. */
void az_rig_json(const struct az_rig *rig, int version, struct tsec_buf *out);

/** Verifies the parts as JSON, or the HCL report alone. */
tsec_rc az_rig_run(struct az_rig *rig);
tsec_rc az_rig_run_bare(struct az_rig *rig);
tsec_rc az_rig_run_text(struct az_rig *rig, const char *text);

#define AZ_GENUINE(rig, rc) CU_ASSERT_TRUE(snp_rig_genuine(&(rig)->snp, (rc)))
#define AZ_REFUSED(rig, rc, reason, check) \
    CU_ASSERT_TRUE(snp_rig_refused(&(rig)->snp, (rc), TSEC_REASON_##reason, (check)))

#endif
