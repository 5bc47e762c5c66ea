/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sign.h"

#include "tests/crypto/vector.h"

static struct tsec_key *
private_key(enum tsec_key_kind kind, const char *hex)
{
    const struct vector raw = vector(hex);
    struct tsec_key *key = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_from_private(kind, vector_span(&raw), &key, NULL)));
    return key;
}

/* RFC 8032 section 7.1, tests 1 to 3. */
static void
published_ed25519_signatures(void)
{
    static const struct {
        const char *seed;
        const char *message;
        const char *sig;
    } known[] = {
        { "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "",
          "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
          "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
        { "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72",
          "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
          "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
        { "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82",
          "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
          "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        TSEC_AUTO(tsec_key_free) struct tsec_key *key =
            private_key(TSEC_KEY_ED25519, known[i].seed);
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(64);
        const struct vector message = vector(known[i].message);

        CU_ASSERT_FALSE(
            tsec_failed(tsec_sign(key, TSEC_SHA256, vector_span(&message), &sig, NULL)));
        CU_ASSERT_TRUE(vector_is(tsec_buf_span(&sig), known[i].sig));
        CU_ASSERT_FALSE(tsec_failed(
            tsec_verify(key, TSEC_SHA256, vector_span(&message), tsec_buf_span(&sig), NULL)));
    }
}

/* RFC 6979 appendices A.2.5 and A.2.6, message "sample". */
static void
published_ecdsa_signatures_verify(void)
{
    static const struct {
        enum tsec_key_kind kind;
        const char *scalar;
        enum tsec_hash hash;
        const char *sig;
    } known[] = {
        { TSEC_KEY_P256, "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
          TSEC_SHA256,
          "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
          "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8" },
        { TSEC_KEY_P384,
          "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d8"
          "96d5724e4c70a825f872c9ea60d2edf5",
          TSEC_SHA384,
          "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
          "81a648152e44acf96e36dd1e80fabe46"
          "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94f"
          "a329c145786e679e7b82c71a38628ac8" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        TSEC_AUTO(tsec_key_free) struct tsec_key *key = private_key(known[i].kind, known[i].scalar);
        const struct vector sig = vector(known[i].sig);

        CU_ASSERT_FALSE(tsec_failed(
            tsec_verify(key, known[i].hash, tsec_span_str("sample"), vector_span(&sig), NULL)));
        CU_ASSERT_EQUAL(
            tsec_verify(key, known[i].hash, tsec_span_str("simple"), vector_span(&sig), NULL).code,
            TSEC_E_DENIED);
    }
}

static bool
denied(const struct tsec_key *key, struct tsec_span message, struct tsec_span sig)
{
    return tsec_verify(key, TSEC_SHA384, message, sig, NULL).code == TSEC_E_DENIED;
}

static void
signatures_hold_only_as_they_were_made(void)
{
    static const enum tsec_key_kind kinds[] = { TSEC_KEY_ED25519, TSEC_KEY_P256, TSEC_KEY_P384 };
    const struct tsec_span message = tsec_span_str("message");

    for (size_t k = 0; k < TSEC_ARRAY_LEN(kinds); k++) {
        TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
        TSEC_AUTO(tsec_key_free) struct tsec_key *other = NULL;
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(128);

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(kinds[k], &key, NULL)));
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(kinds[k], &other, NULL)));
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_sign(key, TSEC_SHA384, message, &sig, NULL)));
        CU_ASSERT_EQUAL(sig.len, kinds[k] == TSEC_KEY_P384 ? 96 : 64);
        CU_ASSERT_FALSE(denied(key, message, tsec_buf_span(&sig)));
        CU_ASSERT_TRUE(denied(other, message, tsec_buf_span(&sig)));
        CU_ASSERT_TRUE(denied(key, tsec_span_str("massage"), tsec_buf_span(&sig)));
        CU_ASSERT_TRUE(denied(key, message, tsec_span(sig.ptr, sig.len - 1)));
        CU_ASSERT_TRUE(denied(key, message, tsec_span(NULL, 0)));
        for (size_t i = 0; i < sig.len; i += 7) {
            sig.ptr[i] ^= 0x20;
            CU_ASSERT_TRUE(denied(key, message, tsec_buf_span(&sig)));
            sig.ptr[i] ^= 0x20;
        }
        tsec_buf_put_byte(&sig, 0);
        CU_ASSERT_TRUE(denied(key, message, tsec_buf_span(&sig)));
        memset(sig.ptr, 0, sig.len);
        CU_ASSERT_TRUE(denied(key, message, tsec_span(sig.ptr, sig.len - 1)));
    }
}

static void
keys_that_cannot_sign_are_refused(void)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *x = NULL;
    TSEC_AUTO(tsec_key_free) struct tsec_key *p256 = NULL;
    TSEC_AUTO(tsec_key_free) struct tsec_key *half = NULL;
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(128);
    const struct tsec_span message = tsec_span_str("m");

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(TSEC_KEY_X25519, &x, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(TSEC_KEY_P256, &p256, NULL)));
    CU_ASSERT_EQUAL(tsec_sign(x, TSEC_SHA256, message, &out, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_verify(x, TSEC_SHA256, message, message, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_sign(p256, (enum tsec_hash)0, message, &out, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_verify(p256, (enum tsec_hash)0, message, message, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_public(p256, &out, NULL)));
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_key_from_public(TSEC_KEY_P256, tsec_buf_span(&out), &half, NULL)));
    CU_ASSERT_EQUAL(tsec_sign(half, TSEC_SHA256, message, &out, NULL).code, TSEC_E_INVALID);
}

static const struct test_case cases[] = {
    { "published Ed25519 signatures", published_ed25519_signatures },
    { "published ECDSA signatures verify", published_ecdsa_signatures_verify },
    { "signatures hold only as they were made", signatures_hold_only_as_they_were_made },
    { "keys that cannot sign are refused", keys_that_cannot_sign_are_refused },
};

TEST_MAIN("crypto/sign", cases)
