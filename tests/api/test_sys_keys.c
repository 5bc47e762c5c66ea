/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static void
keys_rotate_and_their_status_tells(void)
{
    json_int_t term;

    api_bench_open(&b, "mem:keys");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/key-status", NULL), 200);
    term = api_bench_int(&b, "term");
    CU_ASSERT_TRUE(term >= 1);
    CU_ASSERT_TRUE(api_bench_has(&b, "data.install_time"));
    CU_ASSERT_EQUAL(api_bench_root(&b, API_PUT, "/v1/sys/rotate", NULL), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/key-status", NULL), 200);
    CU_ASSERT_TRUE(api_bench_int(&b, "data.term") > term);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/auth/token/lookup-self", NULL), 200);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_PUT, "/v1/sys/rotate", NULL, NULL), 403);
    api_bench_close(&b);
}

static void
the_rotation_settings_are_kept_and_bounded(void)
{
    api_bench_open(&b, "mem:keys");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/rotate/config", NULL), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "max_operations"), 3865470566);
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b, "enabled")));
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/rotate/config",
                                   "{\"interval\":\"48h\",\"enabled\":\"false\"}"),
                    204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/rotate/config", NULL), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.interval"), 172800);
    CU_ASSERT_TRUE(json_is_false(api_bench_at(&b, "data.enabled")));
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/rotate/config", "{\"interval\":\"1h\"}"),
                    400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/rotate/config", "{\"max_operations\":5}"),
                    400);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "keys rotate and their status tells", keys_rotate_and_their_status_tells },
    { "the rotation settings are kept and bounded", the_rotation_settings_are_kept_and_bounded },
};

TEST_MAIN("api/sys_keys", cases)
