/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/transit_bench.h"

static void
rotating_adds_a_version_and_keeps_the_others(void)
{
    tb_begin();
    tb_make("k", "ecdsa-p256", "");

    const char *first = tb_at("data.keys.1");

    EXPECT(200, tb_post("keys/k/rotate", NULL));
    EXPECT_AT("data.latest_version", "2");
    EXPECT_AT("data.keys.1", first);
    CU_ASSERT_STRING_NOT_EQUAL(tb_at("data.keys.2"), first);
    EXPECT(200, tb_call(API_PUT, "keys/k/rotate", "null"));
    EXPECT_AT("data.latest_version", "3");
    EXPECT_REFUSED("key not found", tb_post("keys/x/rotate", "{}"));
    EXPECT(405, tb_get("keys/k/rotate"));
    tb_end();
}

static void
an_hmac_key_keeps_its_size(void)
{
    tb_begin();
    tb_make("k", "hmac", ",\"key_size\":100");
    EXPECT(200, tb_post("keys/k/rotate", "{}"));
    EXPECT_AT("data.key_size", "100");
    tb_end();
}

static void
what_is_not_given_stays(void)
{
    tb_begin();
    tb_make("k", "aes256-gcm96", ",\"auto_rotate_period\":\"24h\",\"rate\":9");
    EXPECT(200, tb_post("keys/k/rotate", NULL));
    EXPECT(200, tb_post("keys/k/config", "{\"min_decryption_version\":\"2\",\"max_uses\":10}"));
    EXPECT_AT("data.min_decryption_version", "2");
    EXPECT_AT("data.keys.1", "(absent)"); /* may be used no more */
    EXPECT_AT("data.min_encryption_version", "0");
    EXPECT_AT("data.auto_rotate_period", "86400");
    EXPECT_AT("data.rate", "9");
    EXPECT_AT("data.max_uses", "10");
    EXPECT_AT("data.uses_left", "10");
    EXPECT(200, tb_post("keys/k/config",
                        "{\"min_encryption_version\":2,\"deletion_allowed\":true,\"exportable\":1,"
                        "\"allow_plaintext_backup\":\"true\",\"auto_rotate_period\":0,\"rate\":0,"
                        "\"max_uses\":0,\"attested_only\":\"true\"}"));
    EXPECT_AT("data.min_decryption_version", "2");
    EXPECT_AT("data.min_encryption_version", "2");
    EXPECT_AT("data.deletion_allowed", "true");
    EXPECT_AT("data.exportable", "true");
    EXPECT_AT("data.allow_plaintext_backup", "true");
    EXPECT_AT("data.auto_rotate_period", "0");
    EXPECT_AT("data.rate", "0");
    EXPECT_AT("data.max_uses", "0");
    EXPECT_AT("data.uses_left", "null");
    EXPECT_AT("data.attested_only", "true");
    EXPECT(200, tb_post("keys/k/config", NULL));
    EXPECT_AT("data.min_encryption_version", "2");
    tb_end();
}

static void
some_settings_are_never_unset(void)
{
    tb_begin();
    tb_make("k", "ed25519",
            ",\"exportable\":true,\"allow_plaintext_backup\":true,"
            "\"attested_only\":true");
    EXPECT(200, tb_post("keys/k/config", "{\"exportable\":false,\"allow_plaintext_backup\":false,"
                                         "\"attested_only\":false}"));
    EXPECT_AT("data.exportable", "true");
    EXPECT_AT("data.allow_plaintext_backup", "true");
    EXPECT_AT("data.attested_only", "true");
    tb_end();
}

static void
settings_that_cannot_be_are_refused(void)
{
    static const struct {
        const char *body;
        const char *sentence; /* NULL: any */
    } bad[] = {
        { "{\"min_decryption_version\":4}",
          "cannot set min decryption version of 4, latest key version is 3" },
        { "{\"min_encryption_version\":4}",
          "cannot set min encryption version of 4, latest key version is 3" },
        { "{\"min_decryption_version\":-1}", "min decryption version cannot be negative" },
        { "{\"min_encryption_version\":-1}", "min encryption version cannot be negative" },
        { "{\"min_decryption_version\":3,\"min_encryption_version\":2}",
          "cannot set min encryption/decryption values; min encryption version of 2 must be "
          "greater than or equal to min decryption version of 3" },
        { "{\"auto_rotate_period\":\"10m\"}",
          "auto rotate period must be 0 to disable or at least an hour" },
        { "{\"deletion_allowed\":\"no idea\"}", NULL },
        { "{\"min_decryption_version\":\"x\"}", NULL },
        { "{\"rate\":-1}", NULL },
        { "{\"max_uses\":-1}", NULL },
        { "[]", NULL },
    };

    tb_begin();
    tb_make("k", "aes256-gcm96", "");
    EXPECT(200, tb_post("keys/k/rotate", NULL));
    EXPECT(200, tb_post("keys/k/rotate", NULL));

    const char *before = tb_at("data");

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        EXPECT(400, tb_post("keys/k/config", bad[i].body));
        if (bad[i].sentence != NULL) {
            EXPECT_ERROR(bad[i].sentence);
        }
    }
    EXPECT(200, tb_get("keys/k"));
    EXPECT_AT("data", before);
    EXPECT_REFUSED("no existing key named x could be found", tb_post("keys/x/config", "{}"));
    tb_end();
}

static void
a_version_of_nought_is_the_first(void)
{
    tb_begin();
    tb_make("k", "aes256-gcm96", "");
    EXPECT(200, tb_post("keys/k/config", "{\"min_decryption_version\":0}"));
    EXPECT_AT("data.min_decryption_version", "1");
    EXPECT_AT("warnings", "[\"versions begin at 1: min_decryption_version is 1\"]");
    tb_end();
}

static void
trimmed_versions_are_gone(void)
{
    tb_begin();
    tb_make("k", "aes256-gcm96", "");
    for (int i = 0; i < 4; i++) {
        EXPECT(200, tb_post("keys/k/rotate", NULL));
    }
    EXPECT_REFUSED("missing min_available_version", tb_post("keys/k/trim", "{}"));
    EXPECT_REFUSED("minimum available version cannot be set when minimum encryption version is "
                   "not set",
                   tb_post("keys/k/trim", "{\"min_available_version\":2}"));
    EXPECT(200,
           tb_post("keys/k/config", "{\"min_decryption_version\":3,\"min_encryption_version\":4}"));
    EXPECT(400, tb_post("keys/k/trim", "{\"min_available_version\":4}"));
    EXPECT(400, tb_post("keys/k/trim", "{\"min_available_version\":0}"));
    EXPECT(400, tb_post("keys/k/trim", "{\"min_available_version\":-1}"));
    EXPECT(400, tb_post("keys/k/trim", "{\"min_available_version\":\"all\"}"));
    EXPECT(204, tb_post("keys/k/trim", "{\"min_available_version\":\"3\"}"));
    EXPECT(200, tb_get("keys/k"));
    EXPECT_AT("data.min_available_version", "3");
    EXPECT_AT("data.keys.1", "(absent)");
    EXPECT_AT("data.keys.2", "(absent)");
    CU_ASSERT_TRUE(api_bench_has(&tb, "data.keys.3"));
    CU_ASSERT_TRUE(api_bench_has(&tb, "data.keys.5"));
    EXPECT_REFUSED("minimum available version cannot be decremented",
                   tb_post("keys/k/trim", "{\"min_available_version\":2}"));
    EXPECT_REFUSED("invalid key name", tb_post("keys/x/trim", "{\"min_available_version\":2}"));
    tb_end();
}

static const struct test_case cases[] = {
    { "rotating adds a version and keeps the others",
      rotating_adds_a_version_and_keeps_the_others },
    { "an hmac key keeps its size", an_hmac_key_keeps_its_size },
    { "what is not given stays", what_is_not_given_stays },
    { "some settings are never unset", some_settings_are_never_unset },
    { "settings that cannot be are refused", settings_that_cannot_be_are_refused },
    { "a version of nought is the first", a_version_of_nought_is_the_first },
    { "trimmed versions are gone", trimmed_versions_are_gone },
};

TEST_MAIN("api/transit_key_change", cases)
