/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/cbor.h"

#include <stdlib.h>

#include "base/hex.h"
#include "tests/test.h"

/* Bytes from hexadecimal, on a heap block of just that length, so that a read past them is seen. */
struct bytes {
    uint8_t *ptr;
    size_t len;
};

static void
done(struct bytes *b)
{
    free(b->ptr);
}

static struct bytes
unhex(const char *digits)
{
    const size_t len = strlen(digits) / 2;
    struct bytes b = { len == 0 ? NULL : malloc(len), len };

    CU_ASSERT_TRUE_FATAL(len == 0 || tsec_hex_decode(tsec_span_str(digits), b.ptr, len));
    return b;
}

#define BYTES __attribute__((cleanup(done))) struct bytes

static struct tsec_cbor
cbor_of(const struct bytes *b)
{
    return tsec_cbor(tsec_span(b->ptr, b->len));
}

static bool
skips(const char *digits)
{
    BYTES b = unhex(digits);
    struct tsec_cbor in = cbor_of(&b);
    const bool good = !tsec_failed(tsec_cbor_skip(&in, NULL));

    CU_ASSERT_EQUAL(in.offset, b.len - in.rest.len);
    CU_ASSERT_TRUE(good || in.offset == 0);
    return good && !tsec_failed(tsec_cbor_end(&in, NULL));
}

/* RFC 8949 appendix A, what a careful encoder of this profile writes. */
static const char *const taken[] = {
    "00",
    "01",
    "0a",
    "17",
    "1818",
    "1819",
    "1864",
    "1903e8",
    "1a000f4240",
    "1b000000e8d4a51000",
    "1bffffffffffffffff",
    "3bffffffffffffffff",
    "20",
    "29",
    "3863",
    "3903e7",
    "f4",
    "f5",
    "f6",
    "40",
    "4401020304",
    "60",
    "6161",
    "6449455446",
    "62225c",
    "62c3bc",
    "63e6b0b4",
    "64f0908591",
    "80",
    "83010203",
    "8301820203820405",
    "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
    "a0",
    "a201020304",
    "a26161016162820203",
    "826161a161626163",
    "a56161614161626142616361436164614461656145",
};

/* The rest of the appendix, and what RFC 8949 appendix F calls not well-formed. */
static const char *const refused[] = {
    "c249010000000000000000", /* bignum: a tag */
    "c349010000000000000000",
    "f90000", /* floats */
    "f93c00",
    "fa47c35000",
    "fb3ff199999999999a",
    "f97e00",
    "f7", /* undefined */
    "f0", /* simple values */
    "f8ff",
    "f820",
    "f818",
    "c074323031332d30332d32315432303a30343a30305a", /* tags */
    "c11a514b67b0",
    "d74401020304",
    "d818456449455446",
    "d2840000",
    "5f42010243030405ff", /* indefinite lengths */
    "7f657374726561646d696e67ff",
    "9fff",
    "9f018202039f0405ffff",
    "83018202039f0405ff",
    "bf61610161629f0203ffff",
    "bf6346756ef563416d7421ff",
    "5fff",
    "ff", /* a break alone */
    "81ff",
    "a1ff",
    "a101ff",
    "1c", /* reserved heads */
    "1d",
    "1e",
    "1f",
    "3c",
    "3f",
    "5c",
    "5e",
    "7d",
    "9c",
    "be",
    "dc",
    "fc",
    "fe",
    "1800", /* heads that are not the shortest */
    "1817",
    "190000",
    "1900ff",
    "1a00000000",
    "1a0000ffff",
    "1b0000000000000000",
    "1b00000000ffffffff",
    "3817",
    "3900ff",
    "580100",
    "5800",
    "780161",
    "7800",
    "59000100",
    "9800",
    "980101",
    "b800",
    "d80000",
    "61ff", /* not UTF-8 */
    "62c080",
    "63eda080",
    "64f4908080",
    "61c3",
};

static void
every_item_of_the_profile_is_taken(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(taken); i++) {
        CU_ASSERT_TRUE(skips(taken[i]));
    }
}

static void
everything_else_in_the_rfc_is_refused(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(refused); i++) {
        if (skips(refused[i])) {
            CU_FAIL("taken");
            (void)printf("taken: %s\n", refused[i]);
        }
    }
}

static void
an_item_cut_off_anywhere_is_refused(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(taken); i++) {
        for (size_t len = 0; len < strlen(taken[i]) / 2; len++) {
            char *digits = strndup(taken[i], 2 * len);

            CU_ASSERT_FALSE(skips(digits));
            free(digits);
        }
    }
}

static void
something_after_the_item_is_refused(void)
{
    CU_ASSERT_FALSE(skips("0000"));
    CU_ASSERT_FALSE(skips("810000"));
    CU_ASSERT_FALSE(skips("a000"));
}

static void
a_length_is_never_believed(void)
{
    static const char *const lies[] = {
        "41",
        "5820",
        "590100",
        "5a7fffffff",
        "5affffffff",
        "5b0000000100000000",
        "5b7fffffffffffffff00",
        "5bffffffffffffffff",
        "5bfffffffffffffff7",
        "5bfffffffffffffff8",
        "7bffffffffffffffff61",
        "9bffffffffffffffff00",
        "9affffffff00",
        "9b800000000000000000",
        "bbffffffffffffffff00",
        "bb800000000000000000",
        "bb80000000000000010000",
        "8200",
        "a200000000000000",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(lies); i++) {
        BYTES b = unhex(lies[i]);
        struct tsec_cbor in = cbor_of(&b);
        struct tsec_cbor_map map;
        struct tsec_span span;
        size_t count = 0;

        CU_ASSERT_EQUAL(tsec_cbor_bytes(&in, &span, NULL).code, TSEC_E_INVALID);
        CU_ASSERT_EQUAL(tsec_cbor_text(&in, &span, NULL).code, TSEC_E_INVALID);
        if (strcmp(lies[i], "8200") != 0) {
            CU_ASSERT_EQUAL(tsec_cbor_array(&in, SIZE_MAX, &count, NULL).code, TSEC_E_INVALID);
        }
        if (lies[i][0] != 'a') {
            CU_ASSERT_EQUAL(tsec_cbor_map(&in, SIZE_MAX, true, &map, NULL).code, TSEC_E_INVALID);
        }
        CU_ASSERT_EQUAL(in.offset, 0);
        CU_ASSERT_EQUAL(in.rest.len, b.len);
    }
}

static void
unsigned_integers_come_with_their_value(void)
{
    static const struct {
        const char *digits;
        uint64_t value;
    } rows[] = {
        { "00", 0 },
        { "17", 23 },
        { "1818", 24 },
        { "18ff", 255 },
        { "190100", 256 },
        { "19ffff", 65535 },
        { "1a00010000", 65536 },
        { "1affffffff", UINT32_MAX },
        { "1b0000000100000000", UINT64_C(1) << 32 },
        { "1bffffffffffffffff", UINT64_MAX },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        BYTES b = unhex(rows[i].digits);
        struct tsec_cbor in = cbor_of(&b);
        uint64_t value = 7;

        CU_ASSERT_FALSE(tsec_failed(tsec_cbor_uint(&in, &value, NULL)));
        CU_ASSERT_EQUAL(value, rows[i].value);
        CU_ASSERT_FALSE(tsec_failed(tsec_cbor_end(&in, NULL)));
    }
}

static void
integers_of_both_signs_come_with_their_value(void)
{
    static const struct {
        const char *digits;
        int64_t value;
    } rows[] = {
        { "00", 0 },
        { "20", -1 },
        { "26", -7 },
        { "3822", -35 },
        { "38ff", -256 },
        { "3903e7", -1000 },
        { "1b7fffffffffffffff", INT64_MAX },
        { "3b7fffffffffffffff", INT64_MIN },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        BYTES b = unhex(rows[i].digits);
        struct tsec_cbor in = cbor_of(&b);
        int64_t value = 7;

        CU_ASSERT_FALSE(tsec_failed(tsec_cbor_int(&in, &value, NULL)));
        CU_ASSERT_EQUAL(value, rows[i].value);
        CU_ASSERT_FALSE(tsec_failed(tsec_cbor_end(&in, NULL)));
    }
}

static void
an_integer_out_of_range_is_refused(void)
{
    static const char *const rows[] = { "1b8000000000000000", "3b8000000000000000",
                                        "1bffffffffffffffff", "3bffffffffffffffff" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        BYTES b = unhex(rows[i]);
        struct tsec_cbor in = cbor_of(&b);
        int64_t value = 7;

        CU_ASSERT_EQUAL(tsec_cbor_int(&in, &value, NULL).code, TSEC_E_INVALID);
        CU_ASSERT_EQUAL(value, 7);
        CU_ASSERT_EQUAL(in.offset, 0);
    }
}

static void
an_item_of_another_kind_is_refused_and_stays(void)
{
    static const char *const of_kind[] = { "05",   "25",     "4105", "6141",
                                           "8105", "a10505", "c105", "f6" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(of_kind); i++) {
        BYTES b = unhex(of_kind[i]);
        struct tsec_cbor in = cbor_of(&b);
        struct tsec_cbor_map map;
        struct tsec_span span;
        uint64_t u = 0;
        int64_t n = 0;
        size_t count = 0;

        CU_ASSERT_TRUE(i == 0 || tsec_failed(tsec_cbor_uint(&in, &u, NULL)));
        CU_ASSERT_TRUE(i <= 1 || tsec_failed(tsec_cbor_int(&in, &n, NULL)));
        CU_ASSERT_TRUE(i == 2 || tsec_failed(tsec_cbor_bytes(&in, &span, NULL)));
        CU_ASSERT_TRUE(i == 3 || tsec_failed(tsec_cbor_text(&in, &span, NULL)));
        CU_ASSERT_TRUE(i == 4 || tsec_failed(tsec_cbor_array(&in, 9, &count, NULL)));
        CU_ASSERT_TRUE(i == 5 || tsec_failed(tsec_cbor_map(&in, 9, true, &map, NULL)));
        CU_ASSERT_TRUE(i == 6 || !tsec_cbor_tag(&in, 1));
        CU_ASSERT_TRUE(i == 7 || !tsec_cbor_null(&in));
        CU_ASSERT_EQUAL(in.offset, 0);
    }
}

static void
a_tag_is_taken_when_it_is_the_one_asked_for(void)
{
    BYTES b = unhex("d2d83d05");
    BYTES longer = unhex("d81205");
    struct tsec_cbor in = cbor_of(&b);
    struct tsec_cbor bad = cbor_of(&longer);

    CU_ASSERT_FALSE(tsec_cbor_tag(&in, 61));
    CU_ASSERT_TRUE(tsec_cbor_tag(&in, 18));
    CU_ASSERT_FALSE(tsec_cbor_tag(&in, 18));
    CU_ASSERT_TRUE(tsec_cbor_tag(&in, 61));
    CU_ASSERT_EQUAL(in.offset, 3);
    CU_ASSERT_FALSE(tsec_cbor_tag(&bad, 18)); /* tag 18 in two bytes */
}

static void
null_is_taken_once(void)
{
    BYTES b = unhex("f605");
    struct tsec_cbor in = cbor_of(&b);
    struct tsec_cbor empty = tsec_cbor(tsec_span(NULL, 0));

    CU_ASSERT_TRUE(tsec_cbor_null(&in));
    CU_ASSERT_FALSE(tsec_cbor_null(&in));
    CU_ASSERT_FALSE(tsec_cbor_null(&empty));
}

static void
strings_are_borrowed_where_they_stand(void)
{
    BYTES b = unhex("440102030462c3bc4060");
    struct tsec_cbor in = cbor_of(&b);
    struct tsec_span span;

    CU_ASSERT_FALSE(tsec_failed(tsec_cbor_bytes(&in, &span, NULL)));
    CU_ASSERT_PTR_EQUAL(span.ptr, b.ptr + 1);
    CU_ASSERT_EQUAL(span.len, 4);
    CU_ASSERT_FALSE(tsec_failed(tsec_cbor_text(&in, &span, NULL)));
    CU_ASSERT_TRUE(tsec_span_is(span, "\xc3\xbc"));
    CU_ASSERT_FALSE(tsec_failed(tsec_cbor_bytes(&in, &span, NULL)));
    CU_ASSERT_EQUAL(span.len, 0);
    CU_ASSERT_FALSE(tsec_failed(tsec_cbor_text(&in, &span, NULL)));
    CU_ASSERT_EQUAL(span.len, 0);
    CU_ASSERT_FALSE(tsec_failed(tsec_cbor_end(&in, NULL)));
}

static void
the_error_says_where(void)
{
    BYTES b = unhex("83010280ff");
    struct tsec_cbor in = cbor_of(&b);
    struct tsec_err err = { 0 };

    CU_ASSERT_FALSE(tsec_failed(tsec_cbor_skip(&in, &err)));
    CU_ASSERT_EQUAL(tsec_cbor_skip(&in, &err).code, TSEC_E_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "at byte 4"));
}

static const struct test_case cases[] = {
    { "every item of the profile is taken", every_item_of_the_profile_is_taken },
    { "everything else in the RFC is refused", everything_else_in_the_rfc_is_refused },
    { "an item cut off anywhere is refused", an_item_cut_off_anywhere_is_refused },
    { "something after the item is refused", something_after_the_item_is_refused },
    { "a length is never believed", a_length_is_never_believed },
    { "unsigned integers come with their value", unsigned_integers_come_with_their_value },
    { "integers of both signs come with their value",
      integers_of_both_signs_come_with_their_value },
    { "an integer out of range is refused", an_integer_out_of_range_is_refused },
    { "an item of another kind is refused and stays",
      an_item_of_another_kind_is_refused_and_stays },
    { "a tag is taken when it is the one asked for", a_tag_is_taken_when_it_is_the_one_asked_for },
    { "null is taken once", null_is_taken_once },
    { "strings are borrowed where they stand", strings_are_borrowed_where_they_stand },
    { "the error says where", the_error_says_where },
};

TEST_MAIN("codec/cbor", cases)
