/* SPDX-License-Identifier: Apache-2.0 */
#include "process/user.h"

#include <grp.h>
#include <string.h>

#include "tests/process/child.h"

static int
for_good(void)
{
    if (tsec_failed(process_become("nobody", NULL))) {
        return CHILD_SETUP_FAILED;
    }
    if (getuid() == 0 || geteuid() == 0 || getgid() == 0 || getegid() == 0) {
        return 1;
    }
    return setuid(0) != 0 && setgid(0) != 0 && seteuid(0) != 0 && setgroups(0, NULL) != 0 ? CHILD_OK
                                                                                          : 2;
}

static int
somebody_else(void)
{
    struct tsec_err err = { 0 };

    if (setgroups(0, NULL) != 0 || setgid(12345) != 0 || setuid(12345) != 0) {
        return CHILD_SETUP_FAILED;
    }
    return process_become("nobody", &err).code == TSEC_E_CONFIG
                   && strstr(err.detail, "only root can become") != NULL
               ? CHILD_OK
               : 1;
}

static void
root_is_given_up_for_good(void)
{
    CU_ASSERT_TRUE(child_succeeds(for_good));
}

static void
only_root_can_become_another(void)
{
    CU_ASSERT_TRUE(child_succeeds(somebody_else));
}

static void
nobody_that_is_not_there_and_not_root(void)
{
    struct tsec_err err = { 0 };

    CU_ASSERT_EQUAL(process_become("no-such-user-here", &err).code, TSEC_E_CONFIG);
    CU_ASSERT_STRING_EQUAL(err.detail, "server.user: no user \"no-such-user-here\"");
    CU_ASSERT_EQUAL(process_become("root", &err).code, TSEC_E_CONFIG);
    CU_ASSERT_STRING_EQUAL(err.detail, "server.user: \"root\" is root");
}

static const struct test_case unprivileged[] = {
    { "nobody that is not there, and not root", nobody_that_is_not_there_and_not_root },
};

static const struct test_case cases[] = {
    { "root is given up for good", root_is_given_up_for_good },
    { "only root can become another", only_root_can_become_another },
    { "nobody that is not there, and not root", nobody_that_is_not_there_and_not_root },
};

int
main(void)
{
    if (geteuid() == 0) {
        return test_main("process/user", cases, sizeof(cases) / sizeof(cases[0]));
    }
    if (test_main("process/user", unprivileged, 1) != TEST_PASS) {
        return TEST_FAIL;
    }
    (void)puts("the rest needs root");
    return TEST_SKIP;
}
