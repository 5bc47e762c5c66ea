/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crypto/pair_key.h"

static const enum tsec_pair_kind kinds[] = { TSEC_PAIR_P256, TSEC_PAIR_P384, TSEC_PAIR_P521 };

/* RFC 6979 appendices A.2.5 to A.2.7: private numbers and their points. */
static const struct {
    const char *scalar;
    const char *point;
} published[] = {
    { "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
      "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
      "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299" },
    { "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d8"
      "96d5724e4c70a825f872c9ea60d2edf5",
      "04ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64"
      "def8f0ea9055866064a254515480bc13"
      "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1"
      "288b231c3ae0d4fe7344fd2533264720" },
    { "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75"
      "caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b8"
      "3538",
      "0401894550d0785932e00eaa23b694f213f8c3121f86dc97a04e5a7167db4e5bcd37"
      "1123d46e45db6b5d5370a7f20fb633155d38ffa16d2bd761dcac474b9a2f5023a4"
      "00493101c962cd4d2fddf782285e64584139c2f91b47f87ff82354d6630f746a28a0"
      "db25741b5b34a828008b22acc23f924faafbd4d33f81ea66956dfeaa2bfdfcf5" },
};

static void
a_number_has_its_published_point(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair =
            pair_of_scalar(kinds[i], published[i].scalar);
        TSEC_AUTO_BUF struct tsec_buf point = TSEC_BUF_INIT(256);

        CU_ASSERT_FALSE(tsec_failed(tsec_pair_point(pair, &point, NULL)));
        CU_ASSERT_TRUE(vector_is(tsec_buf_span(&point), published[i].point));
    }
}

/* NIST CAVS, "ECC CDH Primitive", first vector of each curve. */
static const struct {
    const char *scalar;
    const char *peer;
    const char *secret;
} shared[] = {
    { "7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534",
      "04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287"
      "db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac",
      "46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b" },
    { "3cc3122a68f0d95027ad38c067916ba0eb8c38894d22e1b15618b6818a661774"
      "ad463b205da88cf699ab4d43c9cf98a1",
      "04a7c76b970c3b5fe8b05d2838ae04ab47697b9eaf52e764592efda27fe7513272"
      "734466b400091adbf2d68c58e0c50066"
      "ac68f19f2e1cb879aed43a9969b91a0839c4c38a49749b661efedf243451915e"
      "d0905a32b060992b468c64766fc8437a",
      "5f9d29dc5e31a163060356213669c8ce132e22f57c9a04f40ba7fcead493b457"
      "e5621e766c40a2e3d4d6a04b25e533f1" },
    { "017eecc07ab4b329068fba65e56a1f8890aa935e57134ae0ffcce802735151f4ea"
      "c6564f6ee9974c5e6887a1fefee5743ae2241bfeb95d5ce31ddcb6f9edb4d6fc47",
      "0400685a48e86c79f0f0875f7bc18d25eb5fc8c0b07e5da4f4370f3a949034085433"
      "4b1e1b87fa395464c60626124a4e70d0f785601d37c09870ebf176666877a2046d"
      "01ba52c56fc8776d9e8f5db4f0cc27636d0b741bbe05400697942e80b739884a83bd"
      "e99e0f6716939e632bc8986fa18dccd443a348b6c3e522497955a4f3c302f676",
      "005fc70477c3e63bc3954bd0df3ea0d1f41ee21746ed95fc5e1fdf90930d5e136672"
      "d72cc770742d1711c3c3a4c334a0ad9759436a4d3c5bf6e74b9578fac148c831" },
};

static struct tsec_pair *
public_of(enum tsec_pair_kind kind, const char *hex)
{
    const struct vector point = vector(hex);
    struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf info = TSEC_BUF_INIT(1024);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(1024);

    tsec_buf_put_span(&info, tsec_pair_type(kind)->algorithm);
    tsec_asn1_put_bytes(&info, vector_span(&point));
    tsec_asn1_put(&spki, 0x30, tsec_buf_span(&info));
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_pair_from_spki(kind, tsec_buf_span(&spki), &pair, NULL)));
    return pair;
}

static void
agreement_gives_the_published_secret(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *own =
            pair_of_scalar(kinds[i], shared[i].scalar);
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *peer = public_of(kinds[i], shared[i].peer);
        TSEC_AUTO_BUF struct tsec_buf secret = TSEC_BUF_INIT(128);

        CU_ASSERT_FALSE(tsec_failed(tsec_pair_agree(own, peer, &secret, NULL)));
        CU_ASSERT_TRUE(vector_is(tsec_buf_span(&secret), shared[i].secret));
    }
}

static void
two_sides_agree_and_a_third_does_not(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        struct tsec_pair *pair[3] = { NULL };
        TSEC_AUTO_BUF struct tsec_buf a = TSEC_BUF_INIT(128);
        TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(128);
        TSEC_AUTO_BUF struct tsec_buf c = TSEC_BUF_INIT(128);

        for (size_t j = 0; j < 3; j++) {
            CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(kinds[i], &pair[j], NULL)));
        }
        CU_ASSERT_FALSE(tsec_failed(tsec_pair_agree(pair[0], pair[1], &a, NULL)));
        CU_ASSERT_FALSE(tsec_failed(tsec_pair_agree(pair[1], pair[0], &b, NULL)));
        CU_ASSERT_FALSE(tsec_failed(tsec_pair_agree(pair[2], pair[0], &c, NULL)));
        CU_ASSERT_TRUE(tsec_ct_equal(tsec_buf_span(&a), tsec_buf_span(&b)));
        CU_ASSERT_FALSE(tsec_ct_equal(tsec_buf_span(&a), tsec_buf_span(&c)));
        for (size_t j = 0; j < 3; j++) {
            tsec_pair_free(pair[j]);
        }
    }
}

static void
agreement_needs_a_private_key_and_a_peer_on_the_same_curve(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *p256 =
        pair_of_scalar(TSEC_PAIR_P256, published[0].scalar);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *p384 =
        pair_of_scalar(TSEC_PAIR_P384, published[1].scalar);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *public =
        public_of(TSEC_PAIR_P256, published[0].point);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *k1 = NULL;
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *rsa = NULL;
    TSEC_AUTO_BUF struct tsec_buf secret = TSEC_BUF_INIT(128);

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(TSEC_PAIR_SECP256K1, &k1, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(TSEC_PAIR_RSA2048, &rsa, NULL)));
    CU_ASSERT_EQUAL(tsec_pair_agree(p256, p384, &secret, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_pair_agree(p256, k1, &secret, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_pair_agree(k1, p256, &secret, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_pair_agree(rsa, rsa, &secret, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_pair_agree(public, p256, &secret, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(secret.len, 0);
}

static const struct test_case cases[] = {
    { "a number has its published point", a_number_has_its_published_point },
    { "agreement gives the published secret", agreement_gives_the_published_secret },
    { "two sides agree and a third does not", two_sides_agree_and_a_third_does_not },
    { "agreement needs a private key, and a peer on the same curve",
      agreement_needs_a_private_key_and_a_peer_on_the_same_curve },
};

TEST_MAIN("crypto/pair_ec", cases)
