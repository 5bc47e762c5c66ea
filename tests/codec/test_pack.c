/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/pack.h"

#include "tests/test.h"

static void
numbers_are_big_endian_and_come_back(void)
{
    static const uint8_t expected[] = {
        0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c,
        0x0d, 0x0e, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
    };
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(100);

    tsec_pack_u8(&b, 0x01);
    tsec_pack_u16(&b, 0x0203);
    tsec_pack_u32(&b, 0x04050607);
    tsec_pack_u64(&b, UINT64_C(0x08090a0b0c0d0e0f));
    tsec_pack_i64(&b, -2);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&b), tsec_span(expected, sizeof(expected))));

    struct tsec_reader in = tsec_reader(tsec_buf_span(&b));

    CU_ASSERT_EQUAL(tsec_read_u8(&in), 0x01);
    CU_ASSERT_EQUAL(tsec_read_u16(&in), 0x0203);
    CU_ASSERT_EQUAL(tsec_read_u32(&in), 0x04050607);
    CU_ASSERT_EQUAL(tsec_read_u64(&in), UINT64_C(0x08090a0b0c0d0e0f));
    CU_ASSERT_EQUAL(tsec_read_i64(&in), -2);
    CU_ASSERT_FALSE(tsec_failed(tsec_reader_end(&in, "record", NULL)));
}

static void
bytes_carry_their_length(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(100);

    tsec_pack_bytes(&b, tsec_span("a\0b", 3));
    tsec_pack_str(&b, "");
    tsec_buf_put_str(&b, "xy");
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&b), tsec_span("\0\0\0\3a\0b\0\0\0\0xy", 13)));

    struct tsec_reader in = tsec_reader(tsec_buf_span(&b));

    CU_ASSERT_TRUE(tsec_span_equal(tsec_read_bytes(&in, 3), tsec_span("a\0b", 3)));
    CU_ASSERT_EQUAL(tsec_read_bytes(&in, 0).len, 0);
    CU_ASSERT_TRUE(tsec_span_is(tsec_read_fixed(&in, 2), "xy"));
    CU_ASSERT_FALSE(tsec_failed(tsec_reader_end(&in, "record", NULL)));
}

static void
every_cut_of_a_record_is_refused(void)
{
    static const uint8_t record[] = "\1\0\2\0\0\0\4abcd\0\0\0\0\0\0\0\7";
    const size_t whole = sizeof(record) - 1;

    for (size_t len = 0; len <= whole + 1; len++) {
        struct tsec_reader in = tsec_reader(tsec_span(record, len));

        (void)tsec_read_u8(&in);
        (void)tsec_read_u16(&in);
        (void)tsec_read_bytes(&in, 100);
        (void)tsec_read_u64(&in);
        CU_ASSERT_EQUAL(tsec_failed(tsec_reader_end(&in, "record", NULL)), len != whole);
    }
}

static void
failure_stays_and_reads_nothing_more(void)
{
    struct tsec_reader in = tsec_reader(tsec_span("\1\2\3", 3));
    struct tsec_err err = { 0 };

    CU_ASSERT_EQUAL(tsec_read_u32(&in), 0);
    CU_ASSERT_EQUAL(tsec_read_u8(&in), 0); /* would be there */
    CU_ASSERT_EQUAL(tsec_read_fixed(&in, 0).len, 0);
    CU_ASSERT_EQUAL(tsec_read_bytes(&in, 10).len, 0);
    CU_ASSERT_EQUAL(tsec_reader_end(&in, "the record", &err).code, TSEC_E_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "the record"));
}

static void
a_length_past_its_limit_is_refused(void)
{
    struct tsec_reader in = tsec_reader(tsec_span("\0\0\0\3abc", 7));

    CU_ASSERT_EQUAL(tsec_read_bytes(&in, 2).len, 0);
    CU_ASSERT_TRUE(tsec_failed(tsec_reader_end(&in, "record", NULL)));
    in = tsec_reader(tsec_span("\xff\xff\xff\xff"
                               "abc",
                               7));
    CU_ASSERT_EQUAL(tsec_read_bytes(&in, SIZE_MAX).len, 0);
    CU_ASSERT_TRUE(tsec_failed(tsec_reader_end(&in, "record", NULL)));
}

static void
a_length_is_not_written_without_its_bytes(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(6);

    tsec_pack_bytes(&b, tsec_span("abc", 3));
    CU_ASSERT_EQUAL(b.len, 0);
    CU_ASSERT_EQUAL(tsec_buf_check(&b, NULL).code, TSEC_E_TOO_LARGE);
}

static const struct test_case cases[] = {
    { "numbers are big-endian and come back", numbers_are_big_endian_and_come_back },
    { "bytes carry their length", bytes_carry_their_length },
    { "every cut of a record is refused", every_cut_of_a_record_is_refused },
    { "failure stays and reads nothing more", failure_stays_and_reads_nothing_more },
    { "a length past its limit is refused", a_length_past_its_limit_is_refused },
    { "a length is not written without its bytes", a_length_is_not_written_without_its_bytes },
};

TEST_MAIN("codec/pack", cases)
