/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pubkey.h"

#include "tests/crypto/vector.h"
#include "tests/mint/mint_cert.h"

static struct mint_key *
any_key(enum tsec_pubkey_kind kind)
{
    return kind == TSEC_PUBKEY_RSA ? mint_rsa(2048, 0) : mint_key(kind);
}

static void
keys_of_all_kinds_are_read_from_their_spki(void)
{
    static const struct {
        enum tsec_pubkey_kind kind;
        unsigned bits;
    } known[] = {
        { TSEC_PUBKEY_P256, 256 }, { TSEC_PUBKEY_P384, 384 },    { TSEC_PUBKEY_P521, 521 },
        { TSEC_PUBKEY_RSA, 2048 }, { TSEC_PUBKEY_ED25519, 256 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        TSEC_AUTO(mint_key_free) struct mint_key *minted = any_key(known[i].kind);
        TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *key = NULL;
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(4096);

        mint_key_spki(minted, &spki);
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pubkey_from_spki(tsec_buf_span(&spki), &key, NULL)));
        CU_ASSERT_EQUAL(tsec_pubkey_kind_of(key), known[i].kind);
        CU_ASSERT_EQUAL(tsec_pubkey_bits(key), known[i].bits);
    }
}

static bool
spki_is_key(struct tsec_span der)
{
    TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *key = NULL;
    const tsec_rc rc = tsec_pubkey_from_spki(der, &key, NULL);

    CU_ASSERT_TRUE(!tsec_failed(rc) || (rc.code == TSEC_E_INVALID && key == NULL));
    return !tsec_failed(rc);
}

/* Every prefix, and every byte of what stands around the numbers. */
static void
a_damaged_spki_is_refused(void)
{
    static const struct {
        enum tsec_pubkey_kind kind;
        size_t head;
    } known[] = { { TSEC_PUBKEY_P256, 27 },
                  { TSEC_PUBKEY_P384, 24 },
                  { TSEC_PUBKEY_RSA, 32 },
                  { TSEC_PUBKEY_ED25519, 12 } };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        TSEC_AUTO(mint_key_free) struct mint_key *minted = any_key(known[i].kind);
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(4096);

        mint_key_spki(minted, &spki);
        for (size_t len = 0; len < spki.len; len++) {
            CU_ASSERT_FALSE(spki_is_key(tsec_span(spki.ptr, len)));
        }
        for (size_t at = 0; at < known[i].head; at++) {
            spki.ptr[at] ^= 1;
            CU_ASSERT_FALSE(spki_is_key(tsec_buf_span(&spki)));
            spki.ptr[at] ^= 1;
        }
        CU_ASSERT_TRUE(spki_is_key(tsec_buf_span(&spki)));
        tsec_buf_put_byte(&spki, 0);
        CU_ASSERT_FALSE(spki_is_key(tsec_buf_span(&spki)));
    }
}

static tsec_rc
point_key(enum tsec_pubkey_kind kind, struct tsec_span xy)
{
    TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *key = NULL;

    return tsec_pubkey_from_point(kind, xy, &key, NULL);
}

static void
a_point_must_lie_on_its_curve(void)
{
    static const enum tsec_pubkey_kind kinds[] = { TSEC_PUBKEY_P256, TSEC_PUBKEY_P384 };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        TSEC_AUTO(mint_key_free) struct mint_key *minted = mint_key(kinds[i]);
        TSEC_AUTO_BUF struct tsec_buf xy = TSEC_BUF_INIT(256);

        mint_key_point(minted, &xy);
        CU_ASSERT_FALSE(tsec_failed(point_key(kinds[i], tsec_buf_span(&xy))));
        CU_ASSERT_EQUAL(point_key(kinds[i], tsec_span(xy.ptr, xy.len - 1)).code, TSEC_E_INVALID);
        CU_ASSERT_EQUAL(point_key(kinds[1 - i], tsec_buf_span(&xy)).code, TSEC_E_INVALID);
        CU_ASSERT_EQUAL(point_key(TSEC_PUBKEY_ED25519, tsec_span(xy.ptr, 31)).code, TSEC_E_INVALID);
        xy.ptr[xy.len - 1] ^= 1;
        CU_ASSERT_EQUAL(point_key(kinds[i], tsec_buf_span(&xy)).code, TSEC_E_INVALID);
        memset(xy.ptr, 0, xy.len); /* what some take for the point at infinity */
        CU_ASSERT_EQUAL(point_key(kinds[i], tsec_buf_span(&xy)).code, TSEC_E_INVALID);
        memset(xy.ptr, 0xff, xy.len); /* past the field */
        CU_ASSERT_EQUAL(point_key(kinds[i], tsec_buf_span(&xy)).code, TSEC_E_INVALID);
    }
}

static bool
rsa_is_key(struct tsec_span n, const char *e)
{
    const struct vector exponent = vector(e);
    TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *key = NULL;

    return !tsec_failed(tsec_pubkey_from_rsa(n, vector_span(&exponent), &key, NULL));
}

static void
rsa_keys_have_bounds(void)
{
    const struct vector small = vector_of(0x7f, 256);
    const struct vector least = vector_of(0x81, 256);
    const struct vector most = vector_of(0xff, 1024);
    const struct vector more = vector_of(0xff, 1025);
    const struct vector even = vector_of(0xfe, 256);
    struct vector padded = vector_of(0x81, 260);

    memset(padded.bytes, 0, 4);
    CU_ASSERT_TRUE(rsa_is_key(vector_span(&least), "010001"));
    CU_ASSERT_TRUE(rsa_is_key(vector_span(&padded), "00010001"));
    CU_ASSERT_TRUE(rsa_is_key(vector_span(&most), "03"));
    CU_ASSERT_TRUE(rsa_is_key(vector_span(&least), "ffffffffffffffff"));
    CU_ASSERT_FALSE(rsa_is_key(vector_span(&small), "010001"));
    CU_ASSERT_FALSE(rsa_is_key(vector_span(&more), "010001"));
    CU_ASSERT_FALSE(rsa_is_key(vector_span(&even), "010001"));
    CU_ASSERT_FALSE(rsa_is_key(vector_span(&least), "01"));
    CU_ASSERT_FALSE(rsa_is_key(vector_span(&least), "010000"));
    CU_ASSERT_FALSE(rsa_is_key(vector_span(&least), "00"));
    CU_ASSERT_FALSE(rsa_is_key(vector_span(&least), ""));
    CU_ASSERT_FALSE(rsa_is_key(vector_span(&least), "01ffffffffffffffff"));
    CU_ASSERT_FALSE(rsa_is_key(tsec_span(NULL, 0), "010001"));
}

static const struct test_case cases[] = {
    { "keys of all kinds are read from their SPKI", keys_of_all_kinds_are_read_from_their_spki },
    { "a damaged SPKI is refused", a_damaged_spki_is_refused },
    { "a point must lie on its curve", a_point_must_lie_on_its_curve },
    { "RSA keys have bounds", rsa_keys_have_bounds },
};

TEST_MAIN("crypto/pubkey", cases)
