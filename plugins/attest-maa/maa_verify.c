/* SPDX-License-Identifier: Apache-2.0 */
/* The order: what costs nothing, the signature, and only then what the token says. */
#include <inttypes.h>
#include <stdio.h>

#include "appraisal/claims.h"
#include "appraisal/report.h"
#include "maa_claims.h"
#include "maa_json.h"
#include "maa_keys.h"
#include "maa_runtime.h"
#include "maa_token.h"
#include "verifier.h"

/* A verification under way. */
struct run {
    const struct verifier_input *in;
    const struct tsec_expectation *expect;
    struct tsec_checks *checks;
    struct maa_token token;
    struct maa_key_window key;
    struct tsec_err *err;
};

#define REFUSE(r, reason, name, ...) \
    tsec_check_failed((r)->checks, TSEC_REASON_##reason, (name), (r)->err, __VA_ARGS__)
#define HOLDS(r, name, ...) tsec_check_ok((r)->checks, (name), __VA_ARGS__)

/* ---- form and header ---- */

/* Azure answers a request that brings its own policy with a token that is not signed. */
static bool
is_unsigned(struct tsec_span text)
{
    const struct tsec_span whole = tsec_json_trim(text);

    return whole.len > 0 && whole.ptr[whole.len - 1] == '.';
}

static tsec_rc
check_form(struct run *r)
{
    if (is_unsigned(r->in->evidence)) {
        return REFUSE(r, ALGORITHM, "alg",
                      "the token is not signed, as those of a draft policy are not");
    }
    if (tsec_failed(maa_token_parse(r->in->evidence, &r->token, r->err))) {
        return tsec_check_passed_on(r->checks, TSEC_REASON_MALFORMED, "token", r->err);
    }
    HOLDS(r, "token", "a JWT of %zu bytes", r->in->evidence.len);
    return TSEC_OK;
}

/* RS256 and nothing else: an algorithm that the token may choose is one an attacker chooses. */
static tsec_rc
check_header(struct run *r)
{
    const struct tsec_span *head = r->token.head;

    if (!maa_says(head[MAA_ALG], "RS256")) {
        return REFUSE(r, ALGORITHM, "alg", "must be RS256, is %.*s", MAA_SHOW(head[MAA_ALG]));
    }
    if (maa_has(head[MAA_CRIT])) {
        return REFUSE(r, ALGORITHM, "crit", "the header demands extensions that nobody has");
    }
    if (maa_has(head[MAA_TYP]) && !maa_says(head[MAA_TYP], "JWT")) {
        return REFUSE(r, MALFORMED, "typ", "must be JWT, is %.*s", MAA_SHOW(head[MAA_TYP]));
    }
    if (tsec_json_type_of(head[MAA_KID]) != TSEC_JSON_STRING) {
        return REFUSE(r, MALFORMED, "kid", "the header names no key");
    }
    HOLDS(r, "alg", "RS256");
    return TSEC_OK;
}

/* The header's jku is never fetched; one that points elsewhere shows that the token is not meant
 * for those who trust this issuer. */
static tsec_rc
check_jku(struct run *r)
{
    char certs[sizeof(r->in->claims->issuer) + sizeof("/certs")];
    const struct tsec_span jku = r->token.head[MAA_JKU];

    (void)snprintf(certs, sizeof(certs), "%s/certs", r->expect->issuer);
    if (maa_has(jku) && !maa_says(jku, certs)) {
        return REFUSE(r, ISSUER, "jku", "must be \"%s\" or absent, is %.*s", certs, MAA_SHOW(jku));
    }
    return TSEC_OK;
}

static tsec_rc
check_issuer(struct run *r)
{
    const struct tsec_span iss = r->token.outer[MAA_ISS];

    const bool some = r->expect->issuer != NULL && r->expect->issuer[0] != '\0';

    if (!some && r->expect->jwks.ptr == NULL && r->in->token_keys == NULL) {
        return REFUSE(r, NO_ENDORSEMENT, "issuer",
                      "neither an issuer is expected here nor are "
                      "there keys of one");
    }
    if (!some) {
        return REFUSE(r, ISSUER, "issuer", "no issuer is expected here: set its URL");
    }
    if (strlen(r->expect->issuer) >= sizeof(r->in->claims->issuer)) {
        return REFUSE(r, ISSUER, "issuer", "the expected issuer is longer than any is");
    }
    TSEC_TRY(check_jku(r));
    if (!maa_says(iss, r->expect->issuer)) {
        return REFUSE(r, ISSUER, "issuer", "must be \"%s\", is %.*s", r->expect->issuer,
                      MAA_SHOW(iss));
    }
    HOLDS(r, "issuer", "%s", r->expect->issuer);
    return TSEC_OK;
}

/* ---- signature ---- */

static tsec_rc
check_signature(struct run *r)
{
    const struct maa_signed what = {
        .kid = r->token.head[MAA_KID],
        .message = r->token.jws.signed_part,
        .signature = tsec_buf_span(&r->token.jws.signature),
    };

    return maa_keys_check(r->in, &what, &r->key, r->err);
}

/* ---- what it says ---- */

static tsec_rc
read_claims(struct run *r)
{
    struct tsec_claims *claims = r->in->claims;
    tsec_rc rc = maa_claims_read(&r->token, claims, r->err);

    if (rc.code == TSEC_E_DENIED) {
        return tsec_check_passed_on(r->checks, TSEC_REASON_POLICY, "type", r->err);
    }
    if (tsec_failed(rc)) {
        return tsec_check_passed_on(r->checks, TSEC_REASON_MALFORMED, "claims", r->err);
    }
    HOLDS(r, "type", "%s", claims->tee);
    rc = maa_runtime_read(&r->token, claims, r->err);
    if (rc.code == TSEC_E_DENIED) {
        return tsec_check_passed_on(r->checks, TSEC_REASON_BINDING, "runtime-data", r->err);
    }
    if (tsec_failed(rc)) {
        return tsec_check_passed_on(r->checks, TSEC_REASON_MALFORMED, "claims", r->err);
    }
    return TSEC_OK;
}

/* ---- times ---- */

enum { SKEW_MAX_S = 300 };

/* How far the issuer's clock may be from ours. */
static int64_t
skew_of(const struct tsec_expectation *expect)
{
    const int64_t skew = expect->skew_s;

    return skew <= 0 ? 0 : (skew < SKEW_MAX_S ? skew : SKEW_MAX_S);
}

static tsec_rc
check_age(struct run *r)
{
    const int64_t age = r->in->now - r->in->claims->issued_at;

    if (age < -skew_of(r->expect)) {
        return REFUSE(r, NOT_YET_VALID, "issued-at", "issued %" PRId64 " s from now", -age);
    }
    if (r->expect->max_age_s > 0 && age > r->expect->max_age_s) {
        return REFUSE(r, STALE, "age", "%" PRId64 " s old, %" PRId64 " are allowed", age,
                      r->expect->max_age_s);
    }
    HOLDS(r, "age", "%" PRId64 " s old", age);
    return TSEC_OK;
}

/* When the key came in a certificate, what it says holds no longer than that. */
static void
narrow_window(struct tsec_claims *claims, const struct maa_key_window *key)
{
    if (key->not_before == 0 && key->not_after == 0) {
        return;
    }
    if (claims->not_before < key->not_before) {
        claims->not_before = key->not_before;
    }
    if (claims->not_after > key->not_after) {
        claims->not_after = key->not_after;
    }
}

/* The window that is told is the one in which this verdict holds, grace and all. */
static tsec_rc
check_times(struct run *r)
{
    struct tsec_claims *claims = r->in->claims;
    const int64_t now = r->in->now;

    claims->not_before -= skew_of(r->expect);
    claims->not_after += skew_of(r->expect);
    if (now > claims->not_after) {
        return REFUSE(r, EXPIRED, "expires", "expired %" PRId64 " s ago", now - claims->not_after);
    }
    if (now < claims->not_before) {
        return REFUSE(r, NOT_YET_VALID, "not-before", "valid in %" PRId64 " s",
                      claims->not_before - now);
    }
    HOLDS(r, "expires", "in %" PRId64 " s", claims->not_after - now);
    narrow_window(claims, &r->key);
    return check_age(r);
}

static tsec_rc
check_version(struct run *r)
{
    const struct tsec_span ver = r->token.outer[MAA_VER];

    if (!maa_says(ver, "1.0")) {
        return REFUSE(r, MALFORMED, "version", "x-ms-ver must be \"1.0\", is %.*s", MAA_SHOW(ver));
    }
    return TSEC_OK;
}

static tsec_rc
check_debug(struct run *r)
{
    if (r->in->claims->debug && !r->expect->allow_debug) {
        return REFUSE(r, DEBUG, "debug", "the token says that it can be debugged");
    }
    HOLDS(r, "debug", r->in->claims->debug ? "debuggable, which is allowed" : "not debuggable");
    return TSEC_OK;
}

/* A virtual machine's report is of the firmware below it, which runs at VMPL 0 and answers for the
 * TPM; what Azure requires of such a machine it says in the compliance status. */
static tsec_rc
check_vm(struct run *r)
{
    const struct tsec_claim *vmpl = tsec_claims_find(r->in->claims, "vmpl");
    const struct tsec_span status = r->token.inner[MAA_COMPLIANCE];

    if (!r->token.nested) {
        return TSEC_OK;
    }
    if (!maa_says(status, "azure-compliant-cvm")) {
        return REFUSE(r, POLICY, "compliance",
                      "x-ms-compliance-status must be \"azure-compliant-cvm\", is %.*s",
                      MAA_SHOW(status));
    }
    if (vmpl != NULL && vmpl->number != 0) {
        return REFUSE(r, POLICY, "vmpl", "must be 0, is %" PRIu64, vmpl->number);
    }
    HOLDS(r, "compliance", "azure-compliant-cvm");
    return TSEC_OK;
}

static tsec_rc
check_tcb(struct run *r)
{
    const uint32_t status = r->in->claims->tcb_status;
    const uint32_t allowed =
        r->expect->allow_tcb != 0 ? r->expect->allow_tcb : TSEC_TCB_BIT(TSEC_TCB_UP_TO_DATE);

    if (status == TSEC_TCB_NONE) {
        return TSEC_OK;
    }
    if (status == TSEC_TCB_REVOKED || (allowed & TSEC_TCB_BIT(status)) == 0) {
        return REFUSE(r, TCB, "tcb", "the token says %s, which is not allowed",
                      tsec_tcb_status_name(status));
    }
    HOLDS(r, "tcb", "%s", tsec_tcb_status_name(status));
    return TSEC_OK;
}

/* ---- what is expected of it ---- */

static tsec_rc
check_nonce(struct run *r)
{
    const struct tsec_claims *claims = r->in->claims;
    const struct tsec_span said = tsec_span(claims->nonce, claims->nonce_len);

    if (r->expect->nonce.ptr == NULL) {
        return TSEC_OK;
    }
    if (said.len == 0 && r->expect->nonce.len > 0) {
        return REFUSE(r, NONCE, "nonce", "%zu bytes are expected, the token has none",
                      r->expect->nonce.len);
    }
    /* Else a host could have old runtime data attested anew, for any challenge, and with them a key
     * that the TEE vouched for once. */
    if (said.len > 0 && r->expect->public_key.ptr != NULL && !maa_runtime_has_nonce(&r->token)) {
        return REFUSE(r, NONCE, "nonce",
                      "the token's own is not the TEE's, which vouches for a key");
    }
    if (!maa_runtime_says(said, r->expect->nonce)) {
        return REFUSE(r, NONCE, "nonce", "the token answers another one, of %zu bytes", said.len);
    }
    HOLDS(r, "nonce", "as expected, %zu bytes", r->expect->nonce.len);
    return TSEC_OK;
}

static tsec_rc
check_binding(struct run *r)
{
    if (r->expect->binding.ptr == NULL) {
        return TSEC_OK;
    }
    if (!maa_runtime_bound(&r->token, r->in->claims, r->expect->binding)) {
        return REFUSE(r, BINDING, "binding", "%s are not the %zu expected bytes",
                      r->token.nested ? "the client payload's binding" : "report data",
                      r->expect->binding.len);
    }
    HOLDS(r, "binding", "as expected");
    return TSEC_OK;
}

static tsec_rc
check_public_key(struct run *r)
{
    if (r->expect->public_key.ptr == NULL) {
        return TSEC_OK;
    }
    if (!maa_runtime_has_key(&r->token, r->in->claims, r->expect->public_key)) {
        return REFUSE(r, PUBLIC_KEY, "public-key",
                      "the expected key is not among those of x-ms-runtime");
    }
    HOLDS(r, "public-key", "as expected");
    return TSEC_OK;
}

static tsec_rc
check_all(struct run *r)
{
    tsec_rc (*const steps[])(struct run * r) = {
        check_form,  check_header,  check_issuer,     check_signature, check_version,
        read_claims, check_times,   check_debug,      check_vm,        check_tcb,
        check_nonce, check_binding, check_public_key,
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(steps); i++) {
        TSEC_TRY(steps[i](r));
    }
    return TSEC_OK;
}

tsec_rc
maa_verify(const struct verifier_input *in, struct tsec_err *err)
{
    struct tsec_err own = { 0 };
    struct run r = {
        .in = in,
        .expect = in->expect,
        .checks = in->expect->checks,
        .err = err != NULL ? err : &own,
    };

    tsec_claims_init(in->claims, "", "maa");

    const tsec_rc rc = check_all(&r);

    maa_token_done(&r.token);
    return rc;
}

tsec_rc
maa_decode(struct tsec_span evidence, struct tsec_claims *claims, struct tsec_err *err)
{
    struct maa_token token = { .nested = false };
    tsec_rc rc;

    tsec_claims_init(claims, "", "maa");
    rc = maa_token_parse(evidence, &token, err);
    if (!tsec_failed(rc)) {
        rc = maa_claims_read(&token, claims, err);
    }
    if (!tsec_failed(rc)) {
        rc = maa_runtime_read(&token, claims, err);
    }
    maa_token_done(&token);
    return rc.code == TSEC_E_DENIED ? tsec_rc_of(TSEC_E_INVALID) : rc;
}
