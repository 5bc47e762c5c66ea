/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;
static char token[TOKEN_TEXT_MAX + 1];

static void
begin(void)
{
    static const char policy[] =
        "{\"policy\":\"path \\\"sys/policies/acl/*\\\" {"
        " capabilities = [\\\"read\\\", \\\"update\\\", \\\"delete\\\", \\\"list\\\"]"
        " required_parameters = [\\\"policy\\\"] allowed_parameters = { policy = [] } }\"}";

    api_bench_open(&b, "mem:parameters");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/policies/acl/bound", policy), 204);
    api_bench_token(&b, "bound", token);
}

static void
a_write_needs_what_is_required_and_no_more_than_is_allowed(void)
{
    begin();
    CU_ASSERT_EQUAL(
        api_bench_call(&b, API_POST, "/v1/sys/policies/acl/a", token, "{\"policy\":\"\\n\"}"), 204);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/sys/policies/acl/a", token, "{}"), 403);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/sys/policies/acl/a", token,
                                   "{\"policy\":\"\\n\",\"other\":1}"),
                    403);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/sys/policies/acl/a", token, NULL), 403);
    api_bench_close(&b);
}

static void
a_deletion_and_a_listing_have_no_parameters(void)
{
    begin();
    CU_ASSERT_EQUAL(api_bench_call(&b, API_LIST, "/v1/sys/policies/acl/", token, NULL), 200);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_DELETE, "/v1/sys/policies/acl/a", token, NULL), 204);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "a write needs what is required and no more than is allowed",
      a_write_needs_what_is_required_and_no_more_than_is_allowed },
    { "a deletion and a listing have no parameters", a_deletion_and_a_listing_have_no_parameters },
};

TEST_MAIN("api/authorise_parameters", cases)
