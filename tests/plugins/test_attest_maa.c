/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin as a server sees it. */
#include "attest-maa/attest_maa.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "crypto/crypto.h"
#include "maa_file.h"
#include "tests/double/fake_host.h"
#include "tests/double/temp_dir.h"
#include "tests/mint/mint_maa.h"
#include "tests/test.h"

static struct fake_host host;
static struct tsec_attest *attest;
static const struct tsec_attest_ops *ops;
static struct tsec_checks checks;
static struct tsec_claims claims;

static const char *const nothing_set[] = { NULL };
static const char *const issuer_set[] = { "issuer", MINT_MAA_ISSUER, NULL };

static int32_t
try_open(const char *const *settings)
{
    ops = attest_maa_plugin.attest;
    fake_host_init(&host, settings);
    return ops->open(&host.host, &attest, NULL).code;
}

static void
open_plugin(const char *const *settings)
{
    CU_ASSERT_EQUAL_FATAL(try_open(settings), TSEC_OK_CODE);
}

static void
close_plugin(void)
{
    ops->close(attest);
    attest = NULL;
}

static int32_t
verify(const char *format, struct tsec_span evidence, struct tsec_expectation *expect)
{
    memset(&checks, 0, sizeof(checks));
    memset(&claims, 0, sizeof(claims));
    checks.struct_size = (uint32_t)sizeof(checks);
    claims.struct_size = (uint32_t)sizeof(claims);
    expect->struct_size = (uint32_t)sizeof(*expect);
    expect->checks = &checks;
    return ops->verify(attest, format, evidence, expect, MINT_MAA_NOW, &claims, NULL).code;
}

/* A genuine token, with nothing expected of it but what the caller says. */
static int32_t
verify_token(const char *issuer, struct tsec_span jwks)
{
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(MINT_MAA_TOKEN_MAX);
    struct tsec_expectation expect = { .issuer = issuer, .jwks = jwks };
    struct mint_maa_spec spec;

    mint_maa_genuine(MINT_MAA_SNP, &spec);
    mint_maa(&spec, &token);
    return verify("maa", tsec_buf_span(&token), &expect);
}

static void
put_jwks(struct tsec_buf *out)
{
    const struct mint_maa_jwk jwk = mint_maa_jwk();

    mint_maa_jwks(&jwk, 1, out);
}

/* ---- what it is ---- */

static void
it_makes_nothing_and_says_so(void)
{
    struct tsec_evidence_request request = { .struct_size = (uint32_t)sizeof(request) };
    struct tsec_attest_info info = { .struct_size = (uint32_t)sizeof(info) };
    const struct tsec_sink sink = { NULL, NULL };
    struct tsec_err err = { 0 };
    const char *format = NULL;
    uint8_t key[32] = { 0 };

    open_plugin(nothing_set);
    ops->describe(attest, &info);
    CU_ASSERT_PTR_NULL(info.makes[0]);
    CU_ASSERT_FALSE(info.simulated);
    CU_ASSERT_EQUAL(ops->evidence(attest, &request, &format, &sink, &err).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "verifies only"));
    CU_ASSERT_EQUAL(ops->root_key_create(attest, key, &sink, NULL).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(ops->root_key_open(attest, tsec_span_str("x"), key, NULL).code,
                    TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(ops->entropy(attest, key, sizeof(key), NULL).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(ops->refresh(attest, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(ops->health(attest, NULL).code, TSEC_OK_CODE);
    close_plugin();
}

static void
every_format_has_its_verifier(void)
{
    static const char *const formats[] = { "snp", "az-snp-vtpm", "sgx", "tdx", "maa" };
    struct tsec_attest_info info = { .struct_size = (uint32_t)sizeof(info) };

    open_plugin(nothing_set);
    ops->describe(attest, &info);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(formats); i++) {
        struct tsec_expectation expect = { .issuer = MINT_MAA_ISSUER };

        CU_ASSERT_STRING_EQUAL(info.accepts[i], formats[i]);
        CU_ASSERT_EQUAL(verify(formats[i], tsec_span_str("?"), &expect), TSEC_E_INVALID);
        CU_ASSERT_EQUAL(checks.reason, TSEC_REASON_MALFORMED);
        CU_ASSERT_EQUAL(ops->decode(attest, formats[i], tsec_span_str("?"), &claims, NULL).code,
                        TSEC_E_INVALID);
    }
    CU_ASSERT_PTR_NULL(info.accepts[TSEC_ARRAY_LEN(formats)]);
    close_plugin();
}

static void
a_format_of_another_plugin_is_refused(void)
{
    static const char *const others[] = { "nitro", "", "SNP", "maa " };

    open_plugin(nothing_set);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(others); i++) {
        struct tsec_expectation expect = { .issuer = NULL };

        CU_ASSERT_EQUAL(verify(others[i], tsec_span_str("x"), &expect), TSEC_E_DENIED);
        CU_ASSERT_EQUAL(checks.reason, TSEC_REASON_FORMAT);
        CU_ASSERT_EQUAL(ops->decode(attest, others[i], tsec_span_str("x"), &claims, NULL).code,
                        TSEC_E_INVALID);
    }
    close_plugin();
}

/* ---- token keys ---- */

static void
keys_may_come_with_the_call(void)
{
    TSEC_AUTO_BUF struct tsec_buf jwks = TSEC_BUF_INIT(MINT_MAA_JWKS_MAX);

    put_jwks(&jwks);
    open_plugin(nothing_set);
    CU_ASSERT_EQUAL(verify_token(MINT_MAA_ISSUER, tsec_buf_span(&jwks)), TSEC_OK_CODE);
    CU_ASSERT_STRING_EQUAL(claims.tee, "snp");
    CU_ASSERT_EQUAL(verify_token(MINT_MAA_ISSUER, tsec_span(NULL, 0)), TSEC_E_DENIED);
    CU_ASSERT_EQUAL(checks.reason, TSEC_REASON_NO_ENDORSEMENT);
    close_plugin();
}

static void
kept_keys_speak_for_the_set_issuer_only(void)
{
    TSEC_AUTO_BUF struct tsec_buf jwks = TSEC_BUF_INIT(MINT_MAA_JWKS_MAX);

    put_jwks(&jwks);
    open_plugin(issuer_set);
    CU_ASSERT_EQUAL(verify_token(NULL, tsec_span(NULL, 0)), TSEC_E_DENIED);
    CU_ASSERT_EQUAL(checks.reason, TSEC_REASON_NO_ENDORSEMENT);
    CU_ASSERT_EQUAL(ops->collateral_add(attest, tsec_buf_span(&jwks), NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(verify_token(NULL, tsec_span(NULL, 0)), TSEC_OK_CODE);
    CU_ASSERT_EQUAL(verify_token(MINT_MAA_ISSUER, tsec_span(NULL, 0)), TSEC_OK_CODE);
    close_plugin();

    static const char *const other[] = { "issuer", "https://other.weu.attest.azure.net", NULL };

    open_plugin(other);
    CU_ASSERT_EQUAL(ops->collateral_add(attest, tsec_buf_span(&jwks), NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(verify_token(MINT_MAA_ISSUER, tsec_span(NULL, 0)), TSEC_E_DENIED);
    CU_ASSERT_EQUAL(checks.reason, TSEC_REASON_NO_ENDORSEMENT);
    CU_ASSERT_EQUAL(verify_token(NULL, tsec_span(NULL, 0)), TSEC_E_DENIED);
    CU_ASSERT_EQUAL(checks.reason, TSEC_REASON_ISSUER);
    close_plugin();
}

/* Whoever shows evidence may bring collateral, and no keys of those who judge it. */
static void
keys_of_a_peer_are_never_used(void)
{
    TSEC_AUTO_BUF struct tsec_buf jwks = TSEC_BUF_INIT(MINT_MAA_JWKS_MAX);
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(MINT_MAA_TOKEN_MAX);
    struct tsec_span items[1];
    struct tsec_expectation expect = { .collateral = items, .collateral_len = 1 };
    struct mint_maa_spec spec;

    put_jwks(&jwks);
    items[0] = tsec_buf_span(&jwks);
    mint_maa_genuine(MINT_MAA_SNP, &spec);
    mint_maa(&spec, &token);
    open_plugin(issuer_set);
    CU_ASSERT_EQUAL(verify("maa", tsec_buf_span(&token), &expect), TSEC_E_DENIED);
    CU_ASSERT_EQUAL(checks.reason, TSEC_REASON_NO_ENDORSEMENT);
    close_plugin();
}

static void
collateral_nobody_knows_is_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf jwks = TSEC_BUF_INIT(MINT_MAA_JWKS_MAX);
    static const uint8_t big[1] = { 0 };

    put_jwks(&jwks);
    open_plugin(nothing_set);
    CU_ASSERT_EQUAL(ops->collateral_add(attest, tsec_span_str("hello"), NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(ops->collateral_add(attest, tsec_span("", 0), NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(ops->collateral_add(attest, tsec_buf_span(&jwks), NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(ops->collateral_add(attest, tsec_span(big, TSEC_COLLATERAL_MAX + 1), NULL).code,
                    TSEC_E_TOO_LARGE);
    close_plugin();
}

/* ---- files ---- */

static void
files_are_read_at_the_start(void)
{
    TSEC_AUTO_BUF struct tsec_buf jwks = TSEC_BUF_INIT(MINT_MAA_JWKS_MAX);
    static uint8_t loose[64];
    char folder[256];
    char file[300];
    const char *const settings[] = { "issuer",         MINT_MAA_ISSUER, "jwks_file", file,
                                     "collateral_dir", folder,          NULL };

    put_jwks(&jwks);
    memset(loose, 0xff, sizeof(loose));
    temp_path("collateral", folder, sizeof(folder));
    temp_path("keys.json", file, sizeof(file));
    CU_ASSERT_EQUAL_FATAL(mkdir(folder, 0700), 0);
    CU_ASSERT_EQUAL(try_open(settings), TSEC_E_NOT_FOUND); /* no keys.json yet */
    CU_ASSERT_EQUAL(maa_file_replace(temp_dir(), "keys.json", tsec_buf_span(&jwks), NULL).code,
                    TSEC_OK_CODE);
    CU_ASSERT_EQUAL(maa_file_replace(folder, "README", tsec_span_str("hello"), NULL).code,
                    TSEC_OK_CODE);
    CU_ASSERT_EQUAL(maa_file_replace(folder, "sig", tsec_span(loose, 64), NULL).code, TSEC_OK_CODE);
    open_plugin(settings);
    CU_ASSERT_EQUAL(host.warnings, 1); /* of the README */
    CU_ASSERT_PTR_NOT_NULL(strstr(host.last, "README"));
    CU_ASSERT_EQUAL(verify_token(NULL, tsec_span(NULL, 0)), TSEC_OK_CODE);
    close_plugin();
}

static void
settings_that_make_no_sense_are_refused(void)
{
    static const char *const bad[][5] = {
        { "issuer", "http://a", NULL },
        { "jwks_file", "/etc/keys.json", NULL },
        { "collateral_dir", "/nowhere/at/all", NULL },
        { "collateral_cache", "/nowhere/at/all", NULL },
        { "issuer", "https://a", "jwks_file", "/etc/hostname", NULL },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_NOT_EQUAL(try_open(bad[i]), TSEC_OK_CODE);
        CU_ASSERT_PTR_NULL(attest);
    }
}

static const struct test_case cases[] = {
    { "it makes nothing and says so", it_makes_nothing_and_says_so },
    { "every format has its verifier", every_format_has_its_verifier },
    { "a format of another plugin is refused", a_format_of_another_plugin_is_refused },
    { "keys may come with the call", keys_may_come_with_the_call },
    { "kept keys speak for the set issuer only", kept_keys_speak_for_the_set_issuer_only },
    { "keys of a peer are never used", keys_of_a_peer_are_never_used },
    { "collateral nobody knows is refused", collateral_nobody_knows_is_refused },
    { "files are read at the start", files_are_read_at_the_start },
    { "settings that make no sense are refused", settings_that_make_no_sense_are_refused },
};

int
main(void)
{
    if (tsec_failed(tsec_crypto_setup(NULL))) {
        return TEST_FAIL;
    }
    return test_main("attest-maa", cases, TSEC_ARRAY_LEN(cases));
}
