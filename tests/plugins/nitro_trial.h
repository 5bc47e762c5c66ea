/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/plugins/nitro_trial.h
 * @brief One minted attestation document, what is expected of it, and the verdict on it.
 */
#ifndef TSEC_TESTS_NITRO_TRIAL_H
#define TSEC_TESTS_NITRO_TRIAL_H

#include "attest-nitro/nitro_verify.h"
#include "tests/mint/mint_nitro.h"

struct nitro_trial {
    struct mint_nitro_spec spec;
    struct tsec_expectation expect; /* of nothing; its checks are these */
    struct tsec_checks checks;
    struct tsec_claims claims;
    struct tsec_err err;
    struct tsec_memo *chains; /* NULL */
    struct tsec_span kept_root;
    int64_t now;
    uint8_t root[TSEC_SHA256_LEN]; /* of the document minted last */
};

/** A genuine document, verified when it was made. */
void nitro_trial_init(struct nitro_trial *trial);
/** Of given bytes, with trial->root. */
tsec_rc nitro_trial_verify(struct nitro_trial *trial, struct tsec_span document);
/** Mints the document and verifies it; false, and the account on stderr, when it is refused. */
bool nitro_trial_genuine(struct nitro_trial *trial);
/** Mints the document and verifies it; true when it is refused for this reason, by this check and
 *  by none before it. */
bool nitro_trial_refused(struct nitro_trial *trial, enum tsec_reason reason, const char *check);
/** Of the verdict given last. */
bool nitro_trial_was_refused(const struct nitro_trial *trial, tsec_rc rc, enum tsec_reason reason,
                             const char *check);
/** Whether the last line of the account has these words. */
bool nitro_trial_says(const struct nitro_trial *trial, const char *words);

#endif
