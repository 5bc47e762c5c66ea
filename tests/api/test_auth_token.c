/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static void
make(const char *parent, const char *body, char text[TOKEN_TEXT_MAX + 1], char accessor[64])
{
    CU_ASSERT_EQUAL_FATAL(api_bench_call(&b, API_POST, "/v1/auth/token/create", parent, body), 200);
    (void)snprintf(text, TOKEN_TEXT_MAX + 1, "%s", api_bench_str(&b, "auth.client_token"));
    (void)snprintf(accessor, 64, "%s", api_bench_str(&b, "auth.accessor"));
}

static int
with(const char *path, const char *member, const char *value)
{
    char body[256];

    (void)snprintf(body, sizeof(body), "{\"%s\":\"%s\"}", member, value);
    return api_bench_root(&b, API_POST, path, body);
}

static int
lookup(const char *token)
{
    return api_bench_call(&b, API_GET, "/v1/auth/token/lookup-self", token, NULL);
}

static void
the_root_token_looks_as_clients_expect(void)
{
    api_bench_open(&b, "mem:token");
    CU_ASSERT_EQUAL(lookup(b.root), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.id"), b.root);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.display_name"), "root");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.path"), "auth/token/root");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.policies.0"), "root");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.type"), "service");
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.ttl"), 0);
    CU_ASSERT_TRUE(json_is_null(api_bench_at(&b, "data.expire_time")));
    CU_ASSERT_TRUE(json_is_null(api_bench_at(&b, "data.meta")));
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b, "data.orphan")));
    CU_ASSERT_TRUE(json_is_null(api_bench_at(&b, "auth")));
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "mount_type"), "token");
    api_bench_close(&b);
}

static void
a_child_is_found_by_token_and_by_accessor(void)
{
    char text[TOKEN_TEXT_MAX + 1];
    char accessor[64];

    api_bench_open(&b, "mem:token");
    make(b.root,
         "{\"policies\":[\"a\"],\"ttl\":\"1h\",\"meta\":{\"k\":\"v\"},\"display_name\":\"x y\"}",
         text, accessor);
    CU_ASSERT_EQUAL(api_bench_int(&b, "auth.lease_duration"), 3600);
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b, "auth.renewable")));
    CU_ASSERT_TRUE(json_is_false(api_bench_at(&b, "auth.orphan")));
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "auth.metadata.k"), "v");
    CU_ASSERT_EQUAL(with("/v1/auth/token/lookup", "token", text), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.id"), text);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.display_name"), "token-x-y");
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.creation_ttl"), 3600);
    CU_ASSERT_EQUAL(with("/v1/auth/token/lookup-accessor", "accessor", accessor), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.id"), "");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.accessor"), accessor);
    CU_ASSERT_EQUAL(lookup(text), 200);
    api_bench_close(&b);
}

static void
what_is_unknown_is_refused(void)
{
    api_bench_open(&b, "mem:token");
    CU_ASSERT_EQUAL(with("/v1/auth/token/lookup", "token", "hvs.x"), 403);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "bad token");
    CU_ASSERT_EQUAL(with("/v1/auth/token/lookup-accessor", "accessor", "x"), 403);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "invalid accessor");
    CU_ASSERT_EQUAL(with("/v1/auth/token/lookup-accessor", "accessor", "a/b"), 403);
    CU_ASSERT_EQUAL(with("/v1/auth/token/renew", "token", "hvs.x"), 403);
    CU_ASSERT_EQUAL(with("/v1/auth/token/revoke", "token", "hvs.x"), 204);
    CU_ASSERT_EQUAL(with("/v1/auth/token/revoke-orphan", "token", "hvs.x"), 400);
    CU_ASSERT_EQUAL(with("/v1/auth/token/lookup", "other", "x"), 400);
    api_bench_close(&b);
}

static void
revoking_takes_the_children_along(void)
{
    char parent[TOKEN_TEXT_MAX + 1];
    char child[TOKEN_TEXT_MAX + 1];
    char accessor[64];

    api_bench_open(&b, "mem:token");
    CU_ASSERT_EQUAL(
        api_bench_root(
            &b, API_POST, "/v1/sys/policies/acl/maker",
            "{\"policy\":\"path \\\"auth/token/create\\\" { policy = \\\"write\\\" }\"}"),
        204);
    make(b.root, "{\"policies\":\"maker,default\"}", parent, accessor);
    make(parent, "{\"ttl\":60}", child, accessor);
    CU_ASSERT_EQUAL(lookup(child), 200);
    CU_ASSERT_EQUAL(with("/v1/auth/token/revoke", "token", parent), 204);
    CU_ASSERT_EQUAL(lookup(parent), 403);
    CU_ASSERT_EQUAL(lookup(child), 403);
    CU_ASSERT_EQUAL(with("/v1/auth/token/lookup-accessor", "accessor", accessor), 403);
    make(b.root, "{\"policies\":\"maker,default\"}", parent, accessor);
    make(parent, "{\"ttl\":60}", child, accessor);
    CU_ASSERT_EQUAL(with("/v1/auth/token/revoke-orphan", "token", parent), 204);
    CU_ASSERT_EQUAL(lookup(parent), 403);
    CU_ASSERT_EQUAL(lookup(child), 200);
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b, "data.orphan")));
    CU_ASSERT_EQUAL(with("/v1/auth/token/revoke-accessor", "accessor", accessor), 204);
    CU_ASSERT_EQUAL(lookup(child), 403);
    api_bench_close(&b);
}

static void
a_token_ends_with_its_time_and_can_be_renewed(void)
{
    char text[TOKEN_TEXT_MAX + 1];
    char accessor[64];

    api_bench_open(&b, "mem:token");
    make(b.root, "{\"ttl\":100,\"explicit_max_ttl\":250}", text, accessor);
    tsec_clock_fake_advance(&b.node.clock, 90 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(lookup(text), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.ttl"), 10);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/auth/token/renew-self", text, NULL), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "auth.lease_duration"), 100);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "auth.client_token"), text);
    tsec_clock_fake_advance(&b.node.clock, 90 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(
        api_bench_call(&b, API_POST, "/v1/auth/token/renew-self", text, "{\"increment\":\"5m\"}"),
        200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "auth.lease_duration"), 70);
    CU_ASSERT_TRUE(json_is_array(api_bench_at(&b, "warnings")));
    CU_ASSERT_EQUAL(with("/v1/auth/token/renew-accessor", "accessor", accessor), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "auth.client_token"), "");
    tsec_clock_fake_advance(&b.node.clock, 70 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(lookup(text), 403);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/auth/token/renew-self", text, NULL), 403);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/token/tidy", NULL), 202);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_LIST, "/v1/auth/token/accessors", NULL), 200);
    CU_ASSERT_EQUAL(json_array_size(api_bench_at(&b, "data.keys")), 1);
    api_bench_close(&b);
}

static void
what_is_not_renewable_stays(void)
{
    char text[TOKEN_TEXT_MAX + 1];
    char accessor[64];

    api_bench_open(&b, "mem:token");
    make(b.root, "{\"ttl\":100,\"renewable\":\"false\"}", text, accessor);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_PUT, "/v1/auth/token/renew-self", b.root, NULL), 400);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "lease is not renewable");
    CU_ASSERT_EQUAL(with("/v1/auth/token/renew", "token", text), 400);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/auth/token/revoke-self", b.root, NULL), 204);
    CU_ASSERT_EQUAL(lookup(b.root), 403);
    CU_ASSERT_EQUAL(lookup(text), 403);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "the root token looks as clients expect", the_root_token_looks_as_clients_expect },
    { "a child is found by token and accessor", a_child_is_found_by_token_and_by_accessor },
    { "what is unknown is refused", what_is_unknown_is_refused },
    { "revoking takes the children along", revoking_takes_the_children_along },
    { "a token ends with its time", a_token_ends_with_its_time_and_can_be_renewed },
    { "what is not renewable stays", what_is_not_renewable_stays },
};

TEST_MAIN("api/auth_token", cases)
