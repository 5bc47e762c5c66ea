/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/appraiser.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appraisal/claims.h"
#include "appraisal/report.h"

enum { REASONS = TSEC_REASON_INTERNAL + 1 };

struct appraiser {
    const struct verifiers *verifiers;
    pthread_mutex_t lock; /* of the policy and the lists: held to copy them */
    struct admission_policy policy;
    struct appraiser_lists lists;
    atomic_uint_least64_t counts[VERIFIERS_FORMATS_MAX][REASONS];
};

/* One policy, as it was at one moment. */
struct in_force {
    struct admission_policy policy;
    struct appraiser_lists lists;
};

tsec_rc
appraiser_new(const struct verifiers *verifiers, const struct admission_policy *policy,
              struct allowlist *list, struct appraiser **out, struct tsec_err *err)
{
    struct appraiser *appraiser = calloc(1, sizeof(*appraiser));

    if (appraiser == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the appraiser");
    }
    (void)pthread_mutex_init(&appraiser->lock, NULL);
    appraiser->verifiers = verifiers;
    appraiser_set_policy(appraiser, policy, list);
    *out = appraiser;
    return TSEC_OK;
}

void
appraiser_free(struct appraiser *appraiser)
{
    if (appraiser != NULL) {
        appraiser_lists_done(&appraiser->lists);
        (void)pthread_mutex_destroy(&appraiser->lock);
        free(appraiser);
    }
}

/* The one place where what may attest is put together.  `old` gets what is to be let go of when the
 * lock is. */
static void
compose(struct appraiser *appraiser, struct allowlist **old)
{
    struct appraiser_lists *lists = &appraiser->lists;

    *old = lists->effective;
    lists->effective = NULL;
    lists->generation++;
    (void)tsec_failed(
        allowlist_join(lists->configured, lists->by_operators, &lists->effective, NULL));
}

void
appraiser_set_policy(struct appraiser *appraiser, const struct admission_policy *policy,
                     struct allowlist *list)
{
    struct allowlist *old[2];

    (void)allowlist_hold(list);
    (void)pthread_mutex_lock(&appraiser->lock);
    appraiser->policy = *policy;
    old[0] = appraiser->lists.configured;
    appraiser->lists.configured = list;
    compose(appraiser, &old[1]);
    (void)pthread_mutex_unlock(&appraiser->lock);
    allowlist_free(old[0]);
    allowlist_free(old[1]);
}

bool
appraiser_set_signed(struct appraiser *appraiser, int64_t sequence, struct allowlist *list)
{
    struct allowlist *old[2] = { NULL, NULL };
    bool newer;

    (void)pthread_mutex_lock(&appraiser->lock);
    newer = sequence > appraiser->lists.sequence;
    if (newer) {
        old[0] = appraiser->lists.by_operators;
        appraiser->lists.by_operators = allowlist_hold(list);
        appraiser->lists.sequence = sequence;
        compose(appraiser, &old[1]);
    }
    (void)pthread_mutex_unlock(&appraiser->lock);
    allowlist_free(old[0]);
    allowlist_free(old[1]);
    return newer;
}

static struct appraiser_lists
hold_all(const struct appraiser_lists *lists)
{
    (void)allowlist_hold(lists->configured);
    (void)allowlist_hold(lists->by_operators);
    (void)allowlist_hold(lists->effective);
    return *lists;
}

void
appraiser_lists_take(struct appraiser *appraiser, struct appraiser_lists *out)
{
    (void)pthread_mutex_lock(&appraiser->lock);
    *out = hold_all(&appraiser->lists);
    (void)pthread_mutex_unlock(&appraiser->lock);
}

void
appraiser_lists_done(struct appraiser_lists *lists)
{
    allowlist_free(lists->configured);
    allowlist_free(lists->by_operators);
    allowlist_free(lists->effective);
    *lists = (struct appraiser_lists){ .configured = NULL };
}

static struct in_force
take_policy(struct appraiser *appraiser)
{
    struct in_force now;

    (void)pthread_mutex_lock(&appraiser->lock);
    now.policy = appraiser->policy;
    now.lists = hold_all(&appraiser->lists);
    (void)pthread_mutex_unlock(&appraiser->lock);
    return now;
}

struct admission_policy
appraiser_policy(struct appraiser *appraiser)
{
    struct admission_policy policy;

    (void)pthread_mutex_lock(&appraiser->lock);
    policy = appraiser->policy;
    (void)pthread_mutex_unlock(&appraiser->lock);
    return policy;
}

uint64_t
appraiser_generation(struct appraiser *appraiser)
{
    uint64_t generation;

    (void)pthread_mutex_lock(&appraiser->lock);
    generation = appraiser->lists.generation;
    (void)pthread_mutex_unlock(&appraiser->lock);
    return generation;
}

const struct verifiers *
appraiser_verifiers(const struct appraiser *appraiser)
{
    return appraiser->verifiers;
}

/* A plugin that refuses without a reason of its own has one given. */
static tsec_rc
give_reason(tsec_rc rc, struct tsec_checks *checks, struct tsec_err *err)
{
    enum tsec_reason reason = TSEC_REASON_INTERNAL;

    if (!tsec_failed(rc) || checks->reason != TSEC_REASON_NONE) {
        return rc;
    }
    if (rc.code == TSEC_E_INVALID) {
        reason = TSEC_REASON_MALFORMED;
    } else if (rc.code == TSEC_E_DENIED) {
        reason = TSEC_REASON_POLICY;
    }
    return tsec_check_passed_on(checks, reason, "verifier", err);
}

static tsec_rc
verify(const struct verifier *verifier, const struct admission_policy *policy,
       const struct appraiser_request *request, int64_t now, struct appraisal *out,
       struct tsec_err *err)
{
    const uint32_t good = TSEC_TCB_BIT(TSEC_TCB_NONE) | TSEC_TCB_BIT(TSEC_TCB_UP_TO_DATE);
    const struct tsec_expectation expect = {
        .struct_size = sizeof(expect),
        .binding = request->binding,
        .nonce = request->nonce,
        .public_key = request->public_key,
        .allow_debug = policy->allow_debug,
        .require_revocation = policy->require_revocation && admission_has_crls(request->format),
        .allow_tcb = (policy->allow_tcb | good) & TSEC_TCB_ANY,
        .max_age_s = policy->max_age_s,
        .skew_s = ADMISSION_SKEW_S,
        .collateral = request->collateral,
        .collateral_len = request->collateral_len,
        .checks = &out->checks,
    };
    const tsec_rc rc = verifier->ops->verify(verifier->attest, request->format, request->evidence,
                                             &expect, now, &out->claims, err);

    if (!tsec_failed(rc) && out->checks.reason != TSEC_REASON_NONE) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "%s says both yes and no", verifier->name);
    }
    return give_reason(rc, &out->checks, err);
}

static tsec_rc
decide_by(const struct in_force *in_force, const struct verifier *verifier,
          const struct appraiser_request *request, int64_t now, struct appraisal *out,
          size_t *entry, struct tsec_err *err)
{
    const struct allowlist *list = in_force->lists.effective;

    TSEC_TRY(verify(verifier, &in_force->policy, request, now, out, err));
    TSEC_TRY(
        admission_decide(&in_force->policy, list, &out->claims, now, &out->checks, entry, err));
    if (*entry != SIZE_MAX) {
        (void)snprintf(out->entry, sizeof(out->entry), "%s", allowlist_entry(list, *entry));
    }
    return TSEC_OK;
}

static tsec_rc
decide(struct appraiser *appraiser, const struct appraiser_request *request, int64_t now,
       struct appraisal *out, size_t *entry, struct tsec_err *err)
{
    const struct verifier *verifier = NULL;
    struct in_force in_force;
    tsec_rc rc;

    if (!verifiers_find(appraiser->verifiers, request->format, NULL, &verifier)) {
        return tsec_check_failed(&out->checks, TSEC_REASON_FORMAT, "format", err,
                                 "no verifier here knows it");
    }
    in_force = take_policy(appraiser);
    out->generation = in_force.lists.generation;
    rc = decide_by(&in_force, verifier, request, now, out, entry, err);
    appraiser_lists_done(&in_force.lists);
    return rc;
}

static void
count(struct appraiser *appraiser, const char *format, enum tsec_reason reason)
{
    size_t index = 0;

    if (verifiers_find(appraiser->verifiers, format, &index, NULL)) {
        (void)atomic_fetch_add_explicit(&appraiser->counts[index][reason], 1, memory_order_relaxed);
    }
}

void
appraiser_appraise(struct appraiser *appraiser, const struct appraiser_request *request,
                   int64_t now, struct appraisal *out)
{
    struct tsec_err err = { 0 };
    size_t entry = SIZE_MAX;

    memset(out, 0, sizeof(*out));
    out->checks.struct_size = sizeof(out->checks);
    tsec_claims_init(&out->claims, "", request->format);
    out->genuine = !tsec_failed(decide(appraiser, request, now, out, &entry, &err));
    if (out->genuine) {
        out->vector = trust_vector_admitted(&out->claims, entry != SIZE_MAX);
        out->tier = trust_vector_tier(&out->vector, TRUST_AFFIRMING);
    } else {
        out->reason = out->checks.reason > TSEC_REASON_NONE && out->checks.reason < REASONS
                          ? (enum tsec_reason)out->checks.reason
                          : TSEC_REASON_INTERNAL;
        out->vector = trust_vector_refused(out->reason);
        out->tier = trust_vector_tier(&out->vector, TRUST_CONTRAINDICATED);
    }
    count(appraiser, request->format, out->reason);
}

uint64_t
appraiser_count(const struct appraiser *appraiser, size_t format, enum tsec_reason reason)
{
    return format < VERIFIERS_FORMATS_MAX && (unsigned)reason < REASONS
               ? atomic_load_explicit(&appraiser->counts[format][reason], memory_order_relaxed)
               : 0;
}
