/* SPDX-License-Identifier: Apache-2.0 */
#include "api/request.h"

#include "tests/test.h"

static void
the_first_parameter_of_a_name_counts(void)
{
    static const struct api_param params[] = { { "a", "1" }, { "b", "" }, { "a", "2" } };
    const struct api_request req = { .query = params, .query_len = TSEC_ARRAY_LEN(params) };
    const struct api_request none = { 0 };

    CU_ASSERT_STRING_EQUAL(api_query(&req, "a"), "1");
    CU_ASSERT_STRING_EQUAL(api_query(&req, "b"), "");
    CU_ASSERT_PTR_NULL(api_query(&req, "A"));
    CU_ASSERT_PTR_NULL(api_query(&req, ""));
    CU_ASSERT_PTR_NULL(api_query(&none, "a"));
}

static void
a_reset_reply_is_as_new_and_its_body_is_zeroed(void)
{
    struct api_reply reply;
    const uint8_t *at;

    api_reply_init(&reply);
    CU_ASSERT_EQUAL(reply.status, 0);
    CU_ASSERT_EQUAL(reply.body.max, API_REPLY_BODY_MAX);
    tsec_buf_put_str(&reply.body, "secret");
    reply.status = 200;
    reply.cacheable = true;
    reply.has_audit_index = true;
    reply.audit_index = 7;
    reply.retry_after_s = 7;
    reply.allow = "GET";
    reply.content_type = "text/plain";
    at = reply.body.ptr;
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    api_reply_reset(&reply);
    CU_ASSERT_EQUAL(reply.status, 0);
    CU_ASSERT_FALSE(reply.cacheable || reply.has_audit_index);
    CU_ASSERT_EQUAL(reply.retry_after_s, 0);
    CU_ASSERT_PTR_NULL(reply.allow);
    CU_ASSERT_PTR_NULL(reply.content_type);
    CU_ASSERT_EQUAL(reply.body.len, 0);
    CU_ASSERT_PTR_EQUAL(reply.body.ptr, at); /* kept for the next */
    for (size_t i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL(at[i], 0);
    }
    api_reply_done(&reply);
    CU_ASSERT_PTR_NULL(reply.body.ptr);
}

static void
header_fields_and_tokens_have_no_control_characters(void)
{
    static char long_token[API_TOKEN_MAX + 1];

    memset(long_token, 'a', sizeof(long_token));
    CU_ASSERT_TRUE(api_field_ok(tsec_span_str("a\tb c")));
    CU_ASSERT_FALSE(api_field_ok(tsec_span_str("a\r\nb")));
    CU_ASSERT_FALSE(api_field_ok(tsec_span("a\0b", 3)));
    CU_ASSERT_FALSE(api_field_ok(tsec_span_str("\x7f")));
    CU_ASSERT_TRUE(api_token_ok(tsec_span(NULL, 0)));
    CU_ASSERT_TRUE(api_token_ok(tsec_span_str("hvs.abc")));
    CU_ASSERT_FALSE(api_token_ok(tsec_span_str("hvs. abc")));
    CU_ASSERT_FALSE(api_token_ok(tsec_span_str("hvs.\xc3\xa4")));
    CU_ASSERT_TRUE(api_token_ok(tsec_span(long_token, API_TOKEN_MAX)));
    CU_ASSERT_FALSE(api_token_ok(tsec_span(long_token, sizeof(long_token))));
}

static const struct test_case cases[] = {
    { "the first parameter of a name counts", the_first_parameter_of_a_name_counts },
    { "a reset reply is as new and its body is zeroed",
      a_reset_reply_is_as_new_and_its_body_is_zeroed },
    { "header fields and tokens have no control characters",
      header_fields_and_tokens_have_no_control_characters },
};

TEST_MAIN("api/request", cases)
