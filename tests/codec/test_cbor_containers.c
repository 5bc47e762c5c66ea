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

    return !tsec_failed(tsec_cbor_skip(&in, NULL)) && !tsec_failed(tsec_cbor_end(&in, NULL));
}

/* Reads {uint: uint, ...}; the sum of the values, or -1. */
static int
sum_of_map(const char *digits, size_t max, bool indefinite_ok)
{
    BYTES b = unhex(digits);
    struct tsec_cbor in = cbor_of(&b);
    struct tsec_cbor_map map;
    uint64_t key = 0;
    uint64_t value = 0;
    uint64_t sum = 0;
    bool more = true;

    if (tsec_failed(tsec_cbor_map(&in, max, indefinite_ok, &map, NULL))) {
        return -1;
    }
    for (;;) {
        if (tsec_failed(tsec_cbor_map_next(&in, &map, &more, NULL))) {
            return -1;
        }
        if (!more) {
            break;
        }
        if (tsec_failed(tsec_cbor_uint(&in, &key, NULL))
            || tsec_failed(tsec_cbor_uint(&in, &value, NULL))) {
            return -1;
        }
        sum += value;
    }
    CU_ASSERT_FALSE(tsec_failed(tsec_cbor_map_next(&in, &map, &more, NULL)));
    CU_ASSERT_FALSE(more); /* the end is told again, and nothing is consumed for it */
    return tsec_failed(tsec_cbor_end(&in, NULL)) ? -1 : (int)sum;
}

static void
a_map_is_walked_to_its_end(void)
{
    CU_ASSERT_EQUAL(sum_of_map("a0", 0, false), 0);
    CU_ASSERT_EQUAL(sum_of_map("a3010102020303", 3, false), 6);
    CU_ASSERT_EQUAL(sum_of_map("a3010102020303", 3, true), 6);
    CU_ASSERT_EQUAL(sum_of_map("bfff", 0, true), 0);
    CU_ASSERT_EQUAL(sum_of_map("bf010102020303ff", 3, true), 6);
}

static void
a_map_that_is_too_long_cut_off_or_indefinite_unasked_is_refused(void)
{
    CU_ASSERT_EQUAL(sum_of_map("a3010102020303", 2, false), -1);
    CU_ASSERT_EQUAL(sum_of_map("bf010102020303ff", 2, true), -1);
    CU_ASSERT_EQUAL(sum_of_map("bf010102020303ff", 3, false), -1);
    CU_ASSERT_EQUAL(sum_of_map("bfff", 3, false), -1);
    CU_ASSERT_EQUAL(sum_of_map("bf", 3, true), -1);
    CU_ASSERT_EQUAL(sum_of_map("bf0101", 3, true), -1);
    CU_ASSERT_EQUAL(sum_of_map("bf01ff", 3, true), -1); /* a break for a value */
    CU_ASSERT_EQUAL(sum_of_map("bf0101ffff", 3, true), -1);
    CU_ASSERT_EQUAL(sum_of_map("a30101020203", 3, false), -1);
    CU_ASSERT_EQUAL(sum_of_map("a20101", 3, false), -1);
    CU_ASSERT_EQUAL(sum_of_map("a10101ff", 3, true), -1);
}

static void
an_array_past_its_bound_is_refused(void)
{
    BYTES b = unhex("83010203");
    struct tsec_cbor in = cbor_of(&b);
    size_t count = 0;

    CU_ASSERT_EQUAL(tsec_cbor_array(&in, 2, &count, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(count, 0);
    CU_ASSERT_FALSE(tsec_failed(tsec_cbor_array(&in, 3, &count, NULL)));
    CU_ASSERT_EQUAL(count, 3);
}

static void
nesting_is_skipped_eight_deep_and_no_further(void)
{
    CU_ASSERT_TRUE(skips("818181818181818100"));
    CU_ASSERT_TRUE(skips("8181818181818180"));
    CU_ASSERT_FALSE(skips("81818181818181818100"));
    CU_ASSERT_FALSE(skips("818181818181818180"));
    CU_ASSERT_TRUE(skips("a100a100a100a100a100a100a100a10000"));
    CU_ASSERT_FALSE(skips("a100a100a100a100a100a100a100a100a10000"));
    CU_ASSERT_TRUE(skips("828181008282000182f6f5"));
}

static const struct test_case cases[] = {
    { "a map is walked to its end", a_map_is_walked_to_its_end },
    { "a map that is too long, cut off or indefinite unasked is refused",
      a_map_that_is_too_long_cut_off_or_indefinite_unasked_is_refused },
    { "an array past its bound is refused", an_array_past_its_bound_is_refused },
    { "nesting is skipped eight deep and no further",
      nesting_is_skipped_eight_deep_and_no_further },
};

TEST_MAIN("codec/cbor: containers", cases)
