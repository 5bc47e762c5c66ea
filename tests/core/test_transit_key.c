/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/core/transit_bench.h"

static void
names_have_vaults_grammar(void)
{
    static const char *const good[] = { "a", "A9", "_", "a-b", "a.b", "a..b", "0", "a_-._b" };
    static const char *const bad[] = { "", "-a", "a-", ".a", "a.", "a/b", "a b", "\xc3\xa4", "a%" };
    char longest[TRANSIT_NAME_MAX + 2];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(good); i++) {
        CU_ASSERT_TRUE(transit_name_valid(tsec_span_str(good[i])));
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_FALSE(transit_name_valid(tsec_span_str(bad[i])));
    }
    CU_ASSERT_FALSE(transit_name_valid(tsec_span("a\0b", 3)));
    memset(longest, 'x', sizeof(longest));
    CU_ASSERT_TRUE(transit_name_valid(tsec_span(longest, TRANSIT_NAME_MAX)));
    CU_ASSERT_FALSE(transit_name_valid(tsec_span(longest, TRANSIT_NAME_MAX + 1)));
}

static void
a_key_reads_back_after_a_restart(void)
{
    const struct transit_fresh first = keys_fresh(TRANSIT_HMAC, 48, 3);
    const struct transit_key settings = {
        .name = "mac",
        .type_name = "hmac",
        .key_size = 48,
        .exportable = true,
        .plaintext_backup = true,
        .auto_rotate_ns = 3600 * TSEC_NS_PER_S,
        .max_uses = 9,
        .rate = 100,
        .attested_only = true,
        .imported_rotation = true, /* of a key that is not imported: nothing */
        .deletion_allowed = true,  /* not for whoever creates it to say */
    };
    const struct transit_version *version;
    const struct transit_key *key;
    char id[TRANSIT_ID_LEN + 1];

    keys_begin();
    OK(keys_create(&settings, &first));
    memcpy(id, keys_get("mac")->id, sizeof(id));
    keys_restart();
    key = keys_get("mac");
    CU_ASSERT_PTR_NOT_NULL_FATAL(key);
    CU_ASSERT_STRING_EQUAL(key->name, "mac");
    CU_ASSERT_STRING_EQUAL(key->id, id);
    CU_ASSERT_EQUAL(strlen(key->id), TRANSIT_ID_LEN);
    CU_ASSERT_EQUAL(transit_key_type(key), TRANSIT_HMAC);
    CU_ASSERT_EQUAL(key->revision, 1);
    CU_ASSERT_EQUAL(key->latest, 1);
    CU_ASSERT_EQUAL(key->min_available, 0);
    CU_ASSERT_EQUAL(key->min_decryption, 1);
    CU_ASSERT_EQUAL(key->min_encryption, 0);
    CU_ASSERT_EQUAL(key->key_size, 48);
    CU_ASSERT_EQUAL(key->max_uses, 9);
    CU_ASSERT_EQUAL(key->rate, 100);
    CU_ASSERT_EQUAL(key->created_ns, keys_now());
    CU_ASSERT_EQUAL(key->next_rotation_ns, keys_now() + 3600 * TSEC_NS_PER_S);
    CU_ASSERT_TRUE(key->exportable && key->plaintext_backup && key->attested_only);
    CU_ASSERT_FALSE(key->imported || key->imported_rotation || key->deletion_allowed || key->derived
                    || key->convergent);
    version = keys_version("mac", 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(version);
    CU_ASSERT_TRUE(tsec_span_equal(version->material, first.material));
    CU_ASSERT_TRUE(tsec_span_equal(version->hmac_key, first.hmac_key));
    CU_ASSERT_EQUAL(version->created_ns, keys_now());
    CU_ASSERT_EQUAL(version->spki.len + version->chain.len, 0);
    CU_ASSERT_FALSE(version->imported);
    keys_end();
}

static void
keys_are_listed_in_order(void)
{
    keys_begin();
    CU_ASSERT_STRING_EQUAL(keys_list(), "");
    OK(keys_create_aes("b"));
    OK(keys_create_aes("a.b"));
    OK(keys_create_aes("a"));
    CU_ASSERT_STRING_EQUAL(keys_list(), "a a.b b ");
    keys_end();
}

static void
a_key_that_is_not_there_is_not_found(void)
{
    keys_begin();
    CU_ASSERT_PTR_NULL(keys_get("nothing"));
    EXPECT_CODE(keys_rotate_times("nothing", 1), TSEC_E_NOT_FOUND);
    CU_ASSERT_PTR_NULL(keys_get("../k/x"));
    EXPECT_CODE(keys_delete(""), TSEC_E_NOT_FOUND);
    keys_end();
}

static void
a_name_that_is_taken_or_none_is_refused(void)
{
    keys_begin();
    OK(keys_create_aes("k"));
    EXPECT_REFUSAL(keys_create_aes("k"), TSEC_E_CONFLICT, "key \"k\" already exists");
    EXPECT_REFUSAL(keys_create_aes("a/b"), TSEC_E_INVALID, "invalid key name");
    EXPECT_REFUSAL(keys_create_aes(""), TSEC_E_INVALID, "invalid key name");
    CU_ASSERT_EQUAL(keys_get("k")->revision, 1);
    keys_end();
}

static void
a_key_goes_with_all_that_is_its_only_when_allowed(void)
{
    const struct transit_settings settings = {
        .has_deletion_allowed = true,
        .deletion_allowed = true,
        .has_auto_rotate = true,
        .auto_rotate_ns = 7200 * TSEC_NS_PER_S,
        .has_max_uses = true,
        .max_uses = 5,
    };
    char id[TRANSIT_ID_LEN + 1];

    keys_begin();
    OK(keys_create_aes("k"));
    memcpy(id, keys_get("k")->id, sizeof(id));
    OK(keys_rotate_times("k", 3));
    EXPECT_REFUSAL(keys_delete("k"), TSEC_E_DENIED, "deletion is not allowed for this key");
    CU_ASSERT_EQUAL(keys_rows(KEYS_MOUNT "/v/"), 4);
    OK(keys_configure("k", &settings));
    OK(keys_use("k", 1));
    CU_ASSERT_EQUAL(keys_rows(KEYS_MOUNT "/u/"), 1);
    CU_ASSERT_EQUAL(keys_rows("sys/transit-due/"), 1);
    OK(keys_delete("k"));
    CU_ASSERT_EQUAL(keys_rows(KEYS_MOUNT "/"), 0);
    CU_ASSERT_EQUAL(keys_rows("sys/transit-due/"), 0);
    CU_ASSERT_PTR_NULL(keys_get("k"));
    OK(keys_create_aes("k"));
    CU_ASSERT_STRING_NOT_EQUAL(keys_get("k")->id, id);
    CU_ASSERT_EQUAL(keys_get("k")->latest, 1);
    keys_end();
}

/* The largest key there can be goes in one transaction. */
static void
a_key_with_every_version_can_be_deleted(void)
{
    const struct transit_settings settings = {
        .has_deletion_allowed = true,
        .deletion_allowed = true,
        .has_auto_rotate = true,
        .auto_rotate_ns = 7200 * TSEC_NS_PER_S,
        .has_max_uses = true,
        .max_uses = 5,
    };

    keys_begin();
    OK(keys_create_aes("k"));
    OK(keys_configure("k", &settings));
    OK(keys_use("k", 5));
    OK(keys_rotate_times("k", TRANSIT_VERSIONS_MAX - 1));
    EXPECT_REFUSAL(keys_rotate_times("k", 1), TSEC_E_INVALID,
                   "key k has 960 versions, which is as many as a key can have; trim it");
    CU_ASSERT_EQUAL(keys_rows(KEYS_MOUNT "/v/"), TRANSIT_VERSIONS_MAX);
    OK(keys_delete("k"));
    CU_ASSERT_EQUAL(keys_rows(KEYS_MOUNT "/"), 0);
    keys_end();
}

static const struct test_case cases[] = {
    { "names have Vault's grammar", names_have_vaults_grammar },
    { "a key reads back after a restart", a_key_reads_back_after_a_restart },
    { "keys are listed in order", keys_are_listed_in_order },
    { "a key that is not there is not found", a_key_that_is_not_there_is_not_found },
    { "a name that is taken or none is refused", a_name_that_is_taken_or_none_is_refused },
    { "a key goes with all that is its", a_key_goes_with_all_that_is_its_only_when_allowed },
    { "a key with every version can be deleted", a_key_with_every_version_can_be_deleted },
};

TEST_MAIN("core/transit_key", cases)
