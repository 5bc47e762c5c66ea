/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/ear.h"

#include <string.h>

#include "appraisal/claims.h"
#include "appraisal/report.h"
#include "base/base64.h"
#include "base/hex.h"
#include "codec/jose.h"

enum { POLICY_SHOWN = 16 };

static const struct names {
    const char *uri;
    const char *status;
    const char *verifier_id;
    const char *vector;
    const char *policy;
    const char *attester_claims;
    const char *verifier_claims;
    bool newer; /* a status for the whole token, a list of policies */
} profiles[] = {
    [EAR_PROFILE_IETF] = { "tag:ietf.org,2026:rats/ear#04", "ear_status", "ear_verifier_id",
                           "ear_trustworthiness_vector", "ear_appraisal_policy_ids",
                           "ear_attester_claims", "ear_verifier_claims", true },
    [EAR_PROFILE_VERAISON] = { "tag:github.com,2023:veraison/ear", "ear.status", "ear.verifier-id",
                               "ear.trustworthiness-vector", "ear.appraisal-policy-id",
                               "ear.veraison.annotated-evidence", "ear.veraison.policy-claims",
                               false },
};

bool
ear_profile_parse(const char *uri, enum ear_profile *out)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(profiles); i++) {
        if (strcmp(profiles[i].uri, uri) == 0) {
            *out = (enum ear_profile)i;
            return true;
        }
    }
    return false;
}

/* A word for the policy, not the policy: who knows the configuration can tell which it was. */
static void
put_policy(const struct names *names, const struct appraisal *appraisal,
           const struct ear_options *options, struct tsec_json_out *out)
{
    TSEC_AUTO_BUF struct tsec_buf id = TSEC_BUF_INIT((size_t)256);

    tsec_buf_put_str(&id, "urn:tee-secrets:policy:");
    tsec_hex_append(&id, tsec_span(options->policy, POLICY_SHOWN));
    tsec_buf_put_str(&id, ":");
    tsec_buf_put_u64(&id, appraisal->generation);
    tsec_json_key(out, names->policy);
    if (names->newer) {
        tsec_json_array(out);
    }
    tsec_json_span(out, tsec_buf_span(&id));
    if (names->newer) {
        tsec_json_array_end(out);
    }
}

static void
put_nonce(struct tsec_span nonce, struct tsec_json_out *out)
{
    char text[TSEC_BASE64_LEN(EAR_NONCE_MAX) + 1];

    if (nonce.len >= EAR_NONCE_MIN && nonce.len <= EAR_NONCE_MAX) {
        tsec_base64_encode(TSEC_BASE64_STD, nonce, text);
        tsec_json_put_str(out, "eat_nonce", text);
    }
}

static void
put_submod(const struct names *names, const struct appraisal *appraisal,
           const struct ear_options *options, struct tsec_json_out *out)
{
    const struct tsec_claims *claims = &appraisal->claims;

    tsec_json_object(out);
    tsec_json_put_str(out, names->status, trust_tier_name(appraisal->tier));
    tsec_json_key(out, names->vector);
    trust_vector_json(&appraisal->vector, out);
    put_policy(names, appraisal, options, out);
    tsec_json_key(out, names->verifier_claims);
    tsec_json_object(out);
    tsec_json_put_str(out, "verdict", appraisal->genuine ? "genuine" : "refused");
    if (!appraisal->genuine) {
        tsec_json_put_str(out, "reason", tsec_reason_info(appraisal->reason)->slug);
    }
    tsec_json_object_end(out);
    if (appraisal->genuine) { /* what was refused is not believed */
        if (names->newer) {
            put_nonce(tsec_span(claims->nonce, claims->nonce_len), out);
        }
        tsec_json_key(out, names->attester_claims);
        tsec_json_object(out);
        tsec_claims_json(claims, out);
        tsec_json_object_end(out);
    }
    tsec_json_object_end(out);
}

static void
put_claims(const struct names *names, const struct appraisal *appraisal,
           const struct ear_options *options, int64_t now, struct tsec_json_out *out)
{
    const char *label = appraisal->genuine ? appraisal->claims.tee : appraisal->claims.format;

    tsec_json_object(out);
    tsec_json_put_str(out, "eat_profile", names->uri);
    tsec_json_put_str(out, "iss", options->issuer);
    tsec_json_put_str(out, "jti", options->id);
    tsec_json_put_int(out, "iat", now);
    tsec_json_put_int(out, "exp", now + EAR_LIFETIME_S);
    put_nonce(options->nonce, out);
    tsec_json_key(out, names->verifier_id);
    tsec_json_object(out);
    tsec_json_put_str(out, "developer", "tee-secrets");
    tsec_json_put_str(out, "build", options->build);
    tsec_json_object_end(out);
    if (names->newer) {
        tsec_json_put_str(out, names->status, trust_tier_name(appraisal->tier));
    }
    tsec_json_key(out, "submods");
    tsec_json_object(out);
    tsec_json_key(out, label);
    put_submod(names, appraisal, options, out);
    tsec_json_object_end(out);
    tsec_json_object_end(out);
}

static void
put_header(const char *kid, struct tsec_buf *text)
{
    struct tsec_json_out out = tsec_json_out(text);

    tsec_json_object(&out);
    tsec_json_put_str(&out, "alg", "ES384");
    tsec_json_put_str(&out, "kid", kid);
    tsec_json_put_str(&out, "typ", "JWT");
    tsec_json_object_end(&out);
}

tsec_rc
ear_token(const struct appraisal *appraisal, const struct ear_options *options, int64_t now,
          struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf header = TSEC_BUF_INIT((size_t)1024);
    TSEC_AUTO_BUF struct tsec_buf payload = TSEC_BUF_INIT((size_t)EAR_MAX);
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT((size_t)256);
    const size_t from = out->len;
    struct tsec_json_out json = tsec_json_out(&payload);

    put_header(options->kid, &header);
    put_claims(&profiles[options->profile], appraisal, options, now, &json);
    TSEC_TRY(tsec_buf_check(&header, err));
    TSEC_TRY(tsec_buf_check(&payload, err));
    tsec_jws_signed_part(tsec_buf_span(&header), tsec_buf_span(&payload), out);
    TSEC_TRY(tsec_buf_check(out, err));
    TSEC_TRY(options->sign(options->ctx, tsec_span(out->ptr + from, out->len - from), &sig, err));
    tsec_jws_add_signature(tsec_buf_span(&sig), out);
    return tsec_buf_check(out, err);
}
