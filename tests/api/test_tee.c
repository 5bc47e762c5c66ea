/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "appraisal/binding.h"
#include "base/base64.h"
#include "base/hex.h"
#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static void
info_names_the_tee_and_the_log(void)
{
    api_bench_open(&b, "mem:tee");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/tee/info", NULL, NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "provider"), "fixed");
    CU_ASSERT_EQUAL(strlen(api_bench_str(&b, "config_digest")), 96);
    CU_ASSERT_TRUE(api_bench_has(&b, "measurements.measurement"));
    CU_ASSERT_TRUE(strlen(api_bench_str(&b, "ledger_vkey")) > 40);
    CU_ASSERT_TRUE(strlen(api_bench_str(&b, "identity_key")) > 100);
    CU_ASSERT_TRUE(json_is_array(api_bench_at(&b, "formats")));
    CU_ASSERT_EQUAL(node_seal(b.node.node, NULL).code, 0);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/tee/info", NULL, NULL), 200);
    CU_ASSERT_FALSE(api_bench_has(&b, "ledger_vkey"));
    api_bench_close(&b);
}

static void
evidence_needs_a_nonce(void)
{
    static const char *const bad[] = { NULL, "{}", "{\"nonce\":\"!\"}", "{\"nonce\":\"AA==\"}" };

    api_bench_open(&b, "mem:tee");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/tee/attestation", NULL, bad[i]), 400);
    }
    api_bench_close(&b);
}

/* The bytes of a reply's member. */
static struct tsec_span
decoded(const char *path, struct tsec_buf *out)
{
    CU_ASSERT_FALSE(tsec_failed(
        tsec_base64_decode(out, TSEC_BASE64_STD, tsec_span_str(api_bench_str(&b, path)), NULL)));
    return tsec_buf_span(out);
}

/* As whoever verifies computes it, from what the reply says and the nonce that was asked for. */
static void
is_bound_to(const char *nonce)
{
    TSEC_AUTO_BUF struct tsec_buf tls = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf identity = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(4096);
    uint8_t digest[48];
    uint8_t expected[64];
    struct tsec_server_binding parts = { .nonce = tsec_span_str(nonce) };

    CU_ASSERT_TRUE(
        tsec_hex_decode(tsec_span_str(api_bench_str(&b, "config_digest")), digest, sizeof(digest)));
    parts.config_digest = tsec_span(digest, sizeof(digest));
    parts.vkey = tsec_span_str(api_bench_str(&b, "ledger_vkey"));
    parts.identity = decoded("identity_key", &identity);
    parts.tls = decoded("tls_key", &tls);
    CU_ASSERT_TRUE(tsec_span_equal(parts.tls, tsec_span_str("tls key")));
    tsec_binding_server(&parts, expected);
    /* the evidence of this TEE is what it is bound to */
    CU_ASSERT_TRUE(
        tsec_span_equal(decoded("evidence", &evidence), tsec_span(expected, sizeof(expected))));
}

static void
evidence_is_bound_to_all_keys_and_the_nonce(void)
{
    static const char *const by_url[] = {
        "/v1/tee/attestation?nonce=Pj4+Pz8/fn5+fn4=", /* both alphabets */
        "/v1/tee/attestation?nonce=Pj4-Pz8_fn5-fn4",
    };

    api_bench_open(&b, "mem:tee");
    CU_ASSERT_EQUAL(
        api_bench_call(&b, API_POST, "/v1/tee/attestation", NULL, "{\"nonce\":\"MDEyMzQ1Njc=\"}"),
        200);
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b, "simulated")));
    is_bound_to("01234567");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(by_url); i++) {
        CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, by_url[i], NULL, NULL), 200);
        is_bound_to(">>>???~~~~~");
    }
    CU_ASSERT_FALSE(b.reply.has_audit_index);
    api_bench_close(&b);
}

static void
evidence_by_url_needs_a_nonce_too(void)
{
    static const char *const bad[] = {
        "/v1/tee/attestation",
        "/v1/tee/attestation?nonce=",
        "/v1/tee/attestation?nonce=AAAA",
        "/v1/tee/attestation?nonce=Pj4+Pz8_fn5-fn4=",
        "/v1/tee/attestation?nonce=%",
    };

    api_bench_open(&b, "mem:tee");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, bad[i], NULL, NULL), 400);
    }
    api_bench_close(&b);
}

static void
info_says_what_clients_choose_by(void)
{
    TSEC_AUTO_BUF struct tsec_buf tls = TSEC_BUF_INIT(4096);

    api_bench_open(&b, "mem:tee");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/tee/info", NULL, NULL), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "challenge_lifetime"), 60);
    CU_ASSERT_TRUE(json_is_boolean(api_bench_at(&b, "channel.supported")));
    CU_ASSERT_TRUE(json_is_array(api_bench_at(&b, "channel.suites")));
    CU_ASSERT_TRUE(tsec_span_equal(decoded("tls_key", &tls), tsec_span_str("tls key")));
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "info names the TEE and the log", info_names_the_tee_and_the_log },
    { "evidence needs a nonce", evidence_needs_a_nonce },
    { "evidence is bound to all keys and the nonce", evidence_is_bound_to_all_keys_and_the_nonce },
    { "evidence by URL needs a nonce too", evidence_by_url_needs_a_nonce_too },
    { "info says what clients choose by", info_says_what_clients_choose_by },
};

TEST_MAIN("api/tee", cases)
