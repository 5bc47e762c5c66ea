/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/rfc6979.h"

#include "tests/crypto/vector.h"

static const char p256_order[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
static const char p256_scalar[] =
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";

static bool
gives(enum tsec_hash hash, const char *order_hex, const char *scalar_hex, const char *message,
      const char *wanted)
{
    const struct vector order = vector(order_hex);
    const struct vector scalar = vector(scalar_hex);
    const struct tsec_span text = tsec_span_str(message);
    uint8_t digest[TSEC_SHA512_LEN];
    uint8_t k[TSEC_RFC6979_ORDER_MAX];
    struct tsec_rfc6979 g;

    CU_ASSERT_EQUAL_FATAL(scalar.len, order.len);
    tsec_hash_parts(hash, &text, 1, digest);
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_rfc6979_begin(&g, hash, vector_span(&order), scalar.bytes,
                                       tsec_span(digest, tsec_hash_len(hash)), NULL)));
    tsec_rfc6979_next(&g, k);
    tsec_rfc6979_end(&g);
    return vector_is(tsec_span(k, order.len), wanted);
}

/* RFC 6979 appendix A.1: an order of 163 bits, of which the first byte has three. */
static void
the_detailed_example(void)
{
    CU_ASSERT_TRUE(gives(TSEC_SHA256, "04000000000000000000020108a2e0cc0d99f8a5ef",
                         "009a4d6792295a7f730fc3f2b49cbc0f62e862272f", "sample",
                         "023af4074c90a02b3fe61d286d5c87f425e6bdd81b"));
}

/* Appendix A.2.5. */
static void
published_for_p256(void)
{
    static const struct {
        enum tsec_hash hash;
        const char *message;
        const char *k;
    } known[] = {
        { TSEC_SHA1, "sample", "882905f1227fd620fbf2abf21244f0ba83d0dc3a9103dbbee43a1fb858109db4" },
        { TSEC_SHA224, "sample",
          "103f90ee9dc52e5e7fb5132b7033c63066d194321491862059967c715985d473" },
        { TSEC_SHA256, "sample",
          "a6e3c57dd01abe90086538398355dd4c3b17aa873382b0f24d6129493d8aad60" },
        { TSEC_SHA384, "sample",
          "09f634b188cefd98e7ec88b1aa9852d734d0bc272f7d2a47decc6ebeb375aad4" },
        { TSEC_SHA512, "sample",
          "5fa81c63109badb88c1f367b47da606da28cad69aa22c4fe6ad7df73a7173aa5" },
        { TSEC_SHA256, "test", "d16b6ae827f17175e040871a1c7ec3500192c4c92677336ec2537acaee0008e0" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        CU_ASSERT_TRUE(gives(known[i].hash, p256_order, p256_scalar, known[i].message, known[i].k));
    }
}

/* Appendix A.2.6 and A.2.7: digests as long as the order, longer, and shorter. */
static void
published_for_p384_and_p521(void)
{
    static const char p384[] = "ffffffffffffffffffffffffffffffffffffffffffffffff"
                               "c7634d81f4372ddf581a0db248b0a77aecec196accc52973";
    static const char x384[] = "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba"
                               "9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5";
    static const char p521[] = "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
                               "fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409";
    static const char x521[] =
        "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa8"
        "96eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538";

    CU_ASSERT_TRUE(gives(TSEC_SHA384, p384, x384, "sample",
                         "94ed910d1a099dad3254e9242ae85abde4ba15168eaf0ca8"
                         "7a555fd56d10fbca2907e3e83ba95368623b8c4686915cf9"));
    CU_ASSERT_TRUE(gives(TSEC_SHA512, p384, x384, "sample",
                         "92fc3c7183a883e24216d1141f1a8976c5b0dd797dfa597e"
                         "3d7b32198bd35331a4e966532593a52980d0e3aaa5e10ec3"));
    CU_ASSERT_TRUE(gives(TSEC_SHA512, p521, x521, "sample",
                         "01dae2ea071f8110dc26882d4d5eae0621a3256fc8847fb9022e2b7d28e6f10198b1"
                         "574fdd03a9053c08a1854a168aa5a57470ec97dd5ce090124ef52a2f7ecbffd3"));
    CU_ASSERT_TRUE(gives(TSEC_SHA1, p521, x521, "sample",
                         "0089c071b419e1c2820962321787258469511958e80582e95d8378e0c2ccdb3cb42b"
                         "ede42f50e3fa3c71f5a76724281d31d9c89f0f91fc1be4918db1c03a5838d0f9"));
}

/* The C2SP project's vector: the first candidate is not below the order. */
static void
a_candidate_that_is_too_great_is_passed_over(void)
{
    CU_ASSERT_TRUE(gives(TSEC_SHA256, p256_order, p256_scalar, "wv[vnX",
                         "2ae40df9d9dab61d688de3dcb9867a98ecc70dd4d6c0f6c228b6e4e0b18b29bc"));
}

/* With an order of 0x0101 nearly half of all candidates are out of range, and zeroes turn up. */
static void
every_candidate_is_in_range(void)
{
    static const uint8_t order[] = { 0x01, 0x01 };
    static const uint8_t scalar[] = { 0x00, 0x07 };
    const struct tsec_span nothing = { NULL, 0 };
    uint8_t digest[TSEC_SHA256_LEN];
    struct tsec_rfc6979 g;
    unsigned greatest = 0;

    tsec_sha256(nothing, digest);
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_rfc6979_begin(&g, TSEC_SHA256, tsec_span(order, sizeof(order)), scalar,
                                       tsec_span(digest, sizeof(digest)), NULL)));
    for (unsigned i = 0; i < 4000; i++) {
        uint8_t k[2];

        tsec_rfc6979_next(&g, k);

        const unsigned value = (unsigned)k[0] << 8 | k[1];

        CU_ASSERT_TRUE(value >= 1 && value <= 0x100);
        greatest = value > greatest ? value : greatest;
    }
    CU_ASSERT_EQUAL(greatest, 0x100);
    tsec_rfc6979_end(&g);
}

static void
what_cannot_be_is_refused_and_the_end_wipes(void)
{
    static const struct tsec_rfc6979 wiped;
    const struct vector order = vector(p256_order);
    const struct vector scalar = vector(p256_scalar);
    const uint8_t none[32] = { 0 };
    struct tsec_rfc6979 g;
    const struct tsec_span digest = tsec_span(none, sizeof(none));

    CU_ASSERT_EQUAL(
        tsec_rfc6979_begin(&g, (enum tsec_hash)0, vector_span(&order), scalar.bytes, digest, NULL)
            .code,
        TSEC_E_INVALID);
    CU_ASSERT_EQUAL(
        tsec_rfc6979_begin(&g, TSEC_SHA384, vector_span(&order), scalar.bytes, digest, NULL).code,
        TSEC_E_INVALID);
    CU_ASSERT_EQUAL(
        tsec_rfc6979_begin(&g, TSEC_SHA256, tsec_span(order.bytes, 0), scalar.bytes, digest, NULL)
            .code,
        TSEC_E_INVALID);
    CU_ASSERT_EQUAL(
        tsec_rfc6979_begin(&g, TSEC_SHA256, tsec_span(none, 32), scalar.bytes, digest, NULL).code,
        TSEC_E_INVALID);
    CU_ASSERT_FALSE_FATAL(tsec_failed(
        tsec_rfc6979_begin(&g, TSEC_SHA256, vector_span(&order), scalar.bytes, digest, NULL)));
    tsec_rfc6979_end(&g);
    CU_ASSERT_EQUAL(memcmp(g.key, wiped.key, sizeof(g.key)), 0);
    CU_ASSERT_EQUAL(memcmp(g.value, wiped.value, sizeof(g.value)), 0);
}

static const struct test_case cases[] = {
    { "the detailed example", the_detailed_example },
    { "published for P-256", published_for_p256 },
    { "published for P-384 and P-521", published_for_p384_and_p521 },
    { "a candidate that is too great is passed over",
      a_candidate_that_is_too_great_is_passed_over },
    { "every candidate is in range", every_candidate_is_in_range },
    { "what cannot be is refused, and the end wipes", what_cannot_be_is_refused_and_the_end_wipes },
};

TEST_MAIN("crypto/rfc6979", cases)
