/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_names.h"

#include "tests/test.h"

static void
push(struct tsec_json_names *names, const char *raw)
{
    const struct tsec_json_name name = { tsec_span_str(raw), strchr(raw, '\\') != NULL };

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_json_names_push(names, name, NULL)));
}

static void
an_inner_object_does_not_disturb_the_outer(void)
{
    struct tsec_json_names names;

    tsec_json_names_init(&names);
    push(&names, "\"a\"");
    push(&names, "\"b\"");
    push(&names, "\"a\""); /* of an inner object */
    CU_ASSERT_FALSE(tsec_json_names_pop(&names, 2));
    push(&names, "\"\\u0062\"");
    CU_ASSERT_TRUE(tsec_json_names_pop(&names, 0));
    CU_ASSERT_FALSE(tsec_json_names_pop(&names, 0));
    tsec_json_names_done(&names);
}

static void
many_names_move_to_memory_of_their_own(void)
{
    static char raw[1000][8];
    struct tsec_json_names names;

    tsec_json_names_init(&names);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(raw); i++) {
        raw[i][0] = raw[i][4] = '"';
        raw[i][1] = (char)('0' + i / 100);
        raw[i][2] = (char)('0' + i / 10 % 10);
        raw[i][3] = (char)('0' + i % 10);
        push(&names, raw[i]);
    }
    CU_ASSERT_PTR_NOT_EQUAL(names.items, names.first);
    push(&names, "\"\\u0039\\u0039\\u0039\"");
    CU_ASSERT_TRUE(tsec_json_names_pop(&names, 500));
    CU_ASSERT_FALSE(tsec_json_names_pop(&names, 0));
    tsec_json_names_done(&names);
}

static void
order_is_that_of_the_unescaped_bytes(void)
{
    static const char *const sorted[] = { "\"\"",        "\"\\u0001\"",
                                          "\"a\"",       "\"\\u0061b\"",
                                          "\"b\"",       "\"\\u00e9\"",
                                          "\"\\uffff\"", "\"\\ud83d\\ude00\"" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(sorted); i++) {
        for (size_t j = 0; j < TSEC_ARRAY_LEN(sorted); j++) {
            const int order =
                tsec_json_strings_compare(tsec_span_str(sorted[i]), tsec_span_str(sorted[j]));

            CU_ASSERT_EQUAL((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

static const struct test_case cases[] = {
    { "an inner object does not disturb the outer", an_inner_object_does_not_disturb_the_outer },
    { "many names move to memory of their own", many_names_move_to_memory_of_their_own },
    { "order is that of the unescaped bytes", order_is_that_of_the_unescaped_bytes },
};

TEST_MAIN("codec/json_names", cases)
