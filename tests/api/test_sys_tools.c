/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static void
random_bytes_come_in_the_length_and_form_asked_for(void)
{
    api_bench_open(&b, "mem:tools");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/tools/random", NULL), 200);
    CU_ASSERT_EQUAL(strlen(api_bench_str(&b, "data.random_bytes")), 44);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/tools/random/10", "{\"format\":\"hex\"}"),
                    200);
    CU_ASSERT_EQUAL(strlen(api_bench_str(&b, "data.random_bytes")), 20);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/tools/random/0", NULL), 400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/tools/random/x", NULL), 400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/tools/random/999999", NULL), 400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/tools/random", "{\"format\":\"octal\"}"),
                    400);
    api_bench_close(&b);
}

/* FIPS 180-4 and 202: SHA-256, SHA-384 and SHA3-256 of "abc". */
static void
hashes_are_the_published_ones(void)
{
    api_bench_open(&b, "mem:tools");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/tools/hash", "{\"input\":\"YWJj\"}"),
                    200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.sum"),
                           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/tools/hash/sha2-384",
                                   "{\"input\":\"YWJj\",\"format\":\"base64\"}"),
                    200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.sum"),
                           "ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn");
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/sys/tools/hash/sha3-256", "{\"input\":\"YWJj\"}"), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.sum"),
                           "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/tools/hash/sha1", "{\"input\":\"YWJj\"}"),
                    400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/tools/hash/md5", "{\"input\":\"YWJj\"}"),
                    400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/tools/hash", "{\"input\":\"!\"}"), 400);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "random bytes come as asked for", random_bytes_come_in_the_length_and_form_asked_for },
    { "hashes are the published ones", hashes_are_the_published_ones },
};

TEST_MAIN("api/sys_tools", cases)
