/* SPDX-License-Identifier: Apache-2.0 */
#include "api/op.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "appraisal/report.h"
#include "base/base64.h"
#include "base/log.h"
#include "codec/jose.h"
#include "crypto/sign.h"
#include "tests/double/api_bench.h"
#include "tests/double/attest_script.h"
#include "tests/test.h"

#define VERIFY   "/v1/tee/verify"
#define EVIDENCE "\"format\":\"script\",\"evidence\":\"ZXZpZGVuY2U=\""

static struct api_bench b;

static void
allow(const char *entry)
{
    const struct admission_policy policy = { .require_revocation = true, .max_age_s = 300 };
    const struct tsec_span span = tsec_span_str(entry);
    TSEC_AUTO(allowlist_free) struct allowlist *list = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(allowlist_new(&span, 1, &list, NULL)));
    appraiser_set_policy(b.appraiser, &policy, list);
}

static int
verify(const char *body)
{
    return api_bench_root(&b, API_POST, VERIFY, body);
}

static bool
body_has(const char *text)
{
    return memmem(b.reply.body.ptr, b.reply.body.len, text, strlen(text)) != NULL;
}

/* The payload of the last reply's token, verified by the published key. */
static json_t *
token_payload(void)
{
    TSEC_AUTO_BUF struct tsec_buf point = TSEC_BUF_INIT(256);
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
    char *token = strdup(api_bench_str(&b, "data.token"));
    struct tsec_jws jws;
    json_t *header;
    json_t *payload;

    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/tee/jwks", NULL, NULL), 200);
    tsec_buf_put_byte(&point, 0x04);
    CU_ASSERT_FALSE(tsec_failed(tsec_base64_decode(
        &point, TSEC_BASE64_URL, tsec_span_str(api_bench_str(&b, "keys.0.x")), NULL)));
    CU_ASSERT_FALSE(tsec_failed(tsec_base64_decode(
        &point, TSEC_BASE64_URL, tsec_span_str(api_bench_str(&b, "keys.0.y")), NULL)));
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_key_from_public(TSEC_KEY_P384, tsec_buf_span(&point), &key, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_jws_parse(tsec_span_str(token), 65536, &jws, NULL)));
    CU_ASSERT_FALSE(tsec_failed(
        tsec_verify(key, TSEC_SHA384, jws.signed_part, tsec_buf_span(&jws.signature), NULL)));
    header = json_loadb((const char *)jws.header.ptr, jws.header.len, 0, NULL);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(header, "kid")),
                           api_bench_str(&b, "keys.0.kid"));
    payload = json_loadb((const char *)jws.payload.ptr, jws.payload.len, 0, NULL);
    tsec_jws_done(&jws);
    json_decref(header);
    free(token);
    return payload;
}

static void
admitted_evidence_comes_back_as_a_token_of_the_published_key(void)
{
    json_t *ear;

    api_bench_open(&b, "mem:teeverify");
    allow(ATTEST_SCRIPT_PCRS);
    CU_ASSERT_EQUAL(verify("{" EVIDENCE ",\"nonce\":\"MDEyMzQ1Njc4OWFiY2RlZg==\"}"), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.verdict"), "genuine");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.tee"), "nitro");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.status"), "affirming");
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.trust_vector.hardware"), 2);
    CU_ASSERT_FALSE(api_bench_has(&b, "data.reason"));
    CU_ASSERT_TRUE(b.reply.has_audit_index);
    CU_ASSERT_EQUAL(attest_script.expect.nonce.len, 16);
    ear = token_payload();
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(ear, "ear_status")), "affirming");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(ear, "eat_nonce")),
                           "MDEyMzQ1Njc4OWFiY2RlZg==");
    CU_ASSERT_TRUE(json_is_object(json_object_get(json_object_get(ear, "submods"), "nitro")));
    json_decref(ear);
    api_bench_close(&b);
}

static void
every_refusal_says_its_reason_and_nothing_that_was_expected(void)
{
    api_bench_open(&b, "mem:teeverify");
    allow(ATTEST_SCRIPT_PCRS);
    for (uint32_t r = 1; r <= TSEC_REASON_INTERNAL; r++) {
        json_t *ear;
        char *text;

        attest_script.reason = (enum tsec_reason)r;
        attest_script.code = TSEC_E_DENIED;
        CU_ASSERT_EQUAL(verify("{" EVIDENCE "}"), 200);
        CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.verdict"), "refused");
        CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.reason"), tsec_reason_info(r)->slug);
        CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.status"), "contraindicated");
        CU_ASSERT_FALSE(api_bench_has(&b, "data.tee"));
        CU_ASSERT_FALSE(body_has("aaaaaaaa") || body_has("bbbbbbbb"));
        ear = token_payload();
        text = json_dumps(ear, 0);
        CU_ASSERT_PTR_NULL(strstr(text, "aaaaaaaa"));
        CU_ASSERT_PTR_NULL(strstr(text, "abababab"));
        free(text);
        json_decref(ear);
    }
    api_bench_close(&b);
}

static void
the_allowlist_cannot_be_mined(void)
{
    json_t *ear;
    char *text;

    api_bench_open(&b, "mem:teeverify");
    allow("nitro:pcr0=" ATTEST_SCRIPT_48("ab") ",pcr1=" ATTEST_SCRIPT_48("5e"));
    CU_ASSERT_EQUAL(verify("{" EVIDENCE "}"), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.reason"), "measurement");
    CU_ASSERT_FALSE(body_has("5e5e") || body_has("pcr") || body_has("bcbc"));
    ear = token_payload();
    text = json_dumps(ear, 0);
    CU_ASSERT_PTR_NULL(strstr(text, "5e5e"));
    CU_ASSERT_PTR_NULL(strstr(text, "pcr"));
    free(text);
    json_decref(ear);
    api_bench_close(&b);
}

static size_t
read_log(int fd, char *out, size_t max)
{
    const ssize_t n = pread(fd, out, max - 1, 0);

    out[n < 0 ? 0 : n] = '\0';
    return n < 0 ? 0 : (size_t)n;
}

static void
an_operator_finds_what_differs_by_the_request_id(void)
{
    char path[] = "/tmp/tsec-verify-XXXXXX";
    const int fd = mkstemp(path);
    char text[4096];
    char id[64];

    CU_ASSERT_TRUE_FATAL(fd >= 0);
    tsec_log_setup(&(struct tsec_log_options){
        .level = TSEC_LOG_INFO, .fd = fd, .clock = &tsec_clock_system });
    api_bench_open(&b, "mem:teeverify");
    allow("nitro:pcr0=" ATTEST_SCRIPT_48("ab") ",pcr1=" ATTEST_SCRIPT_48("5e"));
    CU_ASSERT_EQUAL(verify("{" EVIDENCE "}"), 200);
    (void)snprintf(id, sizeof(id), "%s", api_bench_str(&b, "request_id"));
    CU_ASSERT_TRUE(read_log(fd, text, sizeof(text)) > 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, id));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "pcr1: allowed 5e5e5e5e…, evidence has bcbcbcbc…"));
    api_bench_close(&b);
    tsec_log_setup(&(struct tsec_log_options){
        .level = TSEC_LOG_INFO, .fd = STDERR_FILENO, .clock = &tsec_clock_system });
    (void)close(fd);
    (void)unlink(path);
}

static void
what_is_asked_for_reaches_the_verifier_as_bytes(void)
{
    const struct tsec_expectation *asked = &attest_script.expect;

    api_bench_open(&b, "mem:teeverify");
    CU_ASSERT_EQUAL(verify("{" EVIDENCE ",\"binding\":\"YmluZA==\",\"public_key\":\"a2V5\","
                           "\"collateral\":[\"Y29s\",\"bGF0ZXJhbA==\"]}"),
                    200);
    CU_ASSERT_PTR_NULL(asked->nonce.ptr);
    CU_ASSERT_EQUAL(asked->binding.len, 4);
    CU_ASSERT_EQUAL(asked->public_key.len, 3);
    CU_ASSERT_EQUAL(asked->collateral_len, 2);
    CU_ASSERT_EQUAL(verify("{" EVIDENCE ",\"nonce\":\"\"}"), 200);
    CU_ASSERT_PTR_NOT_NULL(asked->nonce.ptr);
    CU_ASSERT_EQUAL(asked->nonce.len, 0);
    api_bench_close(&b);
}

static void
a_request_that_is_none_is_an_error_and_not_a_verdict(void)
{
    static const char *const bad[] = {
        NULL,
        "{}",
        "{\"format\":\"script\"}",
        "{\"evidence\":\"AA==\"}",
        "{\"format\":\"script\",\"evidence\":\"\"}",
        "{\"format\":\"script\",\"evidence\":\"!\"}",
        "{\"format\":\"script\",\"evidence\":\"AA\"}",
        "{\"format\":\"nitro\",\"evidence\":\"AA==\"}",
        "{" EVIDENCE ",\"nonce\":\"%\"}",
        "{" EVIDENCE ",\"binding\":\"zz\"}",
        "{" EVIDENCE ",\"collateral\":[\"%\"]}",
        "{" EVIDENCE ",\"profile\":\"tag:ietf.org,2026:rats/ear#03\"}",
        "{" EVIDENCE ",\"jwks\":\"e30=\"}",
        "{" EVIDENCE ",\"allow_debug\":true}",
        "[" EVIDENCE "]",
    };

    api_bench_open(&b, "mem:teeverify");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(verify(bad[i]), 400);
        CU_ASSERT_FALSE(api_bench_has(&b, "data"));
    }
    CU_ASSERT_EQUAL(attest_script.calls, 0);
    CU_ASSERT_EQUAL(verify("{\"format\":\"nitro\",\"evidence\":\"AA==\"}"), 400);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b),
                           "no verifier here knows this format; known are: script, sgx");
    api_bench_close(&b);
}

static void
sizes_are_bounded(void)
{
    const size_t digits = TSEC_BASE64_LEN(TSEC_EVIDENCE_MAX + 3);
    char *body = malloc(digits + 256);
    int len;

    CU_ASSERT_PTR_NOT_NULL_FATAL(body);
    api_bench_open(&b, "mem:teeverify");
    len = snprintf(body, 256, "{\"format\":\"script\",\"evidence\":\"");
    memset(body + len, 'A', digits);
    memcpy(body + len + digits, "\"}", 3);
    CU_ASSERT_EQUAL(verify(body), 400);
    len = snprintf(body, 4096, "{" EVIDENCE ",\"collateral\":[");
    for (int i = 0; i < 33; i++) {
        len += snprintf(body + len, 16, "%s\"AA==\"", i == 0 ? "" : ",");
    }
    (void)snprintf(body + len, 8, "]}");
    CU_ASSERT_EQUAL(verify(body), 400);
    CU_ASSERT_EQUAL(attest_script.calls, 0);
    free(body);
    api_bench_close(&b);
}

static void
who_may_not_is_refused_before_anything_is_verified(void)
{
    char token[TOKEN_TEXT_MAX + 1];

    api_bench_open(&b, "mem:teeverify");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, VERIFY, NULL, "{" EVIDENCE "}"), 403);
    api_bench_token(&b, "default", token);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, VERIFY, token, "{" EVIDENCE "}"), 403);
    CU_ASSERT_EQUAL(attest_script.calls, 0);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/policies/acl/appraise",
                                   "{\"policy\":\"path \\\"tee/verify\\\" {capabilities = "
                                   "[\\\"update\\\"]}\"}"),
                    204);
    api_bench_token(&b, "appraise", token);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, VERIFY, token, "{" EVIDENCE "}"), 200);
    CU_ASSERT_EQUAL(attest_script.calls, 1);
    api_bench_close(&b);
}

static void
a_sealed_server_appraises_nothing(void)
{
    api_bench_open(&b, "mem:teeverify");
    CU_ASSERT_EQUAL(node_seal(b.node.node, NULL).code, 0);
    CU_ASSERT_EQUAL(verify("{" EVIDENCE "}"), 503);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/tee/jwks", NULL, NULL), 503);
    CU_ASSERT_EQUAL(attest_script.calls, 0);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "admitted evidence comes back as a token of the published key",
      admitted_evidence_comes_back_as_a_token_of_the_published_key },
    { "every refusal says its reason and nothing that was expected",
      every_refusal_says_its_reason_and_nothing_that_was_expected },
    { "the allowlist cannot be mined", the_allowlist_cannot_be_mined },
    { "an operator finds what differs by the request id",
      an_operator_finds_what_differs_by_the_request_id },
    { "what is asked for reaches the verifier as bytes",
      what_is_asked_for_reaches_the_verifier_as_bytes },
    { "a request that is none is an error and not a verdict",
      a_request_that_is_none_is_an_error_and_not_a_verdict },
    { "sizes are bounded", sizes_are_bounded },
    { "who may not is refused before anything is verified",
      who_may_not_is_refused_before_anything_is_verified },
    { "a sealed server appraises nothing", a_sealed_server_appraises_nothing },
};

TEST_MAIN("api/tee_verify", cases)
