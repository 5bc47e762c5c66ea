/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;
static char plain[TOKEN_TEXT_MAX + 1]; /* may create tokens, has policies default, maker, x */

static void
begin(void)
{
    api_bench_open(&b, "mem:create");
    CU_ASSERT_EQUAL(
        api_bench_root(
            &b, API_POST, "/v1/sys/policies/acl/maker",
            "{\"policy\":\"path \\\"auth/token/create*\\\" { capabilities = [\\\"update\\\"] }\"}"),
        204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/token/create",
                                   "{\"policies\":[\"maker\",\"x\"],\"ttl\":\"2h\"}"),
                    200);
    (void)snprintf(plain, sizeof(plain), "%s", api_bench_str(&b, "auth.client_token"));
}

static int
create(const char *token, const char *body)
{
    return api_bench_call(&b, API_POST, "/v1/auth/token/create", token, body);
}

static void
policies_are_sorted_lower_case_and_default_is_added(void)
{
    begin();
    CU_ASSERT_EQUAL(create(b.root, "{\"policies\":[\"Zed\",\"a\",\"a\"]}"), 200);
    CU_ASSERT_EQUAL(json_array_size(api_bench_at(&b, "auth.policies")), 3);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "auth.policies.0"), "a");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "auth.policies.1"), "default");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "auth.policies.2"), "zed");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "warnings.0"), "Policy \"a\" does not exist");
    CU_ASSERT_EQUAL(create(b.root, "{\"policies\":\"a,b\",\"no_default_policy\":true}"), 200);
    CU_ASSERT_EQUAL(json_array_size(api_bench_at(&b, "auth.policies")), 2);
    CU_ASSERT_EQUAL(create(b.root, NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "auth.policies.0"), "root");
    CU_ASSERT_EQUAL(api_bench_int(&b, "auth.lease_duration"), 0);
    CU_ASSERT_EQUAL(create(plain, "null"), 200);
    CU_ASSERT_EQUAL(json_array_size(api_bench_at(&b, "auth.policies")), 3);
    api_bench_close(&b);
}

static void
lifetimes_default_and_are_capped_with_a_warning(void)
{
    begin();
    CU_ASSERT_EQUAL(create(b.root, "{\"policies\":[\"maker\"]}"), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "auth.lease_duration"), 2764800);
    CU_ASSERT_EQUAL(
        create(b.root, "{\"policies\":[\"maker\"],\"ttl\":\"30m\",\"explicit_max_ttl\":\"5m\"}"),
        200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "auth.lease_duration"), 300);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "warnings.0"),
                           "TTL of \"30m\" exceeded the effective max_ttl of \"5m\"; TTL value is "
                           "capped accordingly");
    CU_ASSERT_EQUAL(create(b.root, "{\"policies\":[\"maker\"],\"period\":\"1h\"}"), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "auth.lease_duration"), 3600);
    CU_ASSERT_EQUAL(create(b.root, "{\"policies\":[\"root\"],\"ttl\":\"1h\"}"), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "auth.lease_duration"), 3600);
    CU_ASSERT_EQUAL(create(api_bench_str(&b, "auth.client_token"), "{\"policies\":[\"root\"]}"),
                    400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/auth/token/tune",
                                   "{\"default_lease_ttl\":\"10m\",\"max_lease_ttl\":\"20m\"}"),
                    204);
    CU_ASSERT_EQUAL(create(b.root, "{\"policies\":[\"maker\"]}"), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "auth.lease_duration"), 600);
    CU_ASSERT_EQUAL(create(b.root, "{\"policies\":[\"maker\"],\"ttl\":\"1h\"}"), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "auth.lease_duration"), 1200);
    api_bench_close(&b);
}

static void
more_than_the_parent_has_needs_sudo(void)
{
    static const struct {
        const char *body;
        const char *error;
    } refused[] = {
        { "{\"policies\":[\"other\"]}", "child policies must be subset of parent" },
        { "{\"policies\":[\"root\"]}",
          "root tokens may not be created without parent token being root" },
        { "{\"no_parent\":true}", "root or sudo privileges required to create orphan token" },
        { "{\"id\":\"mine\"}", "root or sudo privileges required to specify token id" },
        { "{\"period\":60}", "root or sudo privileges required to create periodic token" },
        { "{\"type\":\"other\"}", "invalid 'type' value: service or batch" },
        { "{\"policies\":[\"response-wrapping\"]}", "cannot assign one of these policies" },
    };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(refused); i++) {
        CU_ASSERT_EQUAL(create(plain, refused[i].body), 400);
        CU_ASSERT_STRING_EQUAL(api_bench_error(&b), refused[i].error);
    }
    CU_ASSERT_EQUAL(create(plain, "{\"policies\":[\"x\"],\"num_uses\":3}"), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "auth.num_uses"), 3);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/auth/token/create-orphan", plain, NULL), 403);
    api_bench_close(&b);
}

static void
root_may_choose_the_id_once(void)
{
    begin();
    CU_ASSERT_EQUAL(create(b.root, "{\"id\":\"my-own-token\",\"policies\":[\"x\"]}"), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "auth.client_token"), "my-own-token");
    CU_ASSERT_EQUAL(create(b.root, "{\"id\":\"my-own-token\"}"), 400);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/auth/token/lookup-self", "my-own-token", NULL),
                    200);
    api_bench_close(&b);
}

static void
a_limited_token_has_no_children(void)
{
    begin();
    CU_ASSERT_EQUAL(create(plain, "{\"num_uses\":5}"), 200);
    CU_ASSERT_EQUAL(create(api_bench_str(&b, "auth.client_token"), NULL), 400);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b),
                           "restricted use token cannot generate child tokens");
    api_bench_close(&b);
}

static void
a_batch_token_is_a_service_token_with_a_warning(void)
{
    begin();
    CU_ASSERT_EQUAL(create(b.root, "{\"type\":\"batch\",\"policies\":[\"maker\"]}"), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "auth.token_type"), "service");
    CU_ASSERT_PTR_NOT_NULL(strstr(api_bench_str(&b, "warnings.0"), "batch"));
    api_bench_close(&b);
}

static void
orphans_have_no_parent(void)
{
    char orphan[TOKEN_TEXT_MAX + 1];

    begin();
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/auth/token/create-orphan", "{\"policies\":[\"x\"]}"),
        200);
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b, "auth.orphan")));
    (void)snprintf(orphan, sizeof(orphan), "%s", api_bench_str(&b, "auth.client_token"));
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/token/revoke-self", NULL), 204);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/auth/token/lookup-self", orphan, NULL), 200);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "policies are sorted and default is added",
      policies_are_sorted_lower_case_and_default_is_added },
    { "lifetimes default and are capped", lifetimes_default_and_are_capped_with_a_warning },
    { "more than the parent has needs sudo", more_than_the_parent_has_needs_sudo },
    { "root may choose the id once", root_may_choose_the_id_once },
    { "a limited token has no children", a_limited_token_has_no_children },
    { "a batch token is a service token", a_batch_token_is_a_service_token_with_a_warning },
    { "orphans have no parent", orphans_have_no_parent },
};

TEST_MAIN("api/auth_token_create", cases)
