/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sim_verify.h
 * @brief Whether simulated evidence is genuine, in time, and bound to what is expected.
 *
 * Pure: reads its arguments and writes the claims, nothing else.  The checks come in the order of
 * docs/attest-sim.md, and each refusal says which one failed.
 */
#ifndef ATTEST_SIM_VERIFY_H
#define ATTEST_SIM_VERIFY_H

#include <tsec/attest.h>

#include "sim_roots.h"

enum {
    SIM_MAX_AGE_S = 3 * 3600, /* as long as a Nitro document's certificate lasts */
    SIM_SKEW_S = 60,          /* how far the other's clock may be ahead */
};

TSEC_MUST_CHECK tsec_rc sim_verify(const struct sim_roots *roots, struct tsec_span text,
                                   const struct tsec_expectation *expect, int64_t now,
                                   struct tsec_claims *claims, struct tsec_err *err);
/** The claims, believed by nobody: no signature is checked. */
TSEC_MUST_CHECK tsec_rc sim_decode(struct tsec_span text, struct tsec_claims *claims,
                                   struct tsec_err *err);

#endif
