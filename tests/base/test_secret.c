/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

static void
one_byte_past_the_end_faults(void)
{
    TSEC_AUTO(tsec_secret_free) struct tsec_secret *s = NULL;
    int status = 0;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_secret_new(33, &s, NULL)));

    const pid_t child = fork();

    if (child == 0) {
        const struct rlimit none = { 0, 0 };

        (void)signal(SIGSEGV, SIG_DFL); /* a sanitizer would catch it */
        (void)setrlimit(RLIMIT_CORE, &none);
        ((volatile uint8_t *)tsec_secret_bytes(s))[33] = 1;
        _exit(0);
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void
a_forked_child_finds_zeroes(void)
{
    TSEC_AUTO(tsec_secret_free) struct tsec_secret *s = NULL;
    int status = 0;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_secret_new(16, &s, NULL)));
    memset(tsec_secret_bytes(s), 0x5a, 16);

    const pid_t child = fork();

    if (child == 0) {
        _exit(tsec_secret_bytes(s)[0]);
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
equal_compares_length_and_bytes(void)
{
    TSEC_AUTO(tsec_secret_free) struct tsec_secret *a = NULL;
    TSEC_AUTO(tsec_secret_free) struct tsec_secret *b = NULL;
    TSEC_AUTO(tsec_secret_free) struct tsec_secret *c = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_secret_new(32, &a, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_secret_new(32, &b, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_secret_new(31, &c, NULL)));
    CU_ASSERT_TRUE(tsec_secret_equal(a, b));
    CU_ASSERT_FALSE(tsec_secret_equal(a, c));
    tsec_secret_bytes(b)[31] = 1;
    CU_ASSERT_FALSE(tsec_secret_equal(a, b));
}

static void
an_absurd_length_is_refused(void)
{
    struct tsec_secret *s = NULL;
    struct tsec_err err = { 0 };

    CU_ASSERT_EQUAL(tsec_secret_new(0, &s, &err).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_secret_new(SIZE_MAX, &s, &err).code, TSEC_E_INVALID);
    CU_ASSERT_PTR_NULL(s);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.file, "secret.c"));
}

static const struct test_case cases[] = {
    { "one byte past the end faults", one_byte_past_the_end_faults },
    { "a forked child finds zeroes", a_forked_child_finds_zeroes },
    { "equal compares length and bytes", equal_compares_length_and_bytes },
    { "an absurd length is refused", an_absurd_length_is_refused },
};

TEST_MAIN("base/secret", cases)
