/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file az_vtpm_expect.h
 * @brief Whether evidence of an Azure confidential VM answers what a relying party asked.
 *
 * The quote's extraData is where a challenge is answered.  It is too short for 64 bytes on most
 * TPMs, so that it is either all of the binding or its SHA-256: never a part of it, since nothing
 * would vouch for the rest.
 */
#ifndef ATTEST_MAA_AZ_VTPM_EXPECT_H
#define ATTEST_MAA_AZ_VTPM_EXPECT_H

#include "hcl_runtime.h"
#include "tpm_attest.h"

/** `quote`: NULL when the evidence has none.  Notes "nonce", "binding", "public-key" and "age", as
 *  far as they are expected. */
TSEC_MUST_CHECK tsec_rc az_vtpm_expect_check(const struct tpm_attest *quote,
                                             const struct hcl_runtime *runtime,
                                             const struct tsec_expectation *expect,
                                             struct tsec_err *err);

#endif
