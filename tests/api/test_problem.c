/* SPDX-License-Identifier: Apache-2.0 */
#include "api/request.h"

#include "tests/test.h"

static void
body_is(struct api_reply *reply, int status, const char *text)
{
    CU_ASSERT_EQUAL(reply->status, status);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&reply->body), text));
}

static void
a_problem_has_the_one_shape(void)
{
    struct api_reply reply;

    api_reply_init(&reply);
    api_problem(&reply, "id-1", TSEC_E_NOT_FOUND, "no \"such\" mount");
    body_is(&reply, 404,
            "{\"errors\":[\"no \\\"such\\\" "
            "mount\"],\"code\":\"not_found\",\"request_id\":\"id-1\"}\n");
    api_problem(&reply, "id-2", TSEC_E_DENIED, NULL);
    body_is(&reply, 403,
            "{\"errors\":[\"permission denied\"],\"code\":\"denied\",\"request_id\":\"id-2\"}\n");
    api_problem(&reply, "id-3", TSEC_E_NOT_FOUND, "");
    body_is(&reply, 404, "{\"errors\":[],\"code\":\"not_found\",\"request_id\":\"id-3\"}\n");
    api_problem_status(&reply, "id-4", TSEC_E_NOT_INITIALIZED, 400, NULL);
    body_is(&reply, 400,
            "{\"errors\":[\"Vault is not initialized\"],\"code\":\"not_initialized\","
            "\"request_id\":\"id-4\"}\n");
    api_reply_done(&reply);
}

static void
a_problem_drops_the_half_made_answer(void)
{
    struct api_reply reply;

    api_reply_init(&reply);
    tsec_buf_put_str(&reply.body, "{\"data\":\"secret");
    reply.status = 200;
    reply.content_type = "text/plain";
    reply.cacheable = true;
    api_problem(&reply, "id", TSEC_E_INTERNAL, "");
    body_is(&reply, 500, "{\"errors\":[],\"code\":\"internal\",\"request_id\":\"id\"}\n");
    CU_ASSERT_PTR_NULL(reply.content_type);
    CU_ASSERT_FALSE(reply.cacheable);
    api_reply_done(&reply);
}

static void
a_problem_that_passes_says_when_to_come_back(void)
{
    struct api_reply reply;

    api_reply_init(&reply);
    api_problem(&reply, "id", TSEC_E_BUSY, NULL);
    CU_ASSERT_EQUAL(reply.retry_after_s, 1);
    reply.retry_after_s = 9;
    api_problem(&reply, "id", TSEC_E_RATE_LIMITED, NULL);
    CU_ASSERT_EQUAL(reply.retry_after_s, 9);
    reply.retry_after_s = 0;
    api_problem(&reply, "id", TSEC_E_INVALID, NULL);
    CU_ASSERT_EQUAL(reply.retry_after_s, 0);
    reply.allow = "GET";
    api_problem(&reply, "id", TSEC_E_METHOD, NULL);
    CU_ASSERT_STRING_EQUAL(reply.allow, "GET");
    api_reply_done(&reply);
}

static const struct test_case cases[] = {
    { "a problem has the one shape", a_problem_has_the_one_shape },
    { "a problem drops the half-made answer", a_problem_drops_the_half_made_answer },
    { "a problem that passes says when to come back",
      a_problem_that_passes_says_when_to_come_back },
};

TEST_MAIN("api/problem", cases)
