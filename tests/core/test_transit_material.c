/* SPDX-License-Identifier: Apache-2.0 */
#include "core/transit_material.h"

#include <pthread.h>

#include "crypto/asn1.h"
#include "tests/core/material_bench.h"
#include "tests/freed.h"
#include "tests/freed_library.h"

static tsec_rc
parse(enum transit_type type, struct tsec_span raw)
{
    const struct transit_version version = { .number = 7,
                                             .material = raw,
                                             .hmac_key = counting(TRANSIT_HMAC_KEY_LEN) };
    AUTO_MATERIAL *material = NULL;
    struct tsec_err err = { 0 };
    const tsec_rc rc = transit_material_new(type, &version, &material, &err);

    CU_ASSERT_EQUAL(material == NULL, tsec_failed(rc));
    if (!tsec_failed(rc)) {
        CU_ASSERT_EQUAL(transit_material_type(material), type);
        CU_ASSERT_EQUAL(transit_material_number(material), 7);
        CU_ASSERT_TRUE(transit_material_bytes(material) > raw.len);
    }
    return rc;
}

static void
a_symmetric_key_has_one_length(void)
{
    static const struct {
        enum transit_type type;
        size_t len;
    } table[] = {
        { TRANSIT_AES256_GCM96, 32 },
        { TRANSIT_AES128_GCM96, 16 },
        { TRANSIT_CHACHA20_POLY1305, 32 },
        { TRANSIT_XAES256_GCM, 32 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        for (size_t len = 0; len <= 65; len++) {
            EXPECT_CODE(parse(table[i].type, counting(len)),
                        len == table[i].len ? 0 : TSEC_E_INVALID);
        }
    }
}

static void
an_hmac_key_has_from_32_to_512_bytes(void)
{
    EXPECT_CODE(parse(TRANSIT_HMAC, counting(0)), TSEC_E_INVALID);
    EXPECT_CODE(parse(TRANSIT_HMAC, counting(31)), TSEC_E_INVALID);
    EXPECT_CODE(parse(TRANSIT_HMAC, counting(32)), 0);
    EXPECT_CODE(parse(TRANSIT_HMAC, counting(512)), 0);

    uint8_t longer[513] = { 1 };

    EXPECT_CODE(parse(TRANSIT_HMAC, tsec_span(longer, sizeof(longer))), TSEC_E_INVALID);
}

static void
what_is_no_type_or_no_key_is_refused(void)
{
    EXPECT_CODE(parse((enum transit_type)0, counting(32)), TSEC_E_INVALID);
    EXPECT_CODE(parse(TRANSIT_TYPES, counting(32)), TSEC_E_INVALID);
    for (int type = TRANSIT_ED25519; type <= TRANSIT_RSA_4096; type++) {
        EXPECT_CODE(parse((enum transit_type)type, counting(48)), TSEC_E_INVALID);
        EXPECT_CODE(parse((enum transit_type)type, counting(0)), TSEC_E_INVALID);
    }
}

static void
a_pair_is_there_for_asymmetric_types_only(void)
{
    AUTO_MATERIAL *aes = material_of(TRANSIT_AES256_GCM96, counting(32));
    AUTO_MATERIAL *ed = material_made(TRANSIT_ED25519, false);
    AUTO_MATERIAL *half = material_made(TRANSIT_ECDSA_P256, true);

    CU_ASSERT_PTR_NULL(transit_material_pair(aes));
    CU_ASSERT_PTR_NOT_NULL_FATAL(transit_material_pair(ed));
    CU_ASSERT_TRUE(tsec_pair_is_private(transit_material_pair(ed)));
    CU_ASSERT_PTR_NOT_NULL_FATAL(transit_material_pair(half));
    CU_ASSERT_FALSE(tsec_pair_is_private(transit_material_pair(half)));
}

/* Bytes by another implementation of RFC 5869, with an empty salt. */
static void
derivation_is_hkdf_of_the_raw_key_with_the_context(void)
{
    AUTO_MATERIAL *aes = material_of(TRANSIT_AES256_GCM96, counting(32));
    uint8_t out[64];

    OK(transit_material_derive(aes, text("user-4711"), out, 64, NULL));
    CU_ASSERT_TRUE(is_hex(tsec_span(out, 64),
                          "27fad4a10bf91081c1889225c0e716e918d002b55247a03f78814ba51b5c5b84"
                          "3ca037e2fdbe5294e21d95232861dbd63dca5a002c8958d6a5cf0e29f346824f"));
    OK(transit_material_derive(aes, text("user-4711"), out, 16, NULL));
    CU_ASSERT_TRUE(is_hex(tsec_span(out, 16), "27fad4a10bf91081c1889225c0e716e9"));
}

static void
nothing_is_derived_without_a_context_or_of_types_that_do_not(void)
{
    AUTO_MATERIAL *aes = material_of(TRANSIT_AES256_GCM96, counting(32));
    AUTO_MATERIAL *hmac = material_of(TRANSIT_HMAC, counting(32));
    AUTO_MATERIAL *half = material_made(TRANSIT_ED25519, true);
    struct tsec_err err = { 0 };
    uint8_t out[32];

    EXPECT_CODE(transit_material_derive(aes, text(""), out, 32, &err), TSEC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "missing 'context' for key derivation; the key was created using a "
                           "derived key, which means additional, per-request information must be "
                           "included in order to perform operations with the key");
    EXPECT_CODE(transit_material_derive(hmac, text("c"), out, 32, &err), TSEC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "derivation not supported for key type hmac");
    EXPECT_CODE(transit_material_derive(half, text("c"), out, 32, &err), TSEC_E_INVALID);
}

static void *
hold_and_let_go(void *arg)
{
    const struct transit_material *material = arg;

    for (int i = 0; i < 20000; i++) {
        transit_material_release(transit_material_hold(material));
    }
    transit_material_release(material);
    return NULL;
}

/* A count that lost an update would free it early (a sanitizer says so) or never (the marks stay:
 * see below). */
static void
any_thread_may_let_go_last(void)
{
    const struct transit_material *material = material_of(TRANSIT_AES256_GCM96, counting(32));
    pthread_t threads[4];

    (void)freed_blocks();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(threads); i++) {
        void *held = (void *)(uintptr_t)transit_material_hold(material);

        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, hold_and_let_go, held), 0);
    }
    transit_material_release(material);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(threads); i++) {
        CU_ASSERT_EQUAL(pthread_join(threads[i], NULL), 0);
    }
    CU_ASSERT_TRUE(freed_blocks() > 0);
    transit_material_release(NULL);
}

/* ---- what is left behind in memory that was given back ---- */

static void
use(const struct transit_material *material)
{
    const struct transit_traits *traits = transit_traits(transit_material_type(material));
    const struct tsec_signing how = { .hash = TSEC_SHA256, .salt_len = TSEC_SALT_AUTO };
    const struct transit_params plain = { 0 };
    const struct transit_params derived = { .context = text("c"), .derived = true };
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(8192);
    TSEC_AUTO_BUF struct tsec_buf back = TSEC_BUF_INIT(8192);
    uint8_t mac[TSEC_SHA256_LEN];

    OK(transit_hmac(material, TSEC_SHA256, text("m"), mac, NULL));
    if (traits->pair != 0) { /* as when it is exported */
        OK(tsec_pair_pkcs8(transit_material_pair(material), &out, NULL));
        OK(tsec_pair_traditional(transit_material_pair(material), &back, NULL));
        tsec_buf_reset(&out);
        tsec_buf_reset(&back);
    }
    if (traits->encrypts) {
        OK(transit_encrypt(material, &plain, text("m"), &out, NULL));
        OK(transit_decrypt(material, &plain, tsec_buf_span(&out), &back, NULL));
    }
    if (traits->encrypts && traits->derives) {
        tsec_buf_reset(&out);
        OK(transit_encrypt(material, &derived, text("m"), &out, NULL));
        OK(transit_decrypt(material, &derived, tsec_buf_span(&out), &back, NULL));
    }
    if (traits->signs) {
        tsec_buf_reset(&out);
        OK(transit_sign(material, &plain, &how, text("m"), &out, NULL, NULL, NULL));
        OK(transit_verify(material, &plain, &how, text("m"), tsec_buf_span(&out), NULL));
    }
    if (traits->signs && traits->derives) {
        tsec_buf_reset(&out);
        OK(transit_sign(material, &derived, &how, text("m"), &out, NULL, NULL, NULL));
    }
}

static void
symmetric_keys_leave_nothing_behind(void)
{
    static const enum transit_type types[] = { TRANSIT_AES256_GCM96, TRANSIT_AES128_GCM96,
                                               TRANSIT_CHACHA20_POLY1305, TRANSIT_XAES256_GCM,
                                               TRANSIT_HMAC };
    uint8_t marked[TSEC_AEAD_KEY_LEN];

    CU_ASSERT_TRUE_FATAL(freed_library_watches());
    memset(marked, FREED_MARK, sizeof(marked));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        const struct tsec_span raw = { marked, types[i] == TRANSIT_AES128_GCM96 ? 16 : 32 };

        (void)freed_leaks();
        freed_library_seek(marked, 8);

        const struct transit_material *material = material_of(types[i], raw);

        use(material);
        transit_material_release(material);
        CU_ASSERT_EQUAL(freed_leaks(), 0);
        CU_ASSERT_EQUAL(freed_library_leaks(), 0);
    }
}

/* The private numbers in a PKCS #8 key, each without its first bytes, which may be zero: a seed, a
 * scalar, or d, p, q, d mod p-1, d mod q-1 and the coefficient. */
static size_t
private_numbers(enum transit_type type, struct tsec_span der, struct tsec_span out[6])
{
    struct tsec_span info;
    struct tsec_span key;
    size_t n = 0;

    CU_ASSERT_TRUE_FATAL(tsec_asn1_take(&der, ASN1_TAG_SEQUENCE, &info));
    CU_ASSERT_TRUE_FATAL(tsec_asn1_take_magnitude(&info, &key));
    CU_ASSERT_TRUE_FATAL(tsec_asn1_take(&info, ASN1_TAG_SEQUENCE, &key));
    CU_ASSERT_TRUE_FATAL(tsec_asn1_take(&info, ASN1_TAG_OCTETS, &key));
    if (type == TRANSIT_ED25519) {
        CU_ASSERT_TRUE_FATAL(tsec_asn1_take(&key, ASN1_TAG_OCTETS, &out[n++]));
    } else {
        CU_ASSERT_TRUE_FATAL(tsec_asn1_take(&key, ASN1_TAG_SEQUENCE, &info));
        CU_ASSERT_TRUE_FATAL(tsec_asn1_take_magnitude(&info, &key)); /* the version */
    }
    if (type >= TRANSIT_RSA_2048) {
        CU_ASSERT_TRUE_FATAL(tsec_asn1_take_magnitude(&info, &key)); /* n and e are public */
        CU_ASSERT_TRUE_FATAL(tsec_asn1_take_magnitude(&info, &key));
        while (n < 6) {
            CU_ASSERT_TRUE_FATAL(tsec_asn1_take_magnitude(&info, &out[n++]));
        }
    } else if (type != TRANSIT_ED25519) {
        CU_ASSERT_TRUE_FATAL(tsec_asn1_take(&info, ASN1_TAG_OCTETS, &out[n++]));
    }
    for (size_t i = 0; i < n; i++) {
        CU_ASSERT_TRUE_FATAL(out[i].len >= 32);
        out[i] = tsec_span(out[i].ptr + 8, out[i].len - 8 < 40 ? out[i].len - 8 : 40);
    }
    return n;
}

static void
parse_use_and_release(enum transit_type type, const struct transit_fresh *fresh)
{
    const struct transit_version version = {
        .number = 1, .material = fresh->material, .hmac_key = fresh->hmac_key, .spki = fresh->spki
    };
    AUTO_MATERIAL *material = NULL;

    OK(transit_material_new(type, &version, &material, NULL));
    use(material);
}

static void
private_keys_leave_nothing_behind(void)
{
    for (int i = TRANSIT_ED25519; i <= TRANSIT_RSA_2048; i++) {
        const enum transit_type type = (enum transit_type)i;
        TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;
        struct transit_fresh fresh = { 0 };
        struct tsec_span numbers[6];

        OK(tsec_arena_new(1 << 20, &arena, NULL));
        OK(transit_make(type, 0, arena, &fresh, NULL));

        const size_t n = private_numbers(type, fresh.material, numbers);

        for (size_t j = 0; j < n; j++) {
            freed_library_seek(numbers[j].ptr, numbers[j].len);
            parse_use_and_release(type, &fresh);
            CU_ASSERT_EQUAL(freed_library_leaks(), 0);
        }
    }
}

static void
derived_keys_leave_nothing_behind(void)
{
    static const enum transit_type types[] = { TRANSIT_AES256_GCM96, TRANSIT_AES128_GCM96,
                                               TRANSIT_CHACHA20_POLY1305, TRANSIT_XAES256_GCM,
                                               TRANSIT_ED25519 };
    const struct transit_params convergent = {
        .context = text("c"), .associated = text("a"), .derived = true, .convergent = true
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        AUTO_MATERIAL *material = material_made(types[i], false);
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(256);
        uint8_t derived[96];

        OK(transit_material_derive(material, text("c"), derived, sizeof(derived), NULL));
        for (size_t at = 0; at < sizeof(derived); at += 16) { /* each key of the three */
            freed_library_seek(derived + at, 16);
            use(material);
            if (types[i] != TRANSIT_ED25519) {
                OK(transit_encrypt(material, &convergent, text("p"), &out, NULL));
            }
            CU_ASSERT_EQUAL(freed_library_leaks(), 0);
            tsec_buf_reset(&out);
        }
    }
}

static const struct test_case cases[] = {
    { "a symmetric key has one length", a_symmetric_key_has_one_length },
    { "an hmac key has from 32 to 512 bytes", an_hmac_key_has_from_32_to_512_bytes },
    { "what is no type or no key is refused", what_is_no_type_or_no_key_is_refused },
    { "a pair is there for asymmetric types only", a_pair_is_there_for_asymmetric_types_only },
    { "derivation is HKDF of the raw key with the context",
      derivation_is_hkdf_of_the_raw_key_with_the_context },
    { "nothing is derived without a context or of types that do not",
      nothing_is_derived_without_a_context_or_of_types_that_do_not },
    { "any thread may let go last", any_thread_may_let_go_last },
    { "symmetric keys leave nothing behind", symmetric_keys_leave_nothing_behind },
    { "private keys leave nothing behind", private_keys_leave_nothing_behind },
    { "derived keys leave nothing behind", derived_keys_leave_nothing_behind },
};

TEST_MAIN("core/transit_material", cases)
