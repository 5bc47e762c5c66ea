/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/subst.h"

#include <stdlib.h>

#include "conf/list.h"
#include "tests/test.h"

/* The result is `expected` (or the failure's sentence, when it fails). */
static bool
gives(const char *value, const char *expected)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(CONF_VALUE_MAX);
    struct conf_list env = { NULL, 0 };
    struct tsec_err err = { 0 };
    bool used = false;
    const tsec_rc rc = conf_subst(value, NULL, &env, &out, &used, &err);
    const char *got = tsec_failed(rc) ? err.detail : (const char *)out.ptr;
    const bool right = strcmp(got, expected) == 0;

    conf_list_done(&env);
    return right;
}

static void
a_variable_is_replaced_once(void)
{
    (void)setenv("CONF_A", "x", 1);
    (void)setenv("CONF_B", "${CONF_A}", 1);
    CU_ASSERT_TRUE(gives("${CONF_A}", "x"));
    CU_ASSERT_TRUE(gives("a${CONF_A}b${CONF_A}c", "axbxc"));
    CU_ASSERT_TRUE(gives("${CONF_B}", "${CONF_A}"));
    CU_ASSERT_TRUE(gives("$${CONF_A}", "${CONF_A}"));
    CU_ASSERT_TRUE(gives("$CONF_A $ $$ {}", "$CONF_A $ $$ {}"));
    (void)setenv("CONF_A", "", 1);
    CU_ASSERT_TRUE(gives("a${CONF_A}b", "ab"));
}

static void
what_is_no_variable_is_refused(void)
{
    static const char *const bad[] = { "${}", "${1A}", "${A-B}", "${A", "${ A}", "${A:-x}" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_TRUE(gives(bad[i], "\"${\" must be followed by a variable's name and \"}\"; "
                                     "write \"$${\" for a literal \"${\""));
    }
    (void)unsetenv("CONF_ABSENT");
    CU_ASSERT_TRUE(gives("x${CONF_ABSENT}", "the environment variable CONF_ABSENT is not set"));
}

static void
a_variable_may_hold_only_what_a_file_may(void)
{
    char *longest = calloc(1, (size_t)CONF_VALUE_MAX + 1);

    CU_ASSERT_PTR_NOT_NULL_FATAL(longest);
    memset(longest, 'x', CONF_VALUE_MAX);
    (void)setenv("CONF_LONG", longest, 1);
    (void)setenv("CONF_LINES", "a\nb", 1);
    (void)setenv("CONF_LATIN1", "\xe9", 1);
    CU_ASSERT_TRUE(gives("${CONF_LONG}", "longer than 8192 bytes"));
    CU_ASSERT_TRUE(gives("${CONF_LINES}", "the environment variable CONF_LINES holds control "
                                          "characters, or is not UTF-8"));
    CU_ASSERT_TRUE(gives("${CONF_LATIN1}", "the environment variable CONF_LATIN1 holds control "
                                           "characters, or is not UTF-8"));
    free(longest);
}

static void
what_was_read_is_kept_by_name(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(CONF_VALUE_MAX);
    struct conf_list env = { NULL, 0 };
    bool used = false;

    (void)setenv("CONF_A", "x", 1);
    CU_ASSERT_FALSE(tsec_failed(conf_subst("${CONF_A}${CONF_A}", NULL, &env, &out, &used, NULL)));
    CU_ASSERT_TRUE(used);
    CU_ASSERT_EQUAL(env.len, 1);
    CU_ASSERT_STRING_EQUAL(conf_list_get(&env, "CONF_A"), "x");
    conf_list_done(&env);
}

static const struct test_case cases[] = {
    { "a variable is replaced once", a_variable_is_replaced_once },
    { "what is no variable is refused", what_is_no_variable_is_refused },
    { "a variable may hold only what a file may", a_variable_may_hold_only_what_a_file_may },
    { "what was read is kept by name", what_was_read_is_kept_by_name },
};

TEST_MAIN("conf/subst", cases)
