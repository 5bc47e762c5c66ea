/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/pem.h"
#include "core/transit_transfer.h"
#include "crypto/keywrap.h"
#include "tests/core/transit_bench.h"

static struct tsec_arena *arena;
static struct tsec_pair *wrapping;
static struct tsec_buf wrapping_pkcs8 = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);

/* Once: making it takes a second. */
static void
begin(void)
{
    OK(tsec_arena_new(1 << 20, &arena, NULL));
    if (wrapping == NULL) {
        OK(tsec_pair_generate(TSEC_PAIR_RSA4096, &wrapping, NULL));
        OK(tsec_pair_pkcs8(wrapping, &wrapping_pkcs8, NULL));
    }
}

static void
end(void)
{
    tsec_arena_free(arena);
}

static const uint8_t ephemeral[TSEC_KWP_KEY_LEN] = { 1, 2, 3, 4, 5 };

/* As a client does it. */
static void
wrap(enum tsec_hash hash, struct tsec_span key, size_t ephemeral_len, struct tsec_buf *out)
{
    OK(tsec_pair_encrypt(wrapping, hash, tsec_span(NULL, 0), tsec_span(ephemeral, ephemeral_len),
                         out, NULL));
    OK(tsec_kwp_wrap(ephemeral, key, out, NULL));
}

static tsec_rc
unwrap(enum transit_type type, enum tsec_hash hash, const struct tsec_buf *wrapped,
       struct transit_fresh *out, struct tsec_err *err)
{
    return transit_unwrap(type, tsec_buf_span(&wrapping_pkcs8), hash, tsec_buf_span(wrapped), arena,
                          out, err);
}

static tsec_rc
import(enum transit_type type, struct tsec_span key, struct transit_fresh *out,
       struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf wrapped = TSEC_BUF_INIT(TRANSIT_IMPORT_MAX);

    wrap(TSEC_SHA256, key, sizeof(ephemeral), &wrapped);
    return unwrap(type, TSEC_SHA256, &wrapped, out, err);
}

static void
a_raw_key_comes_in_under_every_hash(void)
{
    static const enum tsec_hash hashes[] = { TSEC_SHA1, TSEC_SHA224, TSEC_SHA256, TSEC_SHA384,
                                             TSEC_SHA512 };
    const uint8_t key[32] = { 42 };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(hashes); i++) {
        TSEC_AUTO_BUF struct tsec_buf wrapped = TSEC_BUF_INIT(TRANSIT_IMPORT_MAX);
        struct transit_fresh fresh;

        wrap(hashes[i], tsec_span(key, sizeof(key)), sizeof(ephemeral), &wrapped);
        OK(unwrap(TRANSIT_AES256_GCM96, hashes[i], &wrapped, &fresh, NULL));
        CU_ASSERT_TRUE(tsec_span_equal(fresh.material, tsec_span(key, sizeof(key))));
        CU_ASSERT_TRUE(fresh.imported);
        CU_ASSERT_EQUAL(fresh.type, TRANSIT_AES256_GCM96);
        CU_ASSERT_EQUAL(fresh.hmac_key.len, TRANSIT_HMAC_KEY_LEN);
        CU_ASSERT_FALSE(tsec_span_zero(fresh.hmac_key));
        CU_ASSERT_EQUAL(fresh.spki.len, 0);
    }
    end();
}

static void
raw_keys_have_their_types_length(void)
{
    static const struct {
        enum transit_type type;
        size_t len;
        bool fits;
    } keys[] = {
        { TRANSIT_AES128_GCM96, 16, true },
        { TRANSIT_AES128_GCM96, 32, false },
        { TRANSIT_AES256_GCM96, 31, false },
        { TRANSIT_AES256_GCM96, 33, false },
        { TRANSIT_CHACHA20_POLY1305, 32, true },
        { TRANSIT_XAES256_GCM, 32, true },
        { TRANSIT_HMAC, 31, false },
        { TRANSIT_HMAC, 32, true },
        { TRANSIT_HMAC, 512, true },
        { TRANSIT_HMAC, 513, false },
    };
    static const uint8_t bytes[513] = { 7 };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(keys); i++) {
        struct transit_fresh fresh;
        struct tsec_err err = { 0 };
        const tsec_rc rc = import(keys[i].type, tsec_span(bytes, keys[i].len), &fresh, &err);

        CU_ASSERT_EQUAL(rc.code, keys[i].fits ? TSEC_OK_CODE : TSEC_E_INVALID);
        if (!keys[i].fits) {
            CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "invalid key size"));
        }
    }
    end();
}

static void
pairs_come_in_as_pkcs8(void)
{
    static const enum transit_type types[] = { TRANSIT_ED25519,         TRANSIT_ECDSA_P256,
                                               TRANSIT_ECDSA_P384,      TRANSIT_ECDSA_P521,
                                               TRANSIT_ECDSA_SECP256K1, TRANSIT_RSA_2048 };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        struct transit_fresh made;
        struct transit_fresh fresh;

        OK(transit_make(types[i], 0, arena, &made, NULL));
        OK(import(types[i], made.material, &fresh, NULL));
        CU_ASSERT_TRUE(tsec_span_equal(fresh.material, made.material));
        CU_ASSERT_TRUE(tsec_span_equal(fresh.spki, made.spki));
        CU_ASSERT_TRUE(fresh.imported);
        EXPECT_CODE(import(types[(i + 1) % TSEC_ARRAY_LEN(types)], made.material, &fresh, NULL),
                    TSEC_E_INVALID);
    }
    end();
}

static void
what_is_no_key_is_refused(void)
{
    struct transit_fresh made;
    struct transit_fresh fresh;

    begin();
    EXPECT_CODE(import(TRANSIT_ED25519, tsec_span_str("no key at all"), &fresh, NULL),
                TSEC_E_INVALID);
    OK(transit_make(TRANSIT_ECDSA_P256, 0, arena, &made, NULL));
    made.material.len--;
    EXPECT_CODE(import(TRANSIT_ECDSA_P256, made.material, &fresh, NULL), TSEC_E_INVALID);
    EXPECT_CODE(import((enum transit_type)0, made.material, &fresh, NULL), TSEC_E_INVALID);
    end();
}

/* Which of the two wrappings failed is told by no sentence. */
static void
wrappings_fail_in_one_way(void)
{
    static const char sentence[] =
        "error importing key: it is not wrapped for this mount's wrapping key";
    const uint8_t key[32] = { 42 };

    begin();
    for (int what = 0; what < 5; what++) {
        TSEC_AUTO_BUF struct tsec_buf wrapped = TSEC_BUF_INIT(TRANSIT_IMPORT_MAX);
        struct transit_fresh fresh = { .imported = false };
        struct tsec_err err = { 0 };

        wrap(what == 0 ? TSEC_SHA512 : TSEC_SHA256, tsec_span(key, sizeof(key)),
             what == 1 ? 16 : sizeof(ephemeral), &wrapped);
        wrapped.ptr[5] ^= what == 2 ? 1 : 0;
        wrapped.ptr[wrapped.len - 1] ^= what == 3 ? 1 : 0;
        wrapped.len -= what == 4 ? 1 : 0;
        EXPECT_CODE(unwrap(TRANSIT_AES256_GCM96, TSEC_SHA256, &wrapped, &fresh, &err),
                    TSEC_E_INVALID);
        CU_ASSERT_STRING_EQUAL(err.detail, sentence);
        CU_ASSERT_EQUAL(fresh.material.len, 0);
    }
    end();
}

static void
lengths_that_cannot_be_are_refused(void)
{
    static const uint8_t bytes[TRANSIT_IMPORT_MAX + 1];
    struct transit_fresh fresh;
    struct tsec_err err = { 0 };

    begin();
    EXPECT_CODE(transit_unwrap(TRANSIT_HMAC, tsec_buf_span(&wrapping_pkcs8), TSEC_SHA256,
                               tsec_span(bytes, 512), arena, &fresh, &err),
                TSEC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "provided ciphertext is too short");
    EXPECT_CODE(transit_unwrap(TRANSIT_HMAC, tsec_buf_span(&wrapping_pkcs8), TSEC_SHA256,
                               tsec_span(bytes, sizeof(bytes)), arena, &fresh, &err),
                TSEC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "provided ciphertext is too long");
    EXPECT_CODE(transit_unwrap(TRANSIT_HMAC, tsec_buf_span(&wrapping_pkcs8), TSEC_SHA256,
                               tsec_span(bytes, 600), arena, &fresh, &err),
                TSEC_E_INVALID);
    end();
}

static void
public_keys_come_in_as_pem_and_der(void)
{
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf private = TSEC_BUF_INIT(4096);
    struct transit_fresh made;
    struct transit_fresh fresh;
    struct tsec_err err = { 0 };

    begin();
    OK(transit_make(TRANSIT_ECDSA_P256, 0, arena, &made, NULL));
    tsec_pem_append(&pem, "PUBLIC KEY", made.spki);
    tsec_pem_append(&private, "PRIVATE KEY", made.material);
    OK(transit_import_public(TRANSIT_ECDSA_P256, tsec_buf_span(&pem), arena, &fresh, NULL));
    CU_ASSERT_TRUE(tsec_span_equal(fresh.spki, made.spki));
    CU_ASSERT_EQUAL(fresh.material.len, 0);
    CU_ASSERT_TRUE(fresh.imported);
    OK(transit_import_public(TRANSIT_ECDSA_P256, made.spki, arena, &fresh, NULL));
    CU_ASSERT_TRUE(tsec_span_equal(fresh.spki, made.spki));

    EXPECT_CODE(transit_import_public(TRANSIT_ECDSA_P384, tsec_buf_span(&pem), arena, &fresh, &err),
                TSEC_E_INVALID);
    EXPECT_CODE(
        transit_import_public(TRANSIT_AES256_GCM96, tsec_buf_span(&pem), arena, &fresh, &err),
        TSEC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "provided type does not support public_key import");
    EXPECT_CODE(
        transit_import_public(TRANSIT_ECDSA_P256, tsec_buf_span(&private), arena, &fresh, &err),
        TSEC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "error parsing public key: not in PEM format");
    EXPECT_CODE(transit_import_public(TRANSIT_ECDSA_P256, tsec_span_str("x"), arena, &fresh, NULL),
                TSEC_E_INVALID);
    EXPECT_CODE(transit_import_public(TRANSIT_ECDSA_P256, tsec_span(NULL, 0), arena, &fresh, NULL),
                TSEC_E_INVALID);
    end();
}

/* ---- the mount's row ---- */

static tsec_rc
run_keep(void *ctx, struct txn *txn, struct tsec_err *err)
{
    return transit_wrapping_keep(txn, KEYS_MOUNT, tsec_span_str(ctx), err);
}

static tsec_rc
run_find(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct tsec_span pkcs8;

    TSEC_TRY(transit_wrapping_find(txn, KEYS_MOUNT, &pkcs8, err));
    CU_ASSERT_TRUE(tsec_span_is(pkcs8, ctx));
    return TSEC_OK;
}

static void
a_mount_keeps_one_wrapping_key(void)
{
    char first[] = "first";
    char second[] = "second";

    keys_begin();
    EXPECT_CODE(keys_run(run_find, first), TSEC_E_NOT_FOUND);
    OK(keys_run(run_keep, first));
    keys_restart();
    OK(keys_run(run_find, first));
    EXPECT_CODE(keys_run(run_keep, second), TSEC_E_CONFLICT);
    OK(keys_run(run_find, first));
    CU_ASSERT_STRING_EQUAL(keys_list(), "");
    keys_end();
}

static void
nothing_is_left_behind(void)
{
    tsec_pair_free(wrapping);
    wrapping = NULL;
    tsec_buf_done(&wrapping_pkcs8);
    CU_ASSERT_PTR_NULL(wrapping_pkcs8.ptr);
}

static const struct test_case cases[] = {
    { "a raw key comes in under every hash", a_raw_key_comes_in_under_every_hash },
    { "raw keys have their type's length", raw_keys_have_their_types_length },
    { "pairs come in as PKCS #8", pairs_come_in_as_pkcs8 },
    { "what is no key is refused", what_is_no_key_is_refused },
    { "wrappings fail in one way", wrappings_fail_in_one_way },
    { "lengths that cannot be are refused", lengths_that_cannot_be_are_refused },
    { "public keys come in as PEM and DER", public_keys_come_in_as_pem_and_der },
    { "a mount keeps one wrapping key", a_mount_keeps_one_wrapping_key },
    { "nothing is left behind", nothing_is_left_behind },
};

TEST_MAIN("core/transit_import", cases)
