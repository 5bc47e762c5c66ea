/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static void
the_pseudonym_is_that_of_the_entries(void)
{
    char want[AUDIT_PSEUDONYM_LEN + 1];

    api_bench_open(&b, "mem:hash");
    audit_pseudonym(node_keys(b.node.node)->pseudonym, "path", tsec_span_str("secret/data/a"),
                    want);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/sys/audit-hash/ledger", "{\"input\":\"secret/data/a\"}"),
        200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "hash"), want);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.hash"), want);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/sys/audit-hash/ledger", "{\"input\":\"secret/data/b\"}"),
        200);
    CU_ASSERT_STRING_NOT_EQUAL(api_bench_str(&b, "hash"), want);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/audit-hash/ledger", "{}"), 400);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/sys/audit-hash/ledger", NULL,
                                   "{\"input\":\"secret/data/a\"}"),
                    403);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "the pseudonym is that of the entries", the_pseudonym_is_that_of_the_entries },
};

TEST_MAIN("api/sys_audit", cases)
