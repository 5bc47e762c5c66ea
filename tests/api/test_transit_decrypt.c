/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/data_bench.h"

#include <stdio.h>

/* A ciphertext of "hello" under the latest version of k. */
static const char *
sealed(unsigned slot)
{
    CU_ASSERT_EQUAL_FATAL(tb_post("encrypt/k", "{\"plaintext\":\"aGVsbG8=\"}"), 200);
    return data_keep(slot, "ciphertext");
}

static void
what_is_no_ciphertext_is_refused_in_vaults_words(void)
{
    static const struct {
        const char *text;
        const char *error;
    } table[] = {
        { "AAAA", "invalid ciphertext: no prefix" },
        { "vault:v1", "invalid ciphertext: wrong number of fields" },
        { "vault:vx:AAAA", "invalid ciphertext: version number could not be decoded" },
        { "vault:v2:AAAA", "invalid ciphertext: version is too new" },
        { "vault:v1:!", "invalid ciphertext: could not decode base64" },
        { "vault:v1:", "invalid ciphertext length" },
        { "vault:v1:AAAA", "invalid ciphertext length" },
        { "vault:v1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
          "cipher: message authentication failed" },
    };

    tb_begin();
    data_key("k", NULL);
    data_key("s", "{\"type\":\"ecdsa-p256\"}");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        CU_ASSERT_STRING_EQUAL(data_decrypted("k", table[i].text), table[i].error);
    }
    EXPECT_REFUSED("missing ciphertext to decrypt", tb_post("decrypt/k", "{}"));
    EXPECT_REFUSED("missing ciphertext to decrypt", tb_post("decrypt/k", "{\"ciphertext\":\"\"}"));
    EXPECT_REFUSED("encryption key not found",
                   tb_post("decrypt/none", "{\"ciphertext\":\"vault:v1:AAAA\"}"));
    EXPECT_REFUSED("message decryption not supported for key type ecdsa-p256",
                   tb_post("decrypt/s", "{\"ciphertext\":\"vault:v1:AAAA\"}"));
    tb_end();
}

static void
a_changed_ciphertext_does_not_open(void)
{
    char changed[256];
    size_t len;

    tb_begin();
    data_key("k", NULL);
    (void)snprintf(changed, sizeof(changed), "%s", sealed(0));
    len = strlen(changed);
    for (size_t i = 9; i < len; i++) {
        const char kept = changed[i];

        changed[i] = kept == 'A' ? 'B' : 'A';
        EXPECT(400, data_postf("decrypt/k", "{\"ciphertext\":\"%s\"}", changed));
        changed[i] = kept;
    }
    CU_ASSERT_STRING_EQUAL(data_decrypted("k", changed), "aGVsbG8=");
    tb_end();
}

static void
old_versions_open_as_far_as_the_limits_say(void)
{
    const char *first;
    const char *second;

    tb_begin();
    data_key("k", NULL);
    first = sealed(0);
    data_rotate("k");
    second = sealed(1);
    CU_ASSERT_STRING_EQUAL(data_decrypted("k", first), "aGVsbG8=");
    data_config("k", "{\"min_decryption_version\":2}");
    CU_ASSERT_STRING_EQUAL(data_decrypted("k", first),
                           "ciphertext or signature version is disallowed by policy (too old)");
    CU_ASSERT_STRING_EQUAL(data_decrypted("k", second), "aGVsbG8=");
    data_config("k", "{\"min_decryption_version\":1}");
    CU_ASSERT_STRING_EQUAL(data_decrypted("k", first), "aGVsbG8=");
    tb_end();
}

static void
a_ciphertext_belongs_to_one_key(void)
{
    tb_begin();
    data_key("k", NULL);
    data_key("other", NULL);
    CU_ASSERT_STRING_EQUAL(data_decrypted("other", sealed(0)),
                           "cipher: message authentication failed");
    tb_end();
}

static void
rewrapping_moves_it_to_a_newer_version(void)
{
    const char *old;
    const char *young;

    tb_begin();
    data_key("k", NULL);
    old = sealed(0);
    data_rotate("k");
    data_rotate("k");
    EXPECT(200, data_postf("rewrap/k", "{\"ciphertext\":\"%s\"}", old));
    EXPECT_AT("data.key_version", "3");
    CU_ASSERT_FALSE(tb_says("aGVsbG8="));
    young = data_keep(1, "ciphertext");
    CU_ASSERT_EQUAL(strncmp(young, "vault:v3:", 9), 0);
    CU_ASSERT_STRING_EQUAL(data_decrypted("k", young), "aGVsbG8=");
    EXPECT(200, data_postf("rewrap/k", "{\"ciphertext\":\"%s\",\"key_version\":2}", young));
    EXPECT_AT("data.key_version", "2");
    CU_ASSERT_STRING_EQUAL(data_decrypted("k", data_keep(2, "ciphertext")), "aGVsbG8=");
    tb_end();
}

static void
rewrapping_refuses_what_decrypting_and_encrypting_do(void)
{
    const char *old;

    tb_begin();
    data_key("k", NULL);
    old = sealed(0);
    data_rotate("k");
    EXPECT_REFUSED("missing ciphertext to decrypt", tb_post("rewrap/k", "{}"));
    EXPECT_REFUSED("invalid ciphertext: no prefix", tb_post("rewrap/k", "{\"ciphertext\":\"x\"}"));
    EXPECT_REFUSED("requested version for encryption is higher than the latest key version",
                   data_postf("rewrap/k", "{\"ciphertext\":\"%s\",\"key_version\":3}", old));
    EXPECT_REFUSED("encryption key not found",
                   data_postf("rewrap/none", "{\"ciphertext\":\"%s\"}", old));
    data_config("k", "{\"min_decryption_version\":2}");
    EXPECT_REFUSED("ciphertext or signature version is disallowed by policy (too old)",
                   data_postf("rewrap/k", "{\"ciphertext\":\"%s\"}", old));
    tb_end();
}

static const struct test_case cases[] = {
    { "what is no ciphertext is refused in Vault's words",
      what_is_no_ciphertext_is_refused_in_vaults_words },
    { "a changed ciphertext does not open", a_changed_ciphertext_does_not_open },
    { "old versions open as far as the limits say", old_versions_open_as_far_as_the_limits_say },
    { "a ciphertext belongs to one key", a_ciphertext_belongs_to_one_key },
    { "rewrapping moves it to a newer version", rewrapping_moves_it_to_a_newer_version },
    { "rewrapping refuses what decrypting and encrypting do",
      rewrapping_refuses_what_decrypting_and_encrypting_do },
};

TEST_MAIN("api/transit_decrypt", cases)
