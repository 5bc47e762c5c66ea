/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static const char rules[] = "{\"policy\":\"path \\\"a\\\" { capabilities = [\\\"read\\\"] }\"}";

static void
a_policy_is_written_read_listed_and_deleted(void)
{
    api_bench_open(&b, "mem:policy");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_PUT, "/v1/sys/policies/acl/Alpha", rules), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/policies/acl/alpha", NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.name"), "alpha");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.policy"),
                           "path \"a\" { capabilities = [\"read\"] }");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_LIST, "/v1/sys/policies/acl", NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.keys.0"), "alpha");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.keys.1"), "default");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.keys.2"), "root");
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_GET, "/v1/sys/policies/acl?list=1&after=alpha&limit=1", NULL), 200);
    CU_ASSERT_EQUAL(json_array_size(api_bench_at(&b, "data.keys")), 1);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.keys.0"), "default");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, "/v1/sys/policies/acl/alpha", NULL), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/policies/acl/alpha", NULL), 404);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "");
    api_bench_close(&b);
}

static void
the_old_paths_answer_twice(void)
{
    api_bench_open(&b, "mem:policy");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_PUT, "/v1/sys/policy/p",
                                   "{\"rules\":\"cGF0aCAiYSIgeyBwb2xpY3kgPSAicmVhZCIgfQ==\"}"),
                    204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/policy/p", NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "rules"), "path \"a\" { policy = \"read\" }");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.rules"), "path \"a\" { policy = \"read\" }");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/policy", NULL), 200);
    CU_ASSERT_TRUE(json_is_array(api_bench_at(&b, "policies")));
    CU_ASSERT_TRUE(json_is_array(api_bench_at(&b, "data.keys")));
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, "/v1/sys/policy/p", NULL), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/policy/p", NULL), 404);
    api_bench_close(&b);
}

static void
what_stays_stays_and_what_is_no_policy_is_refused(void)
{
    api_bench_open(&b, "mem:policy");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_PUT, "/v1/sys/policies/acl/root", rules), 400);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "cannot update \"root\" policy");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, "/v1/sys/policies/acl/root", NULL), 400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, "/v1/sys/policies/acl/default", NULL), 400);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_PUT, "/v1/sys/policies/acl/x", "{\"policy\":\"path {\"}"), 400);
    CU_ASSERT_PTR_NOT_NULL(strstr(api_bench_error(&b), "failed to parse policy"));
    CU_ASSERT_EQUAL(api_bench_root(&b, API_PUT, "/v1/sys/policies/acl/x", "{}"), 400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_PUT, "/v1/sys/policies/acl/x", "{\"policy\":7}"), 400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/policies/acl/default", NULL), 200);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/policies/acl/root", NULL), 200);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "a policy is written, read, listed, deleted", a_policy_is_written_read_listed_and_deleted },
    { "the old paths answer twice", the_old_paths_answer_twice },
    { "what stays stays", what_stays_stays_and_what_is_no_policy_is_refused },
};

TEST_MAIN("api/sys_policy", cases)
