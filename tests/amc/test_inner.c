/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/inner.h"

#include "tests/test.h"

#define S(text) tsec_span_str(text)

static void
a_request_comes_back_as_it_was(void)
{
    static const char *const bodies[] = { "",
                                          "{\"data\":{\"a\":1.50}}",
                                          "[1]",
                                          "null",
                                          "\"\\u0000\"",
                                          " {}",
                                          "{\"a\":1,\"a\":2}",
                                          "bytes \xff\x01 of any kind" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bodies); i++) {
        const struct amc_inner_request sent = { .token = S("hvs.x"),
                                                .wrap_ttl = S("60s"),
                                                .idempotency_key = S("k\"1"),
                                                .content_type = S("application/json"),
                                                .method = S("POST"),
                                                .path = S("/v1/secret/data/\xc3\xa4"),
                                                .body = S(bodies[i]) };
        TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(4096);
        TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(4096);
        struct amc_inner_request got;

        amc_inner_request_write(&sent, &text);
        CU_ASSERT_FALSE_FATAL(
            tsec_failed(amc_inner_request_parse(tsec_buf_span(&text), &bytes, &got, NULL)));
        CU_ASSERT_TRUE(tsec_span_equal(sent.token, got.token));
        CU_ASSERT_TRUE(tsec_span_equal(sent.wrap_ttl, got.wrap_ttl));
        CU_ASSERT_TRUE(tsec_span_equal(sent.idempotency_key, got.idempotency_key));
        CU_ASSERT_TRUE(tsec_span_equal(sent.content_type, got.content_type));
        CU_ASSERT_TRUE(tsec_span_equal(sent.method, got.method));
        CU_ASSERT_TRUE(tsec_span_equal(sent.path, got.path));
        CU_ASSERT_TRUE(tsec_span_equal(sent.body, got.body));
    }
}

static void
a_reply_comes_back_as_it_was(void)
{
    static const char *const bodies[] = { "", "{\"errors\":[]}", "# HELP metric\n" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bodies); i++) {
        const struct amc_inner_reply sent = { .status = 429,
                                              .body = S(bodies[i]),
                                              .content_type = S("text/plain"),
                                              .allow = S("GET, POST"),
                                              .retry_after_s = 7,
                                              .has_audit_index = i == 1,
                                              .audit_index = i == 1 ? INT64_MAX : 0 };
        TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(4096);
        TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(4096);
        struct amc_inner_reply got;

        amc_inner_reply_write(&sent, &text);
        CU_ASSERT_FALSE_FATAL(
            tsec_failed(amc_inner_reply_parse(tsec_buf_span(&text), &bytes, &got, NULL)));
        CU_ASSERT_TRUE(got.status == 429 && got.retry_after_s == 7);
        CU_ASSERT_EQUAL(got.has_audit_index, sent.has_audit_index);
        CU_ASSERT_EQUAL(got.audit_index, sent.audit_index);
        CU_ASSERT_TRUE(tsec_span_equal(sent.body, got.body));
        CU_ASSERT_TRUE(tsec_span_equal(sent.content_type, got.content_type));
        CU_ASSERT_TRUE(tsec_span_equal(sent.allow, got.allow));
    }
}

static void
requests_that_are_not_of_their_types_are_refused(void)
{
    static const char *const refused[] = {
        "",
        "[]",
        "{\"token\":1}",
        "{\"token\":null}",
        "{\"token\":\"a\\nb\"}",
        "{\"token\":\"a\",\"token\":\"b\"}",
        "{\"method\":\"GET\"}",
        "{\"path\":\"/v1/x\"}",
        "{\"method\":\"GET\",\"path\":\"/v1/\\u0000\"}",
        "{\"body\":{},\"body_b64u\":\"AQID\"}",
        "{\"body_b64u\":\"A\"}",
        "{\"body_b64u\":\"AQ==\"}",
        "{\"body_b64u\":{}}",
        "{\"body\":{\"a\":1,\"a\":2}}",
        "{\"idempotency_key\":[]}",
    };
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(4096);
    struct amc_inner_request got;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(refused); i++) {
        tsec_buf_reset(&bytes);
        CU_ASSERT_EQUAL(amc_inner_request_parse(S(refused[i]), &bytes, &got, NULL).code,
                        TSEC_E_INVALID);
    }
    CU_ASSERT_FALSE(tsec_failed(amc_inner_request_parse(S("{}"), &bytes, &got, NULL)));
    CU_ASSERT_TRUE(got.body.len == 0 && got.path.len == 0);
}

static void
replies_that_are_not_of_their_types_are_refused(void)
{
    static const char *const refused[] = {
        "{}",
        "{\"status\":\"200\"}",
        "{\"status\":99}",
        "{\"status\":600}",
        "{\"status\":200,\"retry_after\":-1}",
        "{\"status\":200,\"retry_after\":4294967296}",
        "{\"status\":200,\"audit_index\":-1}",
        "{\"status\":200,\"audit_index\":\"1\"}",
        "{\"status\":200,\"content_type\":1}",
        "{\"status\":200,\"allow\":\"a\\r\\nb\"}",
    };
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(4096);
    struct amc_inner_reply got;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(refused); i++) {
        tsec_buf_reset(&bytes);
        CU_ASSERT_EQUAL(amc_inner_reply_parse(S(refused[i]), &bytes, &got, NULL).code,
                        TSEC_E_INVALID);
    }
}

static void
without_room_for_the_bytes_nothing_is_read(void)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(8);
    struct amc_inner_request got;

    CU_ASSERT_EQUAL(
        amc_inner_request_parse(S("{\"token\":\"hvs.abcdef\"}"), &bytes, &got, NULL).code,
        TSEC_E_TOO_LARGE);
}

static void
written(const char *body, const char *content_type, struct tsec_buf *out)
{
    const struct amc_inner_reply reply = { .status = 200,
                                           .body = S(body),
                                           .content_type = S(content_type) };

    tsec_buf_reset(out);
    amc_inner_reply_write(&reply, out);
}

static void
json_is_carried_as_json_without_the_white_space_around_it(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(4096);

    written("{\"a\": 1}\n", "", &text);
    CU_ASSERT_TRUE(
        tsec_span_equal(tsec_buf_span(&text), S("{\"status\":200,\"body\":{\"a\": 1}}")));
    written("12\n", "text/plain", &text);
    CU_ASSERT_TRUE(tsec_span_equal(
        tsec_buf_span(&text),
        S("{\"status\":200,\"content_type\":\"text/plain\",\"body_b64u\":\"MTIK\"}")));
}

static const struct test_case cases[] = {
    { "a request comes back as it was", a_request_comes_back_as_it_was },
    { "a reply comes back as it was", a_reply_comes_back_as_it_was },
    { "requests that are not of their types are refused",
      requests_that_are_not_of_their_types_are_refused },
    { "replies that are not of their types are refused",
      replies_that_are_not_of_their_types_are_refused },
    { "JSON is carried as JSON without the white space around it",
      json_is_carried_as_json_without_the_white_space_around_it },
    { "without room for the bytes nothing is read", without_room_for_the_bytes_nothing_is_read },
};

TEST_MAIN("amc/inner", cases)
