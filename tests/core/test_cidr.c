/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cidr.h"

#include "tests/test.h"

static bool
admits(const char *range, const char *address)
{
    const struct tsec_strings list = { &range, 1 };

    return cidr_admits(list, address);
}

static void
ranges_hold_what_lies_in_them(void)
{
    CU_ASSERT_TRUE(admits("10.0.0.0/8", "10.255.0.1"));
    CU_ASSERT_TRUE(admits("192.0.2.7", "192.0.2.7"));
    CU_ASSERT_TRUE(admits("2001:db8::/32", "2001:db8:1::2"));
    CU_ASSERT_TRUE(admits("0.0.0.0/0", "203.0.113.9"));
    CU_ASSERT_TRUE(admits("10.0.0.0/8", "::ffff:10.1.2.3"));
    CU_ASSERT_TRUE(admits("::/0", "203.0.113.9"));
}

static void
what_lies_outside_is_refused(void)
{
    CU_ASSERT_FALSE(admits("10.0.0.0/8", "11.0.0.1"));
    CU_ASSERT_FALSE(admits("10.0.0.0/9", "10.128.0.1"));
    CU_ASSERT_FALSE(admits("0.0.0.0/0", "2001:db8::1"));
    CU_ASSERT_FALSE(admits("10.0.0.0/8", "unix"));
    CU_ASSERT_FALSE(admits("10.0.0.0/8", ""));
    CU_ASSERT_FALSE(admits("10.0.0.0/8", "10.0.0.0/8"));
    CU_ASSERT_FALSE(admits("nonsense", "10.0.0.1"));
}

static void
an_empty_list_admits_everyone(void)
{
    const struct tsec_strings none = { NULL, 0 };

    CU_ASSERT_TRUE(cidr_admits(none, "unix"));
    CU_ASSERT_TRUE(cidr_within(none, none));
}

static void
text_that_is_no_range_is_not_valid(void)
{
    static const char *const bad[] = { "",          "10.0.0.0/33", "10.0.0/8",
                                       "10.0.0.0/", "10.0.0.0/-1", "::/129",
                                       "x",         "10.0.0.0/8 ", "10.0.0.0/0008" };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CU_ASSERT_FALSE(cidr_valid(bad[i]));
    }
    CU_ASSERT_TRUE(cidr_valid("::1"));
    CU_ASSERT_TRUE(cidr_valid("10.0.0.1/32"));
}

static void
a_range_lies_within_a_wider_one_only(void)
{
    const char *wide = "10.0.0.0/8";
    const char *narrow = "10.1.0.0/16";
    const struct tsec_strings w = { &wide, 1 };
    const struct tsec_strings n = { &narrow, 1 };

    CU_ASSERT_TRUE(cidr_within(n, w));
    CU_ASSERT_FALSE(cidr_within(w, n));
    CU_ASSERT_TRUE(cidr_within(w, (struct tsec_strings){ NULL, 0 }));
}

static const struct test_case cases[] = {
    { "ranges hold what lies in them", ranges_hold_what_lies_in_them },
    { "what lies outside is refused", what_lies_outside_is_refused },
    { "an empty list admits everyone", an_empty_list_admits_everyone },
    { "text that is no range is not valid", text_that_is_no_range_is_not_valid },
    { "a range lies within a wider one only", a_range_lies_within_a_wider_one_only },
};

TEST_MAIN("core/cidr", cases)
