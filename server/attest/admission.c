/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/admission.h"

#include <string.h>

#include "appraisal/claims.h"
#include "appraisal/report.h"

enum { WHY_MAX = 200 };

bool
admission_has_crls(const char *tee)
{
    return strcmp(tee, "sgx") == 0 || strcmp(tee, "tdx") == 0;
}

/* What a plugin of ours never does, and a faulty one must not get through with. */
static tsec_rc
check_whole(const struct tsec_claims *claims, struct tsec_checks *checks, struct tsec_err *err)
{
    const bool whole = claims->tee[0] != '\0'
                       && memchr(claims->tee, '\0', sizeof(claims->tee)) != NULL
                       && claims->entries_len <= TSEC_CLAIM_ENTRIES
                       && claims->measurement_len <= sizeof(claims->measurement)
                       && claims->nonce_len <= sizeof(claims->nonce);

    return whole ? TSEC_OK
                 : tsec_check_failed(checks, TSEC_REASON_INTERNAL, "claims", err,
                                     "the plugin gave none, or broken ones");
}

static tsec_rc
check_mode(const struct admission_policy *policy, const struct tsec_claims *claims,
           struct tsec_checks *checks, struct tsec_err *err)
{
    if (claims->simulated && !policy->allow_simulated) {
        return tsec_check_failed(checks, TSEC_REASON_SIMULATED, "simulated", err,
                                 "no hardware stands behind it, and allow_simulated is off");
    }
    if (claims->debug && !policy->allow_debug) {
        return tsec_check_failed(checks, TSEC_REASON_DEBUG, "debug", err,
                                 "the TEE is in debug mode, and allow_debug is off");
    }
    tsec_check_ok(checks, "mode", "%s%s",
                  claims->debug ? "debug, which allow_debug admits" : "not debug",
                  claims->simulated ? "; simulated, which allow_simulated admits" : "");
    return TSEC_OK;
}

static tsec_rc
check_tcb(const struct admission_policy *policy, const struct tsec_claims *claims,
          struct tsec_checks *checks, struct tsec_err *err)
{
    const uint32_t good = TSEC_TCB_BIT(TSEC_TCB_NONE) | TSEC_TCB_BIT(TSEC_TCB_UP_TO_DATE);
    const uint32_t allowed = (policy->allow_tcb | good) & TSEC_TCB_ANY;
    const bool needs_status = admission_has_crls(claims->tee) && strcmp(claims->format, "maa") != 0;

    if (claims->tcb_status > TSEC_TCB_REVOKED || (TSEC_TCB_BIT(claims->tcb_status) & allowed) == 0
        || (needs_status && claims->tcb_status == TSEC_TCB_NONE)) {
        return tsec_check_failed(checks, TSEC_REASON_TCB, "allowed-tcb", err,
                                 "status \"%s\" is not allowed",
                                 tsec_tcb_status_name(claims->tcb_status));
    }
    if (claims->tcb_status != TSEC_TCB_NONE) {
        tsec_check_ok(checks, "allowed-tcb", "%s", tsec_tcb_status_name(claims->tcb_status));
    }
    if (policy->require_revocation && needs_status && !claims->revocation_checked) {
        return tsec_check_failed(checks, TSEC_REASON_COLLATERAL, "revocation", err,
                                 "not every certificate was held against a current CRL");
    }
    return TSEC_OK;
}

static tsec_rc
check_age(const struct admission_policy *policy, const struct tsec_claims *claims, int64_t now,
          struct tsec_checks *checks, struct tsec_err *err)
{
    if ((claims->not_after != 0 && now > claims->not_after)
        || (claims->not_before != 0 && now < claims->not_before)) {
        return tsec_check_failed(
            checks, TSEC_REASON_EXPIRED, "window", err, "holds from %lld to %lld, and it is %lld",
            (long long)claims->not_before, (long long)claims->not_after, (long long)now);
    }
    if (!claims->has_issued_at || policy->max_age_s == 0) {
        return TSEC_OK;
    }
    if (claims->issued_at < now - policy->max_age_s - ADMISSION_SKEW_S
        || claims->issued_at > now + ADMISSION_SKEW_S) {
        return tsec_check_failed(checks, TSEC_REASON_STALE, "age", err,
                                 "made at %lld, it is %lld, and %lld s are allowed",
                                 (long long)claims->issued_at, (long long)now,
                                 (long long)policy->max_age_s);
    }
    return TSEC_OK;
}

/* What no entry can speak of, and a setting has admitted by name: the zeroes of a debug enclave,
 * and simulated evidence unless entries name it. */
static bool
is_beyond_list(const struct allowlist *list, const struct tsec_claims *claims)
{
    if (claims->simulated) {
        return strcmp(claims->tee, "sim") == 0 && !allowlist_names(list, "sim");
    }
    return claims->debug && claims->measurement_len > 0
           && tsec_span_zero(tsec_span(claims->measurement, claims->measurement_len));
}

static tsec_rc
check_list(const struct allowlist *list, const struct tsec_claims *claims,
           struct tsec_checks *checks, size_t *index, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf why = TSEC_BUF_INIT(WHY_MAX);

    if (is_beyond_list(list, claims)) {
        *index = SIZE_MAX;
        tsec_check_ok(checks, "allowlist", "by allow_%s, not by a measurement",
                      claims->simulated ? "simulated" : "debug");
        return TSEC_OK;
    }
    if (allowlist_match(list, claims, index, &why)) {
        tsec_check_ok(checks, "allowlist", "entry %zu of %zu", *index + 1, allowlist_len(list));
        return TSEC_OK;
    }
    return tsec_check_failed(checks, TSEC_REASON_MEASUREMENT, "allowlist", err, "%.*s",
                             (int)why.len, why.len == 0 ? "" : (const char *)why.ptr);
}

tsec_rc
admission_decide(const struct admission_policy *policy, const struct allowlist *list,
                 const struct tsec_claims *claims, int64_t now, struct tsec_checks *checks,
                 size_t *index, struct tsec_err *err)
{
    *index = SIZE_MAX;
    TSEC_TRY(check_whole(claims, checks, err));
    TSEC_TRY(check_mode(policy, claims, checks, err));
    TSEC_TRY(check_tcb(policy, claims, checks, err));
    TSEC_TRY(check_age(policy, claims, now, checks, err));
    return check_list(list, claims, checks, index, err);
}
