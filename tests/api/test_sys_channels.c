/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "tests/double/channel_bench.h"
#include "tests/test.h"

static struct api_bench b;
static struct channel_bench c;

static void
begin(void)
{
    api_bench_open(&b, "mem:channel");
    channel_bench_init(&c, &b);
}

static void
end(void)
{
    channel_bench_done(&c);
    api_bench_close(&b);
}

static void
operators_see_what_is_open(void)
{
    begin();
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/channels", NULL), 200);
    CU_ASSERT_EQUAL(json_array_size(api_bench_at(&b, "data.channels")), 0);
    c.remote = "10.0.0.7";
    channel_bench_open(&c, NULL);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/sys/version", NULL, NULL), 200);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/channels", NULL), 200);
    CU_ASSERT_EQUAL(json_array_size(api_bench_at(&b, "data.channels")), 1);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.channels.0.cid"), c.cid);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.channels.0.peer.remote_address"), "10.0.0.7");
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.channels.0.messages"), 1);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.channels.0.epoch"), 0);
    end();
}

static void
operators_close_one(void)
{
    char path[128];

    begin();
    channel_bench_open(&c, NULL);
    (void)snprintf(path, sizeof(path), "/v1/sys/channels/%s", c.cid);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, path, NULL), 204);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/sys/version", NULL, NULL), -404);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, path, NULL), 404);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, "/v1/sys/channels/x", NULL), 404);
    end();
}

static void
nobody_else_sees_or_closes_any(void)
{
    char token[TOKEN_TEXT_MAX + 1];
    char path[128];

    begin();
    channel_bench_open(&c, NULL);
    api_bench_token(&b, "default", token);
    (void)snprintf(path, sizeof(path), "/v1/sys/channels/%s", c.cid);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/channels", token, NULL), 403);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_DELETE, path, token, NULL), 403);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_DELETE, path, NULL, NULL), 403);
    CU_ASSERT_EQUAL(channels_counts(b.channels).open, 1);
    end();
}

static const struct test_case cases[] = {
    { "operators see what is open", operators_see_what_is_open },
    { "operators close one", operators_close_one },
    { "nobody else sees or closes any", nobody_else_sees_or_closes_any },
};

TEST_MAIN("api/sys_channels", cases)
