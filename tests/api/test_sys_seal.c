/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <time.h>

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

/* Sealing begins when the answer is on its way. */
static void
wait_until_sealed(void)
{
    for (int i = 0; i < 1000 && node_status(b.node.node) == NODE_ACTIVE; i++) {
        const struct timespec ms = { 0, 1000000 };

        (void)nanosleep(&ms, NULL);
    }
}

static void
sealing_is_answered_first_and_unsealing_needs_no_shares(void)
{
    api_bench_open(&b, "mem:seal");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/seal-status", NULL, NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "type"), "tee");
    CU_ASSERT_TRUE(json_is_false(api_bench_at(&b, "sealed")));
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "build_date"), "2026-01-02T03:04:05Z");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "storage_type"), "mem");
    CU_ASSERT_TRUE(api_bench_has(&b, "cluster_id"));
    CU_ASSERT_EQUAL(api_bench_call(&b, API_PUT, "/v1/sys/seal", "nobody", NULL), 403);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_PUT, "/v1/sys/seal", NULL), 204);
    CU_ASSERT_TRUE(b.reply.has_audit_index);
    wait_until_sealed();
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts", NULL), 503);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "Vault is sealed");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/seal-status", NULL, NULL), 200);
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b, "sealed")));
    CU_ASSERT_FALSE(api_bench_has(&b, "cluster_id"));
    CU_ASSERT_EQUAL(api_bench_call(&b, API_PUT, "/v1/sys/unseal", NULL, NULL), 403);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_PUT, "/v1/sys/unseal", "hvs.other", NULL), 403);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_PUT, "/v1/sys/unseal", "{\"key\":\"abc\"}"), 200);
    CU_ASSERT_TRUE(json_is_false(api_bench_at(&b, "sealed")));
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts", NULL), 200);
    api_bench_close(&b);
}

static void
sealing_is_never_answered_from_memory(void)
{
    api_bench_open(&b, "mem:seal");
    for (int i = 0; i < 2; i++) {
        b.idempotency_key = "one";
        CU_ASSERT_EQUAL(api_bench_root(&b, API_PUT, "/v1/sys/seal", NULL), 204);
        wait_until_sealed();
        CU_ASSERT_EQUAL(node_status(b.node.node), NODE_SEALED);
        CU_ASSERT_EQUAL(api_bench_root(&b, API_PUT, "/v1/sys/unseal", NULL), 200);
    }
    api_bench_close(&b);
}

static bool
refuses(void *ctx)
{
    *(int *)ctx += 1;
    return false;
}

static void
only_a_sealed_node_asks_who_may_unseal_it(void)
{
    struct tsec_err err = { 0 };
    int asked = 0;

    api_bench_open(&b, "mem:seal");
    CU_ASSERT_EQUAL(node_unseal_if(b.node.node, refuses, &asked, &err).code, 0);
    CU_ASSERT_EQUAL(asked, 0);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_PUT, "/v1/sys/unseal", NULL, NULL), 200);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_PUT, "/v1/sys/seal", NULL), 204);
    wait_until_sealed();
    CU_ASSERT_EQUAL(node_unseal_if(b.node.node, refuses, &asked, &err).code, TSEC_E_DENIED);
    CU_ASSERT_EQUAL(asked, 1);
    CU_ASSERT_EQUAL(node_status(b.node.node), NODE_SEALED);
    api_bench_close(&b);
}

static void
what_was_never_initialised_is_not_unsealed(void)
{
    api_bench_open_empty(&b, "mem:seal");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_PUT, "/v1/sys/unseal", NULL, NULL), 400);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_PUT, "/v1/sys/unseal", NULL, "["), 400);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/seal-status", NULL, NULL), 200);
    CU_ASSERT_TRUE(json_is_false(api_bench_at(&b, "initialized")));
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "sealing is answered first", sealing_is_answered_first_and_unsealing_needs_no_shares },
    { "sealing is never answered from memory", sealing_is_never_answered_from_memory },
    { "only a sealed node asks who may unseal it", only_a_sealed_node_asks_who_may_unseal_it },
    { "what was never initialised is not unsealed", what_was_never_initialised_is_not_unsealed },
};

TEST_MAIN("api/sys_seal", cases)
