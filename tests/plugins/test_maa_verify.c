/* SPDX-License-Identifier: Apache-2.0 */
/* Who signed a token: header, issuer, key, signature. */
#include <string.h>

#include "tests/plugins/maa_trial.h"
#include "tests/test.h"

static struct maa_trial t;

static void
genuine_tokens_of_every_family_pass(void)
{
    static const char *const tees[] = { "sgx", "snp", "azure-cvm", "tdx" };

    for (int family = MINT_MAA_SGX; family <= MINT_MAA_TDX; family++) {
        maa_trial_init(&t, (enum mint_maa_family)family);
        CU_ASSERT_TRUE(maa_trial_genuine(&t));
        CU_ASSERT_STRING_EQUAL(t.claims.tee, tees[family]);
        CU_ASSERT_STRING_EQUAL(t.claims.format, "maa");
        CU_ASSERT_STRING_EQUAL(t.claims.issuer, MINT_MAA_ISSUER);
        CU_ASSERT_EQUAL(t.claims.issued_at, t.spec.iat);
        CU_ASSERT_EQUAL(t.claims.not_before, t.spec.nbf);
        CU_ASSERT_EQUAL(t.claims.not_after, t.spec.exp);
    }
}

/* ---- algorithm ---- */

static void
alg_none_is_refused(void)
{
    static const char *const spellings[] = { "none", "None", "NONE", "" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(spellings); i++) {
        maa_trial_init(&t, MINT_MAA_SGX);
        t.spec.alg = spellings[i];
        CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_ALGORITHM, "alg"));
    }
}

static void
an_unsigned_token_of_a_draft_policy_is_refused(void)
{
    maa_trial_init(&t, MINT_MAA_SGX);
    t.spec.alg = "none";
    t.spec.unsig = true;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_ALGORITHM, "alg"));
    CU_ASSERT_TRUE(maa_trial_says(&t, "draft policy"));
    t.spec.alg = "RS256";
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_ALGORITHM, "alg"));
}

static void
hs256_with_the_public_key_as_secret_is_refused(void)
{
    maa_trial_init(&t, MINT_MAA_SGX);
    t.spec.alg = "HS256";
    t.spec.hmac = true;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_ALGORITHM, "alg"));
    t.spec.alg = "RS256";
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_SIGNATURE, "signature"));
}

static void
another_algorithm_of_the_right_key_is_refused(void)
{
    static const struct {
        const char *alg;
        enum tsec_sigalg sig;
    } others[] = { { "PS256", TSEC_SIG_PS256 },
                   { "RS384", TSEC_SIG_RS384 },
                   { "RS512", TSEC_SIG_RS512 } };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(others); i++) {
        maa_trial_init(&t, MINT_MAA_SGX);
        t.spec.alg = others[i].alg;
        t.spec.sig = others[i].sig;
        CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_ALGORITHM, "alg"));
        CU_ASSERT_TRUE(maa_trial_says(&t, others[i].alg));
        t.spec.alg = "RS256"; /* and it is no RS256 signature */
        CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_SIGNATURE, "signature"));
    }
}

static void
a_critical_header_is_refused(void)
{
    maa_trial_init(&t, MINT_MAA_SGX);
    t.spec.header[0] = (struct mint_maa_edit){ "crit", "[\"exp\"]", false };
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_ALGORITHM, "crit"));
    t.spec.header[0] = (struct mint_maa_edit){ "crit", "[]", false };
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_ALGORITHM, "crit"));
}

static void
a_header_that_is_odd_is_refused(void)
{
    static const struct {
        struct mint_maa_edit edit;
        enum tsec_reason reason;
        const char *check;
    } odd[] = {
        { { "typ", "\"JOSE\"", false }, TSEC_REASON_MALFORMED, "typ" },
        { { "typ", "7", false }, TSEC_REASON_MALFORMED, "typ" },
        { { "alg", NULL, false }, TSEC_REASON_ALGORITHM, "alg" },
        { { "alg", "[\"RS256\"]", false }, TSEC_REASON_ALGORITHM, "alg" },
        { { "alg", "\"rs256\"", false }, TSEC_REASON_ALGORITHM, "alg" },
        { { "alg", "\"none\"", true }, TSEC_REASON_MALFORMED, "token" },
        { { "kid", NULL, false }, TSEC_REASON_MALFORMED, "kid" },
        { { "kid", "7", false }, TSEC_REASON_MALFORMED, "kid" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(odd); i++) {
        maa_trial_init(&t, MINT_MAA_SGX);
        t.spec.header[0] = odd[i].edit;
        CU_ASSERT_TRUE(maa_trial_refused(&t, odd[i].reason, odd[i].check));
    }
}

static void
a_header_without_typ_or_with_an_escaped_alg_is_read(void)
{
    maa_trial_init(&t, MINT_MAA_SGX);
    t.spec.header[0] = (struct mint_maa_edit){ "typ", NULL, false };
    t.spec.header[1] = (struct mint_maa_edit){ "alg", "\"RS\\u003256\"", false };
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
}

/* ---- where keys come from ---- */

static void
jku_to_another_host_is_refused(void)
{
    static const char *const others[] = {
        "https://evil.example/certs",
        MINT_MAA_ISSUER "/certs/",
        MINT_MAA_ISSUER "/certs?x",
        MINT_MAA_ISSUER "@evil.example/certs",
        "http://mint.weu.attest.azure.net/certs",
        "",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(others); i++) {
        maa_trial_init(&t, MINT_MAA_SGX);
        t.spec.jku = others[i];
        CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_ISSUER, "jku"));
    }
    t.spec.jku = NULL;
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
}

/* The header carries the attacker's key, who signs with it. */
static void
keys_injected_by_the_header_are_not_used(void)
{
    TSEC_AUTO_BUF struct tsec_buf jwks = TSEC_BUF_INIT(MINT_MAA_JWKS_MAX);
    struct mint_maa_jwk theirs = mint_maa_jwk();
    static const char *const members[] = { "jwk", "x5c", "x5u" };

    theirs.rsa = 1;
    theirs.cert_rsa = 1;
    theirs.bare = true;
    theirs.x5c = false;
    mint_maa_jwks(&theirs, 1, &jwks);
    jwks.ptr[jwks.len - 2] = '\0'; /* one key, without the list around it */
    for (size_t i = 0; i < TSEC_ARRAY_LEN(members); i++) {
        maa_trial_init(&t, MINT_MAA_SGX);
        t.spec.rsa = 1;
        t.spec.header[0] =
            (struct mint_maa_edit){ members[i], (const char *)jwks.ptr + strlen("{\"keys\":["),
                                    false };
        CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_SIGNATURE, "signature"));
        t.spec.kid = "theirs";
        CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NO_ENDORSEMENT, "key"));
    }
}

static void
an_unknown_kid_is_refused(void)
{
    maa_trial_init(&t, MINT_MAA_SGX);
    t.spec.kid = "somebody-else";
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NO_ENDORSEMENT, "key"));
    CU_ASSERT_TRUE(maa_trial_says(&t, "somebody-else"));
}

static void
without_keys_nothing_is_genuine(void)
{
    maa_trial_init(&t, MINT_MAA_SNP);
    t.no_keys = true;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NO_ENDORSEMENT, "key"));
    maa_trial_init(&t, MINT_MAA_SNP);
    t.keys_len = 0;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NO_ENDORSEMENT, "key"));
}

static void
another_key_of_the_right_name_is_refused(void)
{
    maa_trial_init(&t, MINT_MAA_SGX);
    t.spec.rsa = 1;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_SIGNATURE, "signature"));
}

/* ---- issuer ---- */

static void
another_issuer_is_refused(void)
{
    static const char *const others[] = {
        "https://mint2.weu.attest.azure.net", /* a sibling tenant, with the same keys */
        MINT_MAA_ISSUER "/",                  /* a slash more */
        "https://MINT.weu.attest.azure.net",  /* case counts */
        "http://mint.weu.attest.azure.net",
        MINT_MAA_ISSUER ".evil.example",
        "https://mint.weu.attest.azure.ne",
        "",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(others); i++) {
        maa_trial_init(&t, MINT_MAA_SGX);
        t.spec.issuer = others[i];
        CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_ISSUER, "issuer"));
    }
}

static void
an_expected_issuer_with_a_slash_is_another_one(void)
{
    maa_trial_init(&t, MINT_MAA_SGX);
    t.expect.issuer = MINT_MAA_ISSUER "/";
    t.spec.jku = NULL;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_ISSUER, "issuer"));
}

static void
no_expected_issuer_means_no(void)
{
    maa_trial_init(&t, MINT_MAA_SGX);
    t.expect.issuer = NULL;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_ISSUER, "issuer"));
    t.expect.issuer = "";
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_ISSUER, "issuer"));
}

static void
an_issuer_that_is_no_text_is_refused(void)
{
    CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_SGX,
                                          (struct mint_maa_edit){ "iss", "null", false },
                                          TSEC_REASON_ISSUER, "issuer"));
    CU_ASSERT_TRUE(maa_trial_edit_refused(
        MINT_MAA_SGX, (struct mint_maa_edit){ "iss", NULL, false }, TSEC_REASON_ISSUER, "issuer"));
    CU_ASSERT_TRUE(maa_trial_edit_refused(
        MINT_MAA_SGX, (struct mint_maa_edit){ "iss", "\"" MINT_MAA_ISSUER "\"", true },
        TSEC_REASON_MALFORMED, "token"));
}

/* ---- bytes ---- */

/* The last digit of each part has bits that mean nothing: those must be zero. */
static void
a_token_with_any_byte_changed_is_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(MINT_MAA_TOKEN_MAX);
    size_t accepted = 0;

    maa_trial_init(&t, MINT_MAA_CVM);
    mint_maa(&t.spec, &token);
    CU_ASSERT_EQUAL(maa_trial_verify(&t, tsec_buf_span(&token)).code, TSEC_OK_CODE);
    for (size_t i = 0; i < token.len; i++) {
        const uint8_t kept = token.ptr[i];

        token.ptr[i] = (uint8_t)(kept ^ (1U << (i % 8)));
        accepted += tsec_failed(maa_trial_verify(&t, tsec_buf_span(&token))) ? 0 : 1;
        token.ptr[i] = kept;
    }
    CU_ASSERT_EQUAL(accepted, 0);
}

static void
a_token_cut_anywhere_is_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(MINT_MAA_TOKEN_MAX);
    size_t accepted = 0;

    maa_trial_init(&t, MINT_MAA_SGX);
    mint_maa(&t.spec, &token);
    for (size_t len = 0; len < token.len; len += 7) {
        accepted += tsec_failed(maa_trial_verify(&t, tsec_span(token.ptr, len))) ? 0 : 1;
    }
    CU_ASSERT_EQUAL(accepted, 0);
}

static const struct test_case cases[] = {
    { "genuine tokens of every family pass", genuine_tokens_of_every_family_pass },
    { "alg none is refused", alg_none_is_refused },
    { "an unsigned token of a draft policy is refused",
      an_unsigned_token_of_a_draft_policy_is_refused },
    { "HS256 with the public key as secret is refused",
      hs256_with_the_public_key_as_secret_is_refused },
    { "another algorithm of the right key is refused",
      another_algorithm_of_the_right_key_is_refused },
    { "a critical header is refused", a_critical_header_is_refused },
    { "a header that is odd is refused", a_header_that_is_odd_is_refused },
    { "a header without typ or with an escaped alg is read",
      a_header_without_typ_or_with_an_escaped_alg_is_read },
    { "jku to another host is refused", jku_to_another_host_is_refused },
    { "keys injected by the header are not used", keys_injected_by_the_header_are_not_used },
    { "an unknown kid is refused", an_unknown_kid_is_refused },
    { "without keys nothing is genuine", without_keys_nothing_is_genuine },
    { "another key of the right name is refused", another_key_of_the_right_name_is_refused },
    { "another issuer is refused", another_issuer_is_refused },
    { "an expected issuer with a slash is another one",
      an_expected_issuer_with_a_slash_is_another_one },
    { "no expected issuer means no", no_expected_issuer_means_no },
    { "an issuer that is no text is refused", an_issuer_that_is_no_text_is_refused },
    { "a token with any byte changed is refused", a_token_with_any_byte_changed_is_refused },
    { "a token cut anywhere is refused", a_token_cut_anywhere_is_refused },
};

TEST_MAIN("maa-verify", cases)
