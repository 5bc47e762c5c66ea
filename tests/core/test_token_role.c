/* SPDX-License-Identifier: Apache-2.0 */
#include "core/token_role.h"

#include "tests/test.h"

static void
globs_match_runs_of_characters(void)
{
    CU_ASSERT_TRUE(glob_matches("team-*", "team-a"));
    CU_ASSERT_TRUE(glob_matches("*", ""));
    CU_ASSERT_TRUE(glob_matches("a*b*c", "axxbyyc"));
    CU_ASSERT_TRUE(glob_matches("*-prod", "shop-prod-prod"));
    CU_ASSERT_FALSE(glob_matches("team-*", "team"));
    CU_ASSERT_FALSE(glob_matches("a*b*c", "axxbyy"));
    CU_ASSERT_FALSE(glob_matches("", "a"));
    CU_ASSERT_FALSE(glob_matches("abc", "ab"));
}

static void
disallowed_wins_and_no_list_at_all_is_open(void)
{
    const char *allowed[] = { "a", "b" };
    const char *bad[] = { "b" };
    const char *bad_glob[] = { "x-*" };
    struct token_role role;
    bool open = false;

    token_role_init(&role, "r");
    CU_ASSERT_TRUE(token_role_allows(&role, "anything", &open));
    CU_ASSERT_TRUE(open);
    role.disallowed_policies_glob = (struct tsec_strings){ bad_glob, 1 };
    CU_ASSERT_FALSE(token_role_allows(&role, "x-1", &open));
    role.allowed_policies = (struct tsec_strings){ allowed, 2 };
    role.disallowed_policies = (struct tsec_strings){ bad, 1 };
    CU_ASSERT_TRUE(token_role_allows(&role, "a", &open));
    CU_ASSERT_FALSE(open);
    CU_ASSERT_FALSE(token_role_allows(&role, "b", &open));
    CU_ASSERT_FALSE(token_role_allows(&role, "c", &open));
}

static const struct test_case cases[] = {
    { "globs match runs of characters", globs_match_runs_of_characters },
    { "disallowed wins", disallowed_wins_and_no_list_at_all_is_open },
};

TEST_MAIN("core/token_role", cases)
