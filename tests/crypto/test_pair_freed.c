/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/asn1.h"
#include "tests/crypto/pair_key.h"
#include "tests/freed_library.h"

/* Whatever is done with a key, no memory that goes back to the heap holds its private number. */

static const struct tsec_signing how = { .hash = TSEC_SHA256, .salt_len = TSEC_SALT_AUTO };
static const struct tsec_signing deterministic = { .hash = TSEC_SHA256,
                                                   .nonce = TSEC_NONCE_RFC6979 };

/* The seed, the scalar, or one prime. */
static void
private_number(const struct tsec_pair *pair, struct vector *out)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    struct tsec_span rest = { NULL, 0 };
    struct tsec_span inside = { NULL, 0 };
    struct tsec_span number = { NULL, 0 };

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_traditional(pair, &der, NULL)));
    if (tsec_pair_kind_of(pair) == TSEC_PAIR_ED25519) {
        memcpy(out->bytes, der.ptr, 32);
        out->len = 32;
        return;
    }
    rest = tsec_buf_span(&der);
    CU_ASSERT_TRUE_FATAL(tsec_asn1_take(&rest, 0x30, &inside));
    CU_ASSERT_TRUE_FATAL(tsec_asn1_take_magnitude(&inside, &number));
    if (tsec_pair_kind_is_rsa(tsec_pair_kind_of(pair))) {
        for (int i = 0; i < 4; i++) { /* n, e, d, p */
            CU_ASSERT_TRUE_FATAL(tsec_asn1_take_magnitude(&inside, &number));
        }
    } else {
        CU_ASSERT_TRUE_FATAL(tsec_asn1_take(&inside, 0x04, &number));
    }
    memcpy(out->bytes, number.ptr, number.len);
    out->len = number.len;
}

/* From the middle, where no byte is predictable. */
static void
seek(const struct vector *number)
{
    freed_library_seek(number->bytes + number->len / 4, 24);
}

static void
use(const struct tsec_pair *pair)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);

    CU_ASSERT_FALSE(tsec_failed(tsec_pair_sign(pair, &how, tsec_span_str("x"), &out, NULL, NULL)));
    CU_ASSERT_FALSE(
        tsec_failed(tsec_pair_verify(pair, &how, tsec_span_str("x"), tsec_buf_span(&out), NULL)));
    tsec_buf_reset(&out);
    if (tsec_pair_kind_is_ecdsa(tsec_pair_kind_of(pair))) {
        CU_ASSERT_FALSE(tsec_failed(
            tsec_pair_sign(pair, &deterministic, tsec_span_str("x"), &out, NULL, NULL)));
        CU_ASSERT_FALSE(tsec_failed(tsec_pair_agree(pair, pair, &out, NULL)));
    }
    tsec_buf_reset(&out);
    if (tsec_pair_kind_is_rsa(tsec_pair_kind_of(pair))) {
        TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(512);
        const struct tsec_span none = { NULL, 0 };

        CU_ASSERT_FALSE(tsec_failed(tsec_pair_encrypt(pair, TSEC_SHA256, none, none, &out, NULL)));
        CU_ASSERT_FALSE(tsec_failed(
            tsec_pair_decrypt(pair, TSEC_SHA256, none, tsec_buf_span(&out), &plain, NULL)));
    }
    tsec_buf_reset(&out);
    CU_ASSERT_FALSE(tsec_failed(tsec_pair_pkcs8(pair, &out, NULL)));
    tsec_buf_reset(&out);
    CU_ASSERT_FALSE(tsec_failed(tsec_pair_traditional(pair, &out, NULL)));
    tsec_buf_reset(&out);
    CU_ASSERT_FALSE(tsec_failed(tsec_pair_spki(pair, &out, NULL)));
}

static void
life_of(enum tsec_pair_kind kind)
{
    struct vector number = { .len = 0 };
    struct tsec_pair *pair = NULL;
    struct tsec_pair *opened = NULL;
    struct tsec_pair *imported = NULL;
    TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(kind, &pair, NULL)));
    private_number(pair, &number);
    seek(&number);
    use(pair);
    CU_ASSERT_FALSE(tsec_failed(tsec_pair_pkcs8(pair, &pkcs8, NULL)));
    CU_ASSERT_FALSE(tsec_failed(tsec_pair_open(kind, tsec_buf_span(&pkcs8), &opened, NULL)));
    CU_ASSERT_FALSE(tsec_failed(tsec_pair_import(kind, tsec_buf_span(&pkcs8), &imported, NULL)));
    use(opened);
    use(imported);
    tsec_pair_free(pair);
    tsec_pair_free(opened);
    tsec_pair_free(imported);
    CU_ASSERT_EQUAL(freed_library_leaks(), 0);
}

static void
nothing_is_left_of_an_ed25519_key(void)
{
    life_of(TSEC_PAIR_ED25519);
}

static void
nothing_is_left_of_a_key_on_a_curve(void)
{
    life_of(TSEC_PAIR_P256);
    life_of(TSEC_PAIR_P384);
    life_of(TSEC_PAIR_P521);
    life_of(TSEC_PAIR_SECP256K1);
}

static void
nothing_is_left_of_an_rsa_key(void)
{
    life_of(TSEC_PAIR_RSA2048);
}

static void
nothing_is_left_of_a_key_that_was_refused(void)
{
    struct vector number = vector_of(0, 32);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);

    for (size_t i = 0; i < number.len; i++) {
        number.bytes[i] = (uint8_t)(i * 7 + 1);
    }
    /* its public key is a point, but another's */
    const struct vector tail =
        vector("a144034200"
               "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
               "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");

    seek(&number);
    ec_private_put(&key, 1, vector_span(&number), vector_span(&tail));
    pkcs8_put(&pkcs8, tsec_pair_type(TSEC_PAIR_P256)->algorithm, tsec_buf_span(&key));
    CU_ASSERT_EQUAL(tsec_pair_import(TSEC_PAIR_P256, tsec_buf_span(&pkcs8), &pair, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(freed_library_leaks(), 0);
}

/* The net has no holes: a copy that is freed unwiped is seen. */
static void
what_is_not_wiped_is_seen(void)
{
    struct vector number = vector_of(0, 32);
    EVP_PKEY *pkey = NULL;
    uint8_t out[32];
    size_t len = sizeof(out);

    CU_ASSERT_TRUE_FATAL(freed_library_watches());
    for (size_t i = 0; i < number.len; i++) {
        number.bytes[i] = (uint8_t)(i * 5 + 3);
    }
    seek(&number);
    pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, number.bytes, 32);
    CU_ASSERT_EQUAL(EVP_PKEY_get_raw_private_key(pkey, out, &len), 1);
    EVP_PKEY_free(pkey);
    CU_ASSERT_TRUE(freed_library_leaks() > 0);
}

static const struct test_case cases[] = {
    { "what is not wiped is seen", what_is_not_wiped_is_seen },
    { "nothing is left of an Ed25519 key", nothing_is_left_of_an_ed25519_key },
    { "nothing is left of a key on a curve", nothing_is_left_of_a_key_on_a_curve },
    { "nothing is left of an RSA key", nothing_is_left_of_an_rsa_key },
    { "nothing is left of a key that was refused", nothing_is_left_of_a_key_that_was_refused },
};

TEST_MAIN("crypto/pair_freed", cases)
