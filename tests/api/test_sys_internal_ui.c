/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static char token[TOKEN_TEXT_MAX + 1];

static void
begin(void)
{
    api_bench_open(&b, "mem:ui");
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_PUT, "/v1/sys/policies/acl/p",
                       "{\"policy\":\"path \\\"secret/data/app/*\\\" { policy = \\\"read\\\" }\"}"),
        204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/mounts/other", "{\"type\":\"kv-v2\"}"),
                    204);
    api_bench_token(&b, "p", token);
}

static void
the_preflight_shows_a_mount_to_whoever_may_do_anything_in_it(void)
{
    begin();
    CU_ASSERT_EQUAL(
        api_bench_call(&b, API_GET, "/v1/sys/internal/ui/mounts/secret/app/x", token, NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.path"), "secret/");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.options.version"), "2");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/internal/ui/mounts/secret", token, NULL),
                    200);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/internal/ui/mounts/secret/", token, NULL),
                    200);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/internal/ui/mounts/other/x", token, NULL),
                    403);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/internal/ui/mounts/nope", token, NULL),
                    403);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b),
                           "preflight capability check returned 403, please ensure client's "
                           "policies grant access to path \"nope/\"");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/internal/ui/mounts/secret", NULL, NULL),
                    403);
    api_bench_close(&b);
}

static void
the_list_shows_each_caller_his_own(void)
{
    begin();
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/internal/ui/mounts", NULL, NULL), 200);
    CU_ASSERT_EQUAL(json_object_size(api_bench_at(&b, "data.secret")), 0);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/internal/ui/mounts", token, NULL), 200);
    CU_ASSERT_TRUE(api_bench_has(&b, "data.secret.secret/"));
    CU_ASSERT_FALSE(api_bench_has(&b, "data.secret.other/"));
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/internal/ui/mounts", NULL), 200);
    CU_ASSERT_TRUE(api_bench_has(&b, "data.secret.other/"));
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/internal/ui/resultant-acl", NULL), 200);
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b, "data.root")));
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "the preflight shows a mount", the_preflight_shows_a_mount_to_whoever_may_do_anything_in_it },
    { "the list shows each caller his own", the_list_shows_each_caller_his_own },
};

TEST_MAIN("api/sys_internal_ui", cases)
