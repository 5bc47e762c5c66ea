/* SPDX-License-Identifier: Apache-2.0 */
#include "sim_verify.h"

#include <string.h>

#include "appraisal/claims.h"
#include "appraisal/report.h"

static tsec_rc
check_endorsement(const struct sim_roots *roots, const struct sim_evidence *e, int64_t now,
                  struct tsec_checks *checks, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf endorsed = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);
    const struct tsec_key *root = sim_roots_find(roots, e->root);

    if (root == NULL) {
        return tsec_check_failed(checks, TSEC_REASON_CHAIN, "root", err,
                                 "its root is not one of the trusted ones");
    }
    sim_endorsed_bytes(e, &endorsed);
    TSEC_TRY(tsec_buf_check(&endorsed, err));
    if (tsec_failed(tsec_verify(root, TSEC_SHA384, tsec_buf_span(&endorsed),
                                tsec_span(e->endorsement, SIM_SIG_LEN), NULL))) {
        return tsec_check_failed(checks, TSEC_REASON_SIGNATURE, "endorsement", err,
                                 "the root did not endorse this key and measurement");
    }
    if (now > e->not_after) {
        return tsec_check_failed(checks, TSEC_REASON_EXPIRED, "endorsement", err,
                                 "the endorsement has expired, at %lld; it is %lld",
                                 (long long)e->not_after, (long long)now);
    }
    return TSEC_OK;
}

static tsec_rc
check_signature(const struct sim_evidence *e, struct tsec_checks *checks, struct tsec_err *err)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *leaf = NULL;
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);

    if (tsec_failed(tsec_key_from_spki(tsec_span(e->leaf, e->leaf_len), &leaf, NULL))
        || tsec_key_kind_of(leaf) != TSEC_KEY_P384) {
        return tsec_check_failed(checks, TSEC_REASON_ALGORITHM, "signature", err,
                                 "its key is not on P-384");
    }
    sim_signed_bytes(e, &text);
    TSEC_TRY(tsec_buf_check(&text, err));
    if (tsec_failed(tsec_verify(leaf, TSEC_SHA384, tsec_buf_span(&text),
                                tsec_span(e->signature, SIM_SIG_LEN), NULL))) {
        return tsec_check_failed(checks, TSEC_REASON_SIGNATURE, "signature", err,
                                 "its claims are not signed so");
    }
    return TSEC_OK;
}

static tsec_rc
check_time(const struct sim_evidence *e, const struct tsec_expectation *expect, int64_t now,
           struct tsec_err *err)
{
    struct tsec_checks *checks = expect->checks;
    const int64_t max = expect->max_age_s > 0 && expect->max_age_s < SIM_MAX_AGE_S
                            ? expect->max_age_s
                            : (int64_t)SIM_MAX_AGE_S;

    if (e->issued_at > now && e->issued_at - now > SIM_SKEW_S) {
        return tsec_check_failed(checks, TSEC_REASON_NOT_YET_VALID, "time", err,
                                 "issued in the future, by %lld s",
                                 (long long)(e->issued_at - now));
    }
    if (now > e->issued_at && now - e->issued_at > max) {
        return tsec_check_failed(checks, TSEC_REASON_STALE, "time", err,
                                 "expired: %lld s old, %lld are allowed",
                                 (long long)(now - e->issued_at), (long long)max);
    }
    return TSEC_OK;
}

/* Not expected (NULL) is not checked; expected empty is. */
static bool
is_expected(struct tsec_span expected, const uint8_t *bytes, size_t len)
{
    return expected.ptr == NULL || tsec_ct_equal(expected, tsec_span(bytes, len));
}

static tsec_rc
check_expected(const struct sim_evidence *e, const struct tsec_expectation *expect,
               struct tsec_err *err)
{
    struct tsec_checks *checks = expect->checks;

    if (e->debug && !expect->allow_debug) {
        return tsec_check_failed(checks, TSEC_REASON_DEBUG, "debug", err,
                                 "of a TEE in debug mode, which is not allowed");
    }
    if (!is_expected(expect->binding, e->binding, sizeof(e->binding))) {
        return tsec_check_failed(checks, TSEC_REASON_BINDING, "binding", err,
                                 "bound to something else");
    }
    if (!is_expected(expect->nonce, e->nonce, e->nonce_len)) {
        return tsec_check_failed(checks, TSEC_REASON_NONCE, "nonce", err, "answers another nonce");
    }
    if (!is_expected(expect->public_key, e->public_key, e->public_key_len)) {
        return tsec_check_failed(checks, TSEC_REASON_PUBLIC_KEY, "public-key", err,
                                 "vouches for another public key");
    }
    return TSEC_OK;
}

static void
fill_claims(const struct sim_evidence *e, struct tsec_claims *claims)
{
    tsec_claims_init(claims, "sim", SIM_FORMAT);
    memcpy(claims->measurement, e->measurement, sizeof(e->measurement));
    claims->measurement_len = sizeof(e->measurement);
    claims->debug = e->debug;
    claims->simulated = true;
    claims->has_svn = true;
    claims->svn = (uint64_t)e->svn;
    claims->has_issued_at = true;
    claims->issued_at = e->issued_at;
    memcpy(claims->report_data, e->binding, sizeof(e->binding));
    claims->report_data_len = sizeof(e->binding);
    memcpy(claims->user_data, e->binding, sizeof(e->binding));
    claims->user_data_len = sizeof(e->binding);
    memcpy(claims->nonce, e->nonce, e->nonce_len);
    claims->nonce_len = e->nonce_len;
    memcpy(claims->public_key, e->public_key, e->public_key_len);
    claims->public_key_len = e->public_key_len;
    tsec_claims_add_bytes(claims, "root", tsec_span(e->root, sizeof(e->root)));
}

tsec_rc
sim_verify(const struct sim_roots *roots, struct tsec_span text,
           const struct tsec_expectation *expect, int64_t now, struct tsec_claims *claims,
           struct tsec_err *err)
{
    struct tsec_checks *checks = expect->checks;
    struct sim_evidence evidence;
    const tsec_rc rc = sim_parse(text, &evidence, err);

    if (tsec_failed(rc)) {
        return rc.code == TSEC_E_INVALID
                   ? tsec_check_passed_on(checks, TSEC_REASON_MALFORMED, "format", err)
                   : rc;
    }
    TSEC_TRY(check_endorsement(roots, &evidence, now, checks, err));
    tsec_check_ok(checks, "endorsement", "by a trusted root of simulators");
    TSEC_TRY(check_signature(&evidence, checks, err));
    tsec_check_ok(checks, "signature", "by the endorsed key");
    TSEC_TRY(check_time(&evidence, expect, now, err));
    TSEC_TRY(check_expected(&evidence, expect, err));
    tsec_check_ok(checks, "expected", "time, binding, nonce and key are as they should be");
    fill_claims(&evidence, claims);
    return TSEC_OK;
}

tsec_rc
sim_decode(struct tsec_span text, struct tsec_claims *claims, struct tsec_err *err)
{
    struct sim_evidence evidence;

    TSEC_TRY(sim_parse(text, &evidence, err));
    fill_claims(&evidence, claims);
    return TSEC_OK;
}
