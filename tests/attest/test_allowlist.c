/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/allowlist.h"

#include <string.h>

#include "tests/double/attest_script.h"
#include "tests/test.h"

#define AB ATTEST_SCRIPT_48("ab")
#define BC ATTEST_SCRIPT_48("bc")
#define CD ATTEST_SCRIPT_48("cd")

static struct allowlist *
list_of(const char *const *entries, size_t n)
{
    struct tsec_span spans[8];
    struct allowlist *list = NULL;

    for (size_t i = 0; i < n; i++) {
        spans[i] = tsec_span_str(entries[i]);
    }
    CU_ASSERT_FALSE_FATAL(tsec_failed(allowlist_new(spans, n, &list, NULL)));
    return list;
}

static void
any_entry_may_hold(void)
{
    static const char *const entries[] = { "snp:measurement=" AB, "nitro:pcr0=" BC, AB };
    TSEC_AUTO(allowlist_free) struct allowlist *list = list_of(entries, 3);
    size_t index = 0;

    attest_script_genuine(0);
    CU_ASSERT_TRUE(allowlist_match(list, &attest_script.claims, &index, NULL));
    CU_ASSERT_EQUAL(index, 2);
    CU_ASSERT_EQUAL(allowlist_len(list), 3);
    CU_ASSERT_TRUE(allowlist_names(list, "snp"));
    CU_ASSERT_FALSE(allowlist_names(list, "sim"));
}

static void
differs(const char *const *entries, size_t n, const char *expected)
{
    TSEC_AUTO(allowlist_free) struct allowlist *list = list_of(entries, n);
    TSEC_AUTO_BUF struct tsec_buf why = TSEC_BUF_INIT(512);
    size_t index = 0;

    attest_script_genuine(0);
    CU_ASSERT_FALSE(allowlist_match(list, &attest_script.claims, &index, &why));
    tsec_buf_put_byte(&why, '\0');
    CU_ASSERT_STRING_EQUAL((const char *)why.ptr, expected);
}

static void
an_operator_hears_what_differs_from_the_nearest_entry(void)
{
    static const char *const entries[] = { "snp:measurement=" AB, "nitro:pcr0=" BC ",pcr1=" BC,
                                           "nitro:pcr0=" AB ",pcr1=" BC ",pcr2=" AB,
                                           "nitro:pcr0=" CD };
    static const char *const others[] = { "snp:measurement=" AB };

    differs(entries, 4, "pcr2: allowed abababab…, evidence has cdcdcdcd…");
    differs(others, 1, "no entry of 1 is about nitro");
    differs(entries, 0, "no measurement is allowed: the list is empty");
}

static void
no_list_allows_nothing(void)
{
    size_t index = 0;

    attest_script_genuine(0);
    CU_ASSERT_FALSE(allowlist_match(NULL, &attest_script.claims, &index, NULL));
    CU_ASSERT_EQUAL(allowlist_len(NULL), 0);
    CU_ASSERT_FALSE(allowlist_names(NULL, "nitro"));
}

static void
one_bad_entry_makes_no_list(void)
{
    const struct tsec_span entries[] = { tsec_span_str(AB), tsec_span_str("nitro:pcr0=1") };
    struct allowlist *list = NULL;
    struct tsec_err err = { 0 };

    CU_ASSERT_EQUAL(allowlist_new(entries, 2, &list, &err).code, TSEC_E_CONFIG);
    CU_ASSERT_PTR_NULL(list);
    CU_ASSERT_EQUAL(allowlist_new(entries, ALLOWLIST_MAX + 1, &list, &err).code, TSEC_E_CONFIG);
}

static void
a_list_lives_until_its_last_holder_lets_go(void)
{
    static const char *const entries[] = { AB };
    struct allowlist *list = list_of(entries, 1);
    struct allowlist *held = allowlist_hold(list);

    allowlist_free(list);
    CU_ASSERT_EQUAL(allowlist_len(held), 1);
    allowlist_free(held);
    CU_ASSERT_PTR_NULL(allowlist_hold(NULL));
}

static void
an_entry_is_kept_as_it_was_written(void)
{
    static const char *const entries[] = { "snp:measurement=" AB, "nitro:pcr0=" BC ",pcr1=" CD };
    TSEC_AUTO(allowlist_free) struct allowlist *list = list_of(entries, 2);

    CU_ASSERT_STRING_EQUAL(allowlist_entry(list, 0), entries[0]);
    CU_ASSERT_STRING_EQUAL(allowlist_entry(list, 1), entries[1]);
    CU_ASSERT_TRUE(allowlist_has(list, entries[1]));
    CU_ASSERT_FALSE(allowlist_has(list, AB));
    CU_ASSERT_FALSE(allowlist_has(list, ""));
    CU_ASSERT_FALSE(allowlist_has(NULL, entries[0]));
}

static void
two_lists_together_allow_what_either_does(void)
{
    static const char *const one[] = { "snp:measurement=" AB, "nitro:pcr0=" CD };
    static const char *const two[] = { "nitro:pcr0=" AB, "sim:svn>=1" };
    TSEC_AUTO(allowlist_free) struct allowlist *both = NULL;
    struct allowlist *first = list_of(one, 2);
    struct allowlist *second = list_of(two, 2);
    size_t index = 0;

    CU_ASSERT_FALSE_FATAL(tsec_failed(allowlist_join(first, second, &both, NULL)));
    allowlist_free(first);
    allowlist_free(second); /* what is joined holds them */
    attest_script_genuine(0);
    CU_ASSERT_EQUAL(allowlist_len(both), 4);
    CU_ASSERT_TRUE(allowlist_match(both, &attest_script.claims, &index, NULL));
    CU_ASSERT_EQUAL(index, 2);
    CU_ASSERT_STRING_EQUAL(allowlist_entry(both, 1), one[1]);
    CU_ASSERT_STRING_EQUAL(allowlist_entry(both, 2), two[0]);
    CU_ASSERT_TRUE(allowlist_names(both, "sim"));
    CU_ASSERT_TRUE(allowlist_has(both, one[0]));
    CU_ASSERT_TRUE(allowlist_has(both, two[1]));
}

static void
a_list_joined_with_none_is_that_list(void)
{
    static const char *const entries[] = { AB };
    TSEC_AUTO(allowlist_free) struct allowlist *list = list_of(entries, 1);
    TSEC_AUTO(allowlist_free) struct allowlist *right = NULL;
    TSEC_AUTO(allowlist_free) struct allowlist *left = NULL;
    TSEC_AUTO(allowlist_free) struct allowlist *none = NULL;
    size_t index = 0;

    CU_ASSERT_FALSE_FATAL(tsec_failed(allowlist_join(list, NULL, &right, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(allowlist_join(NULL, list, &left, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(allowlist_join(NULL, NULL, &none, NULL)));
    attest_script_genuine(0);
    CU_ASSERT_STRING_EQUAL(allowlist_entry(right, 0), AB);
    CU_ASSERT_STRING_EQUAL(allowlist_entry(left, 0), AB);
    CU_ASSERT_EQUAL(allowlist_len(none), 0);
    CU_ASSERT_FALSE(allowlist_match(none, &attest_script.claims, &index, NULL));
}

static void
an_entry_too_long_to_be_one_is_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(8192);
    struct allowlist *list = NULL;
    struct tsec_span entry;

    tsec_buf_put_str(&text, "sim:svn>=");
    while (text.len < ALLOWLIST_ENTRY_MAX + 1) {
        tsec_buf_put_byte(&text, '0');
    }
    entry = tsec_buf_span(&text);
    CU_ASSERT_EQUAL(allowlist_new(&entry, 1, &list, NULL).code, TSEC_E_CONFIG);
    CU_ASSERT_PTR_NULL(list);
}

static const struct test_case cases[] = {
    { "any entry may hold", any_entry_may_hold },
    { "an operator hears what differs from the nearest entry",
      an_operator_hears_what_differs_from_the_nearest_entry },
    { "no list allows nothing", no_list_allows_nothing },
    { "one bad entry makes no list", one_bad_entry_makes_no_list },
    { "an entry is kept as it was written", an_entry_is_kept_as_it_was_written },
    { "two lists together allow what either does", two_lists_together_allow_what_either_does },
    { "a list joined with none is that list", a_list_joined_with_none_is_that_list },
    { "an entry too long to be one is refused", an_entry_too_long_to_be_one_is_refused },
    { "a list lives until its last holder lets go", a_list_lives_until_its_last_holder_lets_go },
};

TEST_MAIN("attest/allowlist", cases)
