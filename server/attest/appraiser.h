/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file attest/appraiser.h
 * @brief Evidence in, verdict out: the right plugin verifies it, then the server's policy admits it
 * or not.
 *
 * It asks no network and has no clock of its own; a verdict depends on what it is given, the policy
 * in force and the collateral that the plugins hold.  Any thread may appraise, also while the
 * policy is exchanged: each appraisal is by one policy, whole.
 *
 * What may attest is written in the configuration or in a list that an operator signed: each is
 * exchanged here by itself, and an appraisal is by both together.
 */
#ifndef TSEC_ATTEST_APPRAISER_H
#define TSEC_ATTEST_APPRAISER_H

#include "attest/admission.h"
#include "attest/trust_vector.h"
#include "attest/verifiers.h"

struct appraiser;

/** The list is held, and may be NULL: nothing is allowed.  `verifiers` outlives the appraiser. */
TSEC_MUST_CHECK tsec_rc appraiser_new(const struct verifiers *verifiers,
                                      const struct admission_policy *policy, struct allowlist *list,
                                      struct appraiser **out, struct tsec_err *err);
void appraiser_free(struct appraiser *appraiser);
TSEC_DEFINE_AUTO(struct appraiser, appraiser_free)

/** The configuration's, from now on; what is under way ends by the old one.  Without memory for it,
 *  nothing is allowed until the next exchange. */
void appraiser_set_policy(struct appraiser *appraiser, const struct admission_policy *policy,
                          struct allowlist *list);
/** The list that an operator signed, from now on.  One that is not newer than the one in force is
 *  passed over: updates may arrive here out of order.  True: it was taken. */
bool appraiser_set_signed(struct appraiser *appraiser, int64_t sequence, struct allowlist *list);

/** All lists as they are now, held by whoever asked. */
struct appraiser_lists {
    struct allowlist *configured; /* may be NULL, as may the others */
    struct allowlist *by_operators;
    struct allowlist *effective; /* both */
    int64_t sequence;            /* of the signed one; 0: none */
    uint64_t generation;
};
void appraiser_lists_take(struct appraiser *appraiser, struct appraiser_lists *out);
void appraiser_lists_done(struct appraiser_lists *lists);
/** As it is now. */
struct admission_policy appraiser_policy(struct appraiser *appraiser);
/** How often the policy or a list was exchanged, from 1. */
uint64_t appraiser_generation(struct appraiser *appraiser);

const struct verifiers *appraiser_verifiers(const struct appraiser *appraiser);

/** A NULL span is not checked. */
struct appraiser_request {
    const char *format;
    struct tsec_span evidence;
    struct tsec_span nonce;
    struct tsec_span binding;
    struct tsec_span public_key;
    const struct tsec_span *collateral;
    size_t collateral_len;
};

/** Some 50 KiB: not for the stack. */
struct appraisal {
    bool genuine; /* and admitted */
    enum tsec_reason reason;
    enum trust_tier tier;
    struct trust_vector vector;
    uint64_t generation; /* of the policy that decided */
    /** The allowlist's entry that admitted it, as it was written; "": a setting did. */
    char entry[ALLOWLIST_ENTRY_MAX + 1];
    struct tsec_claims claims; /* mean nothing unless genuine */
    struct tsec_checks checks; /* for operators only: they say what would be allowed */
};

/** Always fills `out`; whatever goes wrong, the verdict is a refusal. */
void appraiser_appraise(struct appraiser *appraiser, const struct appraiser_request *request,
                        int64_t now, struct appraisal *out);

/** How many appraisals of a format (by its index in verifiers_formats()) had this end;
 *  TSEC_REASON_NONE: admitted. */
uint64_t appraiser_count(const struct appraiser *appraiser, size_t format, enum tsec_reason reason);

#endif
