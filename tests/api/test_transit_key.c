/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/transit_bench.h"

#include <stdio.h>

static const char *const symmetric[] = { "aes256-gcm96", "aes128-gcm96", "chacha20-poly1305",
                                         "xaes256-gcm", "hmac" };
static const struct {
    const char *type;
    const char *name; /* of its versions */
} pairs[] = {
    { "ed25519", "ed25519" },  { "ecdsa-p256", "P-256" },          { "ecdsa-p384", "P-384" },
    { "ecdsa-p521", "P-521" }, { "ecdsa-secp256k1", "secp256k1" }, { "rsa-2048", "rsa-2048" },
};

static void
a_key_made_without_saying_more_is_as_vault_s(void)
{
    tb_begin();
    EXPECT(200, tb_post("keys/k", NULL));
    CU_ASSERT_TRUE(api_bench_int(&tb, "data.keys.1") > 1000000000);
    CU_ASSERT_EQUAL(json_object_del(api_bench_at(&tb, "data"), "keys"), 0);
    EXPECT_AT("data",
              "{\"allow_plaintext_backup\":false,\"attested_only\":false,"
              "\"auto_rotate_period\":0,\"deletion_allowed\":false,\"derived\":false,"
              "\"exportable\":false,\"imported_key\":false,\"latest_version\":1,\"max_uses\":0,"
              "\"min_available_version\":0,\"min_decryption_version\":1,"
              "\"min_encryption_version\":0,\"name\":\"k\",\"never_exportable\":false,\"rate\":0,"
              "\"soft_deleted\":false,"
              "\"supports_decryption\":true,\"supports_derivation\":true,"
              "\"supports_encryption\":true,\"supports_signing\":false,"
              "\"type\":\"aes256-gcm96\",\"uses_left\":null}");
    EXPECT_AT("mount_type", "\"transit\"");
    EXPECT_AT("warnings", "null");
    EXPECT_AT("auth", "null");
    EXPECT(200, tb_get("keys/k"));
    CU_ASSERT_TRUE(api_bench_int(&tb, "data.keys.1") > 1000000000);
    tb_end();
}

static void
symmetric_keys_show_when_their_versions_were_made(void)
{
    tb_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(symmetric); i++) {
        tb_make("k", symmetric[i], "");
        CU_ASSERT_STRING_EQUAL(tb_text("data.type"), symmetric[i]);
        CU_ASSERT_TRUE(json_is_integer(api_bench_at(&tb, "data.keys.1")));
        EXPECT(200, tb_post("keys/k/config", "{\"deletion_allowed\":true}"));
        EXPECT(204, tb_delete("keys/k"));
    }
    tb_end();
}

static void
pairs_show_their_public_keys(void)
{
    tb_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(pairs); i++) {
        char path[64];
        char wanted[64];

        (void)snprintf(path, sizeof(path), "keys/%s", pairs[i].type);
        (void)snprintf(wanted, sizeof(wanted), "\"%s\"", pairs[i].name);
        tb_make(pairs[i].type, pairs[i].type, "");
        EXPECT(200, tb_get(path));
        EXPECT_AT("data.keys.1.name", wanted);
        EXPECT_AT("data.keys.1.certificate_chain", "\"\"");
        CU_ASSERT_EQUAL(strlen(tb_text("data.keys.1.creation_time")) >= 20, true);
        EXPECT_AT("data.supports_signing", "true");
        if (i == 0) {
            CU_ASSERT_EQUAL(strlen(tb_text("data.keys.1.public_key")), 44);
        } else {
            CU_ASSERT_TRUE(tb_says("-----BEGIN PUBLIC KEY-----\\n"));
        }
        CU_ASSERT_FALSE(tb_says("PRIVATE"));
    }
    tb_end();
}

static void
settings_may_be_typed_weakly(void)
{
    tb_begin();
    EXPECT(200,
           tb_call(API_PUT, "keys/k",
                   "{\"type\":\"hmac\",\"key_size\":\"64\",\"exportable\":\"true\","
                   "\"allow_plaintext_backup\":1,\"auto_rotate_period\":\"1h\",\"max_uses\":\"5\","
                   "\"rate\":7,\"attested_only\":\"0\",\"context\":\"eA==\",\"unknown\":[1]}"));
    EXPECT_AT("data.key_size", "64");
    EXPECT_AT("data.exportable", "true");
    EXPECT_AT("data.allow_plaintext_backup", "true");
    EXPECT_AT("data.auto_rotate_period", "3600");
    EXPECT_AT("data.max_uses", "5");
    EXPECT_AT("data.uses_left", "5");
    EXPECT_AT("data.rate", "7");
    EXPECT_AT("data.attested_only", "false");
    EXPECT(200, tb_post("keys/d", "{\"derived\":\"t\",\"convergent_encryption\":true,"
                                  "\"auto_rotate_period\":7200}"));
    EXPECT_AT("data.kdf", "\"hkdf_sha256\"");
    EXPECT_AT("data.convergent_encryption", "true");
    EXPECT_AT("data.convergent_encryption_version", "-1");
    EXPECT_AT("data.auto_rotate_period", "7200");
    EXPECT(200, tb_post("keys/e", "{\"auto_rotate_period\":\"\",\"key_size\":0}"));
    EXPECT_AT("data.key_size", "(absent)");
    tb_end();
}

static void
a_key_that_is_there_is_shown_with_a_warning(void)
{
    tb_begin();
    tb_make("k", "ed25519", "");

    const char *before = tb_at("data");

    EXPECT(200, tb_post("keys/k", "{\"type\":\"rsa-2048\",\"exportable\":true}"));
    EXPECT_AT("warnings", "[\"key k already existed\"]");
    EXPECT_AT("data", before);
    EXPECT(200, tb_get("keys/k"));
    EXPECT_AT("data", before);
    EXPECT_AT("warnings", "null");
    tb_end();
}

static void
settings_that_cannot_be_are_refused_and_nothing_is_made(void)
{
    static const struct {
        const char *body;
        const char *sentence; /* NULL: any */
    } bad[] = {
        { "{\"type\":\"rot13\"}", "unknown key type rot13" },
        { "{\"type\":\"\"}", "unknown key type " },
        { "{\"auto_rotate_period\":\"59m\"}",
          "auto rotate period must be 0 to disable or at least an hour" },
        { "{\"auto_rotate_period\":3599}",
          "auto rotate period must be 0 to disable or at least an hour" },
        { "{\"convergent_encryption\":true}",
          "convergent encryption requires derivation to be enabled" },
        { "{\"type\":\"rsa-4096\",\"derived\":true}", NULL },
        { "{\"type\":\"ecdsa-p256\",\"derived\":true}", NULL },
        { "{\"type\":\"ed25519\",\"derived\":true,\"convergent_encryption\":true}", NULL },
        { "{\"key_size\":64}", "key_size is not valid for algorithm aes256-gcm96" },
        { "{\"type\":\"hmac\",\"key_size\":31}", "invalid key_size 31" },
        { "{\"type\":\"hmac\",\"key_size\":513}", "invalid key_size 513" },
        { "{\"type\":\"hmac\",\"key_size\":-1}", "invalid key_size -1" },
        { "{\"derived\":\"perhaps\"}", NULL },
        { "{\"max_uses\":-1}", NULL },
        { "{\"rate\":-1}", NULL },
        { "{\"auto_rotate_period\":\"-2h\"}", NULL },
        { "{\"type\":5.5}", NULL },
        { "[]", NULL },
        { "{", NULL },
    };

    tb_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        EXPECT(400, tb_post("keys/k", bad[i].body));
        if (bad[i].sentence != NULL) {
            EXPECT_ERROR(bad[i].sentence);
        }
        CU_ASSERT_TRUE(api_bench_error(&tb)[0] != '\0');
    }
    EXPECT_NOTHING(tb_get("keys/k"));
    tb_end();
}

static void
a_name_that_is_none_is_a_path_that_is_none(void)
{
    static const char *const bad[] = { "keys/-k", "keys/k.", "keys/k~", "keys/k k", "keys/k/x" };

    tb_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        EXPECT(404, tb_post(bad[i], "{}"));
        EXPECT_ERROR("1 error occurred:\n\t* unsupported path\n\n");
    }
    EXPECT(200, tb_post("keys/a.b-c_9", "{}"));
    EXPECT(404, tb_get("keys/-k"));
    EXPECT(404, tb_delete("keys/-k"));
    EXPECT_NOTHING(tb_get("keys/k"));
    tb_end();
}

static void
keys_are_listed_in_order_and_paged(void)
{
    tb_begin();
    EXPECT_NOTHING(tb_list("keys/"));
    tb_make("b", "ed25519", "");
    tb_make("a", "hmac", "");
    tb_make("c", "aes256-gcm96", "");
    EXPECT(200, tb_list("keys/"));
    EXPECT_AT("data", "{\"keys\":[\"a\",\"b\",\"c\"]}");
    EXPECT(200, tb_list("keys"));
    EXPECT_AT("data", "{\"keys\":[\"a\",\"b\",\"c\"]}");
    EXPECT(200, tb_get("keys?list=true&after=a&limit=1"));
    EXPECT_AT("data", "{\"keys\":[\"b\"]}");
    EXPECT(400, tb_list("keys/?limit=x"));
    EXPECT(405, tb_get("keys"));
    tb_end();
}

static void
a_key_goes_when_its_settings_allow_it(void)
{
    tb_begin();
    tb_make("k", "ecdsa-p256", "");

    const char *public_key = tb_text("data.keys.1.public_key");

    EXPECT_REFUSED("error deleting policy k: deletion is not allowed for this key",
                   tb_delete("keys/k"));
    EXPECT(200, tb_post("keys/k/config", "{\"deletion_allowed\":\"true\"}"));
    EXPECT(204, tb_delete("keys/k"));
    EXPECT_NOTHING(tb_get("keys/k"));
    EXPECT_REFUSED("error deleting policy k: could not delete key; not found", tb_delete("keys/k"));
    tb_make("k", "ecdsa-p256", "");
    CU_ASSERT_STRING_NOT_EQUAL(tb_text("data.keys.1.public_key"), public_key);
    tb_end();
}

static void
a_derived_key_shows_the_public_key_of_a_context(void)
{
    tb_begin();
    tb_make("k", "ed25519", ",\"derived\":true");
    EXPECT_AT("data.keys.1.public_key", "\"\"");
    EXPECT(200, tb_get("keys/k?context=YWJj"));

    const char *one = tb_text("data.keys.1.public_key");

    CU_ASSERT_EQUAL(strlen(one), 44);
    EXPECT(200, tb_get("keys/k?context=YWJk"));
    CU_ASSERT_STRING_NOT_EQUAL(tb_text("data.keys.1.public_key"), one);
    EXPECT(200, tb_get("keys/k?context=YWJj"));
    CU_ASSERT_STRING_EQUAL(tb_text("data.keys.1.public_key"), one);
    EXPECT_REFUSED("failed to base64-decode context", tb_get("keys/k?context=!"));
    tb_end();
}

static void
making_and_changing_need_update(void)
{
    char creator[TOKEN_TEXT_MAX + 1];
    char updater[TOKEN_TEXT_MAX + 1];

    tb_begin();
    tb_token("path \"transit/keys/*\" { capabilities = [\"create\"] }", creator);
    EXPECT(403, tb_call_as(creator, API_POST, "keys/k", "{}"));
    EXPECT_NOTHING(tb_get("keys/k"));
    EXPECT(200, tb_post("keys/k", "{}"));
    EXPECT(403, tb_call_as(creator, API_GET, "keys/k", NULL));
    EXPECT(403, tb_call_as(creator, API_POST, "keys/k/rotate", "{}"));
    EXPECT(403, tb_call_as(NULL, API_GET, "keys/k", NULL));
    CU_ASSERT_EQUAL(api_bench_root(&tb, API_POST, "/v1/sys/policies/acl/other",
                                   "{\"policy\":\"path \\\"transit/keys/*\\\" { capabilities = "
                                   "[\\\"update\\\"] }\"}"),
                    204);
    api_bench_token(&tb, "other", updater);
    EXPECT(200, tb_call_as(updater, API_POST, "keys/new", "{}"));
    EXPECT(200, tb_call_as(updater, API_POST, "keys/k", "{}"));
    EXPECT(200, tb_call_as(updater, API_POST, "keys/k/rotate", "{}"));
    tb_end();
}

static void
an_rsa_key_is_made_by_a_worker_and_once(void)
{
    tb_begin();
    tb_make("k", "rsa-2048", "");
    EXPECT_AT("data.supports_encryption", "true");
    EXPECT_AT("data.latest_version", "1");
    CU_ASSERT_TRUE(tb.reply.has_audit_index);
    tb_end();
}

static const struct test_case cases[] = {
    { "a key made without saying more is as Vault's",
      a_key_made_without_saying_more_is_as_vault_s },
    { "symmetric keys show when their versions were made",
      symmetric_keys_show_when_their_versions_were_made },
    { "pairs show their public keys", pairs_show_their_public_keys },
    { "settings may be typed weakly", settings_may_be_typed_weakly },
    { "a key that is there is shown with a warning", a_key_that_is_there_is_shown_with_a_warning },
    { "settings that cannot be are refused and nothing is made",
      settings_that_cannot_be_are_refused_and_nothing_is_made },
    { "a name that is none is a path that is none", a_name_that_is_none_is_a_path_that_is_none },
    { "keys are listed in order and paged", keys_are_listed_in_order_and_paged },
    { "a key goes when its settings allow it", a_key_goes_when_its_settings_allow_it },
    { "a derived key shows the public key of a context",
      a_derived_key_shows_the_public_key_of_a_context },
    { "making and changing need update", making_and_changing_need_update },
    { "an RSA key is made by a worker and once", an_rsa_key_is_made_by_a_worker_and_once },
};

TEST_MAIN("api/transit_key", cases)
