/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "core/transit_backup_form.h"
#include "core/transit_transfer.h"
#include "tests/core/transit_bench.h"

static struct tsec_arena *arena;
static struct tsec_buf backup = TSEC_BUF_INIT(TRANSIT_BACKUP_MAX + 16);

static void
begin(void)
{
    OK(tsec_arena_new(64 << 20, &arena, NULL));
    keys_begin();
}

static void
end(void)
{
    keys_end();
    tsec_buf_done(&backup);
    tsec_arena_free(arena);
}

static tsec_rc
run_backup(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct transit_key *key = NULL;

    tsec_buf_reset(&backup);
    TSEC_TRY(transit_key_find(txn, KEYS_MOUNT, tsec_span_str(ctx), &key, err));
    return transit_backup(txn, KEYS_MOUNT, key, &backup, err);
}

static tsec_rc
take_backup(const char *name)
{
    char copy[TRANSIT_NAME_MAX + 1] = "";

    memcpy(copy, name, strlen(name));
    return keys_run(run_backup, copy);
}

struct restore {
    const char *name;
    struct tsec_span backup;
    bool force;
};

static tsec_rc
run_restore(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct restore *r = ctx;
    struct transit_backup_key key;

    TSEC_TRY(transit_backup_read(r->backup, txn_now(txn), txn_arena(txn), &key, err));
    return transit_restore(txn, KEYS_MOUNT, tsec_span_str(r->name), &key, r->force, err);
}

static tsec_rc
restore(const char *name, bool force)
{
    struct restore r = { name, tsec_buf_span(&backup), force };

    return keys_run(run_restore, &r);
}

static tsec_rc
restore_json(const char *name, const char *json)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(65536);
    struct restore r = { name, { NULL, 0 }, false };

    tsec_base64_append(&text, TSEC_BASE64_STD, tsec_span_str(json));
    r.backup = tsec_buf_span(&text);
    return keys_run(run_restore, &r);
}

static const struct transit_settings open_settings = {
    .has_exportable = true,
    .exportable = true,
    .has_plaintext_backup = true,
    .plaintext_backup = true,
};

/* Two versions of their own material. */
static void
create_two(const char *name, enum transit_type type)
{
    const struct transit_key settings = { .name = name,
                                          .type_name = transit_traits(type)->name,
                                          .exportable = true,
                                          .plaintext_backup = true };
    struct transit_fresh fresh;

    OK(transit_make(type, 0, arena, &fresh, NULL));
    OK(keys_create(&settings, &fresh));
    keys_advance(100);
    OK(transit_make(type, 0, arena, &fresh, NULL));
    OK(keys_rotate(name, &fresh));
}

static struct transit_version
kept_version(const char *name, int64_t number)
{
    const struct transit_version *version = keys_version(name, number);
    struct transit_version copy;

    CU_ASSERT_PTR_NOT_NULL_FATAL(version);
    copy = *version;
    copy.material.ptr = (uint8_t *)tsec_arena_dup(arena, version->material);
    copy.hmac_key.ptr = (uint8_t *)tsec_arena_dup(arena, version->hmac_key);
    copy.spki.ptr = (uint8_t *)tsec_arena_dup(arena, version->spki);
    copy.chain.ptr = (uint8_t *)tsec_arena_dup(arena, version->chain);
    return copy;
}

static void
expect_same_version(const char *a, const char *b, int64_t number, bool hmac)
{
    const struct transit_version one = kept_version(a, number);
    const struct transit_version two = kept_version(b, number);

    CU_ASSERT_TRUE(tsec_span_equal(one.material, two.material));
    CU_ASSERT_TRUE(tsec_span_equal(one.spki, two.spki));
    CU_ASSERT_TRUE(tsec_span_equal(one.chain, two.chain));
    CU_ASSERT_TRUE(hmac || tsec_span_equal(one.hmac_key, two.hmac_key));
    CU_ASSERT_EQUAL(one.created_ns, two.created_ns);
    CU_ASSERT_TRUE(two.imported);
}

static void
every_type_comes_back_as_it_was(void)
{
    begin();
    for (int type = 1; type < TRANSIT_TYPES; type++) {
        const char *name = transit_traits((enum transit_type)type)->name;
        const struct transit_key *key;

        if (type == TRANSIT_RSA_3072 || type == TRANSIT_RSA_4096) {
            continue;
        }
        create_two(name, (enum transit_type)type);
        OK(take_backup(name));
        EXPECT_CODE(restore("", false), TSEC_E_CONFLICT);
        OK(restore("again", false));
        expect_same_version(name, "again", 1, type == TRANSIT_HMAC);
        expect_same_version(name, "again", 2, type == TRANSIT_HMAC);
        key = keys_get("again");
        CU_ASSERT_EQUAL((int)transit_key_type(key), type);
        CU_ASSERT_EQUAL(key->latest, 2);
        CU_ASSERT_EQUAL(key->rotated_ns, keys_now());
        CU_ASSERT_EQUAL(key->created_ns, keys_now() - 100 * TSEC_NS_PER_S);
        CU_ASSERT_TRUE(key->exportable && key->plaintext_backup);
        CU_ASSERT_FALSE(key->deletion_allowed || key->imported);
        OK(keys_configure("again", &(struct transit_settings){ .has_deletion_allowed = true,
                                                               .deletion_allowed = true }));
        OK(keys_delete("again"));
    }
    end();
}

static void
settings_come_back_too(void)
{
    const struct transit_settings settings = {
        .has_min_decryption = true,
        .min_decryption = 3,
        .has_min_encryption = true,
        .min_encryption = 4,
        .has_deletion_allowed = true,
        .deletion_allowed = true,
        .has_auto_rotate = true,
        .auto_rotate_ns = 7200 * TSEC_NS_PER_S,
        .has_max_uses = true,
        .max_uses = 100,
        .has_rate = true,
        .rate = 7,
        .has_attested_only = true,
        .attested_only = true,
    };
    const struct transit_key *key;

    begin();
    create_two("k", TRANSIT_AES256_GCM96);
    OK(keys_rotate_times("k", 3));
    OK(keys_configure("k", &settings));
    OK(keys_use("k", 40));
    OK(keys_trim("k", 3));
    OK(take_backup("k"));
    OK(restore("r", false));
    key = keys_get("r");
    CU_ASSERT_EQUAL(key->latest, 5);
    CU_ASSERT_EQUAL(key->min_available, 3);
    CU_ASSERT_EQUAL(key->min_decryption, 3);
    CU_ASSERT_EQUAL(key->min_encryption, 4);
    CU_ASSERT_EQUAL(key->auto_rotate_ns, 7200 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(key->next_rotation_ns, key->rotated_ns + key->auto_rotate_ns);
    CU_ASSERT_EQUAL(key->max_uses, 100);
    CU_ASSERT_EQUAL(key->rate, 7);
    CU_ASSERT_TRUE(key->attested_only && key->deletion_allowed);
    CU_ASSERT_EQUAL(keys_uses_left("r"), 60);
    CU_ASSERT_EQUAL(keys_rows("sys/transit-due/"), 2);
    CU_ASSERT_PTR_NULL(keys_version("r", 2));
    expect_same_version("k", "r", 3, false);
    OK(keys_rotate_times("r", 1));
    OK(keys_delete("r"));
    CU_ASSERT_EQUAL(keys_rows("sys/transit-due/"), 1);
    end();
}

static void
derived_imported_and_public_keys_come_back(void)
{
    struct transit_key settings = { .name = "d",
                                    .type_name = "aes256-gcm96",
                                    .derived = true,
                                    .convergent = true,
                                    .exportable = true,
                                    .plaintext_backup = true };
    struct transit_fresh fresh;

    begin();
    OK(transit_make(TRANSIT_AES256_GCM96, 0, arena, &fresh, NULL));
    OK(keys_create(&settings, &fresh));
    OK(take_backup("d"));
    OK(restore("r1", false));
    CU_ASSERT_TRUE(keys_get("r1")->derived && keys_get("r1")->convergent);

    for (size_t i = 0; i < 3; i++) {
        static const enum transit_type types[] = { TRANSIT_ED25519, TRANSIT_ECDSA_P521,
                                                   TRANSIT_RSA_2048 };
        static const char *const names[] = { "p1", "p2", "p3" };
        static const char *const again[] = { "q1", "q2", "q3" };

        OK(transit_make(types[i], 0, arena, &fresh, NULL));
        fresh.material.len = 0;
        fresh.imported = true;
        settings = (struct transit_key){ .name = names[i],
                                         .type_name = transit_traits(types[i])->name,
                                         .imported_rotation = true,
                                         .exportable = true,
                                         .plaintext_backup = true };
        OK(keys_create(&settings, &fresh));
        OK(take_backup(names[i]));
        OK(restore(again[i], false));
        expect_same_version(names[i], again[i], 1, false);
        CU_ASSERT_EQUAL(keys_version(again[i], 1)->material.len, 0);
        CU_ASSERT_TRUE(keys_get(again[i])->imported && keys_get(again[i])->imported_rotation);
    }
    end();
}

static void
a_chain_comes_back_without_the_text_around_it(void)
{
    static const char chain[] = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
                                "-----BEGIN CERTIFICATE-----\nMAE=\n-----END CERTIFICATE-----\n";

    begin();
    create_two("k", TRANSIT_ECDSA_P256);
    OK(keys_chain("k", 2, chain));
    OK(take_backup("k"));
    OK(restore("r", false));
    CU_ASSERT_TRUE(tsec_span_is(keys_version("r", 2)->chain, chain));
    CU_ASSERT_EQUAL(keys_version("r", 1)->chain.len, 0);
    end();
}

static void
two_settings_must_allow_it(void)
{
    begin();
    OK(keys_create_aes("k"));
    EXPECT_REFUSAL(take_backup("k"), TSEC_E_DENIED, "exporting is disallowed on the policy");
    OK(keys_configure("k",
                      &(struct transit_settings){ .has_exportable = true, .exportable = true }));
    EXPECT_REFUSAL(take_backup("k"), TSEC_E_DENIED, "plaintext backup is disallowed on the policy");
    CU_ASSERT_EQUAL(backup.len, 0);
    OK(keys_configure("k", &open_settings));
    OK(take_backup("k"));
    end();
}

static void
a_key_that_is_there_is_replaced_only_by_force(void)
{
    char id[TRANSIT_ID_LEN + 1];

    begin();
    create_two("k", TRANSIT_AES256_GCM96);
    OK(keys_configure("k", &(struct transit_settings){ .has_auto_rotate = true,
                                                       .auto_rotate_ns = 7200 * TSEC_NS_PER_S }));
    OK(take_backup("k"));
    OK(keys_rotate_times("k", 3));
    memcpy(id, keys_get("k")->id, sizeof(id));
    EXPECT_REFUSAL(restore("", false), TSEC_E_CONFLICT, "key \"k\" already exists");
    CU_ASSERT_EQUAL(keys_get("k")->latest, 5);
    OK(restore("", true));
    CU_ASSERT_EQUAL(keys_get("k")->latest, 2);
    CU_ASSERT_STRING_NOT_EQUAL(keys_get("k")->id, id);
    CU_ASSERT_EQUAL(keys_rows(KEYS_MOUNT "/v/"), 2);
    CU_ASSERT_EQUAL(keys_rows("sys/transit-due/"), 1);
    EXPECT_REFUSAL(restore("a/b", false), TSEC_E_INVALID, "invalid key name");
    end();
}

static void
as_many_versions_as_there_can_be_come_back(void)
{
    begin();
    OK(keys_create_aes("k"));
    OK(keys_configure("k", &open_settings));
    OK(keys_rotate_times("k", TRANSIT_VERSIONS_MAX - 1));
    OK(take_backup("k"));
    EXPECT_CODE(restore("", true), TSEC_E_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(keys_detail(), "delete the key first"));
    OK(restore("r", false));
    CU_ASSERT_EQUAL(keys_rows(KEYS_MOUNT "/v/"), 2 * TRANSIT_VERSIONS_MAX);
    expect_same_version("k", "r", TRANSIT_VERSIONS_MAX, false);
    end();
}

/* ---- what is no backup ---- */

#define AES         "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
#define ONE_VERSION "{\"key\":\"" AES "\",\"hmac_key\":\"" AES "\"}"

static void
what_vault_left_out_long_ago_is_filled_in(void)
{
    begin();
    OK(restore_json("k",
                    "{\"policy\":{\"type\":0,\"latest_version\":1,\"keys\":{\"1\":{\"key\":\"" AES
                    "\",\"creation_time\":1500000000}}}}"));
    CU_ASSERT_EQUAL(keys_version("k", 1)->created_ns, 1500000000 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(keys_version("k", 1)->hmac_key.len, TRANSIT_HMAC_KEY_LEN);
    CU_ASSERT_EQUAL(keys_get("k")->min_decryption, 1);
    CU_ASSERT_STRING_EQUAL(keys_list(), "k ");
    end();
}

static void
versions_come_from_the_archive_too(void)
{
    begin();
    OK(restore_json("k",
                    "{\"policy\":{\"type\":0,\"latest_version\":3,\"min_decryption_version\":3,"
                    "\"min_encryption_version\":3,\"min_available_version\":2,"
                    "\"keys\":{\"3\":" ONE_VERSION "}},"
                    "\"archived_keys\":{\"keys\":[" ONE_VERSION "," ONE_VERSION "]}}"));
    CU_ASSERT_PTR_NOT_NULL(keys_version("k", 2));
    EXPECT_REFUSAL(restore_json("x", "{\"policy\":{\"type\":0,\"latest_version\":3,"
                                     "\"keys\":{\"3\":" ONE_VERSION "}},"
                                     "\"archived_keys\":{\"keys\":[{}," ONE_VERSION "]}}"),
                   TSEC_E_INVALID, "the backup lacks version 2 of the key");
    end();
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

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        EXPECT_CODE(restore_json("k", bad[i].json), TSEC_E_INVALID);
        CU_ASSERT_PTR_NOT_NULL(strstr(keys_detail(), bad[i].part));
        if (strstr(keys_detail(), bad[i].part) == NULL) {
            (void)fprintf(stderr, "%s: %s\n", bad[i].json, keys_detail());
        }
    }
    CU_ASSERT_STRING_EQUAL(keys_list(), "");
    CU_ASSERT_EQUAL(keys_rows(KEYS_MOUNT "/"), 0);
    end();
}

/* A digit of a private number that was altered is found. */
static void
numbers_that_were_altered_are_refused(void)
{
    static const enum transit_type types[] = { TRANSIT_ECDSA_P256, TRANSIT_RSA_2048 };
    static const char *const members[] = { "\"ec_d\":", "\"D\":" };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        TSEC_AUTO_BUF struct tsec_buf json = TSEC_BUF_INIT(65536);
        const char *name = transit_traits(types[i])->name;
        char *digit;

        create_two(name, types[i]);
        OK(take_backup(name));
        OK(tsec_base64_decode(&json, TSEC_BASE64_STD, tsec_buf_span(&backup), NULL));
        tsec_buf_put_byte(&json, 0);
        digit = strstr((char *)json.ptr, members[i]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(digit);
        digit += strlen(members[i]) + 20;
        *digit = *digit == '1' ? '2' : '1';
        EXPECT_CODE(restore_json("r", (const char *)json.ptr), TSEC_E_INVALID);
    }
    end();
}

static void
numbers_of_types_are_vaults_or_from_a_thousand_on(void)
{
    CU_ASSERT_EQUAL(transit_backup_number(TRANSIT_AES256_GCM96), 0);
    CU_ASSERT_EQUAL(transit_backup_number(TRANSIT_HMAC), 10);
    CU_ASSERT_EQUAL(transit_backup_number(TRANSIT_XAES256_GCM), 1000);
    CU_ASSERT_EQUAL(transit_backup_number(TRANSIT_ECDSA_SECP256K1), 1001);
    CU_ASSERT_EQUAL(transit_backup_number((enum transit_type)0), -1);
    for (int type = 1; type < TRANSIT_TYPES; type++) {
        CU_ASSERT_EQUAL((int)transit_backup_type(transit_backup_number((enum transit_type)type)),
                        type);
    }
    CU_ASSERT_EQUAL((int)transit_backup_type(11), 0);
    CU_ASSERT_EQUAL((int)transit_backup_type(10000), 0);
}

static const struct test_case cases[] = {
    { "every type comes back as it was", every_type_comes_back_as_it_was },
    { "settings come back too", settings_come_back_too },
    { "derived, imported and public keys come back", derived_imported_and_public_keys_come_back },
    { "a chain comes back", a_chain_comes_back_without_the_text_around_it },
    { "two settings must allow it", two_settings_must_allow_it },
    { "a key that is there is replaced only by force",
      a_key_that_is_there_is_replaced_only_by_force },
    { "as many versions as there can be come back", as_many_versions_as_there_can_be_come_back },
    { "what Vault left out long ago is filled in", what_vault_left_out_long_ago_is_filled_in },
    { "versions come from the archive too", versions_come_from_the_archive_too },
    { "what is no backup is refused", what_is_no_backup_is_refused },
    { "numbers that were altered are refused", numbers_that_were_altered_are_refused },
    { "numbers of types are Vault's or from a thousand on",
      numbers_of_types_are_vaults_or_from_a_thousand_on },
};

TEST_MAIN("core/transit_backup", cases)
