/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pair.h"

#include "tests/crypto/vector.h"

static struct tsec_pair *made;

static struct tsec_pair *
key(void)
{
    if (made == NULL) {
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(TSEC_PAIR_RSA2048, &made, NULL)));
    }
    return made;
}

static int
sign_with(const struct tsec_signing *how, struct tsec_span input, struct tsec_buf *sig)
{
    const int code = tsec_pair_sign(key(), how, input, sig, NULL, NULL).code;

    CU_ASSERT_EQUAL(sig->len, code == TSEC_OK_CODE ? 256 : 0);
    return code;
}

static int
verdict(const struct tsec_signing *how, const char *message, const struct tsec_buf *sig)
{
    return tsec_pair_verify(key(), how, tsec_span_str(message), tsec_buf_span(sig), NULL).code;
}

static void
every_hash_goes_with_both_schemes_and_neither_is_the_other(void)
{
    for (int hash = 1; hash < TSEC_HASHES; hash++) {
        struct tsec_signing how = { .hash = (enum tsec_hash)hash, .salt_len = TSEC_SALT_AUTO };
        TSEC_AUTO_BUF struct tsec_buf pss = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
        TSEC_AUTO_BUF struct tsec_buf pkcs1 = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

        how.scheme = TSEC_SCHEME_PSS;
        CU_ASSERT_EQUAL(sign_with(&how, tsec_span_str("x"), &pss), TSEC_OK_CODE);
        CU_ASSERT_EQUAL(verdict(&how, "x", &pss), TSEC_OK_CODE);
        CU_ASSERT_EQUAL(verdict(&how, "y", &pss), TSEC_E_DENIED);
        how.scheme = TSEC_SCHEME_PKCS1;
        CU_ASSERT_EQUAL(verdict(&how, "x", &pss), TSEC_E_DENIED);
        CU_ASSERT_EQUAL(sign_with(&how, tsec_span_str("x"), &pkcs1), TSEC_OK_CODE);
        CU_ASSERT_EQUAL(verdict(&how, "x", &pkcs1), TSEC_OK_CODE);
        CU_ASSERT_EQUAL(verdict(&how, "y", &pkcs1), TSEC_E_DENIED);
        how.scheme = TSEC_SCHEME_PSS;
        CU_ASSERT_EQUAL(verdict(&how, "x", &pkcs1), TSEC_E_DENIED);
        how.hash = hash == TSEC_SHA256 ? TSEC_SHA512 : TSEC_SHA256;
        CU_ASSERT_EQUAL(verdict(&how, "x", &pss), TSEC_E_DENIED);
    }
}

static void
a_salt_of_any_length_is_found_and_one_that_is_asked_for_must_be_it(void)
{
    static const int lens[] = { TSEC_SALT_AUTO, TSEC_SALT_HASH, 0, 1, 20, 32, 222 };
    static const int really[] = { 222, 32, 0, 1, 20, 32, 222 };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(lens); i++) {
        struct tsec_signing how = { .hash = TSEC_SHA256, .salt_len = lens[i] };
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

        CU_ASSERT_EQUAL(sign_with(&how, tsec_span_str("x"), &sig), TSEC_OK_CODE);
        how.salt_len = TSEC_SALT_AUTO;
        CU_ASSERT_EQUAL(verdict(&how, "x", &sig), TSEC_OK_CODE);
        how.salt_len = TSEC_SALT_HASH;
        CU_ASSERT_EQUAL(verdict(&how, "x", &sig), really[i] == 32 ? TSEC_OK_CODE : TSEC_E_DENIED);
        for (size_t j = 2; j < TSEC_ARRAY_LEN(lens); j++) {
            how.salt_len = lens[j];
            CU_ASSERT_EQUAL(verdict(&how, "x", &sig),
                            really[i] == lens[j] ? TSEC_OK_CODE : TSEC_E_DENIED);
        }
    }
}

/* The library's context is kept from call to call: it must not keep what it found. */
static void
the_next_signature_may_have_another_salt(void)
{
    static const int lens[] = { 7, 100, TSEC_SALT_AUTO };
    const struct tsec_signing any = { .hash = TSEC_SHA256, .salt_len = TSEC_SALT_AUTO };

    for (int round = 0; round < 6; round++) {
        const struct tsec_signing how = { .hash = TSEC_SHA256, .salt_len = lens[round % 3] };
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

        CU_ASSERT_EQUAL(sign_with(&how, tsec_span_str("x"), &sig), TSEC_OK_CODE);
        CU_ASSERT_EQUAL(verdict(&any, "x", &sig), TSEC_OK_CODE);
        CU_ASSERT_EQUAL(verdict(&any, "x", &sig), TSEC_OK_CODE);
    }
    for (int round = 0; round < 3; round++) {
        const struct tsec_signing most = { .hash = TSEC_SHA256, .salt_len = 222 };
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

        CU_ASSERT_EQUAL(sign_with(&any, tsec_span_str("x"), &sig), TSEC_OK_CODE);
        CU_ASSERT_EQUAL(verdict(&most, "x", &sig), TSEC_OK_CODE);
    }
}

static void
a_salt_that_does_not_fit_is_refused(void)
{
    static const int lens[] = { 223, 4096, -3, -100 };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(lens); i++) {
        const struct tsec_signing how = { .hash = TSEC_SHA256, .salt_len = lens[i] };
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

        CU_ASSERT_EQUAL(sign_with(&how, tsec_span_str("x"), &sig), TSEC_E_INVALID);
        CU_ASSERT_EQUAL(verdict(&how, "x", &sig), TSEC_E_INVALID);
    }
}

static void
a_digest_gives_what_its_message_gives(void)
{
    for (int hash = 1; hash < TSEC_HASHES; hash++) {
        struct tsec_signing how = { .hash = (enum tsec_hash)hash, .scheme = TSEC_SCHEME_PKCS1 };
        const struct tsec_span message = tsec_span_str("x");
        uint8_t digest[TSEC_SHA512_LEN];
        TSEC_AUTO_BUF struct tsec_buf of_message = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
        TSEC_AUTO_BUF struct tsec_buf of_digest = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
        TSEC_AUTO_BUF struct tsec_buf none = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

        tsec_hash_parts(how.hash, &message, 1, digest);
        CU_ASSERT_EQUAL(sign_with(&how, message, &of_message), TSEC_OK_CODE);
        how.prehashed = true;
        CU_ASSERT_EQUAL(sign_with(&how, tsec_span(digest, tsec_hash_len(how.hash)), &of_digest),
                        TSEC_OK_CODE);
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&of_message), tsec_buf_span(&of_digest)));
        CU_ASSERT_EQUAL(sign_with(&how, message, &none), TSEC_E_INVALID);
    }
}

static void
unhashed_input_is_pkcs1_of_prehashed_bytes_and_nothing_else(void)
{
    const struct vector bytes = vector_of(0x5a, 246);
    struct tsec_signing how = { .hash = (enum tsec_hash)TSEC_HASH_NONE,
                                .prehashed = true,
                                .scheme = TSEC_SCHEME_PKCS1 };
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
    TSEC_AUTO_BUF struct tsec_buf none = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

    CU_ASSERT_EQUAL(sign_with(&how, tsec_span(bytes.bytes, 245), &sig), TSEC_OK_CODE);
    CU_ASSERT_EQUAL(
        tsec_pair_verify(key(), &how, tsec_span(bytes.bytes, 245), tsec_buf_span(&sig), NULL).code,
        TSEC_OK_CODE);
    CU_ASSERT_EQUAL(
        tsec_pair_verify(key(), &how, tsec_span(bytes.bytes, 244), tsec_buf_span(&sig), NULL).code,
        TSEC_E_DENIED);
    CU_ASSERT_EQUAL(sign_with(&how, tsec_span(bytes.bytes, 246), &none), TSEC_E_INVALID);
    how.prehashed = false;
    CU_ASSERT_EQUAL(sign_with(&how, tsec_span(bytes.bytes, 32), &none), TSEC_E_INVALID);
    how.prehashed = true;
    how.scheme = TSEC_SCHEME_PSS;
    CU_ASSERT_EQUAL(sign_with(&how, tsec_span(bytes.bytes, 32), &none), TSEC_E_INVALID);
}

/* The DigestInfo of SHA-256 (RFC 8017 section 9.2) written by hand. */
static void
unhashed_input_with_its_digest_info_is_the_ordinary_signature(void)
{
    const struct vector info =
        vector("3031300d060960864801650304020105000420"
               "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881");
    const struct tsec_signing raw = { .hash = (enum tsec_hash)TSEC_HASH_NONE,
                                      .prehashed = true,
                                      .scheme = TSEC_SCHEME_PKCS1 };
    const struct tsec_signing ordinary = { .hash = TSEC_SHA256, .scheme = TSEC_SCHEME_PKCS1 };
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

    CU_ASSERT_EQUAL(sign_with(&raw, vector_span(&info), &sig), TSEC_OK_CODE);
    CU_ASSERT_EQUAL(verdict(&ordinary, "x", &sig), TSEC_OK_CODE);
}

static void
a_signature_of_another_length_does_not_hold(void)
{
    const struct tsec_signing how = { .hash = TSEC_SHA256, .scheme = TSEC_SCHEME_PKCS1 };
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

    CU_ASSERT_EQUAL(sign_with(&how, tsec_span_str("x"), &sig), TSEC_OK_CODE);
    tsec_buf_put_byte(&sig, 0);
    CU_ASSERT_EQUAL(verdict(&how, "x", &sig), TSEC_E_DENIED);
    tsec_buf_truncate(&sig, 255);
    CU_ASSERT_EQUAL(verdict(&how, "x", &sig), TSEC_E_DENIED);
    tsec_buf_truncate(&sig, 0);
    CU_ASSERT_EQUAL(verdict(&how, "x", &sig), TSEC_E_DENIED);
    tsec_pair_free(made);
    made = NULL;
}

static const struct test_case cases[] = {
    { "every hash goes with both schemes, and neither is the other",
      every_hash_goes_with_both_schemes_and_neither_is_the_other },
    { "a salt of any length is found, and one that is asked for must be it",
      a_salt_of_any_length_is_found_and_one_that_is_asked_for_must_be_it },
    { "the next signature may have another salt", the_next_signature_may_have_another_salt },
    { "a salt that does not fit is refused", a_salt_that_does_not_fit_is_refused },
    { "a digest gives what its message gives", a_digest_gives_what_its_message_gives },
    { "unhashed input is PKCS #1 of prehashed bytes and nothing else",
      unhashed_input_is_pkcs1_of_prehashed_bytes_and_nothing_else },
    { "unhashed input with its DigestInfo is the ordinary signature",
      unhashed_input_with_its_digest_info_is_the_ordinary_signature },
    { "a signature of another length does not hold", a_signature_of_another_length_does_not_hold },
};

TEST_MAIN("crypto/pair_rsa_sign", cases)
