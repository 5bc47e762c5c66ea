/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crypto/pair_key.h"

static const struct tsec_signing how = { .salt_len = TSEC_SALT_AUTO };

static struct tsec_pair *
from_seed(const char *hex)
{
    const struct vector seed = vector(hex);
    struct tsec_pair *pair = NULL;

    CU_ASSERT_EQUAL_FATAL(seed.len, 32);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_from_seed(seed.bytes, &pair, NULL)));
    return pair;
}

/* RFC 8032 section 7.1, tests 1 to 3. */
static const struct {
    const char *seed;
    const char *point;
    const char *message;
    const char *sig;
} published[] = {
    { "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
      "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
    { "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
    { "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
      "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
};

static void
the_published_signatures_come_out(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(published); i++) {
        const struct vector message = vector(published[i].message);
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = from_seed(published[i].seed);
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(256);

        CU_ASSERT_FALSE(tsec_failed(tsec_pair_point(pair, &out, NULL)));
        CU_ASSERT_TRUE(vector_is(tsec_buf_span(&out), published[i].point));
        tsec_buf_reset(&out);
        /* The second goes through the context that the first left. */
        for (int round = 0; round < 2; round++) {
            tsec_buf_reset(&out);
            CU_ASSERT_FALSE(
                tsec_failed(tsec_pair_sign(pair, &how, vector_span(&message), &out, NULL, NULL)));
            CU_ASSERT_TRUE(vector_is(tsec_buf_span(&out), published[i].sig));
            CU_ASSERT_FALSE(tsec_failed(
                tsec_pair_verify(pair, &how, vector_span(&message), tsec_buf_span(&out), NULL)));
        }
    }
}

static void
a_signature_of_another_length_does_not_hold(void)
{
    const struct vector zeroes = vector_of(0, 128);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = from_seed(published[0].seed);

    for (size_t len = 0; len <= zeroes.len; len++) {
        CU_ASSERT_EQUAL(
            tsec_pair_verify(pair, &how, tsec_span_str("text"), tsec_span(zeroes.bytes, len), NULL)
                .code,
            TSEC_E_DENIED);
    }
}

static int
import(const char *hex)
{
    const struct vector der = vector(hex);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;

    return tsec_pair_import(TSEC_PAIR_ED25519, vector_span(&der), &pair, NULL).code;
}

static void
pkcs8_with_the_public_key_in_it_is_read(void)
{
    /* RFC 8410 section 10.3, without its attribute and with it. */
    CU_ASSERT_EQUAL(import("302e020100300506032b657004220420"
                           "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842"),
                    TSEC_OK_CODE);
    CU_ASSERT_EQUAL(import("3072020101300506032b657004220420"
                           "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842"
                           "a01f301d060a2a864886f70d01090914310f0c0d437572646c6520436861697273"
                           "812100"
                           "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"),
                    TSEC_OK_CODE);
}

static void
a_public_key_that_is_not_the_seeds_is_refused(void)
{
    CU_ASSERT_EQUAL(import("3072020101300506032b657004220420"
                           "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842"
                           "a01f301d060a2a864886f70d01090914310f0c0d437572646c6520436861697273"
                           "812100"
                           "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e0"),
                    TSEC_E_INVALID);
}

static void
a_seed_of_another_length_or_shape_is_refused(void)
{
    const struct vector bytes = vector_of(7, 64);

    for (size_t len = 0; len <= bytes.len; len++) {
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
        TSEC_AUTO_BUF struct tsec_buf seed = TSEC_BUF_INIT(256);
        TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(256);

        tsec_asn1_put(&seed, 0x04, tsec_span(bytes.bytes, len));
        pkcs8_put(&der, tsec_pair_type(TSEC_PAIR_ED25519)->algorithm, tsec_buf_span(&seed));
        CU_ASSERT_EQUAL(tsec_pair_import(TSEC_PAIR_ED25519, tsec_buf_span(&der), &pair, NULL).code,
                        len == 32 ? TSEC_OK_CODE : TSEC_E_INVALID);
        tsec_buf_reset(&der);
        /* without the OCTET STRING around it */
        pkcs8_put(&der, tsec_pair_type(TSEC_PAIR_ED25519)->algorithm, tsec_span(bytes.bytes, len));
        CU_ASSERT_EQUAL(tsec_pair_import(TSEC_PAIR_ED25519, tsec_buf_span(&der), &pair, NULL).code,
                        TSEC_E_INVALID);
    }
}

static void
the_traditional_form_is_seed_and_public_key(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = from_seed(published[0].seed);
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(64);

    CU_ASSERT_FALSE(tsec_failed(tsec_pair_traditional(pair, &out, NULL)));
    CU_ASSERT_TRUE(vector_is(tsec_buf_span(&out),
                             "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
                             "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
}

static void
there_is_no_agreement_and_no_encryption(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = from_seed(published[0].seed);
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(64);
    const struct tsec_span none = { NULL, 0 };

    CU_ASSERT_EQUAL(tsec_pair_agree(pair, pair, &out, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_pair_encrypt(pair, TSEC_SHA256, none, none, &out, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_pair_decrypt(pair, TSEC_SHA256, none, none, &out, NULL).code,
                    TSEC_E_INVALID);
}

static const struct test_case cases[] = {
    { "the published signatures come out", the_published_signatures_come_out },
    { "a signature of another length does not hold", a_signature_of_another_length_does_not_hold },
    { "PKCS #8 with the public key in it is read", pkcs8_with_the_public_key_in_it_is_read },
    { "a public key that is not the seed's is refused",
      a_public_key_that_is_not_the_seeds_is_refused },
    { "a seed of another length or shape is refused",
      a_seed_of_another_length_or_shape_is_refused },
    { "the traditional form is seed and public key", the_traditional_form_is_seed_and_public_key },
    { "there is no agreement and no encryption", there_is_no_agreement_and_no_encryption },
};

TEST_MAIN("crypto/pair_ed25519", cases)
