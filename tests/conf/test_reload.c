/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "tests/conf/sample.h"

static void
what_may_change_while_running_may(void)
{
    static const struct {
        const char *after;
        const char *message; /* NULL: allowed */
    } rows[] = {
        { SAMPLE, NULL },
        { SAMPLE "log: {level: debug}\n", NULL },
        { SAMPLE "server: {limits: {body_bytes: 4096, idle_timeout: 5s}}\n", NULL },
        { SAMPLE "log: {format: json}\n",
          "f.yaml:7:7: log.format: cannot change while the server runs; restart it" },
        { SAMPLE "server: {seccomp: false}\n",
          "f.yaml:7:10: server.seccomp: cannot change while the server runs; restart it" },
        { SAMPLE "server: {threads: 3}\n",
          "f.yaml:7:10: server.threads: cannot change while the server runs; restart it" },
        { SAMPLE "egress: {\"a:1\": 1}\n",
          "f.yaml:7:1: egress: cannot change while the server runs; restart it" },
    };
    TSEC_AUTO(conf_free) struct tsec_conf *before = sample_loaded(SAMPLE);

    CU_ASSERT_PTR_NOT_NULL_FATAL(before);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        TSEC_AUTO(conf_free) struct tsec_conf *after = sample_loaded(rows[i].after);
        struct tsec_err err = { 0 };

        CU_ASSERT_PTR_NOT_NULL_FATAL(after);
        CU_ASSERT_EQUAL(tsec_failed(conf_check_reload(before, after, &err)),
                        rows[i].message != NULL);
        CU_ASSERT_STRING_EQUAL(err.detail, rows[i].message == NULL ? "" : rows[i].message);
    }
}

static void
a_wiped_variable_is_taken_from_the_settings_in_force(void)
{
    static const char text[] = SAMPLE "state_dir: \"${CONF_TEST_WIPED}\"\n";
    TSEC_AUTO(conf_free) struct tsec_conf *before = NULL;
    TSEC_AUTO(conf_free) struct tsec_conf *after = NULL;

    (void)setenv("CONF_TEST_WIPED", "/once", 1);
    before = sample_loaded(text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(before);
    (void)unsetenv("CONF_TEST_WIPED");
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(conf_parse("f.yaml", tsec_span_str(text), before, &after, NULL)));
    CU_ASSERT_STRING_EQUAL(after->state_dir, "/once");
    CU_ASSERT_TRUE(sample_refused(text, "f.yaml:7:12: state_dir: the environment variable "
                                        "CONF_TEST_WIPED is not set"));
}

static const struct test_case cases[] = {
    { "what may change while running may", what_may_change_while_running_may },
    { "a wiped variable is taken from the settings in force",
      a_wiped_variable_is_taken_from_the_settings_in_force },
};

TEST_MAIN("conf/reload", cases)
