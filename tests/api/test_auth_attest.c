/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>

#include "tests/double/api_bench.h"
#include "tests/double/attest_script.h"
#include "tests/test.h"

#define ROLE  "/v1/auth/attest/role/worker"
#define MATCH "\"match\":[\"" ATTEST_SCRIPT_PCRS "\"]"

static struct api_bench b;

static int
write_role(const char *body)
{
    return api_bench_root(&b, API_POST, ROLE, body);
}

static void
a_role_comes_back_as_it_was_written(void)
{
    api_bench_open(&b, "mem:attest");
    CU_ASSERT_EQUAL(
        write_role("{" MATCH ",\"formats\":\"script,sgx\",\"min_tcb\":\"SWHardeningNeeded\","
                   "\"max_evidence_age\":\"5m\",\"bound_config_digest\":\"" ATTEST_SCRIPT_48(
                       "7A") "\",\"bound_instances\":[\"i-1\"],\"modes\":[\"fresh\",\"identity\"],"
                             "\"token_policies\":[\"B\",\"a\",\"a\"],\"token_ttl\":\"20m\","
                             "\"token_max_ttl\":3600,\"token_period\":\"7\","
                             "\"token_explicit_max_ttl\":\"2h\",\"token_num_uses\":5,"
                             "\"token_bound_cidrs\":[\"10.0.0.0/8\"],"
                             "\"token_no_default_policy\":true}"),
        204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, ROLE, NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.match.0"), ATTEST_SCRIPT_PCRS);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.formats.1"), "sgx");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.min_tcb"), "SWHardeningNeeded");
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.max_evidence_age"), 300);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.bound_config_digest.0"), ATTEST_SCRIPT_48("7A"));
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.bound_instances.0"), "i-1");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.modes.1"), "identity");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.token_policies.0"), "a");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.token_policies.1"), "b");
    CU_ASSERT_FALSE(api_bench_has(&b, "data.token_policies.2"));
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.token_ttl"), 1200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.token_max_ttl"), 3600);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.token_period"), 7);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.token_explicit_max_ttl"), 7200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.token_num_uses"), 5);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.token_bound_cidrs.0"), "10.0.0.0/8");
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b, "data.token_no_default_policy")));
    api_bench_close(&b);
}

static void
a_change_leaves_the_rest_as_it_was(void)
{
    api_bench_open(&b, "mem:attest");
    CU_ASSERT_EQUAL(write_role("{" MATCH ",\"token_ttl\":60,\"modes\":[\"identity\"]}"), 204);
    CU_ASSERT_EQUAL(write_role("{\"token_ttl\":\"90\"}"), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, ROLE, NULL), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.token_ttl"), 90);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.match.0"), ATTEST_SCRIPT_PCRS);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.modes.0"), "identity");
    CU_ASSERT_EQUAL(write_role("{\"modes\":[]}"), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, ROLE, NULL), 200);
    CU_ASSERT_FALSE(api_bench_has(&b, "data.modes.0"));
    api_bench_close(&b);
}

/* Commas are part of an expression, so that text is never taken for a list. */
static void
one_expression_may_come_as_text(void)
{
    api_bench_open(&b, "mem:attest");
    CU_ASSERT_EQUAL(write_role("{\"match\":\"" ATTEST_SCRIPT_PCRS "\"}"), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, ROLE, NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.match.0"), ATTEST_SCRIPT_PCRS);
    CU_ASSERT_FALSE(api_bench_has(&b, "data.match.1"));
    api_bench_close(&b);
}

static void
what_is_dubious_is_taken_with_a_warning(void)
{
    api_bench_open(&b, "mem:attest");
    CU_ASSERT_EQUAL(write_role("{\"match\":[\"nitro:pcr0=" ATTEST_SCRIPT_48("ab") "\"]}"), 200);
    CU_ASSERT_TRUE(api_bench_has(&b, "warnings.0"));
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, ROLE, NULL), 200);
    api_bench_close(&b);
}

static void
a_role_that_could_not_mean_what_it_says_is_refused(void)
{
    static const struct {
        const char *body;
        const char *says;
    } bad[] = {
        { "{}", "match must have at least one" },
        { "{\"match\":[]}", "match must have at least one" },
        { "{\"match\":[\"nitro:\"]}", "match: " },
        { "{\"match\":[\"nitro:pcr99=00\"]}", "match: " },
        { "{\"match\":[\"nonsense\"]}", "match: " },
        { "{\"match\":[\"" ATTEST_SCRIPT_48("00") "\"]}", "match: " },
        { "{" MATCH ",\"formats\":[\"nitro\"]}", "no verifier here knows this format" },
        { "{" MATCH ",\"min_tcb\":\"Good\"}", "min_tcb must be" },
        { "{" MATCH ",\"min_tcb\":\"Revoked\"}", "min_tcb must be" },
        { "{" MATCH ",\"min_tcb\":\"2024-13-01T00:00:00Z\"}", "min_tcb must be" },
        { "{" MATCH ",\"bound_config_digest\":\"abcd\"}", "bound_config_digest must be" },
        { "{" MATCH ",\"bound_config_digest\":\"" ATTEST_SCRIPT_48("zz") "\"}",
          "bound_config_digest must be" },
        { "{" MATCH ",\"bound_config_digest\":\"" ATTEST_SCRIPT_48("77") "7\"}",
          "bound_config_digest must be" },
        { "{" MATCH ",\"modes\":[\"stale\"]}", "modes are" },
        { "{" MATCH ",\"token_policies\":[\"root\"]}", "a role cannot give that policy" },
        { "{" MATCH ",\"token_policies\":[\"Response-Wrapping\"]}",
          "a role cannot give that policy" },
        { "{" MATCH ",\"token_bound_cidrs\":[\"10.0.0.0/33\"]}", "invalid CIDR" },
        { "{" MATCH ",\"token_ttl\":61,\"token_max_ttl\":60}", "'token_ttl' cannot be greater" },
        { "{" MATCH ",\"bound_instance\":[\"i-1\"]}",
          "" }, /* spelled wrong, it would bind nothing */
        { "{" MATCH ",\"max_evidence_age\":-1}", "" },
        { "[]", "" },
    };

    api_bench_open(&b, "mem:attest");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(write_role(bad[i].body), 400);
        if (strstr(api_bench_error(&b), bad[i].says) == NULL) {
            (void)printf("\n%s: %s\n", bad[i].body, api_bench_error(&b));
        }
        CU_ASSERT_PTR_NOT_NULL(strstr(api_bench_error(&b), bad[i].says));
    }
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, ROLE, NULL), 404);
    api_bench_close(&b);
}

static void
roles_are_listed_and_deleted_and_their_names_are_the_same_in_any_case(void)
{
    api_bench_open(&b, "mem:attest");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_LIST, "/v1/auth/attest/role", NULL), 404);
    CU_ASSERT_EQUAL(write_role("{" MATCH "}"), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/attest/role/OTHER", "{" MATCH "}"), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_LIST, "/v1/auth/attest/role", NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.keys.0"), "other");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.keys.1"), "worker");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/auth/attest/role/Worker", NULL), 200);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, "/v1/auth/attest/role/WORKER", NULL), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, ROLE, NULL), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, ROLE, NULL), 404);
    api_bench_close(&b);
}

static void
who_may_create_roles_may_not_for_that_change_them(void)
{
    char token[TOKEN_TEXT_MAX + 1];

    api_bench_open(&b, "mem:attest");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/policies/acl/maker",
                                   "{\"policy\":\"path \\\"auth/attest/role/*\\\" {capabilities = "
                                   "[\\\"create\\\"]} path \\\"auth/attest/role/fixed\\\" "
                                   "{capabilities = [\\\"deny\\\"]}\"}"),
                    204);
    api_bench_token(&b, "maker", token);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, ROLE, token, "{" MATCH "}"), 204);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, ROLE, token, "{" MATCH "}"), 403);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, ROLE, token, NULL), 403);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_DELETE, ROLE, token, NULL), 403);
    CU_ASSERT_EQUAL(
        api_bench_call(&b, API_POST, "/v1/auth/attest/role/Fixed", token, "{" MATCH "}"), 403);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, ROLE, NULL, "{" MATCH "}"), 403);
    api_bench_close(&b);
}

static void
every_mount_has_its_own_roles(void)
{
    api_bench_open(&b, "mem:attest");
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/sys/auth/jobs/batch", "{\"type\":\"attest\"}"), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/auth/jobs/batch/role/worker", "{" MATCH "}"),
                    204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/auth/jobs/batch/role/worker", NULL), 200);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, ROLE, NULL), 404);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, "/v1/sys/auth/jobs/batch", NULL), 204);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/sys/auth/jobs/batch", "{\"type\":\"attest\"}"), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/auth/jobs/batch/role/worker", NULL), 404);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/auth/x", "{\"type\":\"token\"}"), 400);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "a role comes back as it was written", a_role_comes_back_as_it_was_written },
    { "a change leaves the rest as it was", a_change_leaves_the_rest_as_it_was },
    { "one expression may come as text", one_expression_may_come_as_text },
    { "what is dubious is taken with a warning", what_is_dubious_is_taken_with_a_warning },
    { "a role that could not mean what it says is refused",
      a_role_that_could_not_mean_what_it_says_is_refused },
    { "roles are listed and deleted and their names are the same in any case",
      roles_are_listed_and_deleted_and_their_names_are_the_same_in_any_case },
    { "who may create roles may not for that change them",
      who_may_create_roles_may_not_for_that_change_them },
    { "every mount has its own roles", every_mount_has_its_own_roles },
};

TEST_MAIN("api/auth_attest", cases)
