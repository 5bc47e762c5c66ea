/* SPDX-License-Identifier: Apache-2.0 */
#include "core/transit_crypt.h"

#include "base/base64.h"
#include "tests/core/material_bench.h"

static const struct transit_params plainly;
static const struct tsec_signing usual = { .hash = TSEC_SHA256, .salt_len = TSEC_SALT_AUTO };

static struct transit_params
in_context(const char *context)
{
    return (struct transit_params){ .context = text(context), .derived = true };
}

static bool
signs(enum transit_type type)
{
    return transit_traits(type)->signs;
}

static void
what_was_signed_verifies_and_nothing_else_does(void)
{
    for (int i = 1; i < TRANSIT_TYPES; i++) {
        const enum transit_type type = (enum transit_type)i;

        if (!signs(type) || type == TRANSIT_RSA_3072 || type == TRANSIT_RSA_4096) {
            continue; /* as RSA_2048, and slow to make */
        }

        AUTO_MATERIAL *mine = material_made(type, false);
        AUTO_MATERIAL *other = material_made(type, false);
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
        int recovery_id = 99;

        OK(transit_sign(mine, &plainly, &usual, text("message"), &sig, &recovery_id, NULL, NULL));
        CU_ASSERT_EQUAL(recovery_id >= 0, type == TRANSIT_ECDSA_SECP256K1);
        CU_ASSERT_TRUE(recovery_id >= -1 && recovery_id <= 3);

        const struct tsec_span given = tsec_buf_span(&sig);

        EXPECT_CODE(transit_verify(mine, &plainly, &usual, text("message"), given, NULL), 0);
        EXPECT_CODE(transit_verify(mine, &plainly, &usual, text("massage"), given, NULL),
                    TSEC_E_DENIED);
        EXPECT_CODE(transit_verify(other, &plainly, &usual, text("message"), given, NULL),
                    TSEC_E_DENIED);
        CU_ASSERT_TRUE(tsec_failed(transit_verify(mine, &plainly, &usual, text("message"),
                                                  tsec_span(given.ptr, given.len - 1), NULL)));
        CU_ASSERT_TRUE(
            tsec_failed(transit_verify(mine, &plainly, &usual, text("message"), text(""), NULL)));
    }
}

static void
how_it_is_signed_counts(void)
{
    AUTO_MATERIAL *p256 = material_made(TRANSIT_ECDSA_P256, false);
    const struct tsec_signing raw = { .hash = TSEC_SHA256, .form = TSEC_FORM_RAW };
    const struct tsec_signing sha512 = { .hash = TSEC_SHA512, .form = TSEC_FORM_RAW };
    const struct tsec_signing digest = { .hash = TSEC_SHA256,
                                         .form = TSEC_FORM_RAW,
                                         .prehashed = true };
    uint8_t hash[TSEC_SHA256_LEN];
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

    tsec_sha256(text("message"), hash);
    OK(transit_sign(p256, &plainly, &raw, text("message"), &sig, NULL, NULL, NULL));
    CU_ASSERT_EQUAL(sig.len, 64);
    EXPECT_CODE(transit_verify(p256, &plainly, &raw, text("message"), tsec_buf_span(&sig), NULL),
                0);
    EXPECT_CODE(transit_verify(p256, &plainly, &digest, tsec_span(hash, sizeof(hash)),
                               tsec_buf_span(&sig), NULL),
                0);
    EXPECT_CODE(transit_verify(p256, &plainly, &sha512, text("message"), tsec_buf_span(&sig), NULL),
                TSEC_E_DENIED);
    EXPECT_CODE(transit_verify(p256, &plainly, &usual, text("message"), tsec_buf_span(&sig), NULL),
                TSEC_E_INVALID); /* no DER */
    EXPECT_CODE(transit_verify(p256, &plainly, &digest, text("message"), tsec_buf_span(&sig), NULL),
                TSEC_E_INVALID); /* no digest */
    EXPECT_CODE(transit_sign(p256, &plainly, &digest, text("message"), &sig, NULL, NULL, NULL),
                TSEC_E_INVALID);
}

/* Ed25519 signatures are determined: these are what HashiCorp's own code makes of the private key
 * 7, 7, 7 … for the context "user-4711". */
static void
a_derived_ed25519_key_is_vaults(void)
{
    static const char public_hex[] =
        "2c7dbc6a89e3391541aaa8749cefa94bd965fa6c22c6465f3824632f5cf11d23";
    static const char signature[] = "V+MzLIyMeXI2Osx9d8oMykFkWjw6pTnyy1YA2dudc6xRopEL8gU41T+WZjqvPo"
                                    "pm1QNVNiKyGRhgo2Ux1wqrBQ==";
    const struct transit_params params = in_context("user-4711");
    uint8_t seed[32];
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(32);
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(32);
    TSEC_AUTO_BUF struct tsec_buf wanted = TSEC_BUF_INIT(64);

    memset(seed, 7, sizeof(seed));
    OK(tsec_pair_from_seed(seed, &pair, NULL));
    OK(tsec_pair_pkcs8(pair, &pkcs8, NULL));
    OK(tsec_base64_decode(&wanted, TSEC_BASE64_STD, text(signature), NULL));

    AUTO_MATERIAL *material = material_of(TRANSIT_ED25519, tsec_buf_span(&pkcs8));

    OK(transit_sign(material, &params, &usual, text("the message"), &sig, NULL, &key, NULL));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&sig), tsec_buf_span(&wanted)));
    CU_ASSERT_TRUE(is_hex(tsec_buf_span(&key), public_hex));
    OK(transit_derived_public(material, params.context, &again, NULL));
    CU_ASSERT_TRUE(is_hex(tsec_buf_span(&again), public_hex));
    OK(transit_verify(material, &params, &usual, text("the message"), tsec_buf_span(&sig), NULL));
}

static void
each_context_has_a_key_of_its_own(void)
{
    AUTO_MATERIAL *material = material_made(TRANSIT_ED25519, false);
    const struct transit_params one = in_context("one");
    const struct transit_params two = in_context("two");
    const struct transit_params none = in_context("");
    const struct transit_params surplus = { .context = text("one") };
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(32);

    OK(transit_sign(material, &one, &usual, text("m"), &sig, NULL, &key, NULL));

    const struct tsec_span given = tsec_buf_span(&sig);

    EXPECT_CODE(transit_verify(material, &one, &usual, text("m"), given, NULL), 0);
    EXPECT_CODE(transit_verify(material, &two, &usual, text("m"), given, NULL), TSEC_E_DENIED);
    EXPECT_CODE(transit_verify(material, &plainly, &usual, text("m"), given, NULL), TSEC_E_DENIED);
    EXPECT_CODE(transit_verify(material, &none, &usual, text("m"), given, NULL), TSEC_E_INVALID);
    EXPECT_CODE(transit_verify(material, &surplus, &usual, text("m"), given, NULL), TSEC_E_INVALID);
    EXPECT_CODE(transit_sign(material, &none, &usual, text("m"), &sig, NULL, NULL, NULL),
                TSEC_E_INVALID);
    EXPECT_CODE(transit_sign(material, &surplus, &usual, text("m"), &sig, NULL, NULL, NULL),
                TSEC_E_INVALID);
    EXPECT_CODE(transit_derived_public(material, text(""), &key, NULL), TSEC_E_INVALID);
}

static void
a_key_that_is_not_derived_tells_no_derived_public_key(void)
{
    AUTO_MATERIAL *material = material_made(TRANSIT_ED25519, false);
    AUTO_MATERIAL *aes = material_of(TRANSIT_AES256_GCM96, counting(32));
    AUTO_MATERIAL *p256 = material_made(TRANSIT_ECDSA_P256, false);
    const struct transit_params derived = in_context("c");
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(32);

    OK(transit_sign(material, &plainly, &usual, text("m"), &sig, NULL, &key, NULL));
    CU_ASSERT_EQUAL(key.len, 0);
    EXPECT_CODE(transit_derived_public(aes, text("c"), &key, NULL), TSEC_E_INVALID);
    EXPECT_CODE(transit_derived_public(p256, text("c"), &key, NULL), TSEC_E_INVALID);
    EXPECT_CODE(transit_sign(p256, &derived, &usual, text("m"), &sig, NULL, NULL, NULL),
                TSEC_E_INVALID);
    CU_ASSERT_EQUAL(key.len, 0);
}

static const char *
refusal_to_sign(const struct transit_material *material, const struct transit_params *params)
{
    static struct tsec_err err;
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

    EXPECT_CODE(transit_sign(material, params, &usual, text("m"), &sig, NULL, NULL, &err),
                TSEC_E_INVALID);
    CU_ASSERT_EQUAL(sig.len, 0);
    return err.detail;
}

static void
keys_that_encrypt_or_authenticate_do_not_sign(void)
{
    char wanted[128];

    for (int i = 1; i < TRANSIT_TYPES; i++) {
        const enum transit_type type = (enum transit_type)i;
        struct tsec_err err = { 0 };

        if (signs(type)) {
            continue;
        }

        AUTO_MATERIAL *material = material_made(type, false);

        (void)snprintf(wanted, sizeof(wanted), "key type %s does not support signing",
                       transit_traits(type)->name);
        CU_ASSERT_STRING_EQUAL(refusal_to_sign(material, &plainly), wanted);
        EXPECT_CODE(transit_verify(material, &plainly, &usual, text("m"), text("s"), &err),
                    TSEC_E_INVALID);
        (void)snprintf(wanted, sizeof(wanted), "key type %s does not support verification",
                       transit_traits(type)->name);
        CU_ASSERT_STRING_EQUAL(err.detail, wanted);
    }
}

static void
a_public_key_verifies_and_does_not_sign(void)
{
    static const enum transit_type types[] = { TRANSIT_ED25519, TRANSIT_ECDSA_P256,
                                               TRANSIT_ECDSA_SECP256K1, TRANSIT_RSA_2048 };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        AUTO_MATERIAL *whole = material_made(types[i], false);
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
        struct transit_version version = { .number = 1 };
        AUTO_MATERIAL *half = NULL;

        OK(tsec_pair_spki(transit_material_pair(whole), &spki, NULL));
        version.spki = tsec_buf_span(&spki);
        OK(transit_material_new(types[i], &version, &half, NULL));
        OK(transit_sign(whole, &plainly, &usual, text("m"), &sig, NULL, NULL, NULL));
        EXPECT_CODE(transit_verify(half, &plainly, &usual, text("m"), tsec_buf_span(&sig), NULL),
                    0);
        CU_ASSERT_STRING_EQUAL(refusal_to_sign(half, &plainly),
                               "requested version for signing does not contain a private part");
    }
}

static void
associated_data_is_for_ciphers(void)
{
    AUTO_MATERIAL *material = material_made(TRANSIT_ED25519, false);
    const struct transit_params params = { .associated = text("a") };

    CU_ASSERT_STRING_EQUAL(refusal_to_sign(material, &params),
                           "'associated_data' provided for non-AEAD cipher suite ed25519");
}

/* RFC 4231, test case 6: a key of 131 bytes. */
static void
a_key_of_type_hmac_authenticates_with_its_material(void)
{
    uint8_t key[131];
    uint8_t mac[TSEC_SHA512_LEN];

    memset(key, 0xaa, sizeof(key));

    AUTO_MATERIAL *material = material_of(TRANSIT_HMAC, tsec_span(key, sizeof(key)));
    const struct tsec_span input = text("Test Using Larger Than Block-Size Key - Hash Key First");

    OK(transit_hmac(material, TSEC_SHA256, input, mac, NULL));
    CU_ASSERT_TRUE(is_hex(tsec_span(mac, 32),
                          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
    OK(transit_hmac(material, TSEC_SHA224, input, mac, NULL));
    CU_ASSERT_TRUE(
        is_hex(tsec_span(mac, 28), "95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e"));
}

static void
other_keys_authenticate_with_the_hmac_key_of_their_version(void)
{
    uint8_t wanted[TSEC_SHA512_LEN];
    uint8_t mac[TSEC_SHA512_LEN];
    AUTO_MATERIAL *aes = material_of(TRANSIT_AES256_GCM96, counting(32));
    const struct transit_version bare = { .number = 1, .material = counting(32) };
    AUTO_MATERIAL *without = NULL;
    struct tsec_err err = { 0 };

    for (int hash = TSEC_SHA224; hash < TSEC_HASHES; hash++) {
        const size_t len = tsec_hash_len((enum tsec_hash)hash);

        OK(transit_hmac(aes, (enum tsec_hash)hash, text("m"), mac, NULL));
        OK(tsec_hmac((enum tsec_hash)hash, counting(TRANSIT_HMAC_KEY_LEN), text("m"), wanted,
                     NULL));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_span(mac, len), tsec_span(wanted, len)));
    }
    EXPECT_CODE(transit_hmac(aes, (enum tsec_hash)TSEC_HASH_NONE, text("m"), mac, NULL),
                TSEC_E_INVALID);
    OK(transit_material_new(TRANSIT_AES256_GCM96, &bare, &without, NULL));
    EXPECT_CODE(transit_hmac(without, TSEC_SHA256, text("m"), mac, &err), TSEC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "no HMAC key exists for that key version");
}

static const struct test_case cases[] = {
    { "what was signed verifies and nothing else does",
      what_was_signed_verifies_and_nothing_else_does },
    { "how it is signed counts", how_it_is_signed_counts },
    { "a derived Ed25519 key is Vault's", a_derived_ed25519_key_is_vaults },
    { "each context has a key of its own", each_context_has_a_key_of_its_own },
    { "a key that is not derived tells no derived public key",
      a_key_that_is_not_derived_tells_no_derived_public_key },
    { "keys that encrypt or authenticate do not sign",
      keys_that_encrypt_or_authenticate_do_not_sign },
    { "a public key verifies and does not sign", a_public_key_verifies_and_does_not_sign },
    { "associated data is for ciphers", associated_data_is_for_ciphers },
    { "a key of type hmac authenticates with its material",
      a_key_of_type_hmac_authenticates_with_its_material },
    { "other keys authenticate with the HMAC key of their version",
      other_keys_authenticate_with_the_hmac_key_of_their_version },
};

TEST_MAIN("core/transit_crypt_sign", cases)
