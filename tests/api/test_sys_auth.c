/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static void
login_mounts_are_listed_enabled_tuned_and_disabled(void)
{
    api_bench_open(&b, "mem:auth");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/auth", NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.token/.type"), "token");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "approle/.type"), "approle");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/auth/ci", "{\"type\":\"approle\"}"), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/auth/ci", "{\"type\":\"approle\"}"), 400);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "path is already in use at ci/");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/auth/gh", "{\"type\":\"github\"}"), 400);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/sys/auth/ci/tune", "{\"max_lease_ttl\":\"2h\"}"), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/auth/ci/tune", NULL), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.max_lease_ttl"), 7200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.token_type"), "default-service");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/auth/ci", NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.type"), "approle");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, "/v1/sys/auth/ci", NULL), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, "/v1/sys/auth/token", NULL), 400);
    api_bench_close(&b);
}

static void
login_mounts_need_sudo(void)
{
    static char token[TOKEN_TEXT_MAX + 1];

    api_bench_open(&b, "mem:auth");
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/sys/policies/acl/w",
                       "{\"policy\":\"path \\\"sys/auth/*\\\" { policy = \\\"write\\\" }\"}"),
        204);
    api_bench_token(&b, "w", token);
    CU_ASSERT_EQUAL(
        api_bench_call(&b, API_POST, "/v1/sys/auth/ci", token, "{\"type\":\"approle\"}"), 403);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/sys/policies/acl/w",
                       "{\"policy\":\"path \\\"sys/auth/*\\\" { capabilities = [\\\"update\\\", "
                       "\\\"sudo\\\"] }\"}"),
        204);
    CU_ASSERT_EQUAL(
        api_bench_call(&b, API_POST, "/v1/sys/auth/ci", token, "{\"type\":\"approle\"}"), 204);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "login mounts are listed, enabled, disabled",
      login_mounts_are_listed_enabled_tuned_and_disabled },
    { "login mounts need sudo", login_mounts_need_sudo },
};

TEST_MAIN("api/sys_auth", cases)
