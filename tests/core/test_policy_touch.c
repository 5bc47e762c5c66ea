/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy.h"

#include "tests/test.h"

static bool
touches(const char *text, const char *prefix)
{
    TSEC_AUTO(policy_free) struct policy *policy = NULL;
    const struct policy *items[1];

    CU_ASSERT_EQUAL_FATAL(policy_parse(tsec_span_str(text), &policy, NULL).code, 0);
    items[0] = policy;

    const struct policy_set set = { items, 1 };

    return policy_touches(&set, tsec_span_str(prefix));
}

#define READ(path) "path \"" path "\" { capabilities = [\"read\"] }"

static void
a_mount_is_touched_by_what_grants_inside_it(void)
{
    CU_ASSERT_TRUE(touches(READ("secret/data/a"), "secret/"));
    CU_ASSERT_TRUE(touches(READ("secret/*"), "secret/"));
    CU_ASSERT_TRUE(touches(READ("sec*"), "secret/"));
    CU_ASSERT_TRUE(touches(READ("*"), "secret/"));
    CU_ASSERT_TRUE(touches(READ("+/data/a"), "secret/"));
    CU_ASSERT_TRUE(touches(READ("secret/+/a"), "secret/"));
    CU_ASSERT_TRUE(touches(READ("secret/{{role}}/a"), "secret/"));
}

static void
what_grants_elsewhere_or_nothing_does_not(void)
{
    CU_ASSERT_FALSE(touches(READ("secrets/a"), "secret/"));
    CU_ASSERT_FALSE(touches(READ("secret"), "secret/"));
    CU_ASSERT_FALSE(touches(READ("other/*"), "secret/"));
    CU_ASSERT_FALSE(touches("path \"secret/a\" { capabilities = [\"deny\"] }", "secret/"));
    CU_ASSERT_FALSE(touches("path \"secret/a\" { capabilities = [] }", "secret/"));
    CU_ASSERT_FALSE(policy_touches(&(struct policy_set){ NULL, 0 }, tsec_span_str("secret/")));
}

static const struct test_case cases[] = {
    { "a mount is touched by what grants in it", a_mount_is_touched_by_what_grants_inside_it },
    { "what grants elsewhere does not", what_grants_elsewhere_or_nothing_does_not },
};

TEST_MAIN("core/policy_touch", cases)
