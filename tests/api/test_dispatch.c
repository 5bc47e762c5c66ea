/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>

#include "tests/double/api_bench.h"
#include "tests/test.h"

#define POLICY(text) "{\"policy\":\"" text "\"}"

static struct api_bench b;

static void
begin(void)
{
    api_bench_open(&b, "mem:dispatch");
}

static void
a_request_without_a_token_is_a_stranger(void)
{
    begin();
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/mounts", NULL, NULL), 403);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "permission denied");
    CU_ASSERT_FALSE(b.reply.has_audit_index);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/mounts", "hvs.nobody", NULL), 403);
    CU_ASSERT_FALSE(b.reply.has_audit_index);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/nowhere/x", "hvs.nobody", NULL), 403);
    api_bench_close(&b);
}

static void
an_audited_reply_names_its_leaf_and_the_next_is_later(void)
{
    uint64_t first;

    begin();
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts", NULL), 200);
    CU_ASSERT_TRUE(b.reply.has_audit_index);
    first = b.reply.audit_index;
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/nowhere/x", NULL), 404);
    CU_ASSERT_TRUE(b.reply.has_audit_index);
    CU_ASSERT_TRUE(b.reply.audit_index > first);
    api_bench_close(&b);
}

static void
what_nothing_answers_is_refused_in_vaults_words(void)
{
    static const struct {
        enum api_method method;
        const char *path;
        int status;
        const char *error;
    } cases_[] = {
        { API_GET, "/v1/x/y", 404, "no handler for route \"x/y\". route entry not found." },
        { API_GET, "/v1/auth/x/y", 404,
          "no handler for route \"auth/x/y\". route entry not found." },
        { API_GET, "/v1/sys/nothing", 404, "1 error occurred:\n\t* unsupported path\n\n" },
        { API_GET, "/v1/auth/approle/nothing", 404, "1 error occurred:\n\t* unsupported path\n\n" },
        { API_DELETE, "/v1/sys/mounts", 405, "1 error occurred:\n\t* unsupported operation\n\n" },
        { API_GET, "/v1/sys/mounts?list=maybe", 400, "" },
        { API_GET, "/v2/sys/mounts", 404, "" },
        { API_GET, "/v1/", 404, "" },
        { API_GET, "/", 404, "" },
        { API_POST, "/v1/sys/policies/acl/x/", 400, "cannot write to a path ending in '/'" },
        { API_METHOD_UNSET, "/v1/sys/mounts", 405, "" },
        { API_HEAD, "/v1/sys/mounts", 405, "" },
        { API_DELETE, "/v1/sys/health", 405, "unsupported operation" },
    };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(cases_); i++) {
        CU_ASSERT_EQUAL(api_bench_root(&b, cases_[i].method, cases_[i].path, NULL),
                        cases_[i].status);
        CU_ASSERT_STRING_EQUAL(api_bench_error(&b), cases_[i].error);
    }
    api_bench_close(&b);
}

static void
a_wrong_method_is_told_the_right_ones(void)
{
    begin();
    CU_ASSERT_EQUAL(api_bench_root(&b, API_PATCH, "/v1/sys/policies/acl/x", NULL), 405);
    CU_ASSERT_STRING_EQUAL(b.reply.allow, "GET, POST, PUT, DELETE, OPTIONS");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_OPTIONS, "/v1/sys/policies/acl/x", NULL), 204);
    CU_ASSERT_STRING_EQUAL(b.reply.allow, "GET, POST, PUT, DELETE, OPTIONS");
    api_bench_close(&b);
}

static void
policies_decide_by_method_and_path(void)
{
    char token[TOKEN_TEXT_MAX + 1];

    begin();
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_PUT, "/v1/sys/policies/acl/reader",
                       POLICY("path \\\"sys/mounts\\\" { capabilities=[\\\"read\\\"] }"
                              "path \\\"sys/policies/acl/\\\" "
                              "{ capabilities=[\\\"list\\\"] }"
                              "path \\\"sys/seal\\\" { capabilities=[\\\"update\\\"] }")),
        204);
    api_bench_token(&b, "reader", token);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/mounts", token, NULL), 200);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_LIST, "/v1/sys/policies/acl", token, NULL), 200);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/policies/acl?list=true", token, NULL),
                    200);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/policies/acl/reader", token, NULL), 403);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "1 error occurred:\n\t* permission denied\n\n");
    CU_ASSERT_TRUE(b.reply.has_audit_index);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_PUT, "/v1/sys/seal", token, NULL), 403);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/nowhere/x", token, NULL), 403);
    CU_ASSERT_EQUAL(node_status(b.node.node), NODE_ACTIVE);
    api_bench_close(&b);
}

static void
a_token_with_limited_uses_is_used_up_by_refusals_too(void)
{
    char token[TOKEN_TEXT_MAX + 1];

    begin();
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/auth/token/create", "{\"num_uses\":2,\"ttl\":60}"), 200);
    (void)snprintf(token, sizeof(token), "%s", api_bench_str(&b, "auth.client_token"));
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/nowhere/x", token, NULL), 404);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/mounts", token, NULL), 200);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/mounts", token, NULL), 403);
    api_bench_close(&b);
}

static void
other_namespaces_are_not_found(void)
{
    static const char *const ours[] = { "", "/", "root", "root/" };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(ours); i++) {
        b.name_space = ours[i];
        CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts", NULL), 200);
    }
    b.name_space = "team";
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts", NULL), 404);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "namespace not found");
    api_bench_close(&b);
}

static void
bodies_that_are_no_object_are_refused(void)
{
    static const char *const bad[] = { "{", "[1]", "\"x\"", "{\"a\":1,\"a\":2}",
                                       "{\"policy\":7 x}" };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/policies/acl/x", bad[i]), 400);
        CU_ASSERT_PTR_NOT_NULL(strstr(api_bench_error(&b), "JSON"));
    }
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/policies/acl/x", NULL), 404);
    api_bench_close(&b);
}

static void
the_body_limit_is_the_routes(void)
{
    begin();
    CU_ASSERT_EQUAL(api_body_max(b.api, API_GET, "/v1/sys/mounts"), 0);
    CU_ASSERT_EQUAL(api_body_max(b.api, API_PUT, "/v1/sys/policies/acl/x"), 524288);
    CU_ASSERT_EQUAL(api_body_max(b.api, API_POST, "/v1/secret/data/x"), API_BODY_DEFAULT);
    api_bench_close(&b);
}

/* Wherever memory runs out: what is answered as done was done, and is in the ledger. */
static void
a_reply_without_its_leaf_is_none(void)
{
    enum { LEAST = 1024, MOST = 40960, STEP = 48 };
    char key[32];
    int made = 0;

    begin();
    for (size_t max = LEAST; max < MOST; max += STEP) {
        (void)snprintf(key, sizeof(key), "key-%zu", max);
        b.arena_max = max;
        b.idempotency_key = key;
        if (api_bench_root(&b, API_POST, "/v1/auth/token/create", "{\"num_uses\":3}") != 200) {
            CU_ASSERT_PTR_NULL(api_bench_at(&b, "auth.client_token"));
            continue;
        }

        char token[TOKEN_TEXT_MAX + 1];

        made++;
        CU_ASSERT_TRUE(b.reply.has_audit_index);
        (void)snprintf(token, sizeof(token), "%s", api_bench_str(&b, "auth.client_token"));
        b.arena_max = max;
        if (api_bench_call(&b, API_GET, "/v1/sys/mounts", token, NULL) == 200) {
            CU_ASSERT_TRUE(b.reply.has_audit_index);
        }
        CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/auth/token/lookup-self", token, NULL),
                        200);
    }
    CU_ASSERT_TRUE(made > 0 && made < (MOST - LEAST) / STEP);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "a request without a token is a stranger", a_request_without_a_token_is_a_stranger },
    { "an audited reply names its leaf", an_audited_reply_names_its_leaf_and_the_next_is_later },
    { "what nothing answers is refused", what_nothing_answers_is_refused_in_vaults_words },
    { "a wrong method is told the right ones", a_wrong_method_is_told_the_right_ones },
    { "policies decide by method and path", policies_decide_by_method_and_path },
    { "limited uses are used up by refusals too",
      a_token_with_limited_uses_is_used_up_by_refusals_too },
    { "other namespaces are not found", other_namespaces_are_not_found },
    { "bodies that are no object are refused", bodies_that_are_no_object_are_refused },
    { "a reply without its leaf is none", a_reply_without_its_leaf_is_none },
    { "the body limit is the route's", the_body_limit_is_the_routes },
};

TEST_MAIN("api/dispatch", cases)
