/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/store_check.h"

#include <stdlib.h>
#include <string.h>

#include "tests/test.h"

static struct tsec_store_op
put(const char *key)
{
    return (struct tsec_store_op){ TSEC_STORE_PUT, TSEC_STORE_ANY, tsec_span_str(key),
                                   tsec_span_str("v") };
}

static void
a_key_has_1_to_64_bytes(void)
{
    uint8_t bytes[TSEC_STORE_KEY_MAX + 1] = { 0 };

    CU_ASSERT_EQUAL(tsec_store_check_key(tsec_span(bytes, 0), NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_store_check_key(tsec_span(bytes, 1), NULL).code, 0);
    CU_ASSERT_EQUAL(tsec_store_check_key(tsec_span(bytes, 64), NULL).code, 0);
    CU_ASSERT_EQUAL(tsec_store_check_key(tsec_span(bytes, 65), NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_store_check_range(tsec_span(bytes, 0), tsec_span(bytes, 64), NULL).code,
                    0);
    CU_ASSERT_EQUAL(tsec_store_check_range(tsec_span(bytes, 65), tsec_span(bytes, 0), NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_store_check_range(tsec_span(bytes, 0), tsec_span(bytes, 65), NULL).code,
                    TSEC_E_INVALID);
}

static void
at_most_256_keys_are_asked_for_at_once(void)
{
    struct tsec_span keys[TSEC_STORE_KEYS_MAX + 1];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(keys); i++) {
        keys[i] = tsec_span_str("k");
    }
    CU_ASSERT_EQUAL(tsec_store_check_keys(NULL, 0, NULL).code, 0);
    CU_ASSERT_EQUAL(tsec_store_check_keys(keys, TSEC_STORE_KEYS_MAX, NULL).code, 0);
    CU_ASSERT_EQUAL(tsec_store_check_keys(keys, TSEC_STORE_KEYS_MAX + 1, NULL).code,
                    TSEC_E_INVALID);
    keys[7] = tsec_span_str("");
    CU_ASSERT_EQUAL(tsec_store_check_keys(keys, 8, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_store_check_keys(keys, 7, NULL).code, 0);
}

static void
each_operation_is_checked(void)
{
    uint8_t *big = calloc(1, TSEC_STORE_VALUE_MAX + 1);
    struct tsec_store_op ops[] = { put("a"), put("b") };

    CU_ASSERT_PTR_NOT_NULL_FATAL(big);
    CU_ASSERT_EQUAL(tsec_store_check_ops(NULL, 0, NULL).code, 0);
    CU_ASSERT_EQUAL(tsec_store_check_ops(ops, 2, NULL).code, 0);
    ops[1].value = tsec_span(big, TSEC_STORE_VALUE_MAX);
    CU_ASSERT_EQUAL(tsec_store_check_ops(ops, 2, NULL).code, 0);
    ops[1].value.len++;
    CU_ASSERT_EQUAL(tsec_store_check_ops(ops, 2, NULL).code, TSEC_E_INVALID);
    ops[1].verb = TSEC_STORE_DELETE; /* has no value */
    CU_ASSERT_EQUAL(tsec_store_check_ops(ops, 2, NULL).code, 0);
    ops[1].verb = (enum tsec_store_verb)3;
    CU_ASSERT_EQUAL(tsec_store_check_ops(ops, 2, NULL).code, TSEC_E_INVALID);
    ops[1] = put("b");
    ops[1].expect = TSEC_STORE_PRESENT;
    CU_ASSERT_EQUAL(tsec_store_check_ops(ops, 2, NULL).code, 0);
    ops[1].expect = (enum tsec_store_expect)3;
    CU_ASSERT_EQUAL(tsec_store_check_ops(ops, 2, NULL).code, TSEC_E_INVALID);
    ops[1] = put("");
    CU_ASSERT_EQUAL(tsec_store_check_ops(ops, 2, NULL).code, TSEC_E_INVALID);
    free(big);
}

static void
a_key_that_stands_twice_is_found_anywhere(void)
{
    static const char *const names[] = { "m", "a", "z", "aa", "b", "k", "c", "zz" };
    struct tsec_store_op ops[8];

    for (size_t i = 0; i < 8; i++) {
        ops[i] = put(names[i]);
    }
    CU_ASSERT_EQUAL(tsec_store_check_ops(ops, 8, NULL).code, 0);
    for (size_t i = 0; i < 8; i++) {
        for (size_t j = 0; j < 8; j++) {
            const struct tsec_store_op saved = ops[i];

            ops[i].key = ops[j].key;
            CU_ASSERT_EQUAL(tsec_store_check_ops(ops, 8, NULL).code, i == j ? 0 : TSEC_E_INVALID);
            ops[i] = saved;
        }
    }
}

static void
too_many_operations_are_refused_unread(void)
{
    CU_ASSERT_EQUAL(tsec_store_check_ops(NULL, TSEC_STORE_OPS_MAX + 1, NULL).code, TSEC_E_INVALID);
}

static void
bounds_hold_what_a_scan_visits(void)
{
    static const struct {
        const char *prefix;
        const char *after;
        const char *from;
        size_t from_len;
        const char *to; /* NULL: past every key */
    } t[] = {
        { "", "", "", 0, NULL },
        { "a", "", "a", 1, "b" },
        { "a", "ab", "ab\0", 3, "b" },
        { "a", "a", "a\0", 2, "b" },
        { "b", "a", "b", 1, "c" },
        { "a\xff", "", "a\xff", 2, "b" },
        { "\xff\xff", "", "\xff\xff", 2, NULL },
        { "", "k", "k\0", 2, NULL },
    };

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct tsec_store_bounds b;

        tsec_store_bounds(tsec_span_str(t[i].prefix), tsec_span_str(t[i].after), &b);
        CU_ASSERT_TRUE(
            tsec_span_equal(tsec_span(b.from, b.from_len), tsec_span(t[i].from, t[i].from_len)));
        CU_ASSERT_TRUE(t[i].to == NULL ? b.to_len == TSEC_STORE_BOUND_MAX && b.to[0] == 0xff
                                       : tsec_span_is(tsec_span(b.to, b.to_len), t[i].to));
    }
}

static const struct test_case cases[] = {
    { "a key has 1 to 64 bytes", a_key_has_1_to_64_bytes },
    { "at most 256 keys are asked for at once", at_most_256_keys_are_asked_for_at_once },
    { "each operation is checked", each_operation_is_checked },
    { "a key that stands twice is found anywhere", a_key_that_stands_twice_is_found_anywhere },
    { "too many operations are refused unread", too_many_operations_are_refused_unread },
    { "bounds hold what a scan visits", bounds_hold_what_a_scan_visits },
};

TEST_MAIN("codec/store_check", cases)
