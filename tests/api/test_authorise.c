/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;
static char token[TOKEN_TEXT_MAX + 1];

static void
begin(const char *policy)
{
    api_bench_open(&b, "mem:authorise");
    CU_ASSERT_EQUAL_FATAL(api_bench_root(&b, API_PUT, "/v1/sys/policies/acl/p", policy), 204);
    api_bench_token(&b, "p", token);
}

static int
ask(enum api_method method, const char *path, const char *body)
{
    return api_bench_call(&b, method, path, token, body);
}

static void
a_bounded_write_needs_the_parameters_it_was_given(void)
{
    begin("{\"policy\":\"path \\\"sys/policies/acl/*\\\" { capabilities = [\\\"update\\\", "
          "\\\"delete\\\"] required_parameters = [\\\"policy\\\"] denied_parameters = { "
          "\\\"rules\\\" = [] } }\"}");
    CU_ASSERT_EQUAL(ask(API_PUT, "/v1/sys/policies/acl/x", "{\"policy\":\"\"}"), 400);
    CU_ASSERT_EQUAL(ask(API_PUT, "/v1/sys/policies/acl/x", "{}"), 403);
    CU_ASSERT_EQUAL(ask(API_PUT, "/v1/sys/policies/acl/x", NULL), 403);
    CU_ASSERT_EQUAL(ask(API_PUT, "/v1/sys/policies/acl/x", "{\"policy\":\"\",\"rules\":\"\"}"),
                    403);
    CU_ASSERT_EQUAL(ask(API_PUT, "/v1/sys/policies/acl/x", "{"), 400);
    CU_ASSERT_EQUAL(ask(API_DELETE, "/v1/sys/policies/acl/x", NULL), 204);
    api_bench_close(&b);
}

static void
a_bounded_read_is_asked_for_its_query(void)
{
    begin("{\"policy\":\"path \\\"sys/mounts\\\" { capabilities = [\\\"read\\\"] "
          "required_parameters = [\\\"why\\\"] }\"}");
    CU_ASSERT_EQUAL(ask(API_GET, "/v1/sys/mounts", NULL), 403);
    CU_ASSERT_EQUAL(ask(API_GET, "/v1/sys/mounts?why=audit", NULL), 200);
    api_bench_close(&b);
}

static void
wrapping_can_be_demanded_and_bounded(void)
{
    begin("{\"policy\":\"path \\\"sys/mounts\\\" { capabilities = [\\\"read\\\"] "
          "min_wrapping_ttl = \\\"1m\\\" max_wrapping_ttl = \\\"1h\\\" }\"}");
    CU_ASSERT_EQUAL(ask(API_GET, "/v1/sys/mounts", NULL), 403);
    b.wrap_ttl = "30s";
    CU_ASSERT_EQUAL(ask(API_GET, "/v1/sys/mounts", NULL), 403);
    b.wrap_ttl = "2h";
    CU_ASSERT_EQUAL(ask(API_GET, "/v1/sys/mounts", NULL), 403);
    b.wrap_ttl = "10m";
    CU_ASSERT_EQUAL(ask(API_GET, "/v1/sys/mounts", NULL), 200);
    CU_ASSERT_TRUE(api_bench_has(&b, "wrap_info.token"));
    api_bench_close(&b);
}

static void
create_and_update_are_told_apart_where_that_is_known(void)
{
    begin("{\"policy\":\"path \\\"auth/token/roles/*\\\" { capabilities = [\\\"create\\\"] }\"}");
    CU_ASSERT_EQUAL(ask(API_POST, "/v1/auth/token/roles/new", "{}"), 204);
    CU_ASSERT_EQUAL(ask(API_POST, "/v1/auth/token/roles/new", "{}"), 403);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_PUT, "/v1/sys/policies/acl/p",
                                   "{\"policy\":\"path \\\"auth/token/roles/*\\\" { capabilities = "
                                   "[\\\"update\\\"] }\"}"),
                    204);
    CU_ASSERT_EQUAL(ask(API_POST, "/v1/auth/token/roles/new", "{}"), 204);
    CU_ASSERT_EQUAL(ask(API_POST, "/v1/auth/token/roles/other", "{}"), 403);
    api_bench_close(&b);
}

/* CVE-2025-54996 and its kin: another spelling of a name must not be another path to the rules. */
static void
another_case_does_not_lead_around_a_rule(void)
{
    begin("{\"policy\":\"path \\\"sys/policies/acl/*\\\" { capabilities = [\\\"read\\\"] } path "
          "\\\"sys/policies/acl/p\\\" { capabilities = [\\\"deny\\\"] } path "
          "\\\"auth/approle/role/*\\\" { capabilities = [\\\"read\\\"] } path "
          "\\\"auth/approle/role/app\\\" { capabilities = [\\\"deny\\\"] } path "
          "\\\"auth/approle/role/Own\\\" { capabilities = [\\\"read\\\"] }\"}");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/approle/role/app", "{}"), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/approle/role/own", "{}"), 204);
    CU_ASSERT_EQUAL(ask(API_GET, "/v1/sys/policies/acl/p", NULL), 403);
    CU_ASSERT_EQUAL(ask(API_GET, "/v1/sys/policies/acl/P", NULL), 403);
    CU_ASSERT_EQUAL(ask(API_GET, "/v1/sys/policies/acl/Default", NULL), 200);
    CU_ASSERT_EQUAL(ask(API_GET, "/v1/auth/approle/role/app", NULL), 403);
    CU_ASSERT_EQUAL(ask(API_GET, "/v1/auth/approle/role/APP", NULL), 403);
    CU_ASSERT_EQUAL(ask(API_GET, "/v1/auth/approle/role/Own", NULL), 200);
    api_bench_close(&b);
}

static void
deny_wins_over_every_grant(void)
{
    begin("{\"policy\":\"path \\\"sys/*\\\" { capabilities = [\\\"read\\\", \\\"sudo\\\"] } path "
          "\\\"sys/mounts\\\" { capabilities = [\\\"deny\\\"] }\"}");
    CU_ASSERT_EQUAL(ask(API_GET, "/v1/sys/auth", NULL), 200);
    CU_ASSERT_EQUAL(ask(API_GET, "/v1/sys/mounts", NULL), 403);
    api_bench_close(&b);
}

static void
a_slash_at_the_end_does_not_lead_around_a_rule(void)
{
    begin("{\"policy\":\"path \\\"*\\\" { capabilities = [\\\"read\\\", \\\"list\\\", "
          "\\\"delete\\\"] } path \\\"sys/mounts\\\" { capabilities = [\\\"deny\\\"] } path "
          "\\\"secret/data/x\\\" { capabilities = [\\\"deny\\\"] }\"}");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/secret/data/x", "{\"data\":{\"a\":\"b\"}}"),
                    200);
    CU_ASSERT_EQUAL(ask(API_GET, "/v1/sys/mounts/", NULL), 403);
    CU_ASSERT_EQUAL(ask(API_GET, "/v1/secret/data/x", NULL), 403);
    CU_ASSERT_EQUAL(ask(API_GET, "/v1/secret/data/x/", NULL), 403);
    CU_ASSERT_EQUAL(ask(API_DELETE, "/v1/secret/data/x/", NULL), 403);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/secret/data/x/", NULL), 404);
    CU_ASSERT_EQUAL(ask(API_GET, "/v1/secret/metadata/x", NULL), 200);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "a bounded write needs its parameters", a_bounded_write_needs_the_parameters_it_was_given },
    { "a bounded read is asked for its query", a_bounded_read_is_asked_for_its_query },
    { "wrapping can be demanded and bounded", wrapping_can_be_demanded_and_bounded },
    { "create and update are told apart", create_and_update_are_told_apart_where_that_is_known },
    { "a slash at the end leads around no rule", a_slash_at_the_end_does_not_lead_around_a_rule },
    { "another case leads around no rule", another_case_does_not_lead_around_a_rule },
    { "deny wins over every grant", deny_wins_over_every_grant },
};

TEST_MAIN("api/authorise", cases)
