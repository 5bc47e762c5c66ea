/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/data_bench.h"

static void
random_bytes_come_from_every_path(void)
{
    static const struct {
        const char *path;
        size_t digits;
    } table[] = {
        { "random", 44 },      { "random/16", 24 },     { "random/platform", 44 },
        { "random/seal", 44 }, { "random/all/64", 88 }, { "random/platform/3", 4 },
    };

    tb_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        EXPECT(200, tb_post(table[i].path, NULL));
        CU_ASSERT_EQUAL(strlen(data_str("random_bytes")), table[i].digits);
    }
    EXPECT(200, tb_post("random/5", "{\"format\":\"hex\",\"bytes\":9}"));
    CU_ASSERT_EQUAL(strlen(data_str("random_bytes")), 10);
    EXPECT(200, tb_post("random/all", "{\"bytes\":9}"));
    CU_ASSERT_EQUAL(strlen(data_str("random_bytes")), 12);
    tb_end();
}

static void
what_is_no_number_or_source_is_refused(void)
{
    tb_begin();
    EXPECT(400, tb_post("random/lots", NULL));
    EXPECT(400, tb_post("random/0", NULL));
    EXPECT(400, tb_post("random/131073", NULL));
    EXPECT(400, tb_post("random/dice/8", NULL));
    EXPECT(400, tb_post("random/platform/x", NULL));
    EXPECT(400, tb_post("random", "{\"format\":\"octal\"}"));
    tb_end();
}

/* FIPS 180-4 and FIPS 202, of "abc". */
static void
hashes_are_the_published_ones(void)
{
    tb_begin();
    EXPECT(200, tb_post("hash", "{\"input\":\"YWJj\"}"));
    CU_ASSERT_STRING_EQUAL(data_str("sum"),
                           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT(200, tb_post("hash/sha3-224", "{\"input\":\"YWJj\"}"));
    CU_ASSERT_STRING_EQUAL(data_str("sum"),
                           "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf");
    EXPECT(200, tb_post("hash", "{\"input\":\"YWJj\",\"algorithm\":\"sha3-256\"}"));
    CU_ASSERT_STRING_EQUAL(data_str("sum"),
                           "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
    EXPECT(200, tb_post("hash/sha2-224", "{\"input\":\"YWJj\",\"format\":\"base64\"}"));
    CU_ASSERT_STRING_EQUAL(data_str("sum"), "Iwl9IjQF2CKGQqR3vaJVsyqtvOS9oLP342ydpw==");
    EXPECT(400, tb_post("hash/sha1", "{\"input\":\"YWJj\"}"));
    EXPECT(400, tb_post("hash", "{\"input\":\"*\"}"));
    tb_end();
}

static const struct test_case cases[] = {
    { "random bytes come from every path", random_bytes_come_from_every_path },
    { "what is no number or source is refused", what_is_no_number_or_source_is_refused },
    { "hashes are the published ones", hashes_are_the_published_ones },
};

TEST_MAIN("api/transit_tools", cases)
