/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static bool
body_holds(const char *text)
{
    return memmem(b.reply.body.ptr, b.reply.body.len, text, strlen(text)) != NULL;
}

static void
checkpoint_and_key_are_public(void)
{
    api_bench_open(&b, "mem:log");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/audit/checkpoint", NULL, NULL), 200);
    CU_ASSERT_TRUE(body_holds("\n\n\xe2\x80\x94 "));
    CU_ASSERT_STRING_EQUAL(b.reply.content_type, "text/plain; charset=utf-8");
    CU_ASSERT_FALSE(b.reply.cacheable);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/audit/vkey", NULL, NULL), 200);
    CU_ASSERT_TRUE(body_holds("+"));
    api_bench_close(&b);
}

static void
tiles_are_found_by_their_c2sp_paths(void)
{
    static const char *const missing[] = {
        "/v1/audit/tile/0/000",         "/v1/audit/tile/0/0.p/1",     "/v1/audit/tile/0/000.p/0",
        "/v1/audit/tile/0/000.p/256",   "/v1/audit/tile/9/000.p/1",   "/v1/audit/tile/x/000.p/1",
        "/v1/audit/tile/0/x000",        "/v1/audit/tile/0/000.p/1/2", "/v1/audit/tile/0/",
        "/v1/audit/tile/entries/00a",   "/v1/audit/tile/0/000.q/1",   "/v1/audit/tile/0/001.p/1",
        "/v1/audit/tile/entries/x001/",
    };

    api_bench_open(&b, "mem:log");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/audit/tile/0/000.p/1", NULL, NULL), 200);
    CU_ASSERT_EQUAL(b.reply.body.len, 32);
    CU_ASSERT_TRUE(b.reply.cacheable);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/audit/tile/0/000.p/2", NULL, NULL), 200);
    CU_ASSERT_EQUAL(b.reply.body.len, 64);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/audit/tile/entries/000.p/2", NULL, NULL), 200);
    CU_ASSERT_TRUE(body_holds("TSL1"));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(missing); i++) {
        CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, missing[i], NULL, NULL), 404);
    }
    api_bench_close(&b);
}

static void
a_sealed_server_shows_no_log(void)
{
    api_bench_open(&b, "mem:log");
    CU_ASSERT_EQUAL(node_seal(b.node.node, NULL).code, 0);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/audit/checkpoint", NULL, NULL), 503);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "checkpoint and key are public", checkpoint_and_key_are_public },
    { "tiles are found by their C2SP paths", tiles_are_found_by_their_c2sp_paths },
    { "a sealed server shows no log", a_sealed_server_shows_no_log },
};

TEST_MAIN("api/audit_log", cases)
