/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_public.h"

#include "tests/crypto/vector.h"

/* Public keys as OpenSSL writes them. */
#define P256                                                                                     \
    "3059301306072a8648ce3d020106082a8648ce3d030107034200047e96a7017581cd74a166f42e1d6d7b78"     \
    "1683a7642c417ceab0073cb6d0ee6d54dfd5dc779e0d3a00e0c49b8b171106e6ff30fe8683031bb052fd78f571" \
    "a3e026"
#define P384                                                                                   \
    "3076301006072a8648ce3d020106052b8104002203620004262fc001aa8fea4ce422591083ed841c2cdb229e" \
    "402160f2c58712e71cffe5b3b2c59ac7fcfdff8f1ddc9bd84a413f87c3b880cc5ea4bff11c266655dfe4d990" \
    "0202fe0f29721d44bd879448d183e9da3354fae68614c0522dea83231b04d37b"
#define SECP256K1                                                                              \
    "3056301006072a8648ce3d020106052b8104000a03420004888415b128eb3ea3e68a610b21817f9a4d60b894" \
    "a7c8fed7e555b30ed908dbc228470b5e9ad65c33c5d87f2ec02603a428850dea06c5dcfbdfdecc2e110e76a5"
#define P192                                                                               \
    "3049301306072a8648ce3d020106082a8648ce3d030101033200043330edfe4aa6cde86f3418544dfe82" \
    "766080740fff0436c43b3d9cf60e55b5c6572287ae2078d5069a3a63892235aae8"
#define ED25519 \
    "302a300506032b65700321006476c2f32506e40c0ccca0c985cb41cf622ae25413f4f748127baf548f2a3d13"
#define ED448                                                                          \
    "3043300506032b6571033a00ac45077bbc49c018fea28b10d53f5800c2bbbb0acaad44eca6e332e4" \
    "cc17d7937ac8af54eb49da67fbef849c7ccf30975fa629c9f85e787d80"
#define RSA1024                                                                                  \
    "30819f300d06092a864886f70d010101050003818d0030818902818100d61ffcf23a46de0396cd6717324728"   \
    "9cd2809fd42241535235458708bcd21d8eeb0a9fbba75d7357c350069511b4cbf943ffab4bab461a3b93a1463b" \
    "1c0d21d1d357938c04c1e4644c60faf4191c500a0a8d953c204e78233a247178b1572c9e7fc48e083db539620a" \
    "67659066074e12545aefb7806e4ba4e9e6ccea4930655f0203010001"

static void
the_parts_of_a_key_are_found(void)
{
    static const struct {
        const char *spki;
        enum tsec_pair_kind kind;
        ck_key_type_t type;
        const char *params;
        size_t point_len;
        size_t signature_len;
    } known[] = {
        { P256, TSEC_PAIR_P256, CKK_EC, "06082a8648ce3d030107", 65, 64 },
        { P384, TSEC_PAIR_P384, CKK_EC, "06052b81040022", 97, 96 },
        { SECP256K1, TSEC_PAIR_SECP256K1, CKK_EC, "06052b8104000a", 65, 64 },
        { ED25519, TSEC_PAIR_ED25519, CKK_EC_EDWARDS, "06032b6570", 32, 64 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        const struct vector spki = vector(known[i].spki);
        struct p11_public key;

        CU_ASSERT_FALSE_FATAL(tsec_failed(p11_public_parse(vector_span(&spki), &key, NULL)));
        CU_ASSERT_EQUAL(key.kind, known[i].kind);
        CU_ASSERT_EQUAL(key.type, known[i].type);
        CU_ASSERT_TRUE(vector_is(key.params, known[i].params));
        CU_ASSERT_EQUAL(key.point.len, known[i].point_len);
        CU_ASSERT_EQUAL(key.signature_len, known[i].signature_len);
        CU_ASSERT_EQUAL(key.usual, i < 2);
    }
}

static void
an_rsa_key_has_modulus_and_exponent(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    struct p11_public key;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(TSEC_PAIR_RSA2048, &pair, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_spki(pair, &spki, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(p11_public_parse(tsec_buf_span(&spki), &key, NULL)));
    CU_ASSERT_EQUAL(key.kind, TSEC_PAIR_RSA2048);
    CU_ASSERT_EQUAL(key.modulus.len, 256);
    CU_ASSERT_TRUE((key.modulus.ptr[0] & 0x80) != 0);
    CU_ASSERT_TRUE(vector_is(key.exponent, "010001"));
    CU_ASSERT_EQUAL(key.signature_len, 256);
}

static void
other_keys_and_damaged_ones_are_refused(void)
{
    static const char *const bad[] = { "", "30", "3000", P192, ED448, RSA1024, P256 "00" };
    const struct vector good = vector(P256);
    struct p11_public key;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        const struct vector spki = vector(bad[i]);

        CU_ASSERT_EQUAL(p11_public_parse(vector_span(&spki), &key, NULL).code, TSEC_E_INVALID);
    }
    for (size_t n = 0; n < good.len; n++) {
        CU_ASSERT_EQUAL(p11_public_parse(tsec_span(good.bytes, n), &key, NULL).code,
                        TSEC_E_INVALID);
    }
    struct vector compressed = good;

    compressed.bytes[26] = 0x02;
    CU_ASSERT_EQUAL(p11_public_parse(vector_span(&compressed), &key, NULL).code, TSEC_E_INVALID);
}

static void
a_version_shows_pem_or_the_bytes_of_ed25519(void)
{
    static const char pem[] = "-----BEGIN PUBLIC KEY-----\n"
                              "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfpanAXWBzXShZvQuHW17eBaDp2Qs\n"
                              "QXzqsAc8ttDubVTf1dx3ng06AODEm4sXEQbm/zD+hoMDG7BS/Xj1caPgJg==\n"
                              "-----END PUBLIC KEY-----\n";
    static const char *const bad[] = {
        "",
        "AAAA",
        "not base64",
        "ZHbC8yUG5AwMzKDJhctBz2Iq4lQT9PdIEnuvVI8qPRM",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    };
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);

    CU_ASSERT_FALSE(tsec_failed(p11_public_read(tsec_span_str(pem), &spki, NULL)));
    CU_ASSERT_TRUE(vector_is(tsec_buf_span(&spki), P256));
    CU_ASSERT_FALSE(tsec_failed(p11_public_read(
        tsec_span_str("ZHbC8yUG5AwMzKDJhctBz2Iq4lQT9PdIEnuvVI8qPRM="), &spki, NULL)));
    CU_ASSERT_TRUE(vector_is(tsec_buf_span(&spki), ED25519));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_TRUE(tsec_failed(p11_public_read(tsec_span_str(bad[i]), &spki, NULL)));
    }
}

static void
a_new_key_is_named_by_its_curve_or_size(void)
{
    static const struct {
        const char *params;
        const char *type;
    } known[] = {
        { "06082a8648ce3d030107", "ecdsa-p256" },
        { "06052b81040022", "ecdsa-p384" },
        { "06052b81040023", "ecdsa-p521" },
        { "06052b8104000a", "ecdsa-secp256k1" },
        { "06032b6570", "ed25519" },
        { "130c656477617264733235353139", "ed25519" },
    };
    static const char *const unknown[] = { "",           "06",           "06082a8648ce3d030101",
                                           "06032b6571", "06032b657000", "130765643434380a" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        const struct vector params = vector(known[i].params);
        const char *type = p11_public_type_named(vector_span(&params));

        CU_ASSERT_PTR_NOT_NULL_FATAL(type);
        CU_ASSERT_STRING_EQUAL(type, known[i].type);
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(unknown); i++) {
        const struct vector params = vector(unknown[i]);

        CU_ASSERT_PTR_NULL(p11_public_type_named(vector_span(&params)));
    }
    CU_ASSERT_STRING_EQUAL(p11_public_type_sized(3072), "rsa-3072");
    CU_ASSERT_PTR_NULL(p11_public_type_sized(1024));
    CU_ASSERT_PTR_NULL(p11_public_type_sized(0));
    CU_ASSERT_TRUE(p11_public_is_usual("ecdsa-p521") && p11_public_is_usual("rsa-4096"));
    CU_ASSERT_FALSE(p11_public_is_usual("ed25519") || p11_public_is_usual("ecdsa-secp256k1"));
}

static const struct test_case cases[] = {
    { "the parts of a key are found", the_parts_of_a_key_are_found },
    { "an RSA key has modulus and exponent", an_rsa_key_has_modulus_and_exponent },
    { "other keys and damaged ones are refused", other_keys_and_damaged_ones_are_refused },
    { "a version shows PEM, or the bytes of Ed25519", a_version_shows_pem_or_the_bytes_of_ed25519 },
    { "a new key is named by its curve or size", a_new_key_is_named_by_its_curve_or_size },
};
TEST_MAIN("PKCS #11: public keys", cases)
