/* SPDX-License-Identifier: Apache-2.0 */
#include "core/transit_backup_form.h"
#include "tests/core/transit_backup_bench.h"

static void
every_type_comes_back_as_it_was(void)
{
    backups_begin();
    for (int type = 1; type < TRANSIT_TYPES; type++) {
        const char *name = transit_traits((enum transit_type)type)->name;
        const struct transit_key *key;

        if (type == TRANSIT_RSA_3072 || type == TRANSIT_RSA_4096) {
            continue;
        }
        backups_create_two(name, (enum transit_type)type);
        OK(backups_take(name));
        EXPECT_CODE(backups_restore("", false), TSEC_E_CONFLICT);
        OK(backups_restore("again", false));
        backups_expect_same(name, "again", 1, type == TRANSIT_HMAC);
        backups_expect_same(name, "again", 2, type == TRANSIT_HMAC);
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
    backups_end();
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

    backups_begin();
    backups_create_two("k", TRANSIT_AES256_GCM96);
    OK(keys_rotate_times("k", 3));
    OK(keys_configure("k", &settings));
    OK(keys_use("k", 40));
    OK(keys_trim("k", 3));
    OK(backups_take("k"));
    OK(backups_restore("r", false));
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
    backups_expect_same("k", "r", 3, false);
    OK(keys_rotate_times("r", 1));
    OK(keys_delete("r"));
    CU_ASSERT_EQUAL(keys_rows("sys/transit-due/"), 1);
    backups_end();
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

    backups_begin();
    OK(transit_make(TRANSIT_AES256_GCM96, 0, backups_arena, &fresh, NULL));
    OK(keys_create(&settings, &fresh));
    OK(backups_take("d"));
    OK(backups_restore("r1", false));
    CU_ASSERT_TRUE(keys_get("r1")->derived && keys_get("r1")->convergent);

    for (size_t i = 0; i < 3; i++) {
        static const enum transit_type types[] = { TRANSIT_ED25519, TRANSIT_ECDSA_P521,
                                                   TRANSIT_RSA_2048 };
        static const char *const names[] = { "p1", "p2", "p3" };
        static const char *const again[] = { "q1", "q2", "q3" };

        OK(transit_make(types[i], 0, backups_arena, &fresh, NULL));
        fresh.material.len = 0;
        fresh.imported = true;
        settings = (struct transit_key){ .name = names[i],
                                         .type_name = transit_traits(types[i])->name,
                                         .imported_rotation = true,
                                         .exportable = true,
                                         .plaintext_backup = true };
        OK(keys_create(&settings, &fresh));
        OK(backups_take(names[i]));
        OK(backups_restore(again[i], false));
        backups_expect_same(names[i], again[i], 1, false);
        CU_ASSERT_EQUAL(keys_version(again[i], 1)->material.len, 0);
        CU_ASSERT_TRUE(keys_get(again[i])->imported && keys_get(again[i])->imported_rotation);
    }
    backups_end();
}

static void
a_chain_comes_back_without_the_text_around_it(void)
{
    static const char chain[] = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
                                "-----BEGIN CERTIFICATE-----\nMAE=\n-----END CERTIFICATE-----\n";

    backups_begin();
    backups_create_two("k", TRANSIT_ECDSA_P256);
    OK(keys_chain("k", 2, chain));
    OK(backups_take("k"));
    OK(backups_restore("r", false));
    CU_ASSERT_TRUE(tsec_span_is(keys_version("r", 2)->chain, chain));
    CU_ASSERT_EQUAL(keys_version("r", 1)->chain.len, 0);
    backups_end();
}

static void
two_settings_must_allow_it(void)
{
    backups_begin();
    OK(keys_create_aes("k"));
    EXPECT_REFUSAL(backups_take("k"), TSEC_E_DENIED, "exporting is disallowed on the policy");
    OK(keys_configure("k",
                      &(struct transit_settings){ .has_exportable = true, .exportable = true }));
    EXPECT_REFUSAL(backups_take("k"), TSEC_E_DENIED,
                   "plaintext backup is disallowed on the policy");
    CU_ASSERT_EQUAL(backups_text.len, 0);
    OK(keys_configure("k", &backups_allowed));
    OK(backups_take("k"));
    backups_end();
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
    { "numbers of types are Vault's or from a thousand on",
      numbers_of_types_are_vaults_or_from_a_thousand_on },
};

TEST_MAIN("core/transit_backup", cases)
