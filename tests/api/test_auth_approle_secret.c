/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>

#include "tests/double/api_bench.h"
#include "tests/test.h"

#define ROLE "/v1/auth/approle/role/app"

static struct api_bench b;

static int
ask(enum api_method method, const char *path, const char *member, const char *value)
{
    char body[256];

    (void)snprintf(body, sizeof(body), "{\"%s\":\"%s\"}", member, value);
    return api_bench_root(&b, method, path, body);
}

static void
begin(const char *role)
{
    api_bench_open(&b, "mem:secretid");
    CU_ASSERT_EQUAL_FATAL(api_bench_root(&b, API_POST, ROLE, role), 204);
}

static void
a_secret_id_is_looked_up_both_ways(void)
{
    char secret[64];
    char accessor[64];

    begin("{}");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_LIST, ROLE "/secret-id", NULL), 404);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, ROLE "/secret-id", "{\"metadata\":\"{\\\"a\\\":\\\"b\\\"}\"}"),
        200);
    (void)snprintf(secret, sizeof(secret), "%s", api_bench_str(&b, "data.secret_id"));
    (void)snprintf(accessor, sizeof(accessor), "%s", api_bench_str(&b, "data.secret_id_accessor"));
    CU_ASSERT_EQUAL(ask(API_POST, ROLE "/secret-id/lookup", "secret_id", secret), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.secret_id_accessor"), accessor);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.metadata.a"), "b");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.expiration_time"), "0001-01-01T00:00:00Z");
    CU_ASSERT_TRUE(json_is_array(api_bench_at(&b, "data.cidr_list")));
    CU_ASSERT_EQUAL(
        ask(API_POST, ROLE "/secret-id-accessor/lookup", "secret_id_accessor", accessor), 200);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_LIST, ROLE "/secret-id", NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.keys.0"), accessor);
    CU_ASSERT_EQUAL(
        ask(API_DELETE, ROLE "/secret-id-accessor/destroy", "secret_id_accessor", accessor), 204);
    CU_ASSERT_EQUAL(ask(API_POST, ROLE "/secret-id/lookup", "secret_id", secret), 204);
    api_bench_close(&b);
}

static void
what_is_not_there_is_answered_as_clients_expect(void)
{
    begin("{}");
    CU_ASSERT_EQUAL(ask(API_POST, ROLE "/secret-id/lookup", "secret_id", "none"), 204);
    CU_ASSERT_EQUAL(ask(API_POST, ROLE "/secret-id/destroy", "secret_id", "none"), 204);
    CU_ASSERT_EQUAL(ask(API_POST, ROLE "/secret-id-accessor/lookup", "secret_id_accessor", "none"),
                    404);
    CU_ASSERT_EQUAL(ask(API_POST, ROLE "/secret-id/lookup", "other", "none"), 400);
    CU_ASSERT_EQUAL(ask(API_POST, "/v1/auth/approle/role/no/secret-id/lookup", "secret_id", "x"),
                    404);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/approle/role/no/secret-id", NULL), 404);
    api_bench_close(&b);
}

static void
a_custom_secret_id_is_taken_once(void)
{
    begin("{}");
    CU_ASSERT_EQUAL(ask(API_POST, ROLE "/custom-secret-id", "secret_id", "chosen"), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.secret_id"), "chosen");
    CU_ASSERT_EQUAL(ask(API_POST, ROLE "/custom-secret-id", "secret_id", "chosen"), 400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, ROLE "/custom-secret-id", NULL), 400);
    CU_ASSERT_EQUAL(ask(API_DELETE, ROLE "/secret-id/destroy", "secret_id", "chosen"), 204);
    CU_ASSERT_EQUAL(ask(API_POST, ROLE "/custom-secret-id", "secret_id", "chosen"), 200);
    api_bench_close(&b);
}

static void
the_role_bounds_uses_and_lifetime(void)
{
    begin("{\"secret_id_num_uses\":5,\"secret_id_ttl\":\"1h\"}");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, ROLE "/secret-id", NULL), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.secret_id_num_uses"), 5);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.secret_id_ttl"), 3600);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, ROLE "/secret-id", "{\"num_uses\":6}"), 400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, ROLE "/secret-id", "{\"num_uses\":0}"), 400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, ROLE "/secret-id", "{\"ttl\":\"2h\"}"), 400);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, ROLE "/secret-id", "{\"num_uses\":\"2\",\"ttl\":\"30m\"}"),
        200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.secret_id_ttl"), 1800);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "a secret id is looked up both ways", a_secret_id_is_looked_up_both_ways },
    { "what is not there", what_is_not_there_is_answered_as_clients_expect },
    { "a custom secret id is taken once", a_custom_secret_id_is_taken_once },
    { "the role bounds uses and lifetime", the_role_bounds_uses_and_lifetime },
};

TEST_MAIN("api/auth_approle_secret", cases)
