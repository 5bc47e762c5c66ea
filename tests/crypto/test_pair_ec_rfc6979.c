/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pair.h"
#include "tests/crypto/vector.h"

/* PKCS #8 with the ECPrivateKey of RFC 5915 in it, without the public key. */
static struct tsec_pair *
pair_of(enum tsec_pair_kind kind, const char *head, const char *scalar)
{
    char hex[1024];
    struct tsec_pair *pair = NULL;

    (void)snprintf(hex, sizeof(hex), "%s%s", head, scalar);

    const struct vector der = vector(hex);

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_import(kind, vector_span(&der), &pair, NULL)));
    return pair;
}

static struct tsec_pair *
p256(void)
{
    return pair_of(TSEC_PAIR_P256,
                   "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420",
                   "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
}

static struct tsec_pair *
p384(void)
{
    return pair_of(TSEC_PAIR_P384,
                   "304e020100301006072a8648ce3d020106052b81040022043730350201010430",
                   "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba"
                   "9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5");
}

static struct tsec_pair *
p521(void)
{
    return pair_of(TSEC_PAIR_P521,
                   "3060020100301006072a8648ce3d020106052b81040023044930470201010442",
                   "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa8"
                   "96eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538");
}

static bool
signs(const struct tsec_pair *pair, enum tsec_hash hash, const char *message, const char *rs)
{
    const struct tsec_signing how = { .hash = hash,
                                      .form = TSEC_FORM_RAW,
                                      .nonce = TSEC_NONCE_RFC6979 };
    const struct tsec_span text = tsec_span_str(message);
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

    CU_ASSERT_FALSE(tsec_failed(tsec_pair_sign(pair, &how, text, &sig, NULL, NULL)));
    CU_ASSERT_FALSE(tsec_failed(tsec_pair_verify(pair, &how, text, tsec_buf_span(&sig), NULL)));
    return vector_is(tsec_buf_span(&sig), rs);
}

/* RFC 6979 appendix A.2.5. */
static void
published_on_p256(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = p256();

    CU_ASSERT_TRUE(signs(pair, TSEC_SHA256, "sample",
                         "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                         "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"));
    CU_ASSERT_TRUE(signs(pair, TSEC_SHA512, "sample",
                         "8496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f00"
                         "2362ab1adbe2b8adf9cb9edab740ea6049c028114f2460f96554f61fae3302fe"));
    CU_ASSERT_TRUE(signs(pair, TSEC_SHA256, "test",
                         "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
                         "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"));
}

/* Appendix A.2.6. */
static void
published_on_p384(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = p384();

    CU_ASSERT_TRUE(signs(pair, TSEC_SHA384, "sample",
                         "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
                         "81a648152e44acf96e36dd1e80fabe46"
                         "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94f"
                         "a329c145786e679e7b82c71a38628ac8"));
}

/* Appendix A.2.7: an order of 521 bits, a digest of 512. */
static void
published_on_p521(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = p521();

    CU_ASSERT_TRUE(signs(pair, TSEC_SHA512, "sample",
                         "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e"
                         "25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa"
                         "00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af2826"
                         "23eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a"));
}

/* C2SP's vector: the first candidate is not below the order. */
static void
a_candidate_that_is_too_great_is_passed_over(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = p256();

    CU_ASSERT_TRUE(signs(pair, TSEC_SHA256, "wv[vnX",
                         "efd9073b652e76da1b5a019c0e4a2e3fa529b035a6abb91ef67f0ed7a1f21234"
                         "3db4706c9d9f4a4fe13bb5e08ef0fab53a57dbab2061c83a35fa411c68d2ba33"));
}

static void
a_low_s_is_the_order_less_the_high_one(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = p256();
    const struct tsec_signing how = {
        .hash = TSEC_SHA256, .form = TSEC_FORM_RAW, .nonce = TSEC_NONCE_RFC6979, .low_s = true
    };
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

    CU_ASSERT_FALSE(
        tsec_failed(tsec_pair_sign(pair, &how, tsec_span_str("sample"), &sig, NULL, NULL)));
    CU_ASSERT_TRUE(vector_is(tsec_buf_span(&sig),
                             "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                             "0834e36ad29a83bf2bc9385e491d6099c8fdf9d1ed67aa7ea5f51f93782857a9"));
}

static const struct test_case cases[] = {
    { "published on P-256", published_on_p256 },
    { "published on P-384", published_on_p384 },
    { "published on P-521", published_on_p521 },
    { "a candidate that is too great is passed over",
      a_candidate_that_is_too_great_is_passed_over },
    { "a low s is the order less the high one", a_low_s_is_the_order_less_the_high_one },
};

TEST_MAIN("crypto/pair_ec_rfc6979", cases)
