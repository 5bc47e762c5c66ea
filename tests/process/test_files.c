/* SPDX-License-Identifier: Apache-2.0 */
#include "process/files.h"

#include <grp.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/process/child.h"

enum { NOBODY = 65534 };

static bool
limited(rlim_t soft, rlim_t hard)
{
    const struct rlimit limit = { soft, hard };

    return setrlimit(RLIMIT_NOFILE, &limit) == 0
           && (geteuid() != 0
               || (setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0));
}

static int
raised(void)
{
    struct rlimit limit = { 0, 0 };

    if (!limited(64, 512)) {
        return CHILD_SETUP_FAILED;
    }
    if (tsec_failed(process_files(300, NULL)) || getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 1;
    }
    return limit.rlim_cur == 300 && limit.rlim_max == 512 ? CHILD_OK : 2;
}

static int
kept(void)
{
    struct rlimit limit = { 0, 0 };

    if (!limited(400, 512)) {
        return CHILD_SETUP_FAILED;
    }
    return !tsec_failed(process_files(300, NULL)) && getrlimit(RLIMIT_NOFILE, &limit) == 0
                   && limit.rlim_cur == 400
               ? CHILD_OK
               : 1;
}

static int
refused(void)
{
    struct tsec_err err = { 0 };

    if (!limited(64, 128)) {
        return CHILD_SETUP_FAILED;
    }
    return process_files(300, &err).code == TSEC_E_UNAVAILABLE
                   && strstr(err.detail, "LimitNOFILE=300") != NULL
               ? CHILD_OK
               : 1;
}

static void
the_limit_is_raised_only_as_far_as_needed(void)
{
    CU_ASSERT_TRUE(child_succeeds(raised));
    CU_ASSERT_TRUE(child_succeeds(kept));
}

static void
too_few_are_refused_with_the_line_to_write(void)
{
    CU_ASSERT_TRUE(child_succeeds(refused));
}

static const struct test_case cases[] = {
    { "the limit is raised only as far as needed", the_limit_is_raised_only_as_far_as_needed },
    { "too few are refused with the line to write", too_few_are_refused_with_the_line_to_write },
};

TEST_MAIN("process/files", cases)
