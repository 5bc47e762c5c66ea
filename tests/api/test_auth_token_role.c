/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static void
a_role_is_written_read_listed_and_deleted(void)
{
    api_bench_open(&b, "mem:role");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_LIST, "/v1/auth/token/roles", NULL), 404);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/token/roles/ops",
                                   "{\"allowed_policies\":\"a,b\",\"orphan\":true,"
                                   "\"token_period\":\"1h\",\"path_suffix\":\"s\"}"),
                    204);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/auth/token/roles/ops", "{\"token_num_uses\":\"7\"}"),
        204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/auth/token/roles/ops", NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.name"), "ops");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.allowed_policies.1"), "b");
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.token_period"), 3600);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.token_num_uses"), 7);
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b, "data.renewable")));
    CU_ASSERT_EQUAL(api_bench_root(&b, API_LIST, "/v1/auth/token/roles", NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.keys.0"), "ops");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, "/v1/auth/token/roles/ops", NULL), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/auth/token/roles/ops", NULL), 404);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/token/create/ops", NULL), 400);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "unknown role ops");
    api_bench_close(&b);
}

static void
a_role_bounds_what_is_made_through_it(void)
{
    api_bench_open(&b, "mem:role");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/token/roles/ops",
                                   "{\"allowed_policies\":[\"a\",\"b\"],"
                                   "\"allowed_policies_glob\":[\"team-*\"],"
                                   "\"disallowed_policies\":[\"team-x\"],\"orphan\":true,"
                                   "\"renewable\":false,\"token_explicit_max_ttl\":60,"
                                   "\"path_suffix\":\"s\"}"),
                    204);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/auth/token/create/ops", "{\"policies\":[\"a\"]}"), 200);
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b, "auth.orphan")));
    CU_ASSERT_TRUE(json_is_false(api_bench_at(&b, "auth.renewable")));
    CU_ASSERT_EQUAL(api_bench_int(&b, "auth.lease_duration"), 60);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/auth/token/lookup-self",
                                   api_bench_str(&b, "auth.client_token"), NULL),
                    200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.path"), "auth/token/create/ops/s");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.role"), "ops");
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/auth/token/create/ops", "{\"policies\":[\"team-a\"]}"),
        200);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/auth/token/create/ops", "{\"policies\":[\"team-x\"]}"),
        400);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/auth/token/create/ops", "{\"policies\":[\"c\"]}"), 400);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/auth/token/create/ops", "{\"policies\":[\"root\"]}"),
        400);
    api_bench_close(&b);
}

static void
bound_addresses_are_checked_and_hold(void)
{
    static char token[TOKEN_TEXT_MAX + 1];

    api_bench_open(&b, "mem:role");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/token/roles/net",
                                   "{\"token_bound_cidrs\":[\"10.0.0.0/33\"]}"),
                    400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/token/roles/net",
                                   "{\"token_bound_cidrs\":[\"10.0.0.0/8\"],"
                                   "\"allowed_policies\":[\"default\"]}"),
                    204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/token/create/net", NULL), 200);
    (void)snprintf(token, sizeof(token), "%s", api_bench_str(&b, "auth.client_token"));
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/auth/token/lookup-self", token, NULL), 403);
    b.remote = "10.1.2.3";
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/auth/token/lookup-self", token, NULL), 200);
    b.remote = "unix";
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/auth/token/lookup-self", token, NULL), 403);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "a role is written, read, listed, deleted", a_role_is_written_read_listed_and_deleted },
    { "a role bounds what is made through it", a_role_bounds_what_is_made_through_it },
    { "bound addresses are checked and hold", bound_addresses_are_checked_and_hold },
};

TEST_MAIN("api/auth_token_role", cases)
