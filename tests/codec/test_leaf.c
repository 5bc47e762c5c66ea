/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/leaf.h"

#include "tests/test.h"

static const uint8_t audit_header[TSEC_LEAF_HEADER_LEN] = { 'T',  'S',  'L',  '1',  3,    0,
                                                            0,    0,    0x01, 0x02, 0x03, 0x04,
                                                            0x05, 0x06, 0x07, 0x08 };

static void
the_header_is_as_documented(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(64);

    tsec_leaf_header(&out, TSEC_LEAF_AUDIT, UINT64_C(0x0102030405060708));
    CU_ASSERT_FALSE(tsec_failed(tsec_buf_check(&out, NULL)));
    CU_ASSERT_TRUE(
        tsec_span_equal(tsec_buf_span(&out), tsec_span(audit_header, sizeof(audit_header))));
}

static void
every_kind_comes_back(void)
{
    static const enum tsec_leaf_kind kinds[] = {
        TSEC_LEAF_BOOT,        TSEC_LEAF_EPOCH,  TSEC_LEAF_AUDIT,    TSEC_LEAF_MUTATION,
        TSEC_LEAF_SNAPSHOT,    TSEC_LEAF_CONFIG, TSEC_LEAF_ROTATION, TSEC_LEAF_HANDOVER,
        TSEC_LEAF_BREAK_GLASS, TSEC_LEAF_DUMMY,
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(64);
        struct tsec_leaf leaf;

        tsec_leaf_header(&out, kinds[i], UINT64_MAX - i);
        tsec_buf_put_str(&out, "body");
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_leaf_parse(tsec_buf_span(&out), &leaf, NULL)));
        CU_ASSERT_EQUAL(leaf.kind, kinds[i]);
        CU_ASSERT_EQUAL(leaf.index, UINT64_MAX - i);
        CU_ASSERT_TRUE(tsec_span_is(leaf.body, "body"));
        CU_ASSERT_PTR_NOT_NULL(tsec_leaf_kind_name(kinds[i]));
    }
}

static void
only_the_ten_kinds_are_kinds(void)
{
    unsigned accepted = 0;

    for (unsigned kind = 0; kind < 256; kind++) {
        uint8_t bytes[TSEC_LEAF_HEADER_LEN];
        struct tsec_leaf leaf;

        memcpy(bytes, audit_header, sizeof(bytes));
        bytes[4] = (uint8_t)kind;
        accepted += !tsec_failed(tsec_leaf_parse(tsec_span(bytes, sizeof(bytes)), &leaf, NULL));
    }
    CU_ASSERT_EQUAL(accepted, 10);
}

static void
an_altered_magic_flag_or_reserved_byte_is_refused(void)
{
    static const size_t at[] = { 0, 1, 2, 3, 5, 6, 7 };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(at); i++) {
        uint8_t bytes[TSEC_LEAF_HEADER_LEN];
        struct tsec_leaf leaf;

        memcpy(bytes, audit_header, sizeof(bytes));
        bytes[at[i]] ^= 1;
        CU_ASSERT_EQUAL(tsec_leaf_parse(tsec_span(bytes, sizeof(bytes)), &leaf, NULL).code,
                        TSEC_E_INVALID);
    }
}

static void
too_short_and_too_long_are_refused(void)
{
    static uint8_t bytes[TSEC_LEAF_MAX + 1];
    struct tsec_leaf leaf;

    memcpy(bytes, audit_header, sizeof(audit_header));
    for (size_t len = 0; len < TSEC_LEAF_HEADER_LEN; len++) {
        CU_ASSERT_EQUAL(tsec_leaf_parse(tsec_span(bytes, len), &leaf, NULL).code, TSEC_E_INVALID);
    }
    CU_ASSERT_FALSE(tsec_failed(tsec_leaf_parse(tsec_span(bytes, TSEC_LEAF_MAX), &leaf, NULL)));
    CU_ASSERT_EQUAL(tsec_leaf_parse(tsec_span(bytes, sizeof(bytes)), &leaf, NULL).code,
                    TSEC_E_INVALID);
}

static void
an_epoch_body_goes_in_and_out(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(64);
    const struct tsec_leaf_epoch epoch = { 7, UINT64_C(1) << 40, tsec_span_str("age file") };
    struct tsec_leaf_epoch back;

    CU_ASSERT_FALSE(tsec_failed(tsec_leaf_epoch_pack(&epoch, &out, NULL)));
    CU_ASSERT_EQUAL(out.len, 4 + 8 + 2 + 8);
    CU_ASSERT_FALSE(tsec_failed(tsec_leaf_epoch_parse(tsec_buf_span(&out), &back, NULL)));
    CU_ASSERT_EQUAL(back.epoch, 7);
    CU_ASSERT_EQUAL(back.first_index, UINT64_C(1) << 40);
    CU_ASSERT_TRUE(tsec_span_is(back.wrapped, "age file"));
    for (size_t len = 0; len < out.len; len++) {
        CU_ASSERT_EQUAL(tsec_leaf_epoch_parse(tsec_span(out.ptr, len), &back, NULL).code,
                        TSEC_E_INVALID);
    }
    tsec_buf_put_byte(&out, 0);
    CU_ASSERT_EQUAL(tsec_leaf_epoch_parse(tsec_buf_span(&out), &back, NULL).code, TSEC_E_INVALID);
}

static void
an_epoch_without_a_key_or_with_too_long_a_one_is_refused(void)
{
    static const uint8_t none[14];
    static uint8_t bytes[TSEC_LEAF_MAX];
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(TSEC_LEAF_MAX);
    struct tsec_leaf_epoch epoch = { 1, 1, { bytes, 0 } };

    CU_ASSERT_EQUAL(tsec_leaf_epoch_parse(tsec_span(none, sizeof(none)), &epoch, NULL).code,
                    TSEC_E_INVALID);
    epoch.wrapped = tsec_span(bytes, 0);
    CU_ASSERT_EQUAL(tsec_leaf_epoch_pack(&epoch, &out, NULL).code, TSEC_E_INVALID);
    epoch.wrapped = tsec_span(bytes, TSEC_LEAF_MAX - 16 - 14 + 1);
    CU_ASSERT_EQUAL(tsec_leaf_epoch_pack(&epoch, &out, NULL).code, TSEC_E_INVALID);
    epoch.wrapped = tsec_span(bytes, TSEC_LEAF_MAX - 16 - 14);
    CU_ASSERT_FALSE(tsec_failed(tsec_leaf_epoch_pack(&epoch, &out, NULL)));
}

static const struct test_case cases[] = {
    { "the header is as documented", the_header_is_as_documented },
    { "every kind comes back", every_kind_comes_back },
    { "only the ten kinds are kinds", only_the_ten_kinds_are_kinds },
    { "an altered magic, flag or reserved byte is refused",
      an_altered_magic_flag_or_reserved_byte_is_refused },
    { "too short and too long are refused", too_short_and_too_long_are_refused },
    { "an epoch body goes in and out", an_epoch_body_goes_in_and_out },
    { "an epoch without a key, or with too long a one, is refused",
      an_epoch_without_a_key_or_with_too_long_a_one_is_refused },
};

TEST_MAIN("codec/leaf", cases)
