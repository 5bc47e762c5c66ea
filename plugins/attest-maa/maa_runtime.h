/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file maa_runtime.h
 * @brief What the attested code itself put into a token: its runtime data, with nonce, binding and
 * keys.
 *
 * Azure Attestation holds report_data[0..32] to SHA-256 of the runtime data, so that these are the
 * TEE's own words; report_data[32..64] is not looked at there.  The token's "nonce" is different:
 * it is whoever asked for the token that chose it, and it says nothing about when the TEE spoke. So
 * it counts only where the runtime data has none.
 */
#ifndef ATTEST_MAA_MAA_RUNTIME_H
#define ATTEST_MAA_MAA_RUNTIME_H

#include <tsec/attest.h>

#include "maa_token.h"

/** Fills nonce, user_data, public_key, and report_data when the token shows runtime data and no
 *  report data (then 32 bytes).  TSEC_E_INVALID: one is there and not of its type; TSEC_E_DENIED:
 * shown report data and shown runtime data do not belong together. */
TSEC_MUST_CHECK tsec_rc maa_runtime_read(const struct maa_token *token, struct tsec_claims *claims,
                                         struct tsec_err *err);

/** Whether the runtime data have a nonce, so that the token's own does not count. */
bool maa_runtime_has_nonce(const struct maa_token *token);
/** Whether `said` is `expected`, as bytes or as their hex, base64 or base64url. */
bool maa_runtime_says(struct tsec_span said, struct tsec_span expected);
/** Whether the TEE's report data, or for a virtual machine the client payload's "binding", are the
 *  expected bytes; 48 bytes may also be "amc" of the runtime data, in base64url. */
bool maa_runtime_bound(const struct maa_token *token, const struct tsec_claims *claims,
                       struct tsec_span binding);
/** Whether a key of the runtime data ("keys", "jwk") has this SPKI, or the runtime data are it. */
bool maa_runtime_has_key(const struct maa_token *token, const struct tsec_claims *claims,
                         struct tsec_span spki);

#endif
