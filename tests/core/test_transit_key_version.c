/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/core/transit_bench.h"

static tsec_rc
minima(const char *name, int64_t version)
{
    const struct transit_settings settings = {
        .has_min_decryption = true,
        .min_decryption = version,
        .has_min_encryption = true,
        .min_encryption = version,
    };

    return keys_configure(name, &settings);
}

static tsec_rc
create(const char *type_name, enum transit_type type, size_t len)
{
    const struct transit_fresh first = keys_fresh(type, len, 1);

    return keys_create(&(struct transit_key){ .name = "k", .type_name = type_name }, &first);
}

static void
material_of_every_symmetric_type_is_taken(void)
{
    static const struct {
        const char *name;
        size_t len;
    } types[] = {
        { "aes256-gcm96", 32 }, { "aes128-gcm96", 16 }, { "chacha20-poly1305", 32 },
        { "xaes256-gcm", 32 },  { "hmac", 32 },         { "hmac", 512 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        keys_begin();
        OK(create(types[i].name, transit_type_named(types[i].name), types[i].len));
        CU_ASSERT_EQUAL(keys_version("k", 1)->material.len, types[i].len);
        keys_end();
    }
}

static void
material_of_another_type_or_length_is_refused(void)
{
    keys_begin();
    EXPECT_REFUSAL(create("aes256-gcm96", TRANSIT_AES128_GCM96, 16), TSEC_E_INVALID,
                   "the key's material is not of type aes256-gcm96");
    EXPECT_REFUSAL(create("aes256-gcm96", TRANSIT_AES256_GCM96, 16), TSEC_E_INVALID,
                   "invalid key size for a key of type aes256-gcm96");
    EXPECT_CODE(create("aes256-gcm96", TRANSIT_AES256_GCM96, 0), TSEC_E_INVALID);
    EXPECT_CODE(create("aes128-gcm96", TRANSIT_AES128_GCM96, 32), TSEC_E_INVALID);
    EXPECT_CODE(create("hmac", TRANSIT_HMAC, 31), TSEC_E_INVALID);
    EXPECT_CODE(create("ed25519", TRANSIT_ED25519, 48), TSEC_E_INVALID); /* no public half */
    EXPECT_CODE(create("ecdsa-p256", (enum transit_type)0, 48), TSEC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(keys_list(), "");
    keys_end();
}

static void
a_version_without_its_hmac_key_is_refused(void)
{
    struct transit_fresh fresh = keys_fresh(TRANSIT_AES256_GCM96, 32, 1);

    fresh.hmac_key.len = 31;
    keys_begin();
    OK(keys_create_aes("k"));
    EXPECT_CODE(keys_rotate("k", &fresh), TSEC_E_INVALID);
    keys_end();
}

static void
a_rotated_key_has_its_old_versions_too(void)
{
    const struct transit_fresh two = keys_fresh(TRANSIT_AES256_GCM96, 32, 2);
    const struct transit_key *key;
    int64_t then;

    keys_begin();
    then = keys_now();
    OK(keys_create_aes("k"));
    keys_advance(60);
    OK(keys_rotate("k", &two));
    keys_restart();
    key = keys_get("k");
    CU_ASSERT_EQUAL(key->latest, 2);
    CU_ASSERT_EQUAL(key->revision, 2);
    CU_ASSERT_EQUAL(key->created_ns, then);
    CU_ASSERT_EQUAL(key->rotated_ns, then + 60 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(keys_version("k", 1)->material.ptr[0], 1);
    CU_ASSERT_EQUAL(keys_version("k", 1)->created_ns, then);
    CU_ASSERT_EQUAL(keys_version("k", 2)->material.ptr[0], 2);
    CU_ASSERT_EQUAL(keys_version("k", 2)->created_ns, then + 60 * TSEC_NS_PER_S);
    CU_ASSERT_PTR_NULL(keys_version("k", 3));
    CU_ASSERT_STRING_EQUAL(keys_detail(), "no such key version");
    CU_ASSERT_PTR_NULL(keys_version("k", 0));
    CU_ASSERT_PTR_NULL(keys_version("k", -1));
    keys_end();
}

static void
a_key_of_one_type_does_not_become_another(void)
{
    const struct transit_fresh other = keys_fresh(TRANSIT_CHACHA20_POLY1305, 32, 2);
    const struct transit_fresh longer = keys_fresh(TRANSIT_HMAC, 64, 2);

    keys_begin();
    OK(keys_create_aes("k"));
    EXPECT_REFUSAL(keys_rotate("k", &other), TSEC_E_INVALID,
                   "the key's material is not of type aes256-gcm96");
    CU_ASSERT_EQUAL(keys_get("k")->latest, 1);
    keys_end();
    keys_begin();
    OK(create("hmac", TRANSIT_HMAC, 32));
    EXPECT_REFUSAL(keys_rotate("k", &longer), TSEC_E_INVALID,
                   "the key's material is not of the size asked for");
    keys_end();
}

static void
an_imported_key_rotates_here_only_when_that_was_allowed(void)
{
    struct transit_fresh first = keys_fresh(TRANSIT_AES256_GCM96, 32, 1);
    const struct transit_fresh made = first;
    struct transit_key settings = { .name = "k", .type_name = "aes256-gcm96" };

    first.imported = true;
    keys_begin();
    OK(keys_create(&settings, &first));
    CU_ASSERT_TRUE(keys_get("k")->imported);
    CU_ASSERT_TRUE(keys_version("k", 1)->imported);
    EXPECT_REFUSAL(keys_rotate("k", &made), TSEC_E_INVALID,
                   "imported key k does not allow rotation here");
    OK(keys_rotate("k", &first));
    CU_ASSERT_TRUE(keys_get("k")->imported);

    settings.name = "free";
    settings.imported_rotation = true;
    OK(keys_create(&settings, &first));
    OK(keys_rotate("free", &made));
    CU_ASSERT_FALSE(keys_get("free")->imported);
    CU_ASSERT_TRUE(keys_version("free", 1)->imported);
    CU_ASSERT_FALSE(keys_version("free", 2)->imported);
    EXPECT_REFUSAL(keys_rotate("free", &first), TSEC_E_INVALID,
                   "the import_version endpoint can only be used with an imported key");
    keys_end();
}

static void
a_public_key_alone_is_imported_or_none(void)
{
    struct transit_fresh only = keys_fresh(TRANSIT_ED25519, 0, 1);
    struct transit_key settings = { .name = "k", .type_name = "ed25519" };

    only.spki = tsec_span_str("a public key");
    keys_begin();
    EXPECT_CODE(keys_create(&settings, &only), TSEC_E_INVALID);
    only.imported = true;
    settings.derived = true;
    EXPECT_REFUSAL(keys_create(&settings, &only), TSEC_E_INVALID,
                   "a key that others are derived from cannot be a public key alone");
    settings.derived = false;
    OK(keys_create(&settings, &only));
    CU_ASSERT_EQUAL(keys_version("k", 1)->material.len, 0);
    CU_ASSERT_TRUE(tsec_span_is(keys_version("k", 1)->spki, "a public key"));
    keys_end();
}

static void
trimmed_versions_are_gone(void)
{
    keys_begin();
    OK(keys_create_aes("k"));
    OK(keys_rotate_times("k", 4));
    OK(minima("k", 3));
    OK(keys_trim("k", 2));
    CU_ASSERT_PTR_NULL(keys_version("k", 1));
    CU_ASSERT_PTR_NOT_NULL(keys_version("k", 2));
    OK(keys_trim("k", 3));
    OK(keys_trim("k", 3));
    CU_ASSERT_PTR_NULL(keys_version("k", 2));
    CU_ASSERT_PTR_NOT_NULL(keys_version("k", 3));
    CU_ASSERT_EQUAL(transit_key_oldest(keys_get("k")), 3);
    CU_ASSERT_EQUAL(keys_rows(KEYS_MOUNT "/v/"), 3);
    OK(keys_rotate_times("k", 1));
    CU_ASSERT_EQUAL(keys_get("k")->latest, 6);
    keys_end();
}

static void
what_is_still_to_be_used_is_not_trimmed(void)
{
    const struct transit_settings decryption = { .has_min_decryption = true, .min_decryption = 2 };

    keys_begin();
    OK(keys_create_aes("k"));
    OK(keys_rotate_times("k", 4));
    EXPECT_REFUSAL(keys_trim("k", 1), TSEC_E_INVALID,
                   "minimum available version cannot be set when minimum encryption version is "
                   "not set");
    OK(minima("k", 4));
    OK(keys_configure("k", &decryption));
    EXPECT_REFUSAL(keys_trim("k", 5), TSEC_E_INVALID,
                   "minimum available version cannot be greater than minimum encryption version");
    EXPECT_REFUSAL(keys_trim("k", 3), TSEC_E_INVALID,
                   "minimum available version cannot be greater than minimum decryption version");
    EXPECT_REFUSAL(keys_trim("k", 0), TSEC_E_INVALID,
                   "minimum available version should be positive");
    EXPECT_REFUSAL(keys_trim("k", -1), TSEC_E_INVALID,
                   "minimum available version cannot be negative");
    OK(keys_trim("k", 2));
    EXPECT_REFUSAL(keys_trim("k", 1), TSEC_E_INVALID,
                   "minimum available version cannot be decremented");
    CU_ASSERT_EQUAL(keys_rows(KEYS_MOUNT "/v/"), 4);
    keys_end();
}

static void
trimming_makes_room_for_more_versions(void)
{
    keys_begin();
    OK(keys_create_aes("k"));
    OK(keys_rotate_times("k", TRANSIT_VERSIONS_MAX - 1));
    EXPECT_CODE(keys_rotate_times("k", 1), TSEC_E_INVALID);
    OK(minima("k", TRANSIT_VERSIONS_MAX));
    OK(keys_trim("k", TRANSIT_VERSIONS_MAX));
    CU_ASSERT_EQUAL(keys_rows(KEYS_MOUNT "/v/"), 1);
    OK(keys_rotate_times("k", 1));
    CU_ASSERT_EQUAL(keys_get("k")->latest, TRANSIT_VERSIONS_MAX + 1);
    keys_end();
}

static void
a_chain_is_its_versions_and_changes_nothing_else(void)
{
    struct transit_fresh fresh = keys_fresh(TRANSIT_ED25519, 48, 5);
    const struct transit_key settings = { .name = "k", .type_name = "ed25519" };

    fresh.spki = tsec_span_str("a public key");
    keys_begin();
    OK(keys_create(&settings, &fresh));
    OK(keys_rotate("k", &fresh));
    OK(keys_chain("k", 1, "-----BEGIN CERTIFICATE-----"));
    CU_ASSERT_TRUE(tsec_span_is(keys_version("k", 1)->chain, "-----BEGIN CERTIFICATE-----"));
    CU_ASSERT_EQUAL(keys_version("k", 1)->material.len, 48);
    CU_ASSERT_TRUE(tsec_span_is(keys_version("k", 1)->spki, "a public key"));
    CU_ASSERT_EQUAL(keys_version("k", 2)->chain.len, 0);
    CU_ASSERT_EQUAL(keys_get("k")->revision, 2);
    EXPECT_CODE(keys_chain("k", 3, "x"), TSEC_E_NOT_FOUND);
    OK(keys_create_aes("aes"));
    EXPECT_REFUSAL(keys_chain("aes", 1, "x"), TSEC_E_INVALID,
                   "a key of type aes256-gcm96 has no public key that a certificate could be for");
    keys_end();
}

static const struct test_case cases[] = {
    { "material of every symmetric type", material_of_every_symmetric_type_is_taken },
    { "material of another type or length", material_of_another_type_or_length_is_refused },
    { "a version without its HMAC key", a_version_without_its_hmac_key_is_refused },
    { "a rotated key has its old versions too", a_rotated_key_has_its_old_versions_too },
    { "a key of one type does not become another", a_key_of_one_type_does_not_become_another },
    { "an imported key rotates here only when allowed",
      an_imported_key_rotates_here_only_when_that_was_allowed },
    { "a public key alone is imported or none", a_public_key_alone_is_imported_or_none },
    { "trimmed versions are gone", trimmed_versions_are_gone },
    { "what is still to be used is not trimmed", what_is_still_to_be_used_is_not_trimmed },
    { "trimming makes room for more versions", trimming_makes_room_for_more_versions },
    { "a chain is its version's", a_chain_is_its_versions_and_changes_nothing_else },
};

TEST_MAIN("core/transit_key_version", cases)
