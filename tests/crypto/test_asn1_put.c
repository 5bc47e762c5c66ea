/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/asn1_put.h"

#include "crypto/asn1.h"
#include "tests/crypto/vector.h"

static bool
magnitude_is(const char *number, const char *want)
{
    const struct vector v = vector(number);
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(VECTOR_MAX);

    tsec_asn1_put_magnitude(&out, vector_span(&v));
    return vector_is(tsec_buf_span(&out), want);
}

static void
a_number_is_written_as_short_as_it_goes(void)
{
    CU_ASSERT_TRUE(magnitude_is("", "020100"));
    CU_ASSERT_TRUE(magnitude_is("00", "020100"));
    CU_ASSERT_TRUE(magnitude_is("0000", "020100"));
    CU_ASSERT_TRUE(magnitude_is("01", "020101"));
    CU_ASSERT_TRUE(magnitude_is("00000001", "020101"));
    CU_ASSERT_TRUE(magnitude_is("7f", "02017f"));
    CU_ASSERT_TRUE(magnitude_is("80", "02020080"));
    CU_ASSERT_TRUE(magnitude_is("0080", "02020080"));
    CU_ASSERT_TRUE(magnitude_is("ff01", "020300ff01"));
}

static void
a_length_takes_one_byte_or_two_or_three(void)
{
    static const size_t lens[] = { 0, 1, 127, 128, 255, 256, 16000 };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(lens); i++) {
        const struct vector v = vector_of(0x5a, lens[i]);
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(VECTOR_MAX + 16);
        struct tsec_span contents = { NULL, 0 };

        tsec_asn1_put(&out, ASN1_TAG_OCTETS, vector_span(&v));

        struct tsec_span der = tsec_buf_span(&out);

        /* The reader refuses every length that is not the shortest. */
        CU_ASSERT_TRUE(tsec_asn1_take(&der, ASN1_TAG_OCTETS, &contents));
        CU_ASSERT_EQUAL(der.len, 0);
        CU_ASSERT_TRUE(tsec_span_equal(contents, vector_span(&v)));
        CU_ASSERT_EQUAL(out.len - v.len, lens[i] < 128 ? 2 : lens[i] < 256 ? 3 : 4);
    }
}

static void
bits_have_none_left_over(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(16);

    tsec_asn1_put_bytes(&out, tsec_span_str("ab"));
    CU_ASSERT_TRUE(vector_is(tsec_buf_span(&out), "0303006162"));
}

static void
what_does_not_fit_fails_the_buffer(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4);

    tsec_asn1_put(&out, ASN1_TAG_OCTETS, tsec_span_str("abc"));
    CU_ASSERT_EQUAL(tsec_buf_check(&out, NULL).code, TSEC_E_TOO_LARGE);
}

static const struct test_case cases[] = {
    { "a number is written as short as it goes", a_number_is_written_as_short_as_it_goes },
    { "a length takes one byte or two or three", a_length_takes_one_byte_or_two_or_three },
    { "bits have none left over", bits_have_none_left_over },
    { "what does not fit fails the buffer", what_does_not_fit_fails_the_buffer },
};

TEST_MAIN("crypto/asn1_put", cases)
