/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/evidence_verifier.h
 * @brief The attest plugins that the command line carries in itself, to verify with, anywhere.
 *
 * No plugin is loaded and nothing is fetched.
 */
#ifndef TSEC_CLIENT_EVIDENCE_VERIFIER_H
#define TSEC_CLIENT_EVIDENCE_VERIFIER_H

#include <tsec/attest.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/span.h"

/** NULL-terminated. */
extern const struct tsec_plugin *const evidence_plugins[];

struct evidence_verifier {
    const struct tsec_attest_ops *ops;
    struct tsec_attest *attest;
    struct tsec_host host;
};

/** What a plugin is told, as its document names it. */
struct evidence_setting {
    const char *key;
    const char *value; /* NULL: not set */
};

/** The plugin of these that accepts the format.  `settings` ends in an entry without a key, is
 *  borrowed, and may be NULL.  TSEC_E_NOT_FOUND: none does. */
TSEC_MUST_CHECK tsec_rc evidence_verifier_open(const struct tsec_plugin *const *plugins,
                                               const struct evidence_setting *settings,
                                               const char *format, struct evidence_verifier **out,
                                               struct tsec_err *err);
void evidence_verifier_free(struct evidence_verifier *verifier);
TSEC_DEFINE_AUTO(struct evidence_verifier, evidence_verifier_free)

/** Whether this verifier has use for collateral at all. */
bool evidence_verifier_takes_collateral(const struct evidence_verifier *verifier);

#endif
