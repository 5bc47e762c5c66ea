/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static char token[TOKEN_TEXT_MAX + 1];

static int
wrap(const char *ttl)
{
    b.wrap_ttl = ttl;

    const int status = api_bench_root(&b, API_GET, "/v1/sys/policies/acl/default", NULL);

    (void)snprintf(token, sizeof(token), "%s", api_bench_str(&b, "wrap_info.token"));
    return status;
}

static int
ask(const char *caller, const char *path)
{
    char body[256];

    (void)snprintf(body, sizeof(body), "{\"token\":\"%s\"}", token);
    return api_bench_call(&b, API_PUT, path, caller, body);
}

static void
a_wrapped_reply_opens_once(void)
{
    api_bench_open(&b, "mem:wrap");
    CU_ASSERT_EQUAL(wrap("60"), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "request_id"), "");
    CU_ASSERT_TRUE(json_is_null(api_bench_at(&b, "data")));
    CU_ASSERT_EQUAL(api_bench_int(&b, "wrap_info.ttl"), 60);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "wrap_info.creation_path"),
                           "sys/policies/acl/default");
    CU_ASSERT_EQUAL(ask(NULL, "/v1/sys/wrapping/lookup"), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.creation_ttl"), 60);
    CU_ASSERT_EQUAL(ask(b.root, "/v1/sys/wrapping/unwrap"), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.name"), "default");
    CU_ASSERT_EQUAL(strlen(api_bench_str(&b, "request_id")), 36);
    CU_ASSERT_TRUE(json_is_null(api_bench_at(&b, "wrap_info")));
    CU_ASSERT_EQUAL(ask(b.root, "/v1/sys/wrapping/unwrap"), 400);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "wrapping token is not valid or does not exist");
    CU_ASSERT_EQUAL(ask(NULL, "/v1/sys/wrapping/lookup"), 400);
    api_bench_close(&b);
}

static void
the_wrapping_token_itself_may_unwrap_and_nothing_else(void)
{
    api_bench_open(&b, "mem:wrap");
    CU_ASSERT_EQUAL(wrap("5m"), 200);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/sys/wrapping/unwrap", token, NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.name"), "default");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/sys/wrapping/unwrap", token, NULL), 403);
    CU_ASSERT_EQUAL(wrap("5m"), 200);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/policies/acl/default", token, NULL), 403);
    CU_ASSERT_EQUAL(ask(b.root, "/v1/sys/wrapping/unwrap"), 400);
    api_bench_close(&b);
}

static void
a_wrapping_token_ends_with_its_time(void)
{
    api_bench_open(&b, "mem:wrap");
    CU_ASSERT_EQUAL(wrap("60s"), 200);
    tsec_clock_fake_advance(&b.node.clock, 60 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(ask(b.root, "/v1/sys/wrapping/unwrap"), 400);
    CU_ASSERT_EQUAL(wrap("soon"), 400);
    CU_ASSERT_PTR_NOT_NULL(strstr(api_bench_error(&b), "error parsing X-Vault-Wrap-TTL header: "));
    CU_ASSERT_EQUAL(wrap("-5"), 400);
    CU_ASSERT_EQUAL(wrap("0"), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.name"), "default");
    api_bench_close(&b);
}

static void
rewrapping_uses_the_old_token_up(void)
{
    char old[TOKEN_TEXT_MAX + 1];

    api_bench_open(&b, "mem:wrap");
    CU_ASSERT_EQUAL(wrap("60"), 200);
    (void)snprintf(old, sizeof(old), "%s", token);
    CU_ASSERT_EQUAL(ask(b.root, "/v1/sys/wrapping/rewrap"), 200);
    (void)snprintf(token, sizeof(token), "%s", api_bench_str(&b, "wrap_info.token"));
    CU_ASSERT_EQUAL(ask(b.root, "/v1/sys/wrapping/unwrap"), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.name"), "default");
    (void)snprintf(token, sizeof(token), "%s", old);
    CU_ASSERT_EQUAL(ask(b.root, "/v1/sys/wrapping/unwrap"), 400);
    api_bench_close(&b);
}

static void
anything_can_be_wrapped(void)
{
    api_bench_open(&b, "mem:wrap");
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/sys/wrapping/wrap", "{\"zip\":\"zap\",\"n\":1.50}"), 400);
    b.wrap_ttl = "60";
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/sys/wrapping/wrap", "{\"zip\":\"zap\",\"n\":1.50}"), 200);
    (void)snprintf(token, sizeof(token), "%s", api_bench_str(&b, "wrap_info.token"));
    CU_ASSERT_EQUAL(ask(b.root, "/v1/sys/wrapping/unwrap"), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.zip"), "zap");
    CU_ASSERT_PTR_NOT_NULL(
        memmem(b.reply.body.ptr, b.reply.body.len, "\"n\":1.50", strlen("\"n\":1.50")));
    api_bench_close(&b);
}

static void
a_wrapped_token_names_its_accessor(void)
{
    char accessor[64];

    api_bench_open(&b, "mem:wrap");
    b.wrap_ttl = "60";
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/token/create", "{\"ttl\":60}"), 200);
    (void)snprintf(accessor, sizeof(accessor), "%s",
                   api_bench_str(&b, "wrap_info.wrapped_accessor"));
    (void)snprintf(token, sizeof(token), "%s", api_bench_str(&b, "wrap_info.token"));
    CU_ASSERT_EQUAL(strlen(accessor), TOKEN_ACCESSOR_LEN);
    CU_ASSERT_EQUAL(ask(b.root, "/v1/sys/wrapping/unwrap"), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "auth.accessor"), accessor);
    b.wrap_ttl = "60";
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/policies/acl/none", NULL), 404);
    api_bench_close(&b);
}

static void
what_is_answered_at_once_is_not_wrapped(void)
{
    api_bench_open(&b, "mem:wrap");
    b.wrap_ttl = "60";
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/internal/ui/mounts", NULL), 200);
    CU_ASSERT_TRUE(api_bench_has(&b, "data.secret.secret/"));
    CU_ASSERT_TRUE(json_is_null(api_bench_at(&b, "wrap_info")));
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "a wrapped reply opens once", a_wrapped_reply_opens_once },
    { "the wrapping token itself may unwrap",
      the_wrapping_token_itself_may_unwrap_and_nothing_else },
    { "a wrapping token ends with its time", a_wrapping_token_ends_with_its_time },
    { "rewrapping uses the old token up", rewrapping_uses_the_old_token_up },
    { "anything can be wrapped", anything_can_be_wrapped },
    { "what is answered at once is not wrapped", what_is_answered_at_once_is_not_wrapped },
    { "a wrapped token names its accessor", a_wrapped_token_names_its_accessor },
};

TEST_MAIN("api/sys_wrapping", cases)
