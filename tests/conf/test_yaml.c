/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/yaml.h"

#include <stdlib.h>

#include "tests/conf/sample.h"

static void
each_refusal_names_line_column_and_what_was_meant(void)
{
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        { "backend:\n  tipe: tee\n",
          "f.yaml:2:3: backend.tipe: no such setting; did you mean \"type\"?" },
        { "backend:\n  tee:\n    storage:\n      database_url: x\n",
          "f.yaml:4:7: backend.tee.storage.database_url: no such setting; did you mean "
          "\"database_uri\"?" },
        { "backnd: {}\n", "f.yaml:1:1: backnd: no such setting; did you mean \"backend\"?" },
        { "server:\n  allow_simulated: true\n",
          "f.yaml:2:3: server.allow_simulated: no such setting; did you mean "
          "\"backend.tee.attestation.allow_simulated\"?" },
        { "zzzzzzzzzzzz: 1\n", "f.yaml:1:1: zzzzzzzzzzzz: no such setting" },
        { "backend.type: tee\n",
          "f.yaml:1:1: backend.type: no such setting; a dot does not nest: write one name "
          "below the other" },
        { "log: {level: info}\nlog: {level: info}\n", "f.yaml:2:1: log: already set in line 1" },
        { "log:\n  level: info\n  level: warn\n", "f.yaml:3:3: log.level: already set in line 2" },
        { "egress: {\"a:1\": 1, \"a:1\": 2}\n", "f.yaml:1:20: egress.a:1: already set in line 1" },
        { "plugins: {p: {a: 1}, p: {b: 1}}\n",
          "f.yaml:1:22: plugins.p: already set before line 2" },
        { "log: {level: [info]}\n",
          "f.yaml:1:14: log.level: must be one value, not a list or mapping" },
        { "log: info\n", "f.yaml:1:6: log: settings are expected here: names with values" },
        { "log: {level: }\n",
          "f.yaml:1:14: log.level: has no value; give one or leave the setting out" },
        { "server: {listen: \"tcp://:1\"}\n",
          "f.yaml:1:18: server.listen: must be a list: [\"a\", \"b\"]" },
        { "server: {listen: [[a]]}\n",
          "f.yaml:1:19: server.listen: must be one value, not a list or mapping" },
        { "egress: [a]\n", "f.yaml:1:9: egress: must be a mapping: names with values below it" },
        { "? [a]\n: b\n", "f.yaml:1:3: a name is expected here" },
        { "log: &x {level: info}\n",
          "f.yaml:1:6: anchors and aliases are not used here; repeat the value" },
        { "log: {level: &x info, format: *x}\n",
          "f.yaml:1:14: anchors and aliases are not used here; repeat the value" },
        { "log: *x\n", "f.yaml:1:6: anchors and aliases are not used here; repeat the value" },
        { "log: {level: !!str info}\n", "f.yaml:1:14: tags are not used here; leave "
                                        "\"tag:yaml.org,2002:str\" out" },
        { "log: !x {level: info}\n", "f.yaml:1:6: tags are not used here; leave \"!x\" out" },
        { "%YAML 1.1\n---\nlog: {}\n", "f.yaml:1:1: directives (%YAML, %TAG) are not used here" },
        { SAMPLE "---\nlog: {level: info}\n",
          "f.yaml:7:1: a second document begins here; the file has one" },
        { "", "f.yaml:1:1: the file has no settings" },
        { "# only a comment\n", "f.yaml:2:1: the file has no settings" },
        { "[a]\n", "f.yaml:1:1: settings are expected here: names with values" },
        { "log: {level: \"a\\0b\"}\n",
          "f.yaml:1:14: log.level: control characters and line ends are not allowed here" },
        { "log: {level: \"a\\u2028b\"}\n",
          "f.yaml:1:14: log.level: control characters and line ends are not allowed here" },
        { "log:\n  level: |\n    info\n",
          "f.yaml:2:10: log.level: control characters and line ends are not allowed here" },
        { "log:\n  level: \"\xff\"\n",
          "f.yaml:2:11: not readable as text: invalid leading UTF-8 octet" },
        { "log:\n\tlevel: info\n", "f.yaml:2:1: not YAML: found character that cannot start any "
                                   "token while scanning for the next token" },
        { "log: {level: info\n",
          "f.yaml:2:1: not YAML: did not find expected ',' or '}' while parsing a flow mapping" },
        { "log: {\"${HOME}\": info}\n",
          "f.yaml:1:7: log: ${...} is replaced in values, not in names" },
        { "log: {level: \"${CONF_TEST_ABSENT}\"}\n",
          "f.yaml:1:14: log.level: the environment variable CONF_TEST_ABSENT is not set" },
        { "plugins: {a.b: {c: 1}}\n", "f.yaml:1:11: plugins.a.b: no such setting" },
        { "plugins: {a: 1}\n",
          "f.yaml:1:14: plugins.a: must be a mapping: names with values below it" },
        { "plugins: {dirr: {c: 1}}\nx: 1\n", "f.yaml:2:1: x: no such setting" },
        { "<<: {a: b}\n", "f.yaml:1:1: <<: no such setting" },
    };

    (void)unsetenv("CONF_TEST_ABSENT");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        CU_ASSERT_TRUE(sample_refused(rows[i].text, rows[i].message));
    }
}

/* libyaml scans ahead of what it reports: depth must not cost memory or stack. */
static void
a_hundred_thousand_brackets_are_refused_at_the_second(void)
{
    enum { DEPTH = 100000 };
    char *text = malloc(DEPTH + 32);

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, 0, DEPTH + 32);
    memcpy(text, "server: {listen: ", 17);
    memset(text + 17, '[', DEPTH);
    CU_ASSERT_TRUE(sample_refused(
        text, "f.yaml:1:19: server.listen: must be one value, not a list or mapping"));
    free(text);
}

static void
a_nul_byte_does_not_end_the_file_early(void)
{
    static const char text[] = SAMPLE "\0evil: true\n";
    struct tsec_conf *conf = NULL;
    struct tsec_err err = { 0 };

    CU_ASSERT_EQUAL(conf_parse("f.yaml", tsec_span(text, sizeof(text) - 1), NULL, &conf, &err).code,
                    TSEC_E_CONFIG);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "f.yaml:7:1: not readable as text: control characters are not allowed");
}

static void
what_yaml_allows_in_writing_a_scalar_is_the_same_value(void)
{
    static const char *const written[] = { "info",         "'info'",       "\"info\"",
                                           "\"\\x69nfo\"", ">-\n    info", "${CONF_TEST_LEVEL}" };

    (void)setenv("CONF_TEST_LEVEL", "info", 1);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(written); i++) {
        char text[1024];

        (void)snprintf(text, sizeof(text), SAMPLE "log:\n  level: %s\n", written[i]);
        TSEC_AUTO(conf_free) struct tsec_conf *conf = sample_loaded(text);

        CU_ASSERT_PTR_NOT_NULL_FATAL(conf);
        CU_ASSERT_STRING_EQUAL(conf->log_level, "info");
    }
}

static void
a_section_whose_settings_are_all_commented_out_is_empty(void)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf =
        sample_loaded(SAMPLE "log:\n  # level: x\negress:\nplugins:\n  a:\nserver:\n  tls:\n");

    CU_ASSERT_PTR_NOT_NULL_FATAL(conf);
    CU_ASSERT_STRING_EQUAL(conf->log_level, "info");
    CU_ASSERT_EQUAL(conf->egress.len, 0);
}

static const struct test_case cases[] = {
    { "a section whose settings are all commented out is empty",
      a_section_whose_settings_are_all_commented_out_is_empty },
    { "each refusal names line, column and what was meant",
      each_refusal_names_line_column_and_what_was_meant },
    { "a hundred thousand brackets are refused at the second",
      a_hundred_thousand_brackets_are_refused_at_the_second },
    { "a NUL byte does not end the file early", a_nul_byte_does_not_end_the_file_early },
    { "what YAML allows in writing a scalar is the same value",
      what_yaml_allows_in_writing_a_scalar_is_the_same_value },
};

TEST_MAIN("conf/yaml", cases)
