/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file attest/verifiers.h
 * @brief The opened attest plugins of a server, by the formats that they verify: its own TEE's, and
 * those it has for its peers.
 *
 * It owns no plugin and judges nothing.  Immutable once made: any thread may ask.
 */
#ifndef TSEC_ATTEST_VERIFIERS_H
#define TSEC_ATTEST_VERIFIERS_H

#include <tsec/attest.h>

#include "base/cleanup.h"
#include "base/err.h"

enum { VERIFIERS_MAX = 8, VERIFIERS_FORMATS_MAX = 24, VERIFIERS_FORMAT_LEN = 23 };

/** One opened plugin; outlives the set. */
struct verifier {
    const char *name; /* "attest-nitro" */
    const struct tsec_attest_ops *ops;
    struct tsec_attest *attest;
};

struct verifiers;

/** A format that two plugins know is the first one's: put the server's own first. */
TSEC_MUST_CHECK tsec_rc verifiers_new(const struct verifier *items, size_t n,
                                      struct verifiers **out, struct tsec_err *err);
void verifiers_free(struct verifiers *set);
TSEC_DEFINE_AUTO(struct verifiers, verifiers_free)

size_t verifiers_len(const struct verifiers *set);
const struct verifier *verifiers_at(const struct verifiers *set, size_t i);

/** Whether each can do what it is for; a failure names the first that cannot. */
TSEC_MUST_CHECK tsec_rc verifiers_health(const struct verifiers *set, struct tsec_err *err);

/** The names, NULL-terminated, in the plugins' order. */
const char *const *verifiers_formats(const struct verifiers *set);
size_t verifiers_formats_len(const struct verifiers *set);
/** The format's index in verifiers_formats(); false: nobody here knows it. */
bool verifiers_find(const struct verifiers *set, const char *format, size_t *index,
                    const struct verifier **out);

#endif
