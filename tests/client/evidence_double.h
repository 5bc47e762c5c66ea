/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/client/evidence_double.h
 * @brief A verifier that says what its evidence tells it to say: "genuine", "refused", "debug", …
 */
#ifndef TSEC_TESTS_CLIENT_EVIDENCE_DOUBLE_H
#define TSEC_TESTS_CLIENT_EVIDENCE_DOUBLE_H

#include <tsec/attest.h>

/** Accepts the format "nitro"; collateral is what begins with "COLL". */
extern const struct tsec_plugin *const evidence_double_plugins[];
/** The same without collateral_add() and decode(). */
extern const struct tsec_plugin *const evidence_double_small_plugins[];

/** What the last verify() was given. */
struct evidence_double_seen {
    struct tsec_expectation expect;
    int64_t now;
    size_t collateral;       /* items that were taken */
    char last_collateral[8]; /* how the last one began */
};
extern struct evidence_double_seen evidence_double_seen;

#endif
