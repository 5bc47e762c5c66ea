/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/core/transit_bench.h"

static tsec_rc
create(struct transit_key settings, size_t len)
{
    struct transit_fresh first = keys_fresh(transit_type_named(settings.type_name), len, 1);
    const struct transit_traits *traits = transit_traits(first.type);

    if (traits != NULL && traits->pair != 0) {
        first.spki = tsec_span_str("a public key");
    }
    first.imported = settings.imported;
    settings.name = "k";
    return keys_create(&settings, &first);
}

#define CREATE(len, ...) create((struct transit_key){ __VA_ARGS__ }, (len))
#define SET(...)         keys_configure("k", &(struct transit_settings){ __VA_ARGS__ })

static void
settings_that_go_together_are_taken(void)
{
    keys_begin();
    OK(CREATE(32, .type_name = "aes256-gcm96", .derived = true, .convergent = true));
    CU_ASSERT_TRUE(keys_get("k")->derived && keys_get("k")->convergent);
    keys_end();
    keys_begin();
    OK(CREATE(48, .type_name = "ed25519", .derived = true));
    CU_ASSERT_TRUE(keys_get("k")->derived);
    keys_end();
    keys_begin();
    OK(CREATE(32, .type_name = "aes256-gcm96", .imported = true, .imported_rotation = true,
              .auto_rotate_ns = 3600 * TSEC_NS_PER_S));
    CU_ASSERT_TRUE(keys_get("k")->imported_rotation);
    keys_end();
}

static void
settings_that_do_not_are_refused(void)
{
    keys_begin();
    EXPECT_REFUSAL(CREATE(32, .type_name = "aes512"), TSEC_E_INVALID, "unknown key type aes512");
    EXPECT_REFUSAL(CREATE(32, .type_name = "aes256-gcm96", .convergent = true), TSEC_E_INVALID,
                   "convergent encryption requires derivation to be enabled");
    EXPECT_REFUSAL(CREATE(48, .type_name = "ecdsa-p256", .derived = true), TSEC_E_INVALID,
                   "key derivation and convergent encryption not supported for keys of type "
                   "ecdsa-p256");
    EXPECT_CODE(CREATE(32, .type_name = "hmac", .derived = true), TSEC_E_INVALID);
    EXPECT_CODE(CREATE(48, .type_name = "rsa-2048", .derived = true), TSEC_E_INVALID);
    EXPECT_REFUSAL(CREATE(48, .type_name = "ed25519", .derived = true, .convergent = true),
                   TSEC_E_INVALID, "convergent encryption not supported for keys of type ed25519");
    EXPECT_REFUSAL(CREATE(32, .type_name = "aes256-gcm96", .derived = true, .convergent = true,
                          .imported = true),
                   TSEC_E_INVALID,
                   "import cannot be used on keys with convergent encryption enabled");
    EXPECT_REFUSAL(CREATE(32, .type_name = "aes256-gcm96", .key_size = 32), TSEC_E_INVALID,
                   "key_size is not valid for algorithm aes256-gcm96");
    EXPECT_REFUSAL(CREATE(64, .type_name = "hmac", .key_size = 48), TSEC_E_INVALID,
                   "the key's material is not of the size asked for");
    EXPECT_REFUSAL(CREATE(32, .type_name = "aes256-gcm96", .auto_rotate_ns = 1), TSEC_E_INVALID,
                   "auto rotate period must be 0 to disable or at least an hour");
    EXPECT_CODE(CREATE(32, .type_name = "aes256-gcm96", .auto_rotate_ns = -7200 * TSEC_NS_PER_S),
                TSEC_E_INVALID);
    EXPECT_REFUSAL(CREATE(32, .type_name = "aes256-gcm96", .imported = true,
                          .auto_rotate_ns = 3600 * TSEC_NS_PER_S),
                   TSEC_E_INVALID,
                   "allow_rotation must be set to true if auto-rotation is enabled");
    EXPECT_REFUSAL(CREATE(32, .type_name = "aes256-gcm96", .max_uses = -1), TSEC_E_INVALID,
                   "max_uses cannot be negative");
    EXPECT_REFUSAL(CREATE(32, .type_name = "aes256-gcm96", .rate = -1), TSEC_E_INVALID,
                   "rate cannot be negative");
    CU_ASSERT_STRING_EQUAL(keys_list(), "");
    keys_end();
}

static void
minima_stay_among_the_versions(void)
{
    keys_begin();
    OK(keys_create_aes("k"));
    OK(keys_rotate_times("k", 3));
    EXPECT_REFUSAL(SET(.has_min_decryption = true, .min_decryption = 5), TSEC_E_INVALID,
                   "cannot set min decryption version of 5, latest key version is 4");
    EXPECT_REFUSAL(SET(.has_min_decryption = true, .min_decryption = -1), TSEC_E_INVALID,
                   "min decryption version cannot be negative");
    EXPECT_REFUSAL(SET(.has_min_encryption = true, .min_encryption = 5), TSEC_E_INVALID,
                   "cannot set min encryption version of 5, latest key version is 4");
    EXPECT_REFUSAL(SET(.has_min_encryption = true, .min_encryption = -1), TSEC_E_INVALID,
                   "min encryption version cannot be negative");
    EXPECT_REFUSAL(SET(.has_min_encryption = true, .min_encryption = 2, .has_min_decryption = true,
                       .min_decryption = 3),
                   TSEC_E_INVALID,
                   "cannot set min encryption/decryption values; min encryption version of 2 must "
                   "be greater than or equal to min decryption version of 3");
    OK(SET(.has_min_decryption = true, .min_decryption = 3));
    OK(SET(.has_min_encryption = true, .min_encryption = 4));
    CU_ASSERT_EQUAL(keys_get("k")->min_decryption, 3);
    CU_ASSERT_EQUAL(keys_get("k")->min_encryption, 4);
    OK(SET(.has_min_decryption = true, .min_decryption = 0));
    CU_ASSERT_EQUAL(keys_get("k")->min_decryption, 1);
    keys_end();
}

static void
minima_do_not_go_below_what_was_trimmed(void)
{
    keys_begin();
    OK(keys_create_aes("k"));
    OK(keys_rotate_times("k", 3));
    OK(SET(.has_min_decryption = true, .min_decryption = 3, .has_min_encryption = true,
           .min_encryption = 3));
    OK(keys_trim("k", 3));
    EXPECT_REFUSAL(SET(.has_min_encryption = true, .min_encryption = 0), TSEC_E_INVALID,
                   "min encryption version should not be less than min available version");
    EXPECT_REFUSAL(SET(.has_min_decryption = true, .min_decryption = 2), TSEC_E_INVALID,
                   "min decryption version should not be less than min available version");
    OK(SET(.has_min_decryption = true, .min_decryption = 4, .has_min_encryption = true,
           .min_encryption = 4));
    keys_end();
}

static void
what_opens_a_key_or_shuts_it_is_never_unset(void)
{
    keys_begin();
    OK(keys_create_aes("k"));
    OK(SET(.has_exportable = true, .exportable = true, .has_plaintext_backup = true,
           .plaintext_backup = true, .has_attested_only = true, .attested_only = true));
    OK(SET(.has_exportable = true, .has_plaintext_backup = true, .has_attested_only = true));
    CU_ASSERT_TRUE(keys_get("k")->exportable);
    CU_ASSERT_TRUE(keys_get("k")->plaintext_backup);
    CU_ASSERT_TRUE(keys_get("k")->attested_only);
    OK(SET(.has_deletion_allowed = true, .deletion_allowed = true));
    CU_ASSERT_TRUE(keys_get("k")->deletion_allowed);
    OK(SET(.has_deletion_allowed = true));
    CU_ASSERT_FALSE(keys_get("k")->deletion_allowed);
    keys_end();
}

static void
a_key_that_may_never_leave_cannot_be_opened_later(void)
{
    keys_begin();
    OK(keys_create_aes("k"));
    OK(SET(.has_never_exportable = true, .never_exportable = true));
    CU_ASSERT_TRUE(keys_get("k")->never_exportable);
    EXPECT_REFUSAL(
        SET(.has_exportable = true, .exportable = true), TSEC_E_INVALID,
        "a key that is never_exportable can be neither exportable nor backed up in plain "
        "text");
    EXPECT_REFUSAL(
        SET(.has_plaintext_backup = true, .plaintext_backup = true), TSEC_E_INVALID,
        "a key that is never_exportable can be neither exportable nor backed up in plain "
        "text");
    OK(SET(.has_never_exportable = true));
    CU_ASSERT_TRUE(keys_get("k")->never_exportable);
    OK(keys_create_aes("open"));
    OK(keys_configure("open",
                      &(struct transit_settings){ .has_exportable = true, .exportable = true }));
    keys_end();
}

static void
what_is_not_given_stays_and_nothing_new_is_no_revision(void)
{
    keys_begin();
    OK(keys_create_aes("k"));
    OK(SET(.has_rate = true, .rate = 7, .has_max_uses = true, .max_uses = 9));
    CU_ASSERT_EQUAL(keys_get("k")->revision, 2);
    OK(SET(.rate = 1, .max_uses = 1, .exportable = true, .min_decryption = 99));
    OK(SET(.has_rate = true, .rate = 7));
    CU_ASSERT_EQUAL(keys_get("k")->revision, 2);
    CU_ASSERT_EQUAL(keys_get("k")->rate, 7);
    CU_ASSERT_EQUAL(keys_get("k")->max_uses, 9);
    CU_ASSERT_FALSE(keys_get("k")->exportable);
    EXPECT_REFUSAL(SET(.has_rate = true, .rate = -1), TSEC_E_INVALID, "rate cannot be negative");
    EXPECT_REFUSAL(SET(.has_max_uses = true, .max_uses = -1), TSEC_E_INVALID,
                   "max_uses cannot be negative");
    EXPECT_REFUSAL(SET(.has_auto_rotate = true, .auto_rotate_ns = 3599 * TSEC_NS_PER_S),
                   TSEC_E_INVALID, "auto rotate period must be 0 to disable or at least an hour");
    CU_ASSERT_EQUAL(keys_get("k")->revision, 2);
    keys_end();
}

static const struct test_case cases[] = {
    { "settings that go together are taken", settings_that_go_together_are_taken },
    { "settings that do not are refused", settings_that_do_not_are_refused },
    { "minima stay among the versions", minima_stay_among_the_versions },
    { "minima do not go below what was trimmed", minima_do_not_go_below_what_was_trimmed },
    { "what opens a key or shuts it is never unset", what_opens_a_key_or_shuts_it_is_never_unset },
    { "a key that may never leave cannot be opened later",
      a_key_that_may_never_leave_cannot_be_opened_later },
    { "what is not given stays", what_is_not_given_stays_and_nothing_new_is_no_revision },
};

TEST_MAIN("core/transit_key_settings", cases)
