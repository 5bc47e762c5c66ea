/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/data_bench.h"

static void
the_key_in_the_answer_is_the_one_in_the_ciphertext(void)
{
    static const struct {
        const char *body;
        size_t digits;
    } table[] = {
        { NULL, 44 },
        { "{\"bits\":128}", 24 },
        { "{\"bits\":256}", 44 },
        { "{\"bits\":\"512\"}", 88 },
    };

    tb_begin();
    data_key("k", NULL);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        const char *plain;

        EXPECT(200, tb_post("datakey/plaintext/k", table[i].body));
        EXPECT_AT("data.key_version", "1");
        plain = data_keep(0, "plaintext");
        CU_ASSERT_EQUAL(strlen(plain), table[i].digits);
        CU_ASSERT_STRING_EQUAL(data_decrypted("k", data_keep(1, "ciphertext")), plain);
    }
    tb_end();
}

static void
no_two_are_alike(void)
{
    const char *first;

    tb_begin();
    data_key("k", NULL);
    EXPECT(200, tb_post("datakey/plaintext/k", NULL));
    first = data_keep(0, "plaintext");
    EXPECT(200, tb_post("datakey/plaintext/k", NULL));
    CU_ASSERT_STRING_NOT_EQUAL(data_str("plaintext"), first);
    tb_end();
}

static void
a_wrapped_one_is_not_shown(void)
{
    const char *sealed;

    tb_begin();
    data_key("k", NULL);
    EXPECT(200, tb_post("datakey/wrapped/k", NULL));
    EXPECT_AT("data.plaintext", "(absent)");
    sealed = data_keep(0, "ciphertext");
    CU_ASSERT_EQUAL(strlen(data_decrypted("k", sealed)), 44);
    tb_end();
}

static void
context_and_associated_data_bind_it(void)
{
    const char *sealed;

    tb_begin();
    data_key("d", "{\"derived\":true}");
    EXPECT(200,
           tb_post("datakey/wrapped/d", "{\"context\":\"YQ==\",\"associated_data\":\"QUQ=\"}"));
    sealed = data_keep(0, "ciphertext");
    EXPECT(200, data_postf("decrypt/d",
                           "{\"ciphertext\":\"%s\",\"context\":\"YQ==\","
                           "\"associated_data\":\"QUQ=\"}",
                           sealed));
    EXPECT(400, data_postf("decrypt/d", "{\"ciphertext\":\"%s\",\"context\":\"YQ==\"}", sealed));
    EXPECT(400, tb_post("datakey/wrapped/d", NULL));
    tb_end();
}

static void
what_is_no_data_key_is_refused(void)
{
    tb_begin();
    data_key("k", NULL);
    data_key("s", "{\"type\":\"ed25519\"}");
    EXPECT_REFUSED("Invalid path, must be 'plaintext' or 'wrapped'",
                   tb_post("datakey/clear/k", NULL));
    EXPECT_REFUSED("invalid bit length", tb_post("datakey/wrapped/k", "{\"bits\":192}"));
    EXPECT_REFUSED("encryption key not found", tb_post("datakey/wrapped/none", NULL));
    EXPECT_REFUSED("message encryption not supported for key type ed25519",
                   tb_post("datakey/wrapped/s", NULL));
    EXPECT_REFUSED("requested version for encryption is higher than the latest key version",
                   tb_post("datakey/wrapped/k", "{\"key_version\":2}"));
    EXPECT(404, api_bench_root(&tb, API_GET, "/v1/transit/keys/none", NULL));
    tb_end();
}

static const struct test_case cases[] = {
    { "the key in the answer is the one in the ciphertext",
      the_key_in_the_answer_is_the_one_in_the_ciphertext },
    { "no two are alike", no_two_are_alike },
    { "a wrapped one is not shown", a_wrapped_one_is_not_shown },
    { "context and associated data bind it", context_and_associated_data_bind_it },
    { "what is no data key is refused", what_is_no_data_key_is_refused },
};

TEST_MAIN("api/transit_datakey", cases)
