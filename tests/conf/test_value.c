/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/value.h"

#include <stdlib.h>

#include "tests/conf/sample.h"

static void
a_value_out_of_range_or_of_the_wrong_type_is_refused(void)
{
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        { "server: {threads: 257}\n",
          "server.threads: must be a whole number from 0 to 256, not \"257\"" },
        { "server: {threads: -1}\n",
          "server.threads: must be a whole number from 0 to 256, not \"-1\"" },
        { "server: {threads: two}\n",
          "server.threads: must be a whole number from 0 to 256, not \"two\"" },
        { "server: {threads: 0x10}\n",
          "server.threads: must be a whole number from 0 to 256, not \"0x10\"" },
        { "server: {threads: 2.5}\n",
          "server.threads: must be a whole number from 0 to 256, not \"2.5\"" },
        { "server: {threads: 99999999999999999999}\n",
          "server.threads: must be a whole number from 0 to 256, not \"99999999999999999999\"" },
        { "server: {threads: \"2\"}\n", "server.threads: is text here; write it without quotes" },
        { "server: {seccomp: yes}\n", "server.seccomp: must be true or false" },
        { "server: {seccomp: \"true\"}\n",
          "server.seccomp: is text here; write it without quotes" },
        { "rotation: {dek_max_age: soon}\n",
          "rotation.dek_max_age: must be a duration such as 30s, 15m or 1h30m" },
        { "rotation: {dek_max_age: 1s}\n",
          "rotation.dek_max_age: must be from 3600 to 315360000 seconds" },
        { "log: {level: inf}\n", "log.level: unknown value \"inf\"; did you mean \"info\"?" },
        { "log: {level: verbose}\n",
          "log.level: unknown value \"verbose\"; it is one of error|warn|info|debug" },
        { "server: {user: \"123456789012345678901234567890123\"}\n",
          "server.user: 33 bytes long, must be 0 to 32" },
        { "server: {cors_origins: [\"\"]}\n", "server.cors_origins: an entry is empty" },
        { "root_key: {slots: [nitro-kmz]}\n",
          "root_key.slots: unknown value \"nitro-kmz\"; did you mean \"nitro-kms\"?" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        char message[256];
        const char *value = strpbrk(strchr(rows[i].text, '{'), ":") + 2;
        const size_t column = (size_t)(value - rows[i].text) + 1 + (*value == '[' ? 1 : 0);

        (void)snprintf(message, sizeof(message), "f.yaml:1:%zu: %s", column, rows[i].message);
        CU_ASSERT_TRUE(sample_refused(rows[i].text, message));
    }
}

static void
what_came_from_the_environment_is_never_quoted(void)
{
    (void)setenv("CONF_TEST_SECRET", "hunter2", 1);
    CU_ASSERT_TRUE(sample_refused("log: {level: \"${CONF_TEST_SECRET}\"}\n",
                                  "f.yaml:1:14: log.level: unknown value; it is one of "
                                  "error|warn|info|debug"));
    CU_ASSERT_TRUE(sample_refused("server: {threads: \"${CONF_TEST_SECRET}\"}\n",
                                  "f.yaml:1:19: server.threads: must be a whole number from 0 to "
                                  "256, not this"));
}

static void
a_number_may_come_from_the_environment_in_quotes(void)
{
    (void)setenv("CONF_TEST_NUMBER", "3", 1);
    TSEC_AUTO(conf_free) struct tsec_conf *conf =
        sample_loaded(SAMPLE "server: {threads: \"${CONF_TEST_NUMBER}\"}\n");

    CU_ASSERT_PTR_NOT_NULL_FATAL(conf);
    CU_ASSERT_EQUAL(conf->threads, 3);
}

static void
a_list_longer_than_its_limit_is_refused(void)
{
    CU_ASSERT_TRUE(sample_refused("root_key: {slots: [sim,sim,sim,sim,sim,sim,sim,sim,sim]}\n",
                                  "f.yaml:1:52: root_key.slots: more than 8 entries"));
}

static void
durations_are_kept_in_nanoseconds(void)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf =
        sample_loaded(SAMPLE "server: {limits: {body_timeout: 1m30s, idle_timeout: 5}}\n");

    CU_ASSERT_PTR_NOT_NULL_FATAL(conf);
    CU_ASSERT_EQUAL(conf->body_timeout_ns, INT64_C(90000000000));
    CU_ASSERT_EQUAL(conf->idle_timeout_ns, INT64_C(5000000000));
    CU_ASSERT_EQUAL(conf->header_timeout_ns, INT64_C(10000000000));
}

static void
every_default_is_a_value_the_setting_takes(void)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf = calloc(1, sizeof(*conf));
    struct tsec_err err = { 0 };

    CU_ASSERT_PTR_NOT_NULL_FATAL(conf);
    CU_ASSERT_FALSE(tsec_failed(conf_value_defaults(conf, &err)));
    CU_ASSERT_STRING_EQUAL(err.detail, "");
    CU_ASSERT_STRING_EQUAL(conf->tls_mode, "self-signed");
    CU_ASSERT_STRING_EQUAL(conf->audit_reads, "strict");
    CU_ASSERT_FALSE(conf->allow_simulated || conf->allow_debug || conf->metrics_unauthenticated);
    CU_ASSERT_TRUE(conf->seccomp);
}

static const struct test_case cases[] = {
    { "a value out of range or of the wrong type is refused",
      a_value_out_of_range_or_of_the_wrong_type_is_refused },
    { "what came from the environment is never quoted",
      what_came_from_the_environment_is_never_quoted },
    { "a number may come from the environment in quotes",
      a_number_may_come_from_the_environment_in_quotes },
    { "a list longer than its limit is refused", a_list_longer_than_its_limit_is_refused },
    { "durations are kept in nanoseconds", durations_are_kept_in_nanoseconds },
    { "every default is a value the setting takes", every_default_is_a_value_the_setting_takes },
};

TEST_MAIN("conf/value", cases)
