/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/data_bench.h"

#define HI "\"input\":\"aGk=\""

static void
another_input_another_key_another_version_do_not_verify(void)
{
    const char *sig;

    tb_begin();
    data_key("k", "{\"type\":\"ecdsa-p256\"}");
    data_key("o", "{\"type\":\"ecdsa-p256\"}");
    EXPECT(200, tb_post("sign/k", "{" HI "}"));
    sig = data_keep(0, "signature");
    EXPECT(200, data_postf("verify/k", "{" HI ",\"signature\":\"%s\"}", sig));
    EXPECT_AT("data", "{\"valid\":true}");
    EXPECT(200, data_postf("verify/k", "{\"input\":\"aGo=\",\"signature\":\"%s\"}", sig));
    EXPECT_AT("data", "{\"valid\":false}");
    EXPECT(200, data_postf("verify/o", "{" HI ",\"signature\":\"%s\"}", sig));
    EXPECT_AT("data", "{\"valid\":false}");
    data_rotate("k");
    EXPECT(200, data_postf("verify/k", "{" HI ",\"signature\":\"%s\"}", sig));
    EXPECT_AT("data", "{\"valid\":true}");
    EXPECT(200, data_postf("verify/k", "{" HI ",\"signature\":\"vault:v2:%s\"}", sig + 9));
    EXPECT_AT("data", "{\"valid\":false}");
    tb_end();
}

static void
what_is_no_signature_is_refused(void)
{
    static const struct {
        const char *sig;
        const char *error;
    } table[] = {
        { "AAAA", "invalid signature: no prefix" },
        { "vault:v1", "invalid signature: wrong number of fields" },
        { "vault:vI:AAAA", "invalid signature: version number could not be decoded" },
        { "vault:v9:AAAA", "invalid signature: version is too new" },
        { "vault:v0:AAAA", "ciphertext or signature version is disallowed by policy (too old)" },
        { "vault:v1:!", "invalid base64 signature value" },
        { "vault:v1:AAAA", "supplied signature is invalid" },
    };

    tb_begin();
    data_key("k", "{\"type\":\"ecdsa-p256\"}");
    data_key("a", NULL);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        EXPECT_REFUSED(table[i].error,
                       data_postf("verify/k", "{" HI ",\"signature\":\"%s\"}", table[i].sig));
    }
    EXPECT_REFUSED("signature verification key not found",
                   tb_post("verify/none", "{\"signature\":\"vault:v1:AAAA\"}"));
    EXPECT_REFUSED("key type aes256-gcm96 does not support verification",
                   tb_post("verify/a", "{\"signature\":\"vault:v1:AAAA\"}"));
    EXPECT_REFUSED("neither a 'signature' nor an 'hmac' were given to verify",
                   tb_post("verify/k", "{" HI "}"));
    EXPECT_REFUSED("provide one of 'signature' or 'hmac'",
                   tb_post("verify/k", "{\"signature\":\"x\",\"hmac\":\"x\"}"));
    tb_end();
}

static void
signatures_of_the_wrong_length_do_not_verify(void)
{
    tb_begin();
    data_key("e", "{\"type\":\"ed25519\"}");
    data_key("r", "{\"type\":\"rsa-2048\"}");
    EXPECT(200, tb_post("verify/e", "{" HI ",\"signature\":\"vault:v1:AAAA\"}"));
    EXPECT_AT("data.valid", "false");
    EXPECT(200, tb_post("verify/r", "{" HI ",\"signature\":\"vault:v1:AAAA\"}"));
    EXPECT_AT("data.valid", "false");
    tb_end();
}

static void
old_versions_verify_as_far_as_the_limits_say(void)
{
    const char *sig;

    tb_begin();
    data_key("k", "{\"type\":\"ed25519\"}");
    EXPECT(200, tb_post("sign/k", "{" HI "}"));
    sig = data_keep(0, "signature");
    data_rotate("k");
    data_config("k", "{\"min_decryption_version\":2}");
    EXPECT_REFUSED("ciphertext or signature version is disallowed by policy (too old)",
                   data_postf("verify/k", "{" HI ",\"signature\":\"%s\"}", sig));
    tb_end();
}

static void
a_batch_is_of_one_kind(void)
{
    tb_begin();
    data_key("k", "{\"type\":\"ed25519\"}");
    EXPECT_REFUSED("elements of batch_input must all provide 'signature' or all provide 'hmac'",
                   tb_post("verify/k", "{\"batch_input\":[{\"signature\":\"x\"},"
                                       "{\"hmac\":\"x\"}]}"));
    EXPECT_REFUSED("some elements of batch_input are missing 'signature'",
                   tb_post("verify/k", "{\"batch_input\":[{\"signature\":\"x\"},{}]}"));
    EXPECT_REFUSED("some elements of batch_input are missing 'hmac'",
                   tb_post("verify/k", "{\"batch_input\":[{},{\"hmac\":\"x\"}]}"));
    EXPECT_REFUSED("no batch_input elements have 'signature' or 'hmac'",
                   tb_post("verify/k", "{\"batch_input\":[{" HI "}]}"));
    EXPECT_REFUSED("missing batch input to process", tb_post("verify/k", "{\"batch_input\":[]}"));
    tb_end();
}

static void
a_batch_has_a_verdict_for_each(void)
{
    const char *sig;

    tb_begin();
    data_key("k", "{\"type\":\"ecdsa-p256\"}");
    EXPECT(200, tb_post("sign/k", "{" HI "}"));
    sig = data_keep(0, "signature");
    EXPECT(200, data_postf("verify/k",
                           "{\"batch_input\":[{" HI ",\"signature\":\"%s\",\"reference\":\"a\"},"
                           "{\"input\":\"aGo=\",\"signature\":\"%s\"},"
                           "{" HI ",\"signature\":\"vault:v1:AAAA\"},{\"signature\":\"%s\"}]}",
                           sig, sig, sig));
    EXPECT_AT("data.batch_results",
              "[{\"reference\":\"a\",\"valid\":true},{\"reference\":\"\",\"valid\":false},"
              "{\"error\":\"supplied signature is invalid\",\"reference\":\"\",\"valid\":false},"
              "{\"error\":\"missing input\",\"reference\":\"\",\"valid\":false}]");
    tb_end();
}

static const struct test_case cases[] = {
    { "another input, another key, another version do not verify",
      another_input_another_key_another_version_do_not_verify },
    { "what is no signature is refused", what_is_no_signature_is_refused },
    { "signatures of the wrong length do not verify",
      signatures_of_the_wrong_length_do_not_verify },
    { "old versions verify as far as the limits say",
      old_versions_verify_as_far_as_the_limits_say },
    { "a batch is of one kind", a_batch_is_of_one_kind },
    { "a batch has a verdict for each", a_batch_has_a_verdict_for_each },
};

TEST_MAIN("api/transit_verify", cases)
