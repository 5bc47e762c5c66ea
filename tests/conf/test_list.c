/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/list.h"

#include "tests/test.h"

static const struct conf_mark mark = { 1, 2 };

static void
a_list_grows_and_keeps_order(void)
{
    struct conf_list list = { NULL, 0 };

    for (int i = 0; i < 100; i++) {
        char text[8] = { (char)('a' + i % 26), (char)('0' + i / 26), 0 };

        CU_ASSERT_FALSE_FATAL(tsec_failed(conf_list_add(&list, text, text + 1, mark, NULL)));
    }
    CU_ASSERT_EQUAL(list.len, 100);
    CU_ASSERT_STRING_EQUAL(list.items[99].value, "3");
    CU_ASSERT_STRING_EQUAL(conf_list_get(&list, "b2"), "2");
    CU_ASSERT_PTR_NULL(conf_list_get(&list, "zz"));
    conf_list_done(&list);
    CU_ASSERT_EQUAL(list.len, 0);
    CU_ASSERT_PTR_NULL(list.items);
}

static void
lists_are_equal_in_keys_values_and_order(void)
{
    struct conf_list a = { NULL, 0 };
    struct conf_list b = { NULL, 0 };

    CU_ASSERT_TRUE(conf_list_equal(&a, &b));
    CU_ASSERT_FALSE(tsec_failed(conf_list_add(&a, NULL, "x", mark, NULL)));
    CU_ASSERT_FALSE(conf_list_equal(&a, &b));
    CU_ASSERT_FALSE(tsec_failed(conf_list_add(&b, "k", "x", mark, NULL)));
    CU_ASSERT_FALSE(conf_list_equal(&a, &b));
    conf_list_done(&b);
    CU_ASSERT_FALSE(tsec_failed(conf_list_add(&b, NULL, "x", mark, NULL)));
    CU_ASSERT_TRUE(conf_list_equal(&a, &b));
    conf_list_done(&a);
    conf_list_done(&b);
}

static void
what_no_terminal_should_see_is_not_printable(void)
{
    static const char *const odd[] = { "\t",           "a\n",           "\x7f",
                                       "\xc2\x85",     "a\xe2\x80\xa8", "\xef\xbb\xbf",
                                       "\xef\xbf\xbf", "\xff",          "\xed\xa0\x80",
                                       "\xc0\x80" };
    static const char *const fine[] = { "",         "a b",          "\xc2\xa0",
                                        "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x94\x91" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(odd); i++) {
        CU_ASSERT_FALSE(conf_text_printable(tsec_span_str(odd[i])));
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(fine); i++) {
        CU_ASSERT_TRUE(conf_text_printable(tsec_span_str(fine[i])));
    }
    CU_ASSERT_FALSE(conf_text_printable(tsec_span("a\0b", 3)));
}

static const struct test_case cases[] = {
    { "what no terminal should see is not printable",
      what_no_terminal_should_see_is_not_printable },
    { "a list grows and keeps order", a_list_grows_and_keeps_order },
    { "lists are equal in keys, values and order", lists_are_equal_in_keys_values_and_order },
};

TEST_MAIN("conf/list", cases)
