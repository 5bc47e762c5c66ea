/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/der.h"

#include <stdlib.h>

#include "base/hex.h"
#include "tests/test.h"

enum { BYTES_MAX = 512 };

static uint8_t bytes[BYTES_MAX];

static struct tsec_span
unhex(const char *digits)
{
    const size_t len = strlen(digits) / 2;

    CU_ASSERT_TRUE_FATAL(len <= BYTES_MAX && tsec_hex_decode(tsec_span_str(digits), bytes, len));
    return tsec_span(bytes, len);
}

static void
elements_come_one_after_the_other(void)
{
    struct tsec_der der = { unhex("0201053003020107040004020a0b") };
    struct tsec_span value;
    uint8_t tag = 0;

    CU_ASSERT_FALSE(tsec_failed(tsec_der_next(&der, &tag, &value, NULL)));
    CU_ASSERT_EQUAL(tag, TSEC_DER_INTEGER);
    CU_ASSERT_TRUE(tsec_span_is(value, "\x05"));
    CU_ASSERT_FALSE(tsec_failed(tsec_der_take(&der, TSEC_DER_SEQUENCE, &value, NULL)));

    struct tsec_der inner = { value };

    CU_ASSERT_FALSE(tsec_failed(tsec_der_take(&inner, TSEC_DER_INTEGER, &value, NULL)));
    CU_ASSERT_EQUAL(inner.rest.len, 0);
    CU_ASSERT_FALSE(tsec_failed(tsec_der_take(&der, TSEC_DER_OCTETS, &value, NULL)));
    CU_ASSERT_EQUAL(value.len, 0);
    CU_ASSERT_FALSE(tsec_failed(tsec_der_take(&der, TSEC_DER_OCTETS, &value, NULL)));
    CU_ASSERT_EQUAL(value.len, 2);
    CU_ASSERT_EQUAL(der.rest.len, 0);
    CU_ASSERT_EQUAL(tsec_der_next(&der, &tag, &value, NULL).code, TSEC_E_INVALID);
}

static void
an_element_with_another_tag_is_refused_and_stays(void)
{
    struct tsec_der der = { unhex("020105") };
    struct tsec_span value = { NULL, 77 };

    CU_ASSERT_EQUAL(tsec_der_take(&der, TSEC_DER_ENUMERATED, &value, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(value.len, 77);
    CU_ASSERT_EQUAL(der.rest.len, 3);
}

static void
lengths_of_every_form_are_read(void)
{
    static const struct {
        const char *head;
        size_t head_len;
        size_t len;
    } rows[] = {
        { "0400", 2, 0 },           { "047f", 2, 127 },
        { "048180", 3, 128 },       { "0481ff", 3, 255 },
        { "04820100", 4, 256 },     { "0482ffff", 4, 65535 },
        { "0483010000", 5, 65536 }, { "048401000000", 6, 16777216 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        uint8_t *whole = calloc(1, rows[i].head_len + rows[i].len);
        struct tsec_span value;
        uint8_t tag = 0;

        CU_ASSERT_PTR_NOT_NULL_FATAL(whole);
        memcpy(whole, unhex(rows[i].head).ptr, rows[i].head_len);

        struct tsec_der der = { tsec_span(whole, rows[i].head_len + rows[i].len) };
        struct tsec_der cut = { tsec_span(whole, rows[i].head_len + rows[i].len - 1) };

        CU_ASSERT_FALSE(tsec_failed(tsec_der_next(&der, &tag, &value, NULL)));
        CU_ASSERT_EQUAL(value.len, rows[i].len);
        CU_ASSERT_EQUAL(der.rest.len, 0);
        CU_ASSERT_EQUAL(tsec_der_next(&cut, &tag, &value, NULL).code, TSEC_E_INVALID);
        free(whole);
    }
}

static void
what_is_no_der_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "02",
        "0201",
        "020205",
        "0281",
        "028105", /* a short length in the long form */
        "02817f",
        "0482007f",
        "048200ff",
        "04830000ff",
        "0483000100",
        "048400000080",
        "30800201050000", /* indefinite */
        "0480",
        "0485000000000100", /* five bytes of length */
        "0485010000000000",
        "04ff",
        "0484ffffffff00", /* lengths that lie */
        "04847fffffff",
        "0483ffffff00",
        "0482ffff00",
        "1f2100", /* a tag of two bytes */
        "3f210100",
        "bf8101020000",
        "0000", /* end of contents */
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        struct tsec_der der = { unhex(bad[i]) };
        const size_t before = der.rest.len;
        struct tsec_span value;
        uint8_t tag = 0;

        if (!tsec_failed(tsec_der_next(&der, &tag, &value, NULL))) {
            CU_FAIL("taken");
            (void)printf("taken: %s\n", bad[i]);
        }
        CU_ASSERT_EQUAL(der.rest.len, before);
    }
}

static void
integers_come_with_their_value(void)
{
    static const struct {
        const char *digits;
        uint64_t value;
    } rows[] = {
        { "00", 0 },
        { "7f", 127 },
        { "0080", 128 },
        { "00ff", 255 },
        { "0100", 256 },
        { "7fffffffffffffff", INT64_MAX },
        { "00ffffffffffffffff", UINT64_MAX },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        uint64_t value = 7;

        CU_ASSERT_FALSE(tsec_failed(tsec_der_u64(unhex(rows[i].digits), &value, NULL)));
        CU_ASSERT_EQUAL(value, rows[i].value);
    }
}

static void
an_integer_that_does_not_fit_is_refused(void)
{
    static const char *const bad[] = { "",
                                       "80",
                                       "ff",
                                       "ff00",
                                       "0000",
                                       "007f",
                                       "000080",
                                       "010000000000000000",
                                       "00ffffffffffffffffff",
                                       "0000ffffffffffffffff",
                                       "7fffffffffffffffff" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        uint64_t value = 7;

        CU_ASSERT_EQUAL(tsec_der_u64(unhex(bad[i]), &value, NULL).code, TSEC_E_INVALID);
        CU_ASSERT_EQUAL(value, 7);
    }
}

static void
an_oid_is_the_dotted_text(void)
{
    CU_ASSERT_TRUE(tsec_der_oid_is(unhex("2a864886f84d010d01"), "1.2.840.113741.1.13.1"));
    CU_ASSERT_TRUE(tsec_der_oid_is(unhex("2b060104019c7801"), "1.3.6.1.4.1.3704.1"));
    CU_ASSERT_TRUE(tsec_der_oid_is(unhex("00"), "0.0"));
    CU_ASSERT_TRUE(tsec_der_oid_is(unhex("27"), "0.39"));
    CU_ASSERT_TRUE(tsec_der_oid_is(unhex("813403"), "2.100.3"));
    CU_ASSERT_TRUE(tsec_der_oid_is(unhex("550403"), "2.5.4.3"));
    CU_ASSERT_TRUE(tsec_der_oid_is(unhex("2a81ffffffffffffffff7f"), "1.2.18446744073709551615"));
}

static void
an_oid_that_is_another_is_told_apart(void)
{
    static const struct {
        const char *digits;
        const char *dotted;
    } rows[] = {
        { "2a864886f84d010d01", "1.2.840.113741.1.13" },
        { "2a864886f84d010d01", "1.2.840.113741.1.13.1.1" },
        { "2a864886f84d010d01", "1.2.840.113741.1.13.2" },
        { "2a864886f84d010d", "1.2.840.113741.1.13.1" },
        { "2a86", "1.2.840" },
        { "2a80864886", "1.2.840" },
        { "2a8001", "1.2.1" }, /* padded */
        { "", "1.2" },
        { "2a", "" },
        { "2a", "1" },
        { "2a", "1.2." },
        { "2a", "1..2" },
        { "2a", ".1.2" },
        { "2a", "1.2x" },
        { "2a", " 1.2" },
        { "28", "0.40" }, /* which would be 1.0 */
        { "78", "3.0" },
        { "2a00", "1.2.18446744073709551616" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        CU_ASSERT_FALSE(tsec_der_oid_is(unhex(rows[i].digits), rows[i].dotted));
    }
}

static const struct test_case cases[] = {
    { "elements come one after the other", elements_come_one_after_the_other },
    { "an element with another tag is refused and stays",
      an_element_with_another_tag_is_refused_and_stays },
    { "lengths of every form are read", lengths_of_every_form_are_read },
    { "what is no DER is refused", what_is_no_der_is_refused },
    { "integers come with their value", integers_come_with_their_value },
    { "an integer that does not fit is refused", an_integer_that_does_not_fit_is_refused },
    { "an OID is the dotted text", an_oid_is_the_dotted_text },
    { "an OID that is another is told apart", an_oid_that_is_another_is_told_apart },
};

TEST_MAIN("codec/der", cases)
