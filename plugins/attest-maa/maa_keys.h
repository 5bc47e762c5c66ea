/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file maa_keys.h
 * @brief A token's signature, by the keys its issuer has published: nothing in the token itself
 * (jku, x5c, jwk) leads to a key.
 */
#ifndef ATTEST_MAA_MAA_KEYS_H
#define ATTEST_MAA_MAA_KEYS_H

#include "verifier.h"

struct maa_signed {
    struct tsec_span kid; /* raw JSON string */
    struct tsec_span message;
    struct tsec_span signature;
};

/** When the key holds: its certificate's window, or all zero when it came as n and e. */
struct maa_key_window {
    int64_t not_before;
    int64_t not_after;
};

/** RS256, by a key of that name out of expect->jwks, or without that of in->token_keys.  Checks and
 *  reasons: "jwks", "key" (no-endorsement, expired, not-yet-valid), "signature". */
TSEC_MUST_CHECK tsec_rc maa_keys_check(const struct verifier_input *in,
                                       const struct maa_signed *what, struct maa_key_window *out,
                                       struct tsec_err *err);

#endif
