/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>

#include "tests/double/api_bench.h"
#include "tests/test.h"

#define ROLE "/v1/auth/approle/role/app"

static struct api_bench b;
static char role_id[64];
static char secret_id[64];
static char accessor[64];

static void
begin(const char *role)
{
    api_bench_open(&b, "mem:login");
    CU_ASSERT_EQUAL_FATAL(api_bench_root(&b, API_POST, ROLE, role), 204);
    CU_ASSERT_EQUAL_FATAL(api_bench_root(&b, API_GET, ROLE "/role-id", NULL), 200);
    (void)snprintf(role_id, sizeof(role_id), "%s", api_bench_str(&b, "data.role_id"));
}

static int
make_secret(const char *body)
{
    const int status = api_bench_root(&b, API_POST, ROLE "/secret-id", body);

    (void)snprintf(secret_id, sizeof(secret_id), "%s", api_bench_str(&b, "data.secret_id"));
    (void)snprintf(accessor, sizeof(accessor), "%s", api_bench_str(&b, "data.secret_id_accessor"));
    return status;
}

static int
login(const char *role, const char *secret)
{
    char body[256];

    (void)snprintf(body, sizeof(body), "{\"role_id\":\"%s\",\"secret_id\":\"%s\"}", role, secret);
    return api_bench_call(&b, API_POST, "/v1/auth/approle/login", NULL, body);
}

static void
a_login_gives_the_roles_token(void)
{
    begin("{\"token_policies\":[\"a\"],\"token_ttl\":\"10m\",\"token_num_uses\":4}");
    CU_ASSERT_EQUAL(make_secret("{\"metadata\":\"{\\\"k\\\":\\\"v\\\"}\"}"), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.secret_id_ttl"), 0);
    CU_ASSERT_EQUAL(login(role_id, secret_id), 200);
    CU_ASSERT_TRUE(b.reply.has_audit_index);
    CU_ASSERT_EQUAL(strncmp(api_bench_str(&b, "auth.client_token"), "hvs.", 4), 0);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "auth.metadata.role_name"), "app");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "auth.metadata.k"), "v");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "auth.policies.0"), "a");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "auth.policies.1"), "default");
    CU_ASSERT_EQUAL(api_bench_int(&b, "auth.lease_duration"), 600);
    CU_ASSERT_EQUAL(api_bench_int(&b, "auth.num_uses"), 4);
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b, "auth.orphan")));
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/auth/token/lookup-self",
                                   api_bench_str(&b, "auth.client_token"), NULL),
                    200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.path"), "auth/approle/login");
    api_bench_close(&b);
}

static void
a_refused_login_says_nothing_of_which_half_was_wrong(void)
{
    static const char both[] = "invalid role or secret ID";

    begin("{}");
    CU_ASSERT_EQUAL(make_secret(NULL), 200);
    CU_ASSERT_EQUAL(login("nobody", secret_id), 400);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), both);
    CU_ASSERT_FALSE(b.reply.has_audit_index);
    CU_ASSERT_EQUAL(login(role_id, "wrong"), 400);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), both);
    CU_ASSERT_EQUAL(login(role_id, ""), 400);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "missing secret_id");
    CU_ASSERT_EQUAL(login("", secret_id), 400);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "missing role_id");
    CU_ASSERT_EQUAL(login(role_id, secret_id), 200);
    api_bench_close(&b);
}

static void
a_secret_id_ends_by_uses_and_by_time(void)
{
    begin("{}");
    CU_ASSERT_EQUAL(make_secret("{\"num_uses\":2}"), 200);
    CU_ASSERT_EQUAL(login(role_id, secret_id), 200);
    CU_ASSERT_EQUAL(login(role_id, secret_id), 200);
    CU_ASSERT_EQUAL(login(role_id, secret_id), 400);
    CU_ASSERT_EQUAL(make_secret("{\"ttl\":\"60s\"}"), 200);
    tsec_clock_fake_advance(&b.node.clock, 59 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(login(role_id, secret_id), 200);
    tsec_clock_fake_advance(&b.node.clock, 1 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(login(role_id, secret_id), 400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_LIST, ROLE "/secret-id", NULL), 200);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/approle/tidy/secret-id", NULL), 202);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_LIST, ROLE "/secret-id", NULL), 404);
    api_bench_close(&b);
}

static void
addresses_bind_the_login_and_the_token(void)
{
    static char token[TOKEN_TEXT_MAX + 1];

    begin("{\"secret_id_bound_cidrs\":[\"10.0.0.0/8\"],\"token_bound_cidrs\":[\"10.1.0.0/16\"]}");
    CU_ASSERT_EQUAL(make_secret("{\"cidr_list\":[\"192.0.2.0/24\"]}"), 400);
    CU_ASSERT_EQUAL(make_secret("{\"cidr_list\":[\"10.1.0.0/16\"]}"), 200);
    CU_ASSERT_EQUAL(login(role_id, secret_id), 400);
    b.remote = "10.2.0.1";
    CU_ASSERT_EQUAL(login(role_id, secret_id), 400);
    b.remote = "10.1.0.1";
    CU_ASSERT_EQUAL(login(role_id, secret_id), 200);
    (void)snprintf(token, sizeof(token), "%s", api_bench_str(&b, "auth.client_token"));
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/auth/token/lookup-self", token, NULL), 403);
    b.remote = "10.1.0.1";
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/auth/token/lookup-self", token, NULL), 200);
    api_bench_close(&b);
}

static void
a_deleted_roles_secrets_do_not_serve_a_later_one(void)
{
    begin("{\"role_id\":\"fixed\"}");
    CU_ASSERT_EQUAL(make_secret(NULL), 200);
    CU_ASSERT_EQUAL(login("fixed", secret_id), 200);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, ROLE, NULL), 204);
    CU_ASSERT_EQUAL(login("fixed", secret_id), 400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, ROLE, "{\"role_id\":\"fixed\"}"), 204);
    CU_ASSERT_EQUAL(login("fixed", secret_id), 400);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "a login gives the role's token", a_login_gives_the_roles_token },
    { "a refused login says nothing", a_refused_login_says_nothing_of_which_half_was_wrong },
    { "a secret id ends by uses and by time", a_secret_id_ends_by_uses_and_by_time },
    { "addresses bind the login and the token", addresses_bind_the_login_and_the_token },
    { "a deleted role's secrets are dead", a_deleted_roles_secrets_do_not_serve_a_later_one },
};

TEST_MAIN("api/auth_approle_login", cases)
