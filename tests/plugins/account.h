/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/plugins/account.h
 * @brief What a verifier's account must look like, whichever TEE it is of.  What is not so is said
 * on stderr, with the account.
 */
#ifndef TSEC_TESTS_ACCOUNT_H
#define TSEC_TESTS_ACCOUNT_H

#include <tsec/attest.h>

#include "base/err.h"

/** Refused for this reason, by this check and by none before it, with the code that belongs to it.
 */
bool account_refused(const struct tsec_checks *checks, tsec_rc rc, enum tsec_reason reason,
                     const char *check);
/** Accepted, by at least one check, and every one of them held. */
bool account_genuine(const struct tsec_checks *checks, tsec_rc rc);
/** Whether the last check's detail has these words. */
bool account_ends_with(const struct tsec_checks *checks, const char *words);

#endif
