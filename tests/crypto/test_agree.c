/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sign.h"
#include "tests/crypto/vector.h"

/* RFC 8032 section 7.1 test 1, RFC 6979 appendices A.2.5 and A.2.6. */
static const char ed25519[] = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
static const char p256_scalar[] =
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
static const char p384_scalar[] = "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d8"
                                  "96d5724e4c70a825f872c9ea60d2edf5";

static struct tsec_key *
private_key(enum tsec_key_kind kind, const char *hex)
{
    const struct vector raw = vector(hex);
    struct tsec_key *key = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_from_private(kind, vector_span(&raw), &key, NULL)));
    return key;
}

static bool
public_is(const struct tsec_key *key, const char *hex)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(128);

    return !tsec_failed(tsec_key_public(key, &out, NULL)) && vector_is(tsec_buf_span(&out), hex);
}

/* RFC 7748 section 6.1. */
static void
x25519_agrees_as_published(void)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *alice = private_key(
        TSEC_KEY_X25519, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    TSEC_AUTO(tsec_key_free) struct tsec_key *bob = private_key(
        TSEC_KEY_X25519, "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    TSEC_AUTO_BUF struct tsec_buf one = TSEC_BUF_INIT(64);
    TSEC_AUTO_BUF struct tsec_buf other = TSEC_BUF_INIT(64);

    CU_ASSERT_TRUE(
        public_is(bob, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
    CU_ASSERT_FALSE(tsec_failed(tsec_key_agree(alice, bob, &one, NULL)));
    CU_ASSERT_FALSE(tsec_failed(tsec_key_agree(bob, alice, &other, NULL)));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&one), tsec_buf_span(&other)));
    CU_ASSERT_TRUE(vector_is(tsec_buf_span(&one),
                             "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"));
}

static void
agreement_is_refused_between_keys_that_do_not_fit(void)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *ed = private_key(TSEC_KEY_ED25519, ed25519);
    TSEC_AUTO(tsec_key_free) struct tsec_key *p256 = private_key(TSEC_KEY_P256, p256_scalar);
    TSEC_AUTO(tsec_key_free) struct tsec_key *p384 = private_key(TSEC_KEY_P384, p384_scalar);
    TSEC_AUTO(tsec_key_free) struct tsec_key *x = private_key(TSEC_KEY_X25519, ed25519);
    TSEC_AUTO(tsec_key_free) struct tsec_key *zero = NULL;
    const struct vector zero_raw = vector_of(0, 32);
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(64);

    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_key_from_public(TSEC_KEY_X25519, vector_span(&zero_raw), &zero, NULL)));
    CU_ASSERT_EQUAL(tsec_key_agree(ed, ed, &out, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_key_agree(p256, p384, &out, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_key_agree(x, p256, &out, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_key_agree(x, zero, &out, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_key_agree(zero, x, &out, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(out.len, 0);
    CU_ASSERT_FALSE(tsec_failed(tsec_key_agree(p384, p384, &out, NULL)));
    CU_ASSERT_EQUAL(out.len, 48);
}

static const struct test_case cases[] = {
    { "X25519 agrees as published", x25519_agrees_as_published },
    { "agreement is refused between keys that do not fit",
      agreement_is_refused_between_keys_that_do_not_fit },
};

TEST_MAIN("crypto/agree", cases)
