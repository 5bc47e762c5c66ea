/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static void
health_names_each_part_and_what_to_do(void)
{
    api_bench_open_empty(&b, "mem:teehealth");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/tee/health", NULL, NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "freshness"), "unwitnessed");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "state"), "degraded");
    CU_ASSERT_PTR_NOT_NULL(strstr(api_bench_str(&b, "parts.0.advice"), "/v1/sys/init"));
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/sys/init", NULL, NULL), 200);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/tee/health", NULL, NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "state"), "ok");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.1.name"), "ledger");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.2.state"), "ok");
    CU_ASSERT_FALSE(api_bench_has(&b, "parts.2.advice"));
    CU_ASSERT_EQUAL(node_seal(b.node.node, NULL).code, 0);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/tee/health", NULL, NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "state"), "degraded");
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "health names each part and what to do", health_names_each_part_and_what_to_do },
};

TEST_MAIN("api/tee_health", cases)
