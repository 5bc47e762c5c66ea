/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static void
info_names_the_tee_and_the_log(void)
{
    api_bench_open(&b, "mem:tee");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/tee/info", NULL, NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "provider"), "fixed");
    CU_ASSERT_EQUAL(strlen(api_bench_str(&b, "config_digest")), 96);
    CU_ASSERT_TRUE(api_bench_has(&b, "measurements.measurement"));
    CU_ASSERT_TRUE(strlen(api_bench_str(&b, "ledger_vkey")) > 40);
    CU_ASSERT_TRUE(strlen(api_bench_str(&b, "identity_key")) > 100);
    CU_ASSERT_TRUE(json_is_array(api_bench_at(&b, "formats")));
    CU_ASSERT_EQUAL(node_seal(b.node.node, NULL).code, 0);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/tee/info", NULL, NULL), 200);
    CU_ASSERT_FALSE(api_bench_has(&b, "ledger_vkey"));
    api_bench_close(&b);
}

static void
evidence_needs_a_nonce(void)
{
    static const char *const bad[] = { NULL, "{}", "{\"nonce\":\"!\"}", "{\"nonce\":\"AA==\"}" };

    api_bench_open(&b, "mem:tee");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/tee/attestation", NULL, bad[i]), 400);
    }
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "info names the TEE and the log", info_names_the_tee_and_the_log },
    { "evidence needs a nonce", evidence_needs_a_nonce },
};

TEST_MAIN("api/tee", cases)
