/* SPDX-License-Identifier: Apache-2.0 */
#include "api/transit_wire.h"

#include "tests/test.h"

static const struct transit_key key = {
    .latest = 5,
    .min_available = 2,
    .min_decryption = 3,
    .min_encryption = 4,
};

static void
the_prefix_says_the_version(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(64);
    struct tsec_span rest = { 0 };
    int64_t version = -1;

    CU_ASSERT_PTR_NULL(
        transit_wire_read(TRANSIT_CIPHERTEXT, tsec_span_str("vault:v17:a:b="), &version, &rest));
    CU_ASSERT_EQUAL(version, 17);
    CU_ASSERT_TRUE(tsec_span_is(rest, "a:b="));
    CU_ASSERT_PTR_NULL(
        transit_wire_read(TRANSIT_SIGNATURE, tsec_span_str("vault:v0:"), &version, &rest));
    CU_ASSERT_EQUAL(version, 0);
    CU_ASSERT_EQUAL(rest.len, 0);
    transit_wire_put(&out, 960);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&out), "vault:v960:"));
    /* a restored key may have had more versions than there can be at a time */
    tsec_buf_reset(&out);
    transit_wire_put(&out, 1000000000);
    CU_ASSERT_PTR_NULL(transit_wire_read(TRANSIT_CIPHERTEXT, tsec_buf_span(&out), &version, &rest));
    CU_ASSERT_EQUAL(version, 1000000000);
}

static void
what_is_no_prefix_is_refused_in_vaults_words(void)
{
    static const struct {
        enum transit_thing thing;
        const char *text;
        const char *error;
    } table[] = {
        { TRANSIT_CIPHERTEXT, "", "invalid ciphertext: no prefix" },
        { TRANSIT_CIPHERTEXT, "AAAA", "invalid ciphertext: no prefix" },
        { TRANSIT_CIPHERTEXT, "vault:", "invalid ciphertext: no prefix" },
        { TRANSIT_CIPHERTEXT, "Vault:v1:x", "invalid ciphertext: no prefix" },
        { TRANSIT_CIPHERTEXT, "vault:v", "invalid ciphertext: wrong number of fields" },
        { TRANSIT_CIPHERTEXT, "vault:v1", "invalid ciphertext: wrong number of fields" },
        { TRANSIT_CIPHERTEXT, "vault:v:x",
          "invalid ciphertext: version number could not be decoded" },
        { TRANSIT_CIPHERTEXT, "vault:vx:x",
          "invalid ciphertext: version number could not be decoded" },
        { TRANSIT_CIPHERTEXT, "vault:v-1:x",
          "invalid ciphertext: version number could not be decoded" },
        { TRANSIT_CIPHERTEXT, "vault:v01:x",
          "invalid ciphertext: version number could not be decoded" },
        { TRANSIT_CIPHERTEXT, "vault:v99999999999999999999:x",
          "invalid ciphertext: version number could not be decoded" },
        { TRANSIT_CIPHERTEXT, "vault:v9999999999999999999:x",
          "invalid ciphertext: version number could not be decoded" },
        { TRANSIT_SIGNATURE, "sig", "invalid signature: no prefix" },
        { TRANSIT_SIGNATURE, "vault:v1", "invalid signature: wrong number of fields" },
        { TRANSIT_SIGNATURE,
          "vault:v1x:", "invalid signature: version number could not be decoded" },
        { TRANSIT_MAC, "mac", "invalid HMAC to verify: no prefix" },
        { TRANSIT_MAC, "vault:v1", "invalid HMAC: wrong number of fields" },
        { TRANSIT_MAC, "vault:v :", "invalid HMAC: version number could not be decoded" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        struct tsec_span rest = { 0 };
        int64_t version = 0;
        const char *error =
            transit_wire_read(table[i].thing, tsec_span_str(table[i].text), &version, &rest);

        CU_ASSERT_PTR_NOT_NULL_FATAL(error);
        CU_ASSERT_STRING_EQUAL(error, table[i].error);
    }
}

static const char *
making(enum transit_thing thing, int64_t version)
{
    const char *error = transit_wire_making(thing, &key, &version);

    if (error == NULL) {
        CU_ASSERT_TRUE(version >= 4 && version <= 5);
    }
    return error == NULL ? "" : error;
}

static void
new_things_are_made_with_allowed_versions_only(void)
{
    int64_t latest = 0;

    CU_ASSERT_PTR_NULL(transit_wire_making(TRANSIT_CIPHERTEXT, &key, &latest));
    CU_ASSERT_EQUAL(latest, 5);
    CU_ASSERT_STRING_EQUAL(making(TRANSIT_CIPHERTEXT, 4), "");
    CU_ASSERT_STRING_EQUAL(making(TRANSIT_CIPHERTEXT, 5), "");
    CU_ASSERT_STRING_EQUAL(
        making(TRANSIT_CIPHERTEXT, 3),
        "requested version for encryption is less than the minimum encryption key version");
    CU_ASSERT_STRING_EQUAL(
        making(TRANSIT_CIPHERTEXT, 6),
        "requested version for encryption is higher than the latest key version");
    CU_ASSERT_STRING_EQUAL(making(TRANSIT_CIPHERTEXT, -1),
                           "requested version for encryption is negative");
    CU_ASSERT_STRING_EQUAL(making(TRANSIT_SIGNATURE, 6),
                           "requested version for signing is higher than the latest key version");
    CU_ASSERT_STRING_EQUAL(making(TRANSIT_MAC, 1),
                           "cannot generate HMAC: version is too old (disallowed by policy)");
}

static const char *
opening(enum transit_thing thing, int64_t version)
{
    const char *error = transit_wire_opening(thing, &key, &version);

    return error == NULL ? "" : error;
}

static void
old_things_are_opened_down_to_the_minimum(void)
{
    CU_ASSERT_STRING_EQUAL(opening(TRANSIT_CIPHERTEXT, 3), "");
    CU_ASSERT_STRING_EQUAL(opening(TRANSIT_CIPHERTEXT, 5), "");
    CU_ASSERT_STRING_EQUAL(opening(TRANSIT_CIPHERTEXT, 2),
                           "ciphertext or signature version is disallowed by policy (too old)");
    CU_ASSERT_STRING_EQUAL(opening(TRANSIT_CIPHERTEXT, 6),
                           "invalid ciphertext: version is too new");
    CU_ASSERT_STRING_EQUAL(opening(TRANSIT_SIGNATURE, 6), "invalid signature: version is too new");
    CU_ASSERT_STRING_EQUAL(opening(TRANSIT_SIGNATURE, 0),
                           "ciphertext or signature version is disallowed by policy (too old)");
    CU_ASSERT_STRING_EQUAL(opening(TRANSIT_MAC, 2),
                           "cannot verify HMAC: version is too old (disallowed by policy)");
    CU_ASSERT_STRING_EQUAL(opening(TRANSIT_MAC, 6), "invalid HMAC: version is too new");
}

/* Vault once began with 0. */
static void
version_zero_of_a_ciphertext_is_the_first(void)
{
    const struct transit_key fresh = { .latest = 1, .min_decryption = 1 };
    int64_t version = 0;

    CU_ASSERT_PTR_NULL(transit_wire_opening(TRANSIT_CIPHERTEXT, &fresh, &version));
    CU_ASSERT_EQUAL(version, 1);
    version = 0;
    CU_ASSERT_PTR_NOT_NULL(transit_wire_opening(TRANSIT_SIGNATURE, &fresh, &version));
}

static const struct test_case cases[] = {
    { "the prefix says the version", the_prefix_says_the_version },
    { "what is no prefix is refused in Vault's words",
      what_is_no_prefix_is_refused_in_vaults_words },
    { "new things are made with allowed versions only",
      new_things_are_made_with_allowed_versions_only },
    { "old things are opened down to the minimum", old_things_are_opened_down_to_the_minimum },
    { "version zero of a ciphertext is the first", version_zero_of_a_ciphertext_is_the_first },
};

TEST_MAIN("api/transit_wire", cases)
