/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/data_bench.h"

#include <stdio.h>

#include "base/base64.h"

#define HI "\"input\":\"aGk=\""

static void
every_type_of_key_authenticates(void)
{
    static const char *const types[] = { "aes256-gcm96", "ed25519", "ecdsa-p256", "hmac" };
    char body[64];
    char path[64];

    tb_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        (void)snprintf(body, sizeof(body), "{\"type\":\"%s\"}", types[i]);
        data_key(types[i], body);
        (void)snprintf(path, sizeof(path), "hmac/%s", types[i]);
        EXPECT(200, tb_post(path, "{" HI "}"));
        CU_ASSERT_EQUAL(json_object_size(api_bench_at(&tb, "data")), 1);
        CU_ASSERT_EQUAL(strlen(data_str("hmac")), 9 + 44);
        (void)snprintf(path, sizeof(path), "verify/%s", types[i]);
        EXPECT(200, data_postf(path, "{" HI ",\"hmac\":\"%s\"}", data_keep(0, "hmac")));
        EXPECT_AT("data", "{\"valid\":true}");
    }
    tb_end();
}

static void
the_hash_decides_the_length(void)
{
    static const struct {
        const char *hash;
        size_t len;
    } table[] = {
        { "sha2-224", 28 }, { "sha2-256", 32 }, { "sha2-384", 48 }, { "sha2-512", 64 },
        { "sha3-224", 28 }, { "sha3-256", 32 }, { "sha3-384", 48 }, { "sha3-512", 64 },
    };
    char path[64];

    tb_begin();
    data_key("k", NULL);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        const char *mac;

        (void)snprintf(path, sizeof(path), "hmac/k/%s", table[i].hash);
        EXPECT(200, tb_post(path, "{" HI "}"));
        CU_ASSERT_EQUAL(strlen(data_str("hmac")), 9 + TSEC_BASE64_LEN(table[i].len));
        mac = data_keep(0, "hmac");
        EXPECT(200, data_postf("hmac/k", "{" HI ",\"algorithm\":\"%s\"}", table[i].hash));
        CU_ASSERT_STRING_EQUAL(data_str("hmac"), mac);
        (void)snprintf(path, sizeof(path), "verify/k/%s", table[i].hash);
        EXPECT(200, data_postf(path, "{" HI ",\"hmac\":\"%s\"}", mac));
        EXPECT_AT("data.valid", "true");
    }
    EXPECT_REFUSED("unsupported algorithm \"md5\"", tb_post("hmac/k/md5", "{" HI "}"));
    EXPECT_REFUSED("unsupported algorithm \"none\"", tb_post("hmac/k/none", "{" HI "}"));
    EXPECT_REFUSED("invalid hash algorithm \"md5\"",
                   tb_post("verify/k/md5", "{" HI ",\"hmac\":\"vault:v1:AAAA\"}"));
    tb_end();
}

static void
versions_have_keys_of_their_own(void)
{
    const char *first;

    tb_begin();
    data_key("k", NULL);
    EXPECT(200, tb_post("hmac/k", "{" HI "}"));
    first = data_keep(0, "hmac");
    data_rotate("k");
    EXPECT(200, tb_post("hmac/k", "{" HI "}"));
    CU_ASSERT_EQUAL(strncmp(data_str("hmac"), "vault:v2:", 9), 0);
    CU_ASSERT_STRING_NOT_EQUAL(data_str("hmac") + 9, first + 9);
    EXPECT(200, tb_post("hmac/k", "{" HI ",\"key_version\":1}"));
    CU_ASSERT_STRING_EQUAL(data_str("hmac"), first);
    EXPECT(200, data_postf("verify/k", "{" HI ",\"hmac\":\"%s\"}", first));
    EXPECT_AT("data.valid", "true");
    data_config("k", "{\"min_decryption_version\":2,\"min_encryption_version\":2}");
    EXPECT_REFUSED("cannot generate HMAC: version is too old (disallowed by policy)",
                   tb_post("hmac/k", "{" HI ",\"key_version\":1}"));
    EXPECT_REFUSED("cannot verify HMAC: version is too old (disallowed by policy)",
                   data_postf("verify/k", "{" HI ",\"hmac\":\"%s\"}", first));
    tb_end();
}

static void
what_is_no_hmac_is_refused(void)
{
    static const struct {
        const char *mac;
        const char *error;
    } table[] = {
        { "AAAA", "invalid HMAC to verify: no prefix" },
        { "vault:v1", "invalid HMAC: wrong number of fields" },
        { "vault:v:AAAA", "invalid HMAC: version number could not be decoded" },
        { "vault:v2:AAAA", "invalid HMAC: version is too new" },
        { "vault:v1:!", "unable to decode verification HMAC as base64" },
    };

    tb_begin();
    data_key("k", NULL);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        EXPECT_REFUSED(table[i].error,
                       data_postf("verify/k", "{" HI ",\"hmac\":\"%s\"}", table[i].mac));
    }
    EXPECT(200, tb_post("verify/k", "{" HI ",\"hmac\":\"vault:v1:AAAA\"}"));
    EXPECT_AT("data.valid", "false");
    EXPECT_REFUSED("missing input for HMAC", tb_post("hmac/k", "{}"));
    EXPECT_REFUSED("unable to decode input as base64", tb_post("hmac/k", "{\"input\":\"a\"}"));
    EXPECT_REFUSED("encryption key not found", tb_post("hmac/none", "{" HI "}"));
    tb_end();
}

static void
a_batch_authenticates_each(void)
{
    const char *mac;

    tb_begin();
    data_key("k", NULL);
    EXPECT(200, tb_post("hmac/k", "{" HI "}"));
    mac = data_keep(0, "hmac");
    EXPECT(200, tb_post("hmac/k", "{\"batch_input\":[{" HI ",\"reference\":\"r\"},{}]}"));
    CU_ASSERT_STRING_EQUAL(data_str("batch_results.0.hmac"), mac);
    EXPECT_AT("data.batch_results.0.reference", "\"r\"");
    EXPECT_AT("data.batch_results.1", "{\"error\":\"missing input for HMAC\",\"reference\":\"\"}");
    EXPECT(200, data_postf("verify/k",
                           "{\"batch_input\":[{" HI ",\"hmac\":\"%s\"},"
                           "{\"input\":\"\",\"hmac\":\"%s\"}]}",
                           mac, mac));
    EXPECT_AT("data.batch_results", "[{\"reference\":\"\",\"valid\":true},"
                                    "{\"reference\":\"\",\"valid\":false}]");
    tb_end();
}

static const struct test_case cases[] = {
    { "every type of key authenticates", every_type_of_key_authenticates },
    { "the hash decides the length", the_hash_decides_the_length },
    { "versions have keys of their own", versions_have_keys_of_their_own },
    { "what is no HMAC is refused", what_is_no_hmac_is_refused },
    { "a batch authenticates each", a_batch_authenticates_each },
};

TEST_MAIN("api/transit_hmac", cases)
