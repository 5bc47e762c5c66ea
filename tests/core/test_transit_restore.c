/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/core/transit_backup_bench.h"

#include <stdio.h>

#define AES         "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
#define ONE_VERSION "{\"key\":\"" AES "\",\"hmac_key\":\"" AES "\"}"

static void
a_key_that_is_there_is_replaced_only_by_force(void)
{
    char id[TRANSIT_ID_LEN + 1];

    backups_begin();
    backups_create_two("k", TRANSIT_AES256_GCM96);
    OK(keys_configure("k", &(struct transit_settings){ .has_auto_rotate = true,
                                                       .auto_rotate_ns = 7200 * TSEC_NS_PER_S }));
    OK(backups_take("k"));
    OK(keys_rotate_times("k", 3));
    memcpy(id, keys_get("k")->id, sizeof(id));
    EXPECT_REFUSAL(backups_restore("", false), TSEC_E_CONFLICT, "key \"k\" already exists");
    CU_ASSERT_EQUAL(keys_get("k")->latest, 5);
    OK(backups_restore("", true));
    CU_ASSERT_EQUAL(keys_get("k")->latest, 2);
    CU_ASSERT_STRING_NOT_EQUAL(keys_get("k")->id, id);
    CU_ASSERT_EQUAL(keys_rows(KEYS_MOUNT "/v/"), 2);
    CU_ASSERT_EQUAL(keys_rows("sys/transit-due/"), 1);
    EXPECT_REFUSAL(backups_restore("a/b", false), TSEC_E_INVALID, "invalid key name");
    backups_end();
}

static void
what_was_set_for_ever_is_not_replaced(void)
{
    backups_begin();
    backups_create_two("k", TRANSIT_AES256_GCM96);
    OK(backups_take("k"));
    OK(keys_configure(
        "k", &(struct transit_settings){ .has_attested_only = true, .attested_only = true }));
    EXPECT_REFUSAL(backups_restore("", true), TSEC_E_INVALID,
                   "key k is attested_only, and the backup's is not: delete the key first");
    OK(keys_create_aes("n"));
    OK(keys_configure(
        "n", &(struct transit_settings){ .has_never_exportable = true, .never_exportable = true }));
    EXPECT_REFUSAL(backups_restore("n", true), TSEC_E_INVALID,
                   "key n is never_exportable, and a backup has been outside: delete the key "
                   "first");
    CU_ASSERT_TRUE(keys_get("k")->attested_only);
    CU_ASSERT_TRUE(keys_get("n")->never_exportable);
    OK(backups_take("k"));
    OK(backups_restore("k", true));
    CU_ASSERT_TRUE(keys_get("k")->attested_only);
    backups_end();
}

static void
as_many_versions_as_there_can_be_come_back(void)
{
    backups_begin();
    OK(keys_create_aes("k"));
    OK(keys_configure("k", &backups_allowed));
    OK(keys_rotate_times("k", TRANSIT_VERSIONS_MAX - 1));
    OK(backups_take("k"));
    EXPECT_CODE(backups_restore("", true), TSEC_E_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(keys_detail(), "delete the key first"));
    OK(backups_restore("r", false));
    CU_ASSERT_EQUAL(keys_rows(KEYS_MOUNT "/v/"), 2 * TRANSIT_VERSIONS_MAX);
    backups_expect_same("k", "r", TRANSIT_VERSIONS_MAX, false);
    backups_end();
}

static void
what_vault_left_out_long_ago_is_filled_in(void)
{
    backups_begin();
    OK(backups_restore_json(
        "k", "{\"policy\":{\"type\":0,\"latest_version\":1,\"keys\":{\"1\":{\"key\":\"" AES
             "\",\"creation_time\":1500000000}}}}"));
    CU_ASSERT_EQUAL(keys_version("k", 1)->created_ns, 1500000000 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(keys_version("k", 1)->hmac_key.len, TRANSIT_HMAC_KEY_LEN);
    CU_ASSERT_EQUAL(keys_get("k")->min_decryption, 1);
    CU_ASSERT_STRING_EQUAL(keys_list(), "k ");
    backups_end();
}

static void
versions_come_from_the_archive_too(void)
{
    backups_begin();
    OK(backups_restore_json(
        "k", "{\"policy\":{\"type\":0,\"latest_version\":3,\"min_decryption_version\":3,"
             "\"min_encryption_version\":3,\"min_available_version\":2,"
             "\"keys\":{\"3\":" ONE_VERSION "}},"
             "\"archived_keys\":{\"keys\":[" ONE_VERSION "," ONE_VERSION "]}}"));
    CU_ASSERT_PTR_NOT_NULL(keys_version("k", 2));
    EXPECT_REFUSAL(backups_restore_json("x", "{\"policy\":{\"type\":0,\"latest_version\":3,"
                                             "\"keys\":{\"3\":" ONE_VERSION "}},"
                                             "\"archived_keys\":{\"keys\":[{}," ONE_VERSION "]}}"),
                   TSEC_E_INVALID, "the backup lacks version 2 of the key");
    backups_end();
}

static void
what_is_no_backup_is_refused(void)
{
    static const struct {
        const char *json;
        const char *part;
    } bad[] = {
        { "", "is not base64 of JSON" },
        { "[]", "is not base64 of JSON" },
        { "{}", "is not base64 of JSON" },
        { "{\"policy\":null}", "is not base64 of JSON" },
        { "{\"policy\":7}", "\"policy\" is not an object" },
        { "{\"policy\":{\"type\":11}}", "number 11" },
        { "{\"policy\":{\"type\":-1}}", "number -1" },
        { "{\"policy\":{\"type\":\"x\"}}", "\"type\" is not a whole number" },
        { "{\"policy\":{\"type\":0,\"derived\":true,\"kdf\":0}}", "kdf 0" },
        { "{\"policy\":{\"type\":0,\"derived\":1}}", "\"derived\" is not true or false" },
        { "{\"policy\":{\"type\":0,\"soft_deleted\":true}}", "soft-deleted" },
        { "{\"policy\":{\"type\":0}}", "do not go together" },
        { "{\"policy\":{\"type\":0,\"latest_version\":-1}}", "do not go together" },
        { "{\"policy\":{\"type\":0,\"latest_version\":9223372036854775807}}",
          "do not go together" },
        { "{\"policy\":{\"type\":0,\"latest_version\":2,\"min_decryption_version\":3}}",
          "do not go together" },
        { "{\"policy\":{\"type\":0,\"latest_version\":2,\"min_available_version\":2}}",
          "do not go together" },
        { "{\"policy\":{\"type\":0,\"latest_version\":5000}}", "more than 960 versions" },
        { "{\"policy\":{\"type\":0,\"latest_version\":1}}", "lacks version 1" },
        { "{\"policy\":{\"type\":0,\"latest_version\":1,\"keys\":[]}}",
          "\"keys\" is not an object" },
        { "{\"policy\":{\"type\":0,\"latest_version\":1,\"keys\":{\"1\":{}}}}",
          "invalid key size" },
        { "{\"policy\":{\"type\":0,\"latest_version\":1,\"keys\":{\"1\":{\"key\":\"!\"}}}}",
          "\"key\" is not base64" },
        { "{\"policy\":{\"type\":8,\"latest_version\":1,\"keys\":{\"1\":" ONE_VERSION "}}}",
          "invalid key size" },
        { "{\"policy\":{\"type\":0,\"latest_version\":1,\"auto_rotate_period\":1,\"keys\":{"
          "\"1\":" ONE_VERSION "}}}",
          "auto rotate period" },
        { "{\"policy\":{\"type\":0,\"latest_version\":1,\"derived\":true,\"kdf\":1,"
          "\"convergent_encryption\":true,\"convergent_version\":2,\"keys\":{\"1\":" ONE_VERSION
          "}}}",
          "version 2 of convergent encryption" },
        { "{\"policy\":{\"type\":0,\"latest_version\":1,\"tee_secrets\":{\"used\":-1},\"keys\":{"
          "\"1\":" ONE_VERSION "}}}",
          "was used -1 times" },
        { "{\"policy\":{\"type\":1,\"latest_version\":1,\"keys\":{\"1\":{\"ec_x\":1,\"ec_y\":1,"
          "\"ec_d\":1}}}}",
          "" },
        { "{\"policy\":{\"type\":1,\"latest_version\":1,\"keys\":{\"1\":{\"ec_x\":1.5}}}}",
          "\"ec_x\" is no such number" },
        { "{\"policy\":{\"type\":2,\"latest_version\":1,\"keys\":{\"1\":" ONE_VERSION "}}}",
          "an Ed25519 key of 32 bytes" },
        { "{\"policy\":{\"type\":3,\"latest_version\":1,\"keys\":{\"1\":{\"rsa_key\":{\"N\":1,"
          "\"E\":3,\"D\":1,\"Primes\":[1]}}}}}",
          "other than two primes" },
    };

    backups_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        EXPECT_CODE(backups_restore_json("k", bad[i].json), TSEC_E_INVALID);
        CU_ASSERT_PTR_NOT_NULL(strstr(keys_detail(), bad[i].part));
        if (strstr(keys_detail(), bad[i].part) == NULL) {
            (void)fprintf(stderr, "%s: %s\n", bad[i].json, keys_detail());
        }
    }
    CU_ASSERT_STRING_EQUAL(keys_list(), "");
    CU_ASSERT_EQUAL(keys_rows(KEYS_MOUNT "/"), 0);
    backups_end();
}

static const struct test_case cases[] = {
    { "a key that is there is replaced only by force",
      a_key_that_is_there_is_replaced_only_by_force },
    { "what was set for ever is not replaced", what_was_set_for_ever_is_not_replaced },
    { "as many versions as there can be come back", as_many_versions_as_there_can_be_come_back },
    { "what Vault left out long ago is filled in", what_vault_left_out_long_ago_is_filled_in },
    { "versions come from the archive too", versions_come_from_the_archive_too },
    { "what is no backup is refused", what_is_no_backup_is_refused },
};

TEST_MAIN("core/transit_restore", cases)
