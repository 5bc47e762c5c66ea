/* SPDX-License-Identifier: Apache-2.0 */
/* What a caller expects of a token: nonce, binding, public key. */
#include <stdio.h>
#include <string.h>

#include "crypto/hash.h"
#include "tests/plugins/maa_trial.h"
#include "tests/test.h"

static struct maa_trial t;

static const char nonce_text[] = "fresh-and-used-once";

/* ---- nonce ---- */

static void
a_nonce_of_the_token_is_compared(void)
{
    maa_trial_init(&t, MINT_MAA_SGX);
    t.spec.nonce = nonce_text;
    t.expect.nonce = tsec_span_str(nonce_text);
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    CU_ASSERT_EQUAL(t.claims.nonce_len, strlen(nonce_text));
    t.expect.nonce = tsec_span_str("another-challenge");
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NONCE, "nonce"));
    t.expect.nonce = tsec_span("", 0);
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NONCE, "nonce"));
}

static void
a_nonce_that_is_missing_is_refused(void)
{
    maa_trial_init(&t, MINT_MAA_SGX);
    t.expect.nonce = tsec_span_str(nonce_text);
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NONCE, "nonce"));
    t.spec.nonce = "";
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NONCE, "nonce"));
    t.spec.nonce = NULL;
    t.expect.nonce = tsec_span("", 0);
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
}

static void
a_nonce_may_be_written_in_hex_or_base64(void)
{
    static const uint8_t bytes[] = { 0xfb, 0xff, 0x00, 0x3e };
    static const char *const spellings[] = { "fbff003e", "FBFF003E", "+/8APg==", "-_8APg" };
    static const char *const others[] = { "fbff003f", "+/8APg", "-_8APh", "fbff003e00", "fbff003" };

    maa_trial_init(&t, MINT_MAA_SNP);
    t.expect.nonce = tsec_span(bytes, sizeof(bytes));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(spellings); i++) {
        t.spec.nonce = spellings[i];
        CU_ASSERT_TRUE(maa_trial_genuine(&t));
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(others); i++) {
        t.spec.nonce = others[i];
        CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NONCE, "nonce"));
    }
}

/* Whoever asks for the token chooses "nonce"; the runtime data are the TEE's. */
static void
a_nonce_of_the_runtime_data_goes_before_the_tokens(void)
{
    maa_trial_init(&t, MINT_MAA_CVM);
    t.spec.runtime = "{\"client-payload\":{\"nonce\":\"MTIzNA==\"}}";
    t.spec.nonce = nonce_text;
    t.expect.nonce = tsec_span_str("1234");
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    t.expect.nonce = tsec_span_str(nonce_text);
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NONCE, "nonce"));
    t.spec.runtime = "{\"nonce\":\"1234\"}";
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NONCE, "nonce"));
    t.expect.nonce = tsec_span_str("1234");
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
}

static void
a_nonce_that_is_no_text_is_refused(void)
{
    static const char *const runtimes[] = {
        "{\"nonce\":1234}",
        "{\"client-payload\":{\"nonce\":1234}}",
        "{\"client-payload\":{\"nonce\":\"no base64\"}}",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(runtimes); i++) {
        maa_trial_init(&t, MINT_MAA_SNP);
        t.spec.runtime = runtimes[i];
        CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_MALFORMED, "claims"));
    }
    CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_SGX,
                                          (struct mint_maa_edit){ "nonce", "1234", false },
                                          TSEC_REASON_MALFORMED, "claims"));
}

/* ---- binding ---- */

static void
report_data_must_be_the_binding(void)
{
    static const enum mint_maa_family families[] = { MINT_MAA_SGX, MINT_MAA_SNP, MINT_MAA_TDX };
    uint8_t binding[64];

    memset(binding, 0x42, sizeof(binding));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(families); i++) {
        maa_trial_init(&t, families[i]);
        memcpy(t.spec.report_data, binding, sizeof(binding));
        t.expect.binding = tsec_span(binding, sizeof(binding));
        CU_ASSERT_TRUE(maa_trial_genuine(&t));
        t.expect.binding = tsec_span(binding, 48);
        CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_BINDING, "binding"));
        memset(t.spec.report_data + 48, 0, 16);
        CU_ASSERT_TRUE(maa_trial_genuine(&t));
        t.spec.report_data[0] ^= 1;
        CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_BINDING, "binding"));
        t.expect.binding = tsec_span("", 0); /* must be empty */
        CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_BINDING, "binding"));
    }
}

static void
runtime_data_bind_by_their_digest(void)
{
    static const char data[] = "the channel's key";
    uint8_t digest[TSEC_SHA256_LEN];

    maa_trial_init(&t, MINT_MAA_SGX);
    tsec_sha256(tsec_span_str(data), digest);
    t.spec.ehd = tsec_span_str(data);
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_BINDING, "runtime-data"));
    memcpy(t.spec.report_data, digest, sizeof(digest));
    t.expect.binding = tsec_span(digest, sizeof(digest));
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    CU_ASSERT_EQUAL(t.claims.user_data_len, strlen(data));

    /* a token that does not show its report data */
    t.spec.outer[0] = (struct mint_maa_edit){ "x-ms-sgx-report-data", NULL, false };
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    CU_ASSERT_EQUAL(t.claims.report_data_len, sizeof(digest));
    digest[5] ^= 4;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_BINDING, "binding"));
    t.spec.ehd = tsec_span(NULL, 0);
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_BINDING, "binding"));
}

static void
half_of_the_report_data_binds_no_more_than_half(void)
{
    static const char data[] = "the channel's key";
    uint8_t binding[64] = { 0 };

    maa_trial_init(&t, MINT_MAA_SGX);
    tsec_sha256(tsec_span_str(data), binding);
    t.spec.ehd = tsec_span_str(data);
    t.spec.outer[0] = (struct mint_maa_edit){ "x-ms-sgx-report-data", NULL, false };
    t.expect.binding = tsec_span(binding, 64); /* what stands behind was not shown */
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_BINDING, "binding"));
}

static void
a_virtual_machine_is_bound_by_its_client_payload(void)
{
    static const uint8_t binding[] = { 0xfb, 0xff, 0x00, 0x3e };

    maa_trial_init(&t, MINT_MAA_CVM);
    t.expect.binding = tsec_span(binding, sizeof(binding));
    memcpy(t.spec.report_data, binding, sizeof(binding)); /* the firmware's, not its own */
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_BINDING, "binding"));
    t.spec.runtime = "{\"client-payload\":{\"binding\":\"+/8APg==\"}}";
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    t.spec.runtime = "{\"client-payload\":{\"binding\":\"ZmJmZjAwM2U=\"}}"; /* its hex */
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    t.spec.runtime = "{\"client-payload\":{\"binding\":\"+/8APw==\"}}";
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_BINDING, "binding"));
    t.spec.runtime = "{\"client-payload\":\"+/8APg==\"}";
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_BINDING, "binding"));
}

/* ---- public key ---- */

#define EC_X   "18wHLeIgW9wVN6VD1Txgpqy2LszYkMf6J8njVAibvhM"
#define EC_Y   "cV4dS4UaLMgP_4fY4j8ir7cl1TXlFdAgcx55o7TkcSA"
#define EC_JWK "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}"

/* The runtime data of a key that mint_rsa() made, as a token shows it. */
static const char *
rsa_runtime(unsigned which, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf jwks = TSEC_BUF_INIT(MINT_MAA_JWKS_MAX);
    struct mint_maa_jwk key = mint_maa_jwk();

    key.rsa = which;
    key.bare = true;
    key.x5c = false;
    mint_maa_jwks(&key, 1, &jwks);
    tsec_buf_put_span(out, tsec_buf_span(&jwks));
    tsec_buf_put_byte(out, '\0');
    return (const char *)out->ptr;
}

static void
an_expected_key_must_be_among_the_runtime_keys(void)
{
    TSEC_AUTO_BUF struct tsec_buf runtime = TSEC_BUF_INIT(MINT_MAA_JWKS_MAX);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(1024);
    TSEC_AUTO_BUF struct tsec_buf other = TSEC_BUF_INIT(1024);

    maa_trial_init(&t, MINT_MAA_CVM);
    mint_key_spki(mint_rsa(2048, 1), &spki);
    mint_key_spki(mint_rsa(2048, 0), &other);
    t.spec.runtime = rsa_runtime(1, &runtime);
    t.expect.public_key = tsec_buf_span(&spki);
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_span(t.claims.public_key, t.claims.public_key_len),
                                   tsec_buf_span(&spki)));
    t.expect.public_key = tsec_buf_span(&other);
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_PUBLIC_KEY, "public-key"));
    t.spec.runtime = NULL;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_PUBLIC_KEY, "public-key"));
    t.expect.public_key = tsec_span("", 0);
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_PUBLIC_KEY, "public-key"));
}

static void
a_key_may_stand_alone_or_behind_what_is_no_key(void)
{
    static const char *const runtimes[] = {
        "{\"jwk\":" EC_JWK "}",
        "{\"keys\":[7,{\"kty\":\"oct\"}," EC_JWK "]}",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(runtimes); i++) {
        maa_trial_init(&t, MINT_MAA_SGX);
        t.spec.runtime = runtimes[i];
        CU_ASSERT_TRUE(maa_trial_genuine(&t));
        CU_ASSERT_EQUAL(t.claims.public_key_len, 91);
    }
}

/* Who asks for a token chooses its nonce: old runtime data would answer any challenge, and have a
 * key vouched for that the TEE made long ago. */
static void
a_key_and_a_nonce_must_both_be_the_tees_own(void)
{
    static const char with_nonce[] = "{\"keys\":[" EC_JWK "],\"nonce\":\"fresh-and-used-once\"}";
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(1024);

    maa_trial_init(&t, MINT_MAA_SGX);
    t.spec.runtime = "{\"keys\":[" EC_JWK "]}";
    t.spec.nonce = nonce_text;
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    tsec_buf_put(&spki, t.claims.public_key, t.claims.public_key_len);
    t.expect.public_key = tsec_buf_span(&spki);
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    t.expect.nonce = tsec_span_str(nonce_text);
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NONCE, "nonce"));
    t.spec.runtime = with_nonce;
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    t.spec.nonce = NULL;
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
}

static void
runtime_data_may_be_the_key(void)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(1024);

    maa_trial_init(&t, MINT_MAA_SGX);
    mint_key_spki(mint_rsa(2048, 1), &spki);
    t.spec.ehd = tsec_buf_span(&spki);
    tsec_sha256(t.spec.ehd, t.spec.report_data);
    t.expect.public_key = tsec_buf_span(&spki);
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    t.expect.public_key.len--;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_PUBLIC_KEY, "public-key"));
}

static void
a_channels_binding_is_in_the_runtime_data(void)
{
    /* 48 bytes of 0x42, and what is not them. */
    static const char said[] = "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC";
    static const char *const others[] = {
        "{\"amc\":\"QUJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC\"}",
        "{\"amc\":\"QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC\"}",
        "{\"amc\":[\"QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC\"]}",
        "{\"amc\":\"\"}",
        "{\"x\":{\"amc\":\"QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC\"}}",
    };
    uint8_t binding[64];
    char runtime[160];

    (void)snprintf(runtime, sizeof(runtime), "{\"amc\":\"%s\",\"nonce\":\"AQID\"}", said);
    memset(binding, 0x42, sizeof(binding));
    maa_trial_init(&t, MINT_MAA_SGX);
    t.spec.runtime = runtime;
    t.expect.binding = tsec_span(binding, 48);
    t.expect.nonce = tsec_span("\x01\x02\x03", 3);
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    t.expect.nonce = tsec_span("\x01\x02\x04", 3);
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NONCE, "nonce"));
    t.expect.nonce = tsec_span(NULL, 0);
    for (size_t len = 1; len <= sizeof(binding); len++) {
        t.expect.binding = tsec_span(binding, len);
        CU_ASSERT_TRUE(len == 48 || maa_trial_refused(&t, TSEC_REASON_BINDING, "binding"));
    }
    t.expect.binding = tsec_span(binding, 48);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(others); i++) {
        t.spec.runtime = others[i];
        CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_BINDING, "binding"));
    }
    maa_trial_init(&t, MINT_MAA_CVM); /* a virtual machine's are not its TEE's own words */
    t.spec.runtime = runtime;
    t.expect.binding = tsec_span(binding, 48);
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_BINDING, "binding"));
}

static const struct test_case cases[] = {
    { "a nonce of the token is compared", a_nonce_of_the_token_is_compared },
    { "a nonce that is missing is refused", a_nonce_that_is_missing_is_refused },
    { "a nonce may be written in hex or base64", a_nonce_may_be_written_in_hex_or_base64 },
    { "a nonce of the runtime data goes before the token's",
      a_nonce_of_the_runtime_data_goes_before_the_tokens },
    { "a nonce that is no text is refused", a_nonce_that_is_no_text_is_refused },
    { "report data must be the binding", report_data_must_be_the_binding },
    { "a channel's binding is in the runtime data", a_channels_binding_is_in_the_runtime_data },
    { "runtime data bind by their digest", runtime_data_bind_by_their_digest },
    { "half of the report data binds no more than half",
      half_of_the_report_data_binds_no_more_than_half },
    { "a virtual machine is bound by its client payload",
      a_virtual_machine_is_bound_by_its_client_payload },
    { "an expected key must be among the runtime keys",
      an_expected_key_must_be_among_the_runtime_keys },
    { "a key may stand alone or behind what is no key",
      a_key_may_stand_alone_or_behind_what_is_no_key },
    { "a key and a nonce must both be the TEE's own", a_key_and_a_nonce_must_both_be_the_tees_own },
    { "runtime data may be the key", runtime_data_may_be_the_key },
};

TEST_MAIN("maa-verify-expected", cases)
