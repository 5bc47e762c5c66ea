/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static int
create(const char *key, const char *body, char text[TOKEN_TEXT_MAX + 1])
{
    b.idempotency_key = key;

    const int status = api_bench_root(&b, API_POST, "/v1/auth/token/create", body);

    (void)snprintf(text, TOKEN_TEXT_MAX + 1, "%s", api_bench_str(&b, "auth.client_token"));
    return status;
}

static void
the_second_request_gets_the_first_answer(void)
{
    char first[TOKEN_TEXT_MAX + 1];
    char second[TOKEN_TEXT_MAX + 1];

    api_bench_open(&b, "mem:repeat");
    CU_ASSERT_EQUAL(create("k-1", "{\"ttl\":60}", first), 200);
    CU_ASSERT_EQUAL(create("k-1", "{\"ttl\":60}", second), 200);
    CU_ASSERT_STRING_EQUAL(first, second);
    CU_ASSERT_TRUE(b.reply.has_audit_index);
    CU_ASSERT_EQUAL(create("k-2", "{\"ttl\":60}", second), 200);
    CU_ASSERT_STRING_NOT_EQUAL(first, second);
    CU_ASSERT_EQUAL(create(NULL, "{\"ttl\":60}", second), 200);
    CU_ASSERT_STRING_NOT_EQUAL(first, second);
    api_bench_close(&b);
}

static void
a_key_belongs_to_one_body_one_path_and_one_token(void)
{
    char text[TOKEN_TEXT_MAX + 1];
    char other[TOKEN_TEXT_MAX + 1];

    api_bench_open(&b, "mem:repeat");
    CU_ASSERT_EQUAL(create("k", "{\"ttl\":60}", text), 200);
    CU_ASSERT_EQUAL(create("k", "{\"ttl\":61}", text), 409);
    b.idempotency_key = "k";
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/token/create-orphan", "{\"ttl\":60}"),
                    200);
    CU_ASSERT_EQUAL(create(NULL, "{\"policies\":[\"root\"]}", other), 200);
    b.idempotency_key = "k";
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/auth/token/create", other, "{\"ttl\":61}"),
                    200);
    api_bench_close(&b);
}

static void
a_refusal_is_not_kept_and_an_answer_ends_after_a_day(void)
{
    char text[TOKEN_TEXT_MAX + 1];
    char again[TOKEN_TEXT_MAX + 1];

    api_bench_open(&b, "mem:repeat");
    b.idempotency_key = "k";
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/token/create/ops", "{}"), 400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/token/roles/ops", "{}"), 204);
    b.idempotency_key = "k";
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/token/create/ops", "{}"), 200);
    CU_ASSERT_EQUAL(create("l", "{}", text), 200);
    tsec_clock_fake_advance(&b.node.clock, 24 * 3600 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(create("l", "{}", again), 200);
    CU_ASSERT_STRING_NOT_EQUAL(text, again);
    api_bench_close(&b);
}

static void
keys_that_are_none_are_refused(void)
{
    static char too_long[300];
    char text[TOKEN_TEXT_MAX + 1];

    api_bench_open(&b, "mem:repeat");
    memset(too_long, 'x', sizeof(too_long) - 1);
    CU_ASSERT_EQUAL(create(too_long, "{}", text), 400);
    CU_ASSERT_EQUAL(create("a b", "{}", text), 400);
    CU_ASSERT_EQUAL(create("\xc3\xa4", "{}", text), 400);
    b.idempotency_key = "a b";
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts", NULL), 200);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "the second request gets the first answer", the_second_request_gets_the_first_answer },
    { "a key belongs to one body, path and token",
      a_key_belongs_to_one_body_one_path_and_one_token },
    { "a refusal is not kept", a_refusal_is_not_kept_and_an_answer_ends_after_a_day },
    { "keys that are none are refused", keys_that_are_none_are_refused },
};

TEST_MAIN("api/repeat", cases)
