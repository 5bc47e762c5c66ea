/* SPDX-License-Identifier: Apache-2.0 */
#include "api/grants.h"

#include <stdio.h>
#include <string.h>

#include "tests/test.h"

static struct grants grants;
static struct grant_count copy[GRANTS_MAX + 2 * GRANT_KINDS];

static uint64_t
counted(enum grant_kind kind, bool refused, const char *label)
{
    const size_t n = grants_copy(&grants, copy);

    for (size_t i = 0; i < n; i++) {
        if (copy[i].kind == kind && copy[i].refused == refused
            && strcmp(copy[i].label, label) == 0) {
            return copy[i].count;
        }
    }
    return 0;
}

static void
each_kind_role_and_reason_is_counted_by_itself(void)
{
    grants_init(&grants);
    grants_count(&grants, GRANT_RELEASE, "payments");
    grants_count(&grants, GRANT_RELEASE, "payments");
    grants_count(&grants, GRANT_LOGIN, "payments");
    grants_refuse(&grants, GRANT_RELEASE, "measurement");
    grants_refuse(&grants, GRANT_RELEASE, "payments");
    CU_ASSERT_EQUAL(counted(GRANT_RELEASE, false, "payments"), 2);
    CU_ASSERT_EQUAL(counted(GRANT_LOGIN, false, "payments"), 1);
    CU_ASSERT_EQUAL(counted(GRANT_CHANNEL, false, "payments"), 0);
    CU_ASSERT_EQUAL(counted(GRANT_RELEASE, true, "measurement"), 1);
    CU_ASSERT_EQUAL(counted(GRANT_RELEASE, true, "payments"), 1);
    grants_done(&grants);
}

static void
what_has_no_name_is_counted_under_none(void)
{
    grants_init(&grants);
    grants_count(&grants, GRANT_CHANNEL, NULL);
    grants_refuse(&grants, GRANT_CHANNEL, NULL);
    CU_ASSERT_EQUAL(counted(GRANT_CHANNEL, false, ""), 1);
    CU_ASSERT_EQUAL(counted(GRANT_CHANNEL, true, ""), 1);
    grants_done(&grants);
}

static void
a_name_too_long_is_cut(void)
{
    char name[300];

    memset(name, 'r', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    grants_init(&grants);
    grants_count(&grants, GRANT_LOGIN, name);
    grants_count(&grants, GRANT_LOGIN, name);
    CU_ASSERT_EQUAL(grants_copy(&grants, copy), 1);
    CU_ASSERT_EQUAL(strlen(copy[0].label), GRANTS_LABEL_MAX);
    CU_ASSERT_EQUAL(copy[0].count, 2);
    grants_done(&grants);
}

static void
what_there_is_no_room_for_is_counted_together(void)
{
    char name[16];

    grants_init(&grants);
    for (int i = 0; i < GRANTS_MAX + 100; i++) {
        (void)snprintf(name, sizeof(name), "role-%d", i);
        grants_count(&grants, GRANT_RELEASE, name);
        grants_refuse(&grants, GRANT_CHANNEL, name);
    }
    CU_ASSERT_TRUE(grants_copy(&grants, copy) <= GRANTS_MAX + 2 * GRANT_KINDS);
    CU_ASSERT_EQUAL(counted(GRANT_RELEASE, false, "other"), GRANTS_MAX + 100 - GRANTS_MAX / 2);
    CU_ASSERT_EQUAL(counted(GRANT_CHANNEL, true, "other"), GRANTS_MAX + 100 - GRANTS_MAX / 2);
    CU_ASSERT_EQUAL(counted(GRANT_RELEASE, false, "role-1"), 1);
    grants_done(&grants);
}

static const struct test_case cases[] = {
    { "each kind, role and reason is counted by itself",
      each_kind_role_and_reason_is_counted_by_itself },
    { "what has no name is counted under none", what_has_no_name_is_counted_under_none },
    { "a name too long is cut", a_name_too_long_is_cut },
    { "what there is no room for is counted together",
      what_there_is_no_room_for_is_counted_together },
};

TEST_MAIN("api/grants", cases)
