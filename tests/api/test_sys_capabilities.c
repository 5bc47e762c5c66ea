/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static char token[TOKEN_TEXT_MAX + 1];
static char accessor[64];

static void
begin(void)
{
    api_bench_open(&b, "mem:caps");
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_PUT, "/v1/sys/policies/acl/p",
                       "{\"policy\":\"path \\\"secret/data/a\\\" { capabilities = [\\\"update\\\", "
                       "\\\"read\\\", \\\"create\\\"] } path \\\"secret/data/b\\\" { capabilities "
                       "= [\\\"deny\\\"] }\"}"),
        204);
    api_bench_token(&b, "p", token);
    (void)snprintf(accessor, sizeof(accessor), "%s", api_bench_str(&b, "auth.accessor"));
}

static void
a_token_is_told_what_it_may(void)
{
    begin();
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/sys/capabilities-self", token,
                                   "{\"paths\":[\"secret/data/a\"]}"),
                    200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.secret/data/a.0"), "create");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.capabilities.1"), "read");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "capabilities.2"), "update");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/sys/capabilities-self", token,
                                   "{\"paths\":[\"secret/data/b\",\"nowhere\"]}"),
                    200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.secret/data/b.0"), "deny");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "nowhere.0"), "deny");
    CU_ASSERT_FALSE(api_bench_has(&b, "capabilities"));
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/capabilities-self", "{\"path\":\"any\"}"),
                    200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.any.0"), "root");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/capabilities-self", NULL), 400);
    api_bench_close(&b);
}

static void
others_are_asked_by_token_and_by_accessor(void)
{
    char body[256];

    begin();
    (void)snprintf(body, sizeof(body), "{\"token\":\"%s\",\"paths\":\"secret/data/a\"}", token);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/capabilities", body), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "capabilities.0"), "create");
    (void)snprintf(body, sizeof(body), "{\"accessor\":\"%s\",\"paths\":\"secret/data/a\"}",
                   accessor);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/capabilities-accessor", body), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "capabilities.0"), "create");
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/sys/capabilities", "{\"token\":\"x\",\"paths\":\"a\"}"),
        400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/capabilities", "{\"paths\":\"a\"}"), 400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/capabilities-accessor",
                                   "{\"accessor\":\"x\",\"paths\":\"a\"}"),
                    400);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "a token is told what it may", a_token_is_told_what_it_may },
    { "others are asked by token and by accessor", others_are_asked_by_token_and_by_accessor },
};

TEST_MAIN("api/sys_capabilities", cases)
