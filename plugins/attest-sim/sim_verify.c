/* SPDX-License-Identifier: Apache-2.0 */
#include "sim_verify.h"

#include <string.h>

#include "appraisal/claims.h"

static tsec_rc
check_endorsement(const struct sim_roots *roots, const struct sim_evidence *e, int64_t now,
                  struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf endorsed = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);
    const struct tsec_key *root = sim_roots_find(roots, e->root);

    if (root == NULL) {
        return TSEC_FAIL(err, TSEC_E_DENIED,
                         "simulated evidence: its root is not one of the trusted ones");
    }
    sim_endorsed_bytes(e, &endorsed);
    TSEC_TRY(tsec_buf_check(&endorsed, err));
    if (tsec_failed(tsec_verify(root, TSEC_SHA384, tsec_buf_span(&endorsed),
                                tsec_span(e->endorsement, SIM_SIG_LEN), NULL))) {
        return TSEC_FAIL(err, TSEC_E_DENIED,
                         "simulated evidence: the root did not endorse this key and measurement");
    }
    if (now > e->not_after) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "simulated evidence: its endorsement has expired");
    }
    return TSEC_OK;
}

static tsec_rc
check_signature(const struct sim_evidence *e, struct tsec_err *err)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *leaf = NULL;
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);

    if (tsec_failed(tsec_key_from_spki(tsec_span(e->leaf, e->leaf_len), &leaf, NULL))
        || tsec_key_kind_of(leaf) != TSEC_KEY_P384) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "simulated evidence: its key is not on P-384");
    }
    sim_signed_bytes(e, &text);
    TSEC_TRY(tsec_buf_check(&text, err));
    if (tsec_failed(tsec_verify(leaf, TSEC_SHA384, tsec_buf_span(&text),
                                tsec_span(e->signature, SIM_SIG_LEN), NULL))) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "simulated evidence: its claims are not signed so");
    }
    return TSEC_OK;
}

static tsec_rc
check_time(const struct sim_evidence *e, int64_t now, struct tsec_err *err)
{
    if (e->issued_at > now && e->issued_at - now > SIM_SKEW_S) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "simulated evidence: issued in the future, by %lld s",
                         (long long)(e->issued_at - now));
    }
    if (now > e->issued_at && now - e->issued_at > SIM_MAX_AGE_S) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "simulated evidence: expired, %lld s old",
                         (long long)(now - e->issued_at));
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
    if (e->debug && !expect->allow_debug) {
        return TSEC_FAIL(err, TSEC_E_DENIED,
                         "simulated evidence: of a TEE in debug mode, which is not allowed");
    }
    if (!is_expected(expect->binding, e->binding, sizeof(e->binding))) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "simulated evidence: bound to something else");
    }
    if (!is_expected(expect->nonce, e->nonce, e->nonce_len)) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "simulated evidence: answers another nonce");
    }
    if (!is_expected(expect->public_key, e->public_key, e->public_key_len)) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "simulated evidence: vouches for another public key");
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
    struct sim_evidence evidence;

    TSEC_TRY(sim_parse(text, &evidence, err));
    TSEC_TRY(check_endorsement(roots, &evidence, now, err));
    TSEC_TRY(check_signature(&evidence, err));
    TSEC_TRY(check_time(&evidence, now, err));
    TSEC_TRY(check_expected(&evidence, expect, err));
    fill_claims(&evidence, claims);
    return TSEC_OK;
}
