/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crypto/pair_key.h"

/* Keys on curves as others write them.  The scalar is RFC 6979 appendix A.2.5's. */

static const char scalar_hex[] = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
static const char point_hex[] = "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                                "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
static const char order_hex[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
static const char p256_oid[] = "06082a8648ce3d030107";
static const char p384_oid[] = "06052b81040022";

struct shape {
    uint8_t version;
    const char *scalar;
    const char *curve; /* "" : left out */
    const char *point;
    const char *behind;
};

static const struct shape plain = { 1, scalar_hex, "", point_hex, "" };

static void
put_tail(struct tsec_buf *out, const struct shape *shape)
{
    const struct vector curve = vector(shape->curve);
    const struct vector point = vector(shape->point);
    const struct vector behind = vector(shape->behind);
    TSEC_AUTO_BUF struct tsec_buf bits = TSEC_BUF_INIT(1024);

    if (curve.len > 0) {
        tsec_asn1_put(out, 0xa0, vector_span(&curve));
    }
    if (point.len > 0) {
        tsec_asn1_put_bytes(&bits, vector_span(&point));
        tsec_asn1_put(out, 0xa1, tsec_buf_span(&bits));
    }
    tsec_buf_put_span(out, vector_span(&behind));
}

static void
put_shape(struct tsec_buf *out, const struct shape *shape)
{
    const struct vector scalar = vector(shape->scalar);
    TSEC_AUTO_BUF struct tsec_buf tail = TSEC_BUF_INIT(1024);
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(1024);

    put_tail(&tail, shape);
    ec_private_put(&key, shape->version, vector_span(&scalar), tsec_buf_span(&tail));
    pkcs8_put(out, tsec_pair_type(TSEC_PAIR_P256)->algorithm, tsec_buf_span(&key));
}

/* Imports; the key that comes out must be the one of `scalar_hex`. */
static int
import(const struct shape *shape)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(2048);
    TSEC_AUTO_BUF struct tsec_buf point = TSEC_BUF_INIT(256);
    struct tsec_err err = { .code = 0 };

    put_shape(&der, shape);

    const tsec_rc rc = tsec_pair_import(TSEC_PAIR_P256, tsec_buf_span(&der), &pair, &err);

    if (tsec_failed(rc)) {
        CU_ASSERT_TRUE(strlen(err.detail) > 10); /* a sentence */
        CU_ASSERT_PTR_NULL(pair);
        return rc.code;
    }
    CU_ASSERT_FALSE(tsec_failed(tsec_pair_point(pair, &point, NULL)));
    CU_ASSERT_TRUE(vector_is(tsec_buf_span(&point), point_hex));
    return rc.code;
}

static void
the_public_key_may_be_there_or_not(void)
{
    struct shape shape = plain;

    CU_ASSERT_EQUAL(import(&shape), TSEC_OK_CODE);
    shape.point = "";
    CU_ASSERT_EQUAL(import(&shape), TSEC_OK_CODE);
}

static void
the_curve_may_be_named_again_but_no_other(void)
{
    struct shape shape = plain;

    shape.curve = p256_oid;
    CU_ASSERT_EQUAL(import(&shape), TSEC_OK_CODE);
    shape.curve = p384_oid;
    CU_ASSERT_EQUAL(import(&shape), TSEC_E_INVALID);
    shape.curve = "0500";
    CU_ASSERT_EQUAL(import(&shape), TSEC_E_INVALID);
}

static void
zeroes_before_the_number_change_nothing(void)
{
    struct shape shape = plain;
    char longer[80] = "0000";

    memcpy(longer + 4, scalar_hex, sizeof(scalar_hex));
    shape.scalar = longer;
    CU_ASSERT_EQUAL(import(&shape), TSEC_OK_CODE);
    longer[0] = '1';
    CU_ASSERT_EQUAL(import(&shape), TSEC_E_INVALID);
}

static void
a_number_out_of_range_is_refused(void)
{
    static const char *const numbers[] = {
        "",
        "00",
        "0000000000000000000000000000000000000000000000000000000000000000",
        order_hex,
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(numbers); i++) {
        struct shape shape = plain;

        shape.scalar = numbers[i];
        CU_ASSERT_EQUAL(import(&shape), TSEC_E_INVALID);
        shape.point = "";
        CU_ASSERT_EQUAL(import(&shape), TSEC_E_INVALID);
    }
}

static void
a_public_key_that_is_not_the_numbers_is_refused(void)
{
    struct shape shape = plain;
    char other[sizeof(point_hex)];

    shape.scalar = "02";
    CU_ASSERT_EQUAL(import(&shape), TSEC_E_INVALID);
    shape = plain;
    memcpy(other, point_hex, sizeof(other));
    other[sizeof(other) - 2] = '8'; /* not on the curve */
    shape.point = other;
    CU_ASSERT_EQUAL(import(&shape), TSEC_E_INVALID);
    other[0] = '1'; /* no form of a point */
    CU_ASSERT_EQUAL(import(&shape), TSEC_E_INVALID);
    /* compressed */
    shape.point = "0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
    CU_ASSERT_EQUAL(import(&shape), TSEC_E_INVALID);
    shape.point = "00";
    CU_ASSERT_EQUAL(import(&shape), TSEC_E_INVALID);
}

static void
another_version_or_more_behind_it_is_refused(void)
{
    struct shape shape = plain;

    shape.version = 0;
    CU_ASSERT_EQUAL(import(&shape), TSEC_E_INVALID);
    shape.version = 2;
    CU_ASSERT_EQUAL(import(&shape), TSEC_E_INVALID);
    shape = plain;
    shape.behind = "0500";
    CU_ASSERT_EQUAL(import(&shape), TSEC_E_INVALID);
}

/* openssl pkcs8 -topk8 -v2 aes256: SEQUENCE { SEQUENCE { PBES2 … */
static void
an_encrypted_key_is_refused_with_a_sentence(void)
{
    const struct vector der = vector("3014300d06092a864886f70d01050d300004030a0b0c");
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    struct tsec_err err = { .code = 0 };

    CU_ASSERT_EQUAL(tsec_pair_import(TSEC_PAIR_P256, vector_span(&der), &pair, &err).code,
                    TSEC_E_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "encrypted"));
}

static int
from_point(enum tsec_pair_kind kind, const char *hex)
{
    const struct vector point = vector(hex);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf info = TSEC_BUF_INIT(1024);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(1024);

    tsec_buf_put_span(&info, tsec_pair_type(kind)->algorithm);
    tsec_asn1_put_bytes(&info, vector_span(&point));
    tsec_asn1_put(&spki, 0x30, tsec_buf_span(&info));
    return tsec_pair_from_spki(kind, tsec_buf_span(&spki), &pair, NULL).code;
}

static void
a_public_key_must_be_a_point_of_the_curve(void)
{
    char other[sizeof(point_hex)];

    CU_ASSERT_EQUAL(from_point(TSEC_PAIR_P256, point_hex), TSEC_OK_CODE);
    memcpy(other, point_hex, sizeof(other));
    other[sizeof(other) - 2] = '8';
    CU_ASSERT_EQUAL(from_point(TSEC_PAIR_P256, other), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(from_point(TSEC_PAIR_P256, "00"), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(from_point(TSEC_PAIR_P256, ""), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(from_point(TSEC_PAIR_P384, point_hex), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(
        from_point(TSEC_PAIR_P256,
                   "0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"),
        TSEC_E_INVALID);
}

/* RFC 5915: with the curve's name, since nothing around it has that. */
static void
the_traditional_form_names_its_curve(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = pair_of_scalar(TSEC_PAIR_P256, scalar_hex);
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(256);

    CU_ASSERT_FALSE(tsec_failed(tsec_pair_traditional(pair, &out, NULL)));
    CU_ASSERT_TRUE(vector_is(tsec_buf_span(&out),
                             "30770201010420"
                             "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
                             "a00a06082a8648ce3d030107a14403420004"
                             "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                             "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"));
}

static const struct test_case cases[] = {
    { "the public key may be there or not", the_public_key_may_be_there_or_not },
    { "the curve may be named again, but no other", the_curve_may_be_named_again_but_no_other },
    { "zeroes before the number change nothing", zeroes_before_the_number_change_nothing },
    { "a number out of range is refused", a_number_out_of_range_is_refused },
    { "a public key that is not the number's is refused",
      a_public_key_that_is_not_the_numbers_is_refused },
    { "another version or more behind it is refused",
      another_version_or_more_behind_it_is_refused },
    { "an encrypted key is refused with a sentence", an_encrypted_key_is_refused_with_a_sentence },
    { "a public key must be a point of the curve", a_public_key_must_be_a_point_of_the_curve },
    { "the traditional form names its curve", the_traditional_form_names_its_curve },
};

TEST_MAIN("crypto/pair_curve", cases)
