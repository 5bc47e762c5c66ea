/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "codec/pem.h"
#include "core/transit_transfer.h"
#include "tests/core/transit_bench.h"

static struct tsec_arena *arena;
static struct tsec_buf text = TSEC_BUF_INIT(16384);
static struct tsec_buf der = TSEC_BUF_INIT(16384);
static struct tsec_err err;

static void
begin(void)
{
    OK(tsec_arena_new(1 << 20, &arena, NULL));
}

static void
end(void)
{
    tsec_arena_free(arena);
    tsec_buf_done(&text);
    tsec_buf_done(&der);
}

static struct transit_version
version_of(enum transit_type type)
{
    struct transit_fresh made;

    OK(transit_make(type, 0, arena, &made, NULL));
    return (struct transit_version){
        .number = 1, .material = made.material, .hmac_key = made.hmac_key, .spki = made.spki
    };
}

static struct transit_key
key_of(enum transit_type type)
{
    return (struct transit_key){
        .name = "k", .type_name = transit_traits(type)->name, .latest = 1, .exportable = true
    };
}

static tsec_rc export(const struct transit_key *key, const struct transit_version *version,
                      enum transit_export what, enum transit_export_format format)
{
    tsec_buf_reset(&text);
    err = (struct tsec_err){ 0 };
    return transit_export(key, version, what, format, &text, &err);
}

static void
expect_base64_of(struct tsec_span wanted)
{
    tsec_buf_reset(&der);
    OK(tsec_base64_decode(&der, TSEC_BASE64_STD, tsec_buf_span(&text), NULL));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&der), wanted));
}

/* Leaves the contents in `der`. */
static void
expect_pem(const char *wanted)
{
    struct tsec_span rest = tsec_buf_span(&text);
    struct tsec_span label = { NULL, 0 };
    bool found = false;

    OK(tsec_pem_next(&rest, &label, &der, &found, NULL));
    CU_ASSERT_TRUE_FATAL(found);
    CU_ASSERT_TRUE(tsec_span_is(label, wanted));
}

static void
symmetric_keys_are_base64(void)
{
    static const enum transit_type types[] = { TRANSIT_AES256_GCM96, TRANSIT_AES128_GCM96,
                                               TRANSIT_CHACHA20_POLY1305, TRANSIT_XAES256_GCM };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        const struct transit_key key = key_of(types[i]);
        const struct transit_version version = version_of(types[i]);

        OK(export(&key, &version, TRANSIT_EXPORT_ENCRYPTION, TRANSIT_FORMAT_DEFAULT));
        expect_base64_of(version.material);
        OK(export(&key, &version, TRANSIT_EXPORT_ENCRYPTION, TRANSIT_FORMAT_RAW));
        expect_base64_of(version.material);
        OK(export(&key, &version, TRANSIT_EXPORT_HMAC, TRANSIT_FORMAT_DEFAULT));
        expect_base64_of(version.hmac_key);
        EXPECT_CODE(export(&key, &version, TRANSIT_EXPORT_ENCRYPTION, TRANSIT_FORMAT_DER),
                    TSEC_E_INVALID);
        EXPECT_CODE(export(&key, &version, TRANSIT_EXPORT_HMAC, TRANSIT_FORMAT_PEM),
                    TSEC_E_INVALID);
        EXPECT_CODE(export(&key, &version, TRANSIT_EXPORT_SIGNING, TRANSIT_FORMAT_DEFAULT),
                    TSEC_E_INVALID);
        CU_ASSERT_STRING_EQUAL(err.detail, "signing not supported for the key");
        EXPECT_CODE(export(&key, &version, TRANSIT_EXPORT_PUBLIC, TRANSIT_FORMAT_DEFAULT),
                    TSEC_E_INVALID);
        EXPECT_CODE(export(&key, &version, TRANSIT_EXPORT_CHAIN, TRANSIT_FORMAT_DEFAULT),
                    TSEC_E_INVALID);
        CU_ASSERT_EQUAL(text.len, 0);
    }
    end();
}

static void
an_hmac_key_is_its_own(void)
{
    const struct transit_key key = key_of(TRANSIT_HMAC);
    struct transit_version version;

    begin();
    version = version_of(TRANSIT_HMAC);
    OK(export(&key, &version, TRANSIT_EXPORT_HMAC, TRANSIT_FORMAT_DEFAULT));
    expect_base64_of(version.material);
    EXPECT_CODE(export(&key, &version, TRANSIT_EXPORT_ENCRYPTION, TRANSIT_FORMAT_DEFAULT),
                TSEC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "encryption not supported for the key");
    end();
}

static void
curves_are_sec1_and_pkcs8(void)
{
    static const enum transit_type types[] = { TRANSIT_ECDSA_P256, TRANSIT_ECDSA_P384,
                                               TRANSIT_ECDSA_P521, TRANSIT_ECDSA_SECP256K1 };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        const struct transit_key key = key_of(types[i]);
        const struct transit_version version = version_of(types[i]);

        OK(export(&key, &version, TRANSIT_EXPORT_SIGNING, TRANSIT_FORMAT_DEFAULT));
        expect_pem("EC PRIVATE KEY");
        OK(export(&key, &version, TRANSIT_EXPORT_SIGNING, TRANSIT_FORMAT_PEM));
        expect_pem("PRIVATE KEY");
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&der), version.material));
        OK(export(&key, &version, TRANSIT_EXPORT_SIGNING, TRANSIT_FORMAT_DER));
        expect_base64_of(version.material);
        EXPECT_CODE(export(&key, &version, TRANSIT_EXPORT_SIGNING, TRANSIT_FORMAT_RAW),
                    TSEC_E_INVALID);
        OK(export(&key, &version, TRANSIT_EXPORT_PUBLIC, TRANSIT_FORMAT_DEFAULT));
        expect_pem("PUBLIC KEY");
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&der), version.spki));
        EXPECT_CODE(export(&key, &version, TRANSIT_EXPORT_PUBLIC, TRANSIT_FORMAT_RAW),
                    TSEC_E_INVALID);
        EXPECT_CODE(export(&key, &version, TRANSIT_EXPORT_ENCRYPTION, TRANSIT_FORMAT_DEFAULT),
                    TSEC_E_INVALID);
    }
    end();
}

static void
rsa_is_pkcs1_and_pkcs8_for_either_use(void)
{
    const struct transit_key key = key_of(TRANSIT_RSA_2048);
    struct transit_version version;

    begin();
    version = version_of(TRANSIT_RSA_2048);
    OK(export(&key, &version, TRANSIT_EXPORT_ENCRYPTION, TRANSIT_FORMAT_DEFAULT));
    expect_pem("RSA PRIVATE KEY");
    OK(export(&key, &version, TRANSIT_EXPORT_SIGNING, TRANSIT_FORMAT_PEM));
    expect_pem("PRIVATE KEY");
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&der), version.material));
    OK(export(&key, &version, TRANSIT_EXPORT_PUBLIC, TRANSIT_FORMAT_DER));
    expect_base64_of(version.spki);
    EXPECT_CODE(export(&key, &version, TRANSIT_EXPORT_SIGNING, TRANSIT_FORMAT_RAW), TSEC_E_INVALID);
    end();
}

static void
ed25519_is_seed_and_public_key(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    struct transit_key key = key_of(TRANSIT_ED25519);
    struct transit_version version;

    begin();
    version = version_of(TRANSIT_ED25519);
    OK(export(&key, &version, TRANSIT_EXPORT_SIGNING, TRANSIT_FORMAT_DEFAULT));
    OK(tsec_base64_decode(&der, TSEC_BASE64_STD, tsec_buf_span(&text), NULL));
    CU_ASSERT_EQUAL_FATAL(der.len, 64);
    OK(tsec_pair_from_seed(der.ptr, &pair, NULL));
    OK(tsec_pair_spki(pair, &spki, NULL));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&spki), version.spki));
    OK(export(&key, &version, TRANSIT_EXPORT_PUBLIC, TRANSIT_FORMAT_RAW));
    expect_base64_of(tsec_span(spki.ptr + spki.len - 32, 32));
    OK(export(&key, &version, TRANSIT_EXPORT_PUBLIC, TRANSIT_FORMAT_PEM));
    expect_pem("PUBLIC KEY");
    OK(export(&key, &version, TRANSIT_EXPORT_SIGNING, TRANSIT_FORMAT_DER));
    expect_base64_of(version.material);
    key.derived = true;
    EXPECT_CODE(export(&key, &version, TRANSIT_EXPORT_PUBLIC, TRANSIT_FORMAT_DEFAULT),
                TSEC_E_INVALID);
    CU_ASSERT_EQUAL(text.len, 0);
    end();
}

static void
a_key_that_is_not_exportable_keeps_its_private_half(void)
{
    struct transit_key key = key_of(TRANSIT_ECDSA_P256);
    struct transit_version version;

    begin();
    version = version_of(TRANSIT_ECDSA_P256);
    key.exportable = false;
    EXPECT_CODE(export(&key, &version, TRANSIT_EXPORT_SIGNING, TRANSIT_FORMAT_DEFAULT),
                TSEC_E_DENIED);
    CU_ASSERT_STRING_EQUAL(err.detail, "private key material is not exportable");
    EXPECT_CODE(export(&key, &version, TRANSIT_EXPORT_HMAC, TRANSIT_FORMAT_DEFAULT), TSEC_E_DENIED);
    key.type_name = "aes256-gcm96";
    EXPECT_CODE(export(&key, &version, TRANSIT_EXPORT_ENCRYPTION, TRANSIT_FORMAT_DEFAULT),
                TSEC_E_DENIED);
    CU_ASSERT_EQUAL(text.len, 0);
    key.type_name = "ecdsa-p256";
    OK(export(&key, &version, TRANSIT_EXPORT_PUBLIC, TRANSIT_FORMAT_DEFAULT));
    end();
}

static void
a_public_key_alone_has_no_private_half(void)
{
    const struct transit_key key = key_of(TRANSIT_ECDSA_P256);
    struct transit_version version;

    begin();
    version = version_of(TRANSIT_ECDSA_P256);
    version.material.len = 0;
    OK(export(&key, &version, TRANSIT_EXPORT_SIGNING, TRANSIT_FORMAT_DEFAULT));
    CU_ASSERT_EQUAL(text.len, 0);
    OK(export(&key, &version, TRANSIT_EXPORT_PUBLIC, TRANSIT_FORMAT_DEFAULT));
    CU_ASSERT_TRUE(text.len > 0);
    end();
}

static void
a_chain_comes_out_as_it_was_set(void)
{
    const struct transit_key key = key_of(TRANSIT_ECDSA_P256);
    struct transit_version version;

    begin();
    version = version_of(TRANSIT_ECDSA_P256);
    EXPECT_CODE(export(&key, &version, TRANSIT_EXPORT_CHAIN, TRANSIT_FORMAT_DEFAULT),
                TSEC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "selected key version does not have a certificate chain imported");
    version.chain = tsec_span_str("-----BEGIN CERTIFICATE-----\n");
    OK(export(&key, &version, TRANSIT_EXPORT_CHAIN, TRANSIT_FORMAT_DEFAULT));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&text), "-----BEGIN CERTIFICATE-----"));
    EXPECT_CODE(export(&key, &version, (enum transit_export)99, TRANSIT_FORMAT_DEFAULT),
                TSEC_E_INVALID);
    end();
}

static const struct test_case cases[] = {
    { "symmetric keys are base64", symmetric_keys_are_base64 },
    { "an HMAC key is its own", an_hmac_key_is_its_own },
    { "curves are SEC 1 and PKCS #8", curves_are_sec1_and_pkcs8 },
    { "RSA is PKCS #1 and PKCS #8", rsa_is_pkcs1_and_pkcs8_for_either_use },
    { "Ed25519 is seed and public key", ed25519_is_seed_and_public_key },
    { "a key that is not exportable keeps its private half",
      a_key_that_is_not_exportable_keeps_its_private_half },
    { "a public key alone has no private half", a_public_key_alone_has_no_private_half },
    { "a chain comes out as it was set", a_chain_comes_out_as_it_was_set },
};

TEST_MAIN("core/transit_export", cases)
