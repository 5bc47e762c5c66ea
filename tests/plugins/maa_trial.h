/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/plugins/maa_trial.h
 * @brief One minted token, what is expected of it, and the verdict on it.
 */
#ifndef TSEC_TESTS_MAA_TRIAL_H
#define TSEC_TESTS_MAA_TRIAL_H

#include "tests/mint/mint_maa.h"
#include "verifier.h"

enum { MAA_TRIAL_KEYS = 3 };

struct maa_trial {
    struct mint_maa_spec spec;
    struct mint_maa_jwk keys[MAA_TRIAL_KEYS];
    size_t keys_len;                /* 1 */
    struct tsec_expectation expect; /* of nothing but the issuer; its checks are these */
    struct tsec_checks checks;
    struct tsec_claims claims;
    struct tsec_err err;
    struct verifier_cache *cache; /* NULL */
    bool no_keys;                 /* no JWKS at all */
    int64_t now;
};

/** A genuine token, verified a minute after it was made. */
void maa_trial_init(struct maa_trial *trial, enum mint_maa_family family);
/** Of a given token. */
tsec_rc maa_trial_verify(struct maa_trial *trial, struct tsec_span token);
/** Mints the token and verifies it; false, and the account on stderr, when it is refused. */
bool maa_trial_genuine(struct maa_trial *trial);
/** Mints the token and verifies it; true when it is refused for this reason, by this check and by
 *  none before it. */
bool maa_trial_refused(struct maa_trial *trial, enum tsec_reason reason, const char *check);
/** Of the verdict given last. */
bool maa_trial_was_refused(const struct maa_trial *trial, tsec_rc rc, enum tsec_reason reason,
                           const char *check);
/** Whether the last line of the account has these words. */
bool maa_trial_says(const struct maa_trial *trial, const char *words);

/** The whole of it in one line: a token of that family with one edit is refused so. */
bool maa_trial_edit_refused(enum mint_maa_family family, struct mint_maa_edit edit,
                            enum tsec_reason reason, const char *check);

#endif
