/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static void
init_happens_once_and_returns_a_working_token(void)
{
    char root[TOKEN_TEXT_MAX + 1];

    api_bench_open_empty(&b, "mem:init");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/init", NULL, NULL), 200);
    CU_ASSERT_TRUE(json_is_false(api_bench_at(&b, "initialized")));
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/mounts", "x", NULL), 501);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "Vault is not initialized");
    CU_ASSERT_EQUAL(
        api_bench_call(&b, API_PUT, "/v1/sys/init", NULL, "{\"secret_shares\":\"many\"}"), 400);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_PUT, "/v1/sys/init", NULL,
                                   "{\"secret_shares\":5,\"secret_threshold\":3}"),
                    200);
    CU_ASSERT_TRUE(b.reply.has_audit_index);
    CU_ASSERT_TRUE(json_is_array(api_bench_at(&b, "keys")));
    CU_ASSERT_TRUE(json_is_array(api_bench_at(&b, "keys_base64")));
    (void)snprintf(root, sizeof(root), "%s", api_bench_str(&b, "root_token"));
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/mounts", root, NULL), 200);
    CU_ASSERT_TRUE(api_bench_has(&b, "data.secret/"));
    CU_ASSERT_EQUAL(api_bench_call(&b, API_PUT, "/v1/sys/init", NULL, NULL), 400);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "Vault is already initialized");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/init", NULL, NULL), 200);
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b, "initialized")));
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "init happens once and returns a working token",
      init_happens_once_and_returns_a_working_token },
};

TEST_MAIN("api/sys_init", cases)
