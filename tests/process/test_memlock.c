/* SPDX-License-Identifier: Apache-2.0 */
#include "process/memlock.h"

#include <grp.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/process/child.h"

enum { NOBODY = 65534, MIB = 1024 * 1024 };

/* An ordinary user with those limits. */
static bool
limited(rlim_t soft, rlim_t hard)
{
    const struct rlimit limit = { soft, hard };

    return setrlimit(RLIMIT_MEMLOCK, &limit) == 0
           && (geteuid() != 0
               || (setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0));
}

static int
too_little(void)
{
    struct tsec_err err = { 0 };

    if (!limited(65536, 65536)) {
        return CHILD_SETUP_FAILED;
    }
    process_memlock_raise((size_t)4 * MIB);
    if (process_memlock_check((size_t)4 * MIB, &err).code != TSEC_E_UNAVAILABLE) {
        return 1;
    }
    return strstr(err.detail, "LimitMEMLOCK=4M") != NULL
                   && strstr(err.detail, "\"ulimit -l 4096\"") != NULL
               ? CHILD_OK
               : 2;
}

static int
raised_to_the_hard_limit(void)
{
    if (!limited(65536, (rlim_t)2 * MIB)
        || !tsec_failed(process_memlock_check((size_t)MIB, NULL))) {
        return CHILD_SETUP_FAILED;
    }
    process_memlock_raise((size_t)MIB);
    return tsec_failed(process_memlock_check((size_t)MIB, NULL)) ? 1 : CHILD_OK;
}

static int
twice(void)
{
    if (!limited((rlim_t)MIB, (rlim_t)MIB)) {
        return CHILD_SETUP_FAILED;
    }
    /* What the check locked it lets go. */
    return tsec_failed(process_memlock_check((size_t)MIB, NULL))
                   || tsec_failed(process_memlock_check((size_t)MIB, NULL))
               ? 1
               : CHILD_OK;
}

static void
too_little_is_refused_with_the_line_to_write(void)
{
    CU_ASSERT_TRUE(child_succeeds(too_little));
}

static void
the_soft_limit_is_raised(void)
{
    CU_ASSERT_TRUE(child_succeeds(raised_to_the_hard_limit));
}

static void
the_check_keeps_nothing_locked(void)
{
    CU_ASSERT_TRUE(child_succeeds(twice));
}

static const struct test_case cases[] = {
    { "too little is refused with the line to write",
      too_little_is_refused_with_the_line_to_write },
    { "the soft limit is raised", the_soft_limit_is_raised },
    { "the check keeps nothing locked", the_check_keeps_nothing_locked },
};

/* The address sanitizer turns mlock() into nothing. */
#if defined(__SANITIZE_ADDRESS__)
#define MLOCK_IS_REAL false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MLOCK_IS_REAL false
#endif
#endif
#ifndef MLOCK_IS_REAL
#define MLOCK_IS_REAL true
#endif

int
main(void)
{
    if (!MLOCK_IS_REAL) {
        (void)puts("the address sanitizer locks no memory");
        return TEST_SKIP;
    }
    return test_main("process/memlock", cases, sizeof(cases) / sizeof(cases[0]));
}
