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

static const struct test_case cases[] = {
    { "any entry may hold", any_entry_may_hold },
    { "an operator hears what differs from the nearest entry",
      an_operator_hears_what_differs_from_the_nearest_entry },
    { "no list allows nothing", no_list_allows_nothing },
    { "one bad entry makes no list", one_bad_entry_makes_no_list },
    { "a list lives until its last holder lets go", a_list_lives_until_its_last_holder_lets_go },
};

TEST_MAIN("attest/allowlist", cases)
