/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/data_bench.h"

#include <stdio.h>

static const char HELLO[] = "{\"plaintext\":\"aGVsbG8=\"}";
#define NO_CONTEXT                                                                                \
    "missing 'context' for key derivation; the key was created using a derived key, which means " \
    "additional, per-request information must be included in order to perform operations with "   \
    "the key"

static void
every_type_that_encrypts_gives_back_what_went_in(void)
{
    static const char *const types[] = { "aes128-gcm96", "aes256-gcm96", "chacha20-poly1305",
                                         "xaes256-gcm", "rsa-2048" };
    char settings[64];

    tb_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        (void)snprintf(settings, sizeof(settings), "{\"type\":\"%s\"}", types[i]);
        data_key(types[i], settings);

        char path[64];

        (void)snprintf(path, sizeof(path), "encrypt/%s", types[i]);
        EXPECT(200, tb_post(path, HELLO));
        EXPECT_AT("data.key_version", "1");
        CU_ASSERT_EQUAL(strncmp(data_str("ciphertext"), "vault:v1:", 9), 0);
        CU_ASSERT_STRING_EQUAL(data_decrypted(types[i], data_keep(0, "ciphertext")), "aGVsbG8=");
    }
    tb_end();
}

static void
the_reply_holds_what_vaults_does(void)
{
    tb_begin();
    data_key("k", NULL);
    EXPECT(200, tb_post("encrypt/k", HELLO));
    CU_ASSERT_EQUAL(json_object_size(api_bench_at(&tb, "data")), 2);
    CU_ASSERT_EQUAL(strlen(data_str("ciphertext")), 9 + 44); /* 12 + 5 + 16 bytes */
    EXPECT_AT("mount_type", "\"transit\"");
    EXPECT(200, tb_post("encrypt/k", "{\"plaintext\":\"\"}"));
    CU_ASSERT_STRING_EQUAL(data_decrypted("k", data_keep(0, "ciphertext")), "");
    tb_end();
}

static void
what_cannot_be_encrypted_is_refused(void)
{
    tb_begin();
    data_key("k", NULL);
    data_key("sig", "{\"type\":\"ed25519\"}");
    EXPECT_REFUSED("missing plaintext to encrypt", tb_post("encrypt/k", "{}"));
    EXPECT_REFUSED("missing plaintext to encrypt", tb_post("encrypt/k", NULL));
    EXPECT_REFUSED("nonce provided when not allowed",
                   tb_post("encrypt/k", "{\"plaintext\":\"\",\"nonce\":\"AAAAAAAAAAAAAAAA\"}"));
    EXPECT(200, tb_post("encrypt/k", "{\"plaintext\":\"\",\"nonce\":\"\"}"));
    EXPECT_REFUSED("illegal base64 data in plaintext",
                   tb_post("encrypt/k", "{\"plaintext\":\"a\"}"));
    EXPECT_REFUSED("illegal base64 data in plaintext",
                   tb_post("encrypt/k", "{\"plaintext\":\"aGVsbG8\"}"));
    EXPECT_REFUSED("error converting input for field \"plaintext\": expected a string",
                   tb_post("encrypt/k", "{\"plaintext\":5}"));
    EXPECT_REFUSED("failed to decode JSON input: not an object", tb_post("encrypt/k", "[]"));
    EXPECT(400, tb_post("encrypt/k", "{\"plaintext\":\"aGVsbG8=\""));
    EXPECT_REFUSED("message encryption not supported for key type ed25519",
                   tb_post("encrypt/sig", HELLO));
    tb_end();
}

static void
the_version_is_the_latest_or_the_one_asked_for(void)
{
    tb_begin();
    data_key("k", NULL);
    data_rotate("k");
    data_rotate("k");
    EXPECT(200, tb_post("encrypt/k", HELLO));
    EXPECT_AT("data.key_version", "3");
    EXPECT(200, tb_post("encrypt/k", "{\"plaintext\":\"aGVsbG8=\",\"key_version\":\"2\"}"));
    EXPECT_AT("data.key_version", "2");
    CU_ASSERT_EQUAL(strncmp(data_str("ciphertext"), "vault:v2:", 9), 0);
    CU_ASSERT_STRING_EQUAL(data_decrypted("k", data_keep(0, "ciphertext")), "aGVsbG8=");
    EXPECT_REFUSED("requested version for encryption is higher than the latest key version",
                   tb_post("encrypt/k", "{\"plaintext\":\"\",\"key_version\":4}"));
    EXPECT_REFUSED("requested version for encryption is negative",
                   tb_post("encrypt/k", "{\"plaintext\":\"\",\"key_version\":-1}"));
    data_config("k", "{\"min_encryption_version\":3}");
    EXPECT_REFUSED(
        "requested version for encryption is less than the minimum encryption key version",
        tb_post("encrypt/k", "{\"plaintext\":\"\",\"key_version\":2}"));
    tb_end();
}

static void
associated_data_must_be_the_same_again(void)
{
    const char *sealed;

    tb_begin();
    data_key("k", NULL);
    data_key("r", "{\"type\":\"rsa-2048\"}");
    EXPECT(200, tb_post("encrypt/k", "{\"plaintext\":\"aGk=\",\"associated_data\":\"QUQ=\"}"));
    sealed = data_keep(0, "ciphertext");
    EXPECT(200,
           data_postf("decrypt/k", "{\"ciphertext\":\"%s\",\"associated_data\":\"QUQ=\"}", sealed));
    CU_ASSERT_STRING_EQUAL(data_decrypted("k", sealed), "cipher: message authentication failed");
    EXPECT_REFUSED(
        "cipher: message authentication failed",
        data_postf("decrypt/k", "{\"ciphertext\":\"%s\",\"associated_data\":\"QQ==\"}", sealed));
    EXPECT_REFUSED("failed to base64-decode associated_data",
                   tb_post("encrypt/k", "{\"plaintext\":\"\",\"associated_data\":\"!\"}"));
    EXPECT_REFUSED("'[0].associated_data' provided for non-AEAD cipher suite rsa-2048",
                   tb_post("encrypt/r", "{\"plaintext\":\"\",\"associated_data\":\"QUQ=\"}"));
    tb_end();
}

static void
a_derived_key_wants_its_context(void)
{
    const char *sealed;

    tb_begin();
    data_key("d", "{\"derived\":true}");
    EXPECT_REFUSED(NO_CONTEXT, tb_post("encrypt/d", HELLO));
    EXPECT(200, tb_post("encrypt/d", "{\"plaintext\":\"aGk=\",\"context\":\"YQ==\"}"));
    sealed = data_keep(0, "ciphertext");
    EXPECT(200, data_postf("decrypt/d", "{\"ciphertext\":\"%s\",\"context\":\"YQ==\"}", sealed));
    CU_ASSERT_STRING_EQUAL(data_str("plaintext"), "aGk=");
    EXPECT_REFUSED("cipher: message authentication failed",
                   data_postf("decrypt/d", "{\"ciphertext\":\"%s\",\"context\":\"Yg==\"}", sealed));
    CU_ASSERT_STRING_EQUAL(data_decrypted("d", sealed), NO_CONTEXT);
    EXPECT_REFUSED("failed to base64-decode context",
                   tb_post("encrypt/d", "{\"plaintext\":\"aGk=\",\"context\":\"*\"}"));
    tb_end();
}

static void
a_context_means_nothing_to_a_key_that_is_not_derived(void)
{
    tb_begin();
    data_key("k", NULL);
    data_key("s", "{\"type\":\"ecdsa-p256\"}");
    EXPECT(200, tb_post("encrypt/k", "{\"plaintext\":\"aGk=\",\"context\":\"YQ==\"}"));
    CU_ASSERT_STRING_EQUAL(data_decrypted("k", data_keep(0, "ciphertext")), "aGk=");
    EXPECT(200, tb_post("sign/s", "{\"input\":\"\",\"context\":\"YQ==\"}"));
    EXPECT_AT("data.public_key", "(absent)");
    tb_end();
}

static void
convergent_keys_give_the_same_for_the_same(void)
{
    static const char same[] = "{\"plaintext\":\"aGk=\",\"context\":\"YQ==\"}";
    const char *first;

    tb_begin();
    data_key("c", "{\"derived\":true,\"convergent_encryption\":true}");
    data_key("d", "{\"derived\":true}");
    EXPECT(200, tb_post("encrypt/c", same));
    first = data_keep(0, "ciphertext");
    EXPECT(200, tb_post("encrypt/c", same));
    CU_ASSERT_STRING_EQUAL(data_str("ciphertext"), first);
    EXPECT(200, tb_post("encrypt/c", "{\"plaintext\":\"aGk=\",\"context\":\"Yg==\"}"));
    CU_ASSERT_STRING_NOT_EQUAL(data_str("ciphertext"), first);
    EXPECT(200, tb_post("encrypt/c", "{\"plaintext\":\"aGo=\",\"context\":\"YQ==\"}"));
    CU_ASSERT_STRING_NOT_EQUAL(data_str("ciphertext"), first);
    EXPECT(200, data_postf("decrypt/c", "{\"ciphertext\":\"%s\",\"context\":\"YQ==\"}", first));
    CU_ASSERT_STRING_EQUAL(data_str("plaintext"), "aGk=");

    EXPECT(200, tb_post("encrypt/d", same));
    first = data_keep(0, "ciphertext");
    EXPECT(200, tb_post("encrypt/d", same));
    CU_ASSERT_STRING_NOT_EQUAL(data_str("ciphertext"), first);
    tb_end();
}

static void
a_key_that_is_not_there_is_made(void)
{
    tb_begin();
    EXPECT(200, tb_post("encrypt/new", HELLO));
    EXPECT_AT("data.key_version", "1");
    CU_ASSERT_STRING_EQUAL(data_decrypted("new", data_keep(0, "ciphertext")), "aGVsbG8=");
    EXPECT(200, api_bench_root(&tb, API_GET, "/v1/transit/keys/new", NULL));
    EXPECT_AT("data.type", "\"aes256-gcm96\"");
    EXPECT_AT("data.derived", "false");
    EXPECT_AT("data.latest_version", "1");

    EXPECT(200, tb_post("encrypt/conv", "{\"plaintext\":\"\",\"context\":\"YQ==\","
                                        "\"type\":\"chacha20-poly1305\","
                                        "\"convergent_encryption\":true}"));
    EXPECT(200, api_bench_root(&tb, API_GET, "/v1/transit/keys/conv", NULL));
    EXPECT_AT("data.type", "\"chacha20-poly1305\"");
    EXPECT_AT("data.derived", "true");
    EXPECT_AT("data.convergent_encryption", "true");
    tb_end();
}

static void
a_key_is_made_of_what_encrypts_with_secrets_only(void)
{
    tb_begin();
    EXPECT_REFUSED("key type ecdsa-p256 not supported for this operation",
                   tb_post("encrypt/x", "{\"plaintext\":\"\",\"type\":\"ecdsa-p256\"}"));
    EXPECT_REFUSED("key type rsa-2048 not supported for this operation",
                   tb_post("encrypt/x", "{\"plaintext\":\"\",\"type\":\"rsa-2048\"}"));
    EXPECT_REFUSED("unknown key type des",
                   tb_post("encrypt/x", "{\"plaintext\":\"\",\"type\":\"des\"}"));
    EXPECT_REFUSED(
        "convergent encryption requires derivation to be enabled, so context is required",
        tb_post("encrypt/x", "{\"plaintext\":\"\",\"convergent_encryption\":true}"));
    EXPECT_REFUSED("illegal base64 data in plaintext",
                   tb_post("encrypt/x", "{\"plaintext\":\"?\"}"));
    EXPECT(404, api_bench_root(&tb, API_GET, "/v1/transit/keys/x", NULL));
    tb_end();
}

static void
no_key_is_made_where_that_is_switched_off(void)
{
    tb_begin();
    EXPECT(204, tb_post("config/keys", "{\"disable_upsert\":true}"));
    EXPECT_REFUSED("encryption key not found", tb_post("encrypt/x", HELLO));
    EXPECT(404, api_bench_root(&tb, API_GET, "/v1/transit/keys/x", NULL));
    tb_end();
}

static void
who_may_only_update_makes_no_key(void)
{
    char token[TOKEN_TEXT_MAX + 1];

    tb_begin();
    EXPECT(204, api_bench_root(&tb, API_POST, "/v1/sys/policies/acl/use",
                               "{\"policy\":\"path \\\"transit/encrypt/*\\\" "
                               "{ capabilities = [\\\"update\\\"] }\"}"));
    api_bench_token(&tb, "use", token);
    EXPECT(403, api_bench_call(&tb, API_POST, "/v1/transit/encrypt/x", token, HELLO));
    data_key("x", NULL);
    EXPECT(200, api_bench_call(&tb, API_POST, "/v1/transit/encrypt/x", token, HELLO));
    EXPECT(403, api_bench_call(&tb, API_POST, "/v1/transit/decrypt/x", token, HELLO));
    tb_end();
}

static const struct test_case cases[] = {
    { "every type that encrypts gives back what went in",
      every_type_that_encrypts_gives_back_what_went_in },
    { "the reply holds what Vault's does", the_reply_holds_what_vaults_does },
    { "what cannot be encrypted is refused", what_cannot_be_encrypted_is_refused },
    { "the version is the latest or the one asked for",
      the_version_is_the_latest_or_the_one_asked_for },
    { "associated data must be the same again", associated_data_must_be_the_same_again },
    { "a derived key wants its context", a_derived_key_wants_its_context },
    { "a context means nothing to a key that is not derived",
      a_context_means_nothing_to_a_key_that_is_not_derived },
    { "convergent keys give the same for the same", convergent_keys_give_the_same_for_the_same },
    { "a key that is not there is made", a_key_that_is_not_there_is_made },
    { "a key is made of what encrypts with secrets only",
      a_key_is_made_of_what_encrypts_with_secrets_only },
    { "no key is made where that is switched off", no_key_is_made_where_that_is_switched_off },
    { "who may only update makes no key", who_may_only_update_makes_no_key },
};

TEST_MAIN("api/transit_encrypt", cases)
