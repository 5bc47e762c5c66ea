/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>

#include "tests/double/api_bench.h"
#include "tests/test.h"

#define ROLE "/v1/auth/approle/role/App"

static struct api_bench b;

static void
a_role_is_written_read_listed_and_deleted(void)
{
    api_bench_open(&b, "mem:approle");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_LIST, "/v1/auth/approle/role", NULL), 404);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, ROLE, NULL), 404);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, ROLE,
                                   "{\"token_policies\":\"b,A\",\"token_ttl\":\"10m\","
                                   "\"secret_id_num_uses\":\"3\"}"),
                    204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, ROLE, NULL), 200);
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b, "data.bind_secret_id")));
    CU_ASSERT_TRUE(json_is_null(api_bench_at(&b, "data.secret_id_bound_cidrs")));
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.token_policies.0"), "a");
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.token_ttl"), 600);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.secret_id_num_uses"), 3);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.token_type"), "default");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "mount_type"), "approle");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_LIST, "/v1/auth/approle/role", NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.keys.0"), "app");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, ROLE, "{\"token_max_ttl\":\"1h\"}"), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, ROLE, NULL), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.token_ttl"), 600);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, ROLE, NULL), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, ROLE, NULL), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, ROLE, NULL), 404);
    api_bench_close(&b);
}

static void
roles_that_make_no_sense_are_refused(void)
{
    static const char *const bad[] = {
        "{\"bind_secret_id\":false}",
        "{\"token_ttl\":\"2h\",\"token_max_ttl\":\"1h\"}",
        "{\"secret_id_bound_cidrs\":[\"nonsense\"]}",
        "{\"token_policies\":[\"root\"]}",
        "{\"secret_id_num_uses\":-1}",
        "{\"token_ttl\":\"soon\"}",
        "{\"role_id\":\"\"}",
    };

    api_bench_open(&b, "mem:approle");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, ROLE, bad[i]), 400);
    }
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, ROLE, NULL), 404);
    api_bench_close(&b);
}

static void
a_role_id_belongs_to_one_role(void)
{
    char first[64];

    api_bench_open(&b, "mem:approle");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, ROLE, "{}"), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, ROLE "/role-id", NULL), 200);
    (void)snprintf(first, sizeof(first), "%s", api_bench_str(&b, "data.role_id"));
    CU_ASSERT_EQUAL(strlen(first), 36);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, ROLE "/role-id", "{\"role_id\":\"mine\"}"), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, ROLE "/role-id", NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.role_id"), "mine");
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/auth/approle/role/b", "{\"role_id\":\"mine\"}"), 400);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/auth/approle/role/b/role-id", "{\"role_id\":\"x\"}"),
        404);
    api_bench_close(&b);
}

static void
another_mount_has_roles_of_its_own(void)
{
    api_bench_open(&b, "mem:approle");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/auth/team/ci", "{\"type\":\"approle\"}"),
                    204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/team/ci/role/x", "{}"), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/auth/team/ci/role/x", NULL), 200);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/auth/approle/role/x", NULL), 404);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, "/v1/sys/auth/team/ci", NULL), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/auth/team/ci/role/x", NULL), 404);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/auth/team/ci", "{\"type\":\"approle\"}"),
                    204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/auth/team/ci/role/x", NULL), 404);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "");
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "a role is written, read, listed, deleted", a_role_is_written_read_listed_and_deleted },
    { "roles that make no sense are refused", roles_that_make_no_sense_are_refused },
    { "a role id belongs to one role", a_role_id_belongs_to_one_role },
    { "another mount has roles of its own", another_mount_has_roles_of_its_own },
};

TEST_MAIN("api/auth_approle", cases)
