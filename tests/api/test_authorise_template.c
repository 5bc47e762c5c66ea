/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;
static char token[TOKEN_TEXT_MAX + 1]; /* logged in as the AppRole role "web" */

/** Every role may read the policy that has its name. */
static void
begin(void)
{
    static const char own[] =
        "{\"policy\":\"path \\\"sys/policies/acl/{{role}}\\\" { capabilities = [\\\"read\\\"] }"
        "path \\\"auth/token/create\\\" { capabilities = [\\\"update\\\"] }\"}";
    char login[256];

    api_bench_open(&b, "mem:template");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/policies/acl/own", own), 204);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/sys/policies/acl/web", "{\"policy\":\"\\n\"}"), 204);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/sys/policies/acl/other", "{\"policy\":\"\\n\"}"), 204);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/auth/approle/role/web",
                       "{\"token_policies\":\"own\",\"bind_secret_id\":false,"
                       "\"token_bound_cidrs\":\"0.0.0.0/0,::/0\",\"role_id\":\"web-id\"}"),
        204);
    (void)snprintf(login, sizeof(login), "{\"role_id\":\"web-id\"}");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/auth/approle/login", "", login), 200);
    (void)snprintf(token, sizeof(token), "%s", api_bench_str(&b, "auth.client_token"));
}

static int
read_policy(const char *as, const char *path)
{
    return api_bench_call(&b, API_GET, path, as, NULL);
}

static void
a_role_sees_what_carries_its_name(void)
{
    begin();
    CU_ASSERT_EQUAL(read_policy(token, "/v1/sys/policies/acl/web"), 200);
    CU_ASSERT_EQUAL(read_policy(token, "/v1/sys/policies/acl/other"), 403);
    api_bench_close(&b);
}

static void
nobody_becomes_a_role_by_the_metadata_he_gives_a_token(void)
{
    char child[TOKEN_TEXT_MAX + 1];

    begin();
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/auth/token/create", token,
                                   "{\"meta\":{\"role_name\":\"other\",\"role\":\"other\"}}"),
                    200);
    (void)snprintf(child, sizeof(child), "%s", api_bench_str(&b, "auth.client_token"));
    CU_ASSERT_EQUAL(read_policy(child, "/v1/sys/policies/acl/other"), 403);
    CU_ASSERT_EQUAL(read_policy(child, "/v1/sys/policies/acl/web"), 403);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "a role sees what carries its name", a_role_sees_what_carries_its_name },
    { "nobody becomes a role by the metadata he gives a token",
      nobody_becomes_a_role_by_the_metadata_he_gives_a_token },
};

TEST_MAIN("api/authorise_template", cases)
