/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/ear.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "codec/jose.h"
#include "crypto/crypto.h"
#include "crypto/sign.h"
#include "tests/double/attest_script.h"
#include "tests/test.h"

static const int64_t now = 1800000000;
static const uint8_t policy[48] = { 0xaa, 0xbb };
static struct tsec_key *key;
static struct appraisal appraisal;
static json_t *header;
static json_t *payload;

static tsec_rc
sign(void *ctx, struct tsec_span message, struct tsec_buf *sig, struct tsec_err *err)
{
    (void)ctx;
    return tsec_sign(key, TSEC_SHA384, message, sig, err);
}

static struct ear_options
options_of(enum ear_profile profile)
{
    return (struct ear_options){ .profile = profile,
                                 .issuer = "example.com/ledger/1",
                                 .build = "tee-secrets 0.1.0",
                                 .id = "request-1",
                                 .nonce = tsec_span_str("0123456789abcdef"),
                                 .policy = policy,
                                 .kid = "key-1",
                                 .sign = sign };
}

/* Verified as a relying party does, then read. */
static void
make(const struct ear_options *options)
{
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT((size_t)EAR_MAX * 2);
    struct tsec_jws jws;

    CU_ASSERT_FALSE_FATAL(tsec_failed(ear_token(&appraisal, options, now, &token, NULL)));
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_jws_parse(tsec_buf_span(&token), (size_t)EAR_MAX * 2, &jws, NULL)));
    CU_ASSERT_FALSE(tsec_failed(
        tsec_verify(key, TSEC_SHA384, jws.signed_part, tsec_buf_span(&jws.signature), NULL)));
    json_decref(header);
    json_decref(payload);
    header = json_loadb((const char *)jws.header.ptr, jws.header.len, 0, NULL);
    payload = json_loadb((const char *)jws.payload.ptr, jws.payload.len, 0, NULL);
    tsec_jws_done(&jws);
    CU_ASSERT_PTR_NOT_NULL_FATAL(payload);
}

static const char *
text_at(json_t *at, const char *name)
{
    const char *text = json_string_value(json_object_get(at, name));

    return text == NULL ? "" : text;
}

static void
admitted(void)
{
    attest_script_genuine(now);
    memset(&appraisal, 0, sizeof(appraisal));
    appraisal.genuine = true;
    appraisal.generation = 3;
    appraisal.claims = attest_script.claims;
    memcpy(appraisal.claims.nonce, "0123456789abcdef", 16);
    appraisal.claims.nonce_len = 16;
    appraisal.vector = trust_vector_admitted(&appraisal.claims, true);
    appraisal.tier = TRUST_AFFIRMING;
}

static void
refused(enum tsec_reason reason)
{
    admitted();
    appraisal.genuine = false;
    appraisal.reason = reason;
    memcpy(appraisal.claims.format, "nitro", 6);
    appraisal.vector = trust_vector_refused(reason);
    appraisal.tier = TRUST_CONTRAINDICATED;
}

static void
a_token_of_the_draft_says_who_when_and_what(void)
{
    const struct ear_options options = options_of(EAR_PROFILE_IETF);
    json_t *sub;

    admitted();
    make(&options);
    CU_ASSERT_STRING_EQUAL(text_at(header, "alg"), "ES384");
    CU_ASSERT_STRING_EQUAL(text_at(header, "kid"), "key-1");
    CU_ASSERT_EQUAL(json_object_size(header), 3);
    CU_ASSERT_STRING_EQUAL(text_at(payload, "eat_profile"), "tag:ietf.org,2026:rats/ear#04");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(payload, "iat")), now);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(payload, "exp")), now + EAR_LIFETIME_S);
    CU_ASSERT_STRING_EQUAL(text_at(payload, "iss"), "example.com/ledger/1");
    CU_ASSERT_STRING_EQUAL(text_at(payload, "eat_nonce"), "MDEyMzQ1Njc4OWFiY2RlZg==");
    CU_ASSERT_STRING_EQUAL(text_at(payload, "ear_status"), "affirming");
    CU_ASSERT_STRING_EQUAL(text_at(json_object_get(payload, "ear_verifier_id"), "build"),
                           "tee-secrets 0.1.0");
    sub = json_object_get(json_object_get(payload, "submods"), "nitro");
    CU_ASSERT_STRING_EQUAL(text_at(sub, "ear_status"), "affirming");
    CU_ASSERT_STRING_EQUAL(text_at(sub, "eat_nonce"), "MDEyMzQ1Njc4OWFiY2RlZg==");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(
                        json_object_get(sub, "ear_trustworthiness_vector"), "hardware")),
                    2);
    CU_ASSERT_STRING_EQUAL(
        json_string_value(json_array_get(json_object_get(sub, "ear_appraisal_policy_ids"), 0)),
        "urn:tee-secrets:policy:aabb0000000000000000000000000000:3");
    CU_ASSERT_EQUAL(
        strlen(text_at(json_object_get(json_object_get(sub, "ear_attester_claims"), "measurements"),
                       "pcr1")),
        96);
    CU_ASSERT_STRING_EQUAL(text_at(json_object_get(sub, "ear_verifier_claims"), "verdict"),
                           "genuine");
}

static void
a_token_for_older_readers_uses_their_names(void)
{
    const struct ear_options options = options_of(EAR_PROFILE_VERAISON);
    json_t *sub;

    admitted();
    make(&options);
    CU_ASSERT_STRING_EQUAL(text_at(payload, "eat_profile"), "tag:github.com,2023:veraison/ear");
    CU_ASSERT_PTR_NOT_NULL(json_object_get(payload, "ear.verifier-id"));
    CU_ASSERT_PTR_NULL(json_object_get(payload, "ear_status"));
    sub = json_object_get(json_object_get(payload, "submods"), "nitro");
    CU_ASSERT_STRING_EQUAL(text_at(sub, "ear.status"), "affirming");
    CU_ASSERT_TRUE(json_is_object(json_object_get(sub, "ear.trustworthiness-vector")));
    CU_ASSERT_TRUE(json_is_string(json_object_get(sub, "ear.appraisal-policy-id")));
}

static void
a_refusal_carries_no_claim_of_the_evidence_and_nothing_of_the_list(void)
{
    static const enum ear_profile profiles[] = { EAR_PROFILE_IETF, EAR_PROFILE_VERAISON };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(profiles); i++) {
        const struct ear_options options = options_of(profiles[i]);
        struct tsec_check *check = &appraisal.checks.items[0];
        json_t *sub;
        char *text;

        refused(TSEC_REASON_MEASUREMENT);
        appraisal.checks.len = 1;
        memcpy(check->detail, "pcr1: allowed 5ec2e75e…", 26);
        make(&options);
        text = json_dumps(payload, 0);
        CU_ASSERT_PTR_NULL(strstr(text, "5ec2e75e"));
        CU_ASSERT_PTR_NULL(strstr(text, "pcr1"));
        CU_ASSERT_PTR_NULL(strstr(text, "abababab"));
        free(text);
        sub = json_object_get(json_object_get(payload, "submods"), "nitro");
        CU_ASSERT_STRING_EQUAL(
            text_at(sub, profiles[i] == EAR_PROFILE_IETF ? "ear_status" : "ear.status"),
            "contraindicated");
        CU_ASSERT_PTR_NULL(json_object_get(sub, "ear_attester_claims"));
        CU_ASSERT_PTR_NULL(json_object_get(sub, "eat_nonce"));
    }
}

static void
a_nonce_that_an_ear_cannot_hold_is_left_out(void)
{
    static const uint8_t bytes[65];
    static const struct {
        size_t len;
        bool there;
    } rows[] = { { 0, false }, { 7, false }, { 8, true }, { 64, true }, { 65, false } };

    admitted();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        struct ear_options options = options_of(EAR_PROFILE_IETF);

        options.nonce = tsec_span(bytes, rows[i].len);
        make(&options);
        CU_ASSERT_EQUAL(json_object_get(payload, "eat_nonce") != NULL, rows[i].there);
    }
}

static tsec_rc
cannot_sign(void *ctx, struct tsec_span message, struct tsec_buf *sig, struct tsec_err *err)
{
    (void)ctx, (void)message, (void)sig;
    return TSEC_FAIL(err, TSEC_E_SEALED, "sealed");
}

static void
without_a_key_there_is_no_token(void)
{
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT((size_t)EAR_MAX);
    struct ear_options options = options_of(EAR_PROFILE_IETF);

    admitted();
    options.sign = cannot_sign;
    CU_ASSERT_EQUAL(ear_token(&appraisal, &options, now, &token, NULL).code, TSEC_E_SEALED);
}

static void
profiles_are_named_exactly(void)
{
    enum ear_profile p = EAR_PROFILE_IETF;

    CU_ASSERT_TRUE(ear_profile_parse("tag:github.com,2023:veraison/ear", &p));
    CU_ASSERT_EQUAL(p, EAR_PROFILE_VERAISON);
    CU_ASSERT_TRUE(ear_profile_parse("tag:ietf.org,2026:rats/ear#04", &p));
    CU_ASSERT_EQUAL(p, EAR_PROFILE_IETF);
    CU_ASSERT_FALSE(ear_profile_parse("tag:ietf.org,2026:rats/ear#03", &p));
    CU_ASSERT_FALSE(ear_profile_parse("", &p));
}

static const struct test_case cases[] = {
    { "a token of the draft says who when and what", a_token_of_the_draft_says_who_when_and_what },
    { "a token for older readers uses their names", a_token_for_older_readers_uses_their_names },
    { "a refusal carries no claim of the evidence and nothing of the list",
      a_refusal_carries_no_claim_of_the_evidence_and_nothing_of_the_list },
    { "a nonce that an EAR cannot hold is left out", a_nonce_that_an_ear_cannot_hold_is_left_out },
    { "without a key there is no token", without_a_key_there_is_no_token },
    { "profiles are named exactly", profiles_are_named_exactly },
};

int
main(void)
{
    int failed;

    if (tsec_failed(tsec_crypto_setup(NULL))
        || tsec_failed(tsec_key_generate(TSEC_KEY_P384, &key, NULL))) {
        return TEST_FAIL;
    }
    failed = test_main("attest/ear", cases, sizeof(cases) / sizeof(cases[0]));
    json_decref(header);
    json_decref(payload);
    tsec_key_free(key);
    return failed;
}
