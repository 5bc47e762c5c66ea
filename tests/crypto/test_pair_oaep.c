/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pair.h"

#include "tests/crypto/vector.h"

static struct tsec_pair *made;
static struct tsec_pair *other;
static const struct tsec_span none = { NULL, 0 };

static void
make(void)
{
    if (made == NULL) {
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(TSEC_PAIR_RSA2048, &made, NULL)));
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(TSEC_PAIR_RSA2048, &other, NULL)));
    }
}

static void
what_is_encrypted_comes_back_under_every_hash(void)
{
    const struct vector bytes = vector_of(0xc3, 300);

    make();
    for (int i = 1; i < TSEC_HASHES; i++) {
        const enum tsec_hash hash = (enum tsec_hash)i;
        const size_t most = 256 - 2 * tsec_hash_len(hash) - 2;

        for (size_t len = 0; len <= most + 30; len += 30) {
            TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(512);
            TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(512);
            const struct tsec_span input = tsec_span(bytes.bytes, len);

            CU_ASSERT_EQUAL(tsec_pair_encrypt(made, hash, none, input, &sealed, NULL).code,
                            len <= most ? TSEC_OK_CODE : TSEC_E_INVALID);
            if (len <= most) {
                CU_ASSERT_EQUAL(sealed.len, 256);
                CU_ASSERT_FALSE(tsec_failed(
                    tsec_pair_decrypt(made, hash, none, tsec_buf_span(&sealed), &plain, NULL)));
                CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&plain), input));
            }
        }
    }
}

static void
the_longest_that_fits_is_taken_and_one_more_is_not(void)
{
    const struct vector bytes = vector_of(0xc3, 191);
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(512);

    make();
    CU_ASSERT_EQUAL(
        tsec_pair_encrypt(made, TSEC_SHA256, none, tsec_span(bytes.bytes, 191), &sealed, NULL).code,
        TSEC_E_INVALID);
    CU_ASSERT_EQUAL(sealed.len, 0);
    CU_ASSERT_FALSE(tsec_failed(
        tsec_pair_encrypt(made, TSEC_SHA256, none, tsec_span(bytes.bytes, 190), &sealed, NULL)));
}

static void
the_same_text_never_looks_the_same(void)
{
    TSEC_AUTO_BUF struct tsec_buf first = TSEC_BUF_INIT(512);
    TSEC_AUTO_BUF struct tsec_buf second = TSEC_BUF_INIT(512);

    make();
    CU_ASSERT_FALSE(tsec_failed(
        tsec_pair_encrypt(made, TSEC_SHA256, none, tsec_span_str("text"), &first, NULL)));
    CU_ASSERT_FALSE(tsec_failed(
        tsec_pair_encrypt(made, TSEC_SHA256, none, tsec_span_str("text"), &second, NULL)));
    CU_ASSERT_FALSE(tsec_span_equal(tsec_buf_span(&first), tsec_buf_span(&second)));
}

/* All failures look alike: same result, same words, nothing put out. */
static void
refused(const struct tsec_pair *pair, enum tsec_hash hash, struct tsec_span label,
        struct tsec_span sealed)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(512);
    struct tsec_err err = { .code = 0 };

    CU_ASSERT_EQUAL(tsec_pair_decrypt(pair, hash, label, sealed, &plain, &err).code,
                    TSEC_E_TAMPERED);
    CU_ASSERT_STRING_EQUAL(err.detail, "does not decrypt");
    CU_ASSERT_EQUAL(plain.len, 0);
}

static void
another_key_hash_label_or_byte_does_not_decrypt(void)
{
    const struct tsec_span label = tsec_span_str("label");
    const struct vector ones = vector_of(0xff, 256);
    const struct vector zeroes = vector_of(0, 256);
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(512);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(512);

    make();
    CU_ASSERT_FALSE(tsec_failed(
        tsec_pair_encrypt(made, TSEC_SHA256, label, tsec_span_str("text"), &sealed, NULL)));
    CU_ASSERT_FALSE(tsec_failed(
        tsec_pair_decrypt(made, TSEC_SHA256, label, tsec_buf_span(&sealed), &plain, NULL)));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&plain), "text"));
    refused(other, TSEC_SHA256, label, tsec_buf_span(&sealed));
    refused(made, TSEC_SHA512, label, tsec_buf_span(&sealed));
    refused(made, TSEC_SHA256, none, tsec_buf_span(&sealed));
    refused(made, TSEC_SHA256, tsec_span_str("Label"), tsec_buf_span(&sealed));
    for (size_t i = 0; i < sealed.len; i += 15) {
        sealed.ptr[i] ^= 1;
        refused(made, TSEC_SHA256, label, tsec_buf_span(&sealed));
        sealed.ptr[i] ^= 1;
    }
    refused(made, TSEC_SHA256, label, tsec_span(sealed.ptr, 255));
    refused(made, TSEC_SHA256, label, none);
    refused(made, TSEC_SHA256, label, vector_span(&ones)); /* not less than the modulus */
    refused(made, TSEC_SHA256, label, vector_span(&zeroes));
}

static void
a_public_key_encrypts_and_does_not_decrypt(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *public = NULL;
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(512);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(512);

    make();
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_spki(made, &spki, NULL)));
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_pair_from_spki(TSEC_PAIR_RSA2048, tsec_buf_span(&spki), &public, NULL)));
    CU_ASSERT_FALSE(tsec_failed(
        tsec_pair_encrypt(public, TSEC_SHA256, none, tsec_span_str("text"), &sealed, NULL)));
    CU_ASSERT_EQUAL(
        tsec_pair_decrypt(public, TSEC_SHA256, none, tsec_buf_span(&sealed), &plain, NULL).code,
        TSEC_E_INVALID);
    CU_ASSERT_FALSE(tsec_failed(
        tsec_pair_decrypt(made, TSEC_SHA256, none, tsec_buf_span(&sealed), &plain, NULL)));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&plain), "text"));
}

static void
other_kinds_and_no_hash_are_refused(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *p256 = NULL;
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(512);

    make();
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(TSEC_PAIR_P256, &p256, NULL)));
    CU_ASSERT_EQUAL(tsec_pair_encrypt(p256, TSEC_SHA256, none, none, &out, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_pair_decrypt(p256, TSEC_SHA256, none, none, &out, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_pair_encrypt(made, (enum tsec_hash)0, none, none, &out, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_pair_decrypt(made, (enum tsec_hash)0, none, none, &out, NULL).code,
                    TSEC_E_INVALID);
    tsec_pair_free(made);
    tsec_pair_free(other);
    made = NULL;
    other = NULL;
}

static const struct test_case cases[] = {
    { "what is encrypted comes back under every hash",
      what_is_encrypted_comes_back_under_every_hash },
    { "the longest that fits is taken, and one more is not",
      the_longest_that_fits_is_taken_and_one_more_is_not },
    { "the same text never looks the same", the_same_text_never_looks_the_same },
    { "another key, hash, label or byte does not decrypt",
      another_key_hash_label_or_byte_does_not_decrypt },
    { "a public key encrypts and does not decrypt", a_public_key_encrypts_and_does_not_decrypt },
    { "other kinds and no hash are refused", other_kinds_and_no_hash_are_refused },
};

TEST_MAIN("crypto/pair_oaep", cases)
