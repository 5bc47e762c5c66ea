/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/verifiers.h"

#include <string.h>

#include "tests/double/attest_fixed.h"
#include "tests/double/attest_script.h"
#include "tests/test.h"

static const struct verifier own = { "attest-fixed", &attest_fixed_ops, NULL };
static const struct verifier further = { "attest-script", &attest_script_ops, NULL };

static void
each_format_finds_the_plugin_that_knows_it(void)
{
    TSEC_AUTO(verifiers_free) struct verifiers *set = NULL;
    const struct verifier items[] = { own, further };
    const struct verifier *found = NULL;
    size_t index = 0;

    CU_ASSERT_FALSE_FATAL(tsec_failed(verifiers_new(items, 2, &set, NULL)));
    CU_ASSERT_EQUAL(verifiers_len(set), 2);
    CU_ASSERT_EQUAL(verifiers_formats_len(set), 3);
    CU_ASSERT_STRING_EQUAL(verifiers_formats(set)[0], "fixed");
    CU_ASSERT_PTR_NULL(verifiers_formats(set)[3]);
    CU_ASSERT_TRUE(verifiers_find(set, "sgx", &index, &found));
    CU_ASSERT_EQUAL(index, 2);
    CU_ASSERT_STRING_EQUAL(found->name, "attest-script");
    CU_ASSERT_TRUE(verifiers_find(set, "fixed", NULL, &found));
    CU_ASSERT_STRING_EQUAL(found->name, "attest-fixed");
}

static void
no_other_name_finds_one(void)
{
    static const char *const names[] = { "", "SGX", "sg", "sgx ", "maa" };
    TSEC_AUTO(verifiers_free) struct verifiers *set = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(verifiers_new(&further, 1, &set, NULL)));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        CU_ASSERT_FALSE(verifiers_find(set, names[i], NULL, NULL));
    }
}

static void
a_format_of_two_plugins_is_the_first_ones(void)
{
    TSEC_AUTO(verifiers_free) struct verifiers *set = NULL;
    struct verifier items[] = { further, further };
    const struct verifier *found = NULL;

    items[1].name = "attest-second";
    CU_ASSERT_FALSE_FATAL(tsec_failed(verifiers_new(items, 2, &set, NULL)));
    CU_ASSERT_EQUAL(verifiers_formats_len(set), 2);
    CU_ASSERT_TRUE(verifiers_find(set, "sgx", NULL, &found));
    CU_ASSERT_STRING_EQUAL(found->name, "attest-script");
}

static void
health_names_the_one_that_fails(void)
{
    TSEC_AUTO(verifiers_free) struct verifiers *set = NULL;
    const struct verifier items[] = { own, further };
    struct tsec_err err = { 0 };

    memset(&attest_script, 0, sizeof(attest_script));
    CU_ASSERT_FALSE_FATAL(tsec_failed(verifiers_new(items, 2, &set, NULL)));
    CU_ASSERT_FALSE(tsec_failed(verifiers_health(set, &err)));
    attest_script.health = TSEC_E_UNAVAILABLE;
    CU_ASSERT_EQUAL(verifiers_health(set, &err).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(err.detail, "attest-script: collateral is old");
}

static void
a_set_may_be_empty_and_is_bounded(void)
{
    TSEC_AUTO(verifiers_free) struct verifiers *set = NULL;
    struct verifiers *too_many = NULL;
    struct verifier items[VERIFIERS_MAX + 1];

    for (size_t i = 0; i < VERIFIERS_MAX + 1; i++) {
        items[i] = further;
    }
    CU_ASSERT_FALSE(tsec_failed(verifiers_new(NULL, 0, &set, NULL)));
    CU_ASSERT_FALSE(verifiers_find(set, "sgx", NULL, NULL));
    CU_ASSERT_EQUAL(verifiers_new(items, VERIFIERS_MAX + 1, &too_many, NULL).code, TSEC_E_CONFIG);
}

static const struct test_case cases[] = {
    { "each format finds the plugin that knows it", each_format_finds_the_plugin_that_knows_it },
    { "no other name finds one", no_other_name_finds_one },
    { "a format of two plugins is the first ones", a_format_of_two_plugins_is_the_first_ones },
    { "health names the one that fails", health_names_the_one_that_fails },
    { "a set may be empty and is bounded", a_set_may_be_empty_and_is_bounded },
};

TEST_MAIN("attest/verifiers", cases)
