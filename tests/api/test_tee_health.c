/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "tests/double/api_bench.h"
#include "tests/double/attest_script.h"
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

static void
health_says_what_is_admitted_and_which_verifier_fails(void)
{
    const struct admission_policy open = { .allow_debug = true, .allow_simulated = true };

    api_bench_open(&b, "mem:teehealth");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/tee/health", NULL, NULL), 200);
    CU_ASSERT_EQUAL(json_array_size(api_bench_at(&b, "admits")), 0);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "formats.1"), "sgx");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.4.state"), "ok");
    appraiser_set_policy(b.appraiser, &open, NULL);
    attest_script.health = TSEC_E_UNAVAILABLE;
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/tee/health", NULL, NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "admits.0"), "debug");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "admits.1"), "simulated");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.4.name"), "verifiers");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.4.state"), "degraded");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "state"), "degraded");
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "health names each part and what to do", health_names_each_part_and_what_to_do },
    { "health says what is admitted and which verifier fails",
      health_says_what_is_admitted_and_which_verifier_fails },
};

TEST_MAIN("api/tee_health", cases)
