/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/asn1.h"

#include "tests/crypto/vector.h"

static void
an_element_is_taken_off_the_front(void)
{
    const struct vector v = vector("3003020105ff");
    struct tsec_span rest = vector_span(&v);
    struct tsec_span body = { NULL, 0 };
    struct tsec_span number = { NULL, 0 };

    CU_ASSERT_TRUE(tsec_asn1_at(rest, ASN1_TAG_SEQUENCE));
    CU_ASSERT_FALSE(tsec_asn1_take(&rest, ASN1_TAG_SET, &body));
    CU_ASSERT_EQUAL(rest.len, 6);
    CU_ASSERT_TRUE(tsec_asn1_take(&rest, ASN1_TAG_SEQUENCE, &body));
    CU_ASSERT_TRUE(vector_is(rest, "ff"));
    CU_ASSERT_TRUE(vector_is(body, "020105"));
    CU_ASSERT_TRUE(tsec_asn1_take_whole(&body, ASN1_TAG_INTEGER, &number));
    CU_ASSERT_TRUE(vector_is(number, "020105"));
    CU_ASSERT_EQUAL(body.len, 0);
    CU_ASSERT_FALSE(tsec_asn1_take(&body, ASN1_TAG_INTEGER, &number));
    CU_ASSERT_FALSE(tsec_asn1_at(body, ASN1_TAG_INTEGER));
}

static bool
is_element(struct vector v)
{
    struct tsec_span rest = vector_span(&v);
    struct tsec_span contents = { NULL, 0 };

    return tsec_asn1_next(&rest, &contents, NULL);
}

static void
lengths_are_as_short_as_can_be(void)
{
    struct vector long_one = vector_of(0, 0x200);

    CU_ASSERT_TRUE(is_element(vector("0400")));
    CU_ASSERT_FALSE(is_element(vector("04")));
    CU_ASSERT_FALSE(is_element(vector("0401")));
    CU_ASSERT_FALSE(is_element(vector("040201")));
    CU_ASSERT_FALSE(is_element(vector("048000"))); /* indefinite */
    CU_ASSERT_FALSE(is_element(vector("04800000")));
    CU_ASSERT_FALSE(is_element(vector("04810100"))); /* 1 in two bytes */
    CU_ASSERT_FALSE(is_element(vector("0481")));
    CU_ASSERT_FALSE(is_element(vector("048200ff")));
    CU_ASSERT_FALSE(is_element(vector("04ffffffffffffffff")));
    CU_ASSERT_FALSE(is_element(vector("0484ffffffff00")));
    CU_ASSERT_FALSE(is_element(vector("1f0100"))); /* a tag of more than one byte */

    memcpy(long_one.bytes, "\x04\x81\x80", 3);
    long_one.len = 3 + 0x80;
    CU_ASSERT_TRUE(is_element(long_one));
    long_one.len--;
    CU_ASSERT_FALSE(is_element(long_one));
    memcpy(long_one.bytes, "\x04\x82\x01\x00", 4);
    long_one.len = 4 + 0x100;
    CU_ASSERT_TRUE(is_element(long_one));
    memcpy(long_one.bytes, "\x04\x82\x00\xff", 4);
    CU_ASSERT_FALSE(is_element(long_one));
}

static bool
magnitude_is(const char *hex, const char *wanted)
{
    const struct vector v = vector(hex);
    struct tsec_span rest = vector_span(&v);
    struct tsec_span n = { NULL, 0 };

    return tsec_asn1_take_magnitude(&rest, &n) && rest.len == 0 && vector_is(n, wanted);
}

static void
integers_are_not_negative_and_not_padded(void)
{
    CU_ASSERT_TRUE(magnitude_is("020100", ""));
    CU_ASSERT_TRUE(magnitude_is("02017f", "7f"));
    CU_ASSERT_TRUE(magnitude_is("02020080", "80"));
    CU_ASSERT_TRUE(magnitude_is("0203010001", "010001"));
    CU_ASSERT_FALSE(magnitude_is("0200", ""));
    CU_ASSERT_FALSE(magnitude_is("020180", "80"));
    CU_ASSERT_FALSE(magnitude_is("0202007f", "7f"));
    CU_ASSERT_FALSE(magnitude_is("02020000", ""));
    CU_ASSERT_FALSE(magnitude_is("040101", "01"));
}

/* -1: malformed; 2: not there. */
static int
bool_of(const char *hex)
{
    const struct vector v = vector(hex);
    struct tsec_span rest = vector_span(&v);
    bool value = true;

    if (!tsec_asn1_take_bool(&rest, &value)) {
        return -1;
    }
    return rest.len == v.len ? 2 + (value ? 1 : 0) : (value ? 1 : 0);
}

static void
a_boolean_is_true_false_or_left_out(void)
{
    CU_ASSERT_EQUAL(bool_of("0101ff"), 1);
    CU_ASSERT_EQUAL(bool_of("010100"), 0);
    CU_ASSERT_EQUAL(bool_of("020101"), 2);
    CU_ASSERT_EQUAL(bool_of(""), 2);
    CU_ASSERT_EQUAL(bool_of("010101"), -1);
    CU_ASSERT_EQUAL(bool_of("0100"), -1);
    CU_ASSERT_EQUAL(bool_of("0102ffff"), -1);
}

static void
a_bit_string_has_whole_bytes(void)
{
    static const char *const bad[] = { "0300", "03020180", "040100", "03" };
    const struct vector good = vector("030300abcd");
    struct tsec_span rest = vector_span(&good);
    struct tsec_span out = { NULL, 0 };

    CU_ASSERT_TRUE(tsec_asn1_take_bytes(&rest, &out));
    CU_ASSERT_TRUE(vector_is(out, "abcd"));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        const struct vector v = vector(bad[i]);

        rest = vector_span(&v);
        CU_ASSERT_FALSE(tsec_asn1_take_bytes(&rest, &out));
        CU_ASSERT_EQUAL(rest.len, v.len);
    }
}

static bool
time_of(uint8_t tag, const char *text, int64_t *seconds)
{
    uint8_t der[64] = { tag, (uint8_t)strlen(text) };
    struct tsec_span rest = tsec_span(der, 2 + strlen(text));

    memcpy(der + 2, text, strlen(text));
    return tsec_asn1_take_time(&rest, seconds) && rest.len == 0;
}

static bool
time_is(uint8_t tag, const char *text, int64_t wanted)
{
    int64_t seconds = 0;

    return time_of(tag, text, &seconds) && seconds == wanted;
}

/* Values of date(1). */
static void
times_of_both_kinds(void)
{
    CU_ASSERT_TRUE(time_is(0x17, "700101000000Z", 0));
    CU_ASSERT_TRUE(time_is(0x17, "180521104510Z", 1526899510));
    CU_ASSERT_TRUE(time_is(0x17, "491231235959Z", 2524607999));
    CU_ASSERT_TRUE(time_is(0x17, "500101000000Z", -631152000));
    CU_ASSERT_TRUE(time_is(0x18, "20491231235959Z", 2524607999));
    CU_ASSERT_TRUE(time_is(0x18, "20000229120000Z", 951825600));
    CU_ASSERT_TRUE(time_is(0x18, "99991231235959Z", INT64_C(253402300799)));
    CU_ASSERT_TRUE(time_is(0x18, "00010101000000Z", INT64_C(-62135596800)));
}

static void
other_times_are_refused(void)
{
    static const char *const bad[] = { "7001010000Z",      "700101000000",   "700101000000+0000",
                                       "7001010000000",    "701301000000Z",  "700001000000Z",
                                       "700100000000Z",    "700132000000Z",  "700229000000Z",
                                       "700101240000Z",    "700101006000Z",  "700101000060Z",
                                       "7001010000 0Z",    "70-101000000Z",  "",
                                       "19700101000000Z ", "700101000000.1Z" };
    int64_t seconds = 0;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_FALSE(time_of(0x17, bad[i], &seconds));
        CU_ASSERT_FALSE(time_of(0x18, bad[i], &seconds));
    }
    CU_ASSERT_FALSE(time_of(0x18, "700101000000Z", &seconds));
    CU_ASSERT_FALSE(time_of(0x17, "19700101000000Z", &seconds));
    CU_ASSERT_FALSE(time_of(0x18, "19000229000000Z", &seconds)); /* no leap year */
    CU_ASSERT_FALSE(time_of(0x18, "00000101000000Z", &seconds));
    CU_ASSERT_FALSE(time_of(0x16, "700101000000Z", &seconds));
}

static const struct test_case cases[] = {
    { "an element is taken off the front", an_element_is_taken_off_the_front },
    { "lengths are as short as can be", lengths_are_as_short_as_can_be },
    { "integers are not negative and not padded", integers_are_not_negative_and_not_padded },
    { "a boolean is true, false or left out", a_boolean_is_true_false_or_left_out },
    { "a bit string has whole bytes", a_bit_string_has_whole_bytes },
    { "times of both kinds", times_of_both_kinds },
    { "other times are refused", other_times_are_refused },
};

TEST_MAIN("crypto/asn1", cases)
