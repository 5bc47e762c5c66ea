/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static void
health_has_vaults_codes_and_members(void)
{
    api_bench_open_empty(&b, "mem:health");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/health", NULL, NULL), 501);
    CU_ASSERT_TRUE(json_is_false(api_bench_at(&b, "initialized")));
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/health?uninitcode=299&foo=1", NULL, NULL),
                    299);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/sys/init", NULL, NULL), 200);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/health", NULL, NULL), 200);
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b, "initialized")));
    CU_ASSERT_TRUE(json_is_false(api_bench_at(&b, "sealed")));
    CU_ASSERT_TRUE(json_is_false(api_bench_at(&b, "standby")));
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "version"), "0.1.0");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "cluster_name"), "bench");
    CU_ASSERT_EQUAL(strlen(api_bench_str(&b, "cluster_id")), 36);
    CU_ASSERT_TRUE(api_bench_int(&b, "server_time_utc") > 0);
    CU_ASSERT_FALSE(b.reply.has_audit_index);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_HEAD, "/v1/sys/health", NULL, NULL), 200);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/health?activecode=299", NULL, NULL), 299);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/health?activecode=x", NULL, NULL), 400);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/health?sealedcode=1", NULL, NULL), 400);
    CU_ASSERT_EQUAL(node_seal(b.node.node, NULL).code, 0);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/health", NULL, NULL), 503);
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b, "sealed")));
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/health?sealedcode=200", NULL, NULL), 200);
    api_bench_close(&b);
}

static void
leader_and_version_answer_anyone(void)
{
    api_bench_open(&b, "mem:health");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/leader", NULL, NULL), 200);
    CU_ASSERT_TRUE(json_is_false(api_bench_at(&b, "ha_enabled")));
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/version", NULL, NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "version"), "0.1.0");
    api_bench_close(&b);
}

static void
metrics_need_a_token_and_say_when_there_are_none(void)
{
    api_bench_open(&b, "mem:health");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/metrics", NULL, NULL), 403);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/metrics", NULL), 404);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/metrics?format=xml", NULL), 400);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "health has Vault's codes and members", health_has_vaults_codes_and_members },
    { "leader and version answer anyone", leader_and_version_answer_anyone },
    { "metrics need a token", metrics_need_a_token_and_say_when_there_are_none },
};

TEST_MAIN("api/sys_health", cases)
