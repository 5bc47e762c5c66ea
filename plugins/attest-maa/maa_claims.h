/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file maa_claims.h
 * @brief What a token says of the TEE, in the vocabulary of all evidence.  Judges types, nothing
 * else: whether the token is genuine, and what of it is acceptable, is not asked here.
 */
#ifndef ATTEST_MAA_MAA_CLAIMS_H
#define ATTEST_MAA_MAA_CLAIMS_H

#include <tsec/attest.h>

#include "maa_token.h"

/** Fills `claims`, which are initialised, as far as they can be read; not_before and not_after are
 *  the token's nbf and exp.  TSEC_E_DENIED: about
 *  nothing that is a TEE we know.  TSEC_E_INVALID: a claim that must be there is not, or one is not
 *  of its type.  The detail names the claim. */
TSEC_MUST_CHECK tsec_rc maa_claims_read(const struct maa_token *token, struct tsec_claims *claims,
                                        struct tsec_err *err);

#endif
