/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/conf/sample.h
 * @brief Configuration texts for the tests of server/conf.
 */
#ifndef TSEC_TESTS_CONF_SAMPLE_H
#define TSEC_TESTS_CONF_SAMPLE_H

#include <stdio.h>

#include "conf/conf.h"
#include "tests/test.h"

/** What every file needs; tests append sections of their own. */
#define SAMPLE                                   \
    "backend:\n"                                 \
    "  type: tee\n"                              \
    "  tee:\n"                                   \
    "    provider: simulated\n"                  \
    "    attestation: {allow_simulated: true}\n" \
    "    storage: {database_uri: \"sqlite:/tmp/x\"}\n"
enum { SAMPLE_LINES = 6 };

/** A real age public key; nobody has its identity. */
#define SAMPLE_AGE "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"

static inline tsec_rc
sample_parse(const char *text, struct tsec_conf **out, struct tsec_err *err)
{
    return conf_parse("f.yaml", tsec_span_str(text), NULL, out, err);
}

/** The text is refused, and the message is exactly `expected`. */
static inline bool
sample_refused(const char *text, const char *expected)
{
    struct tsec_conf *conf = NULL;
    struct tsec_err err = { 0 };
    const tsec_rc rc = sample_parse(text, &conf, &err);
    const bool right =
        rc.code == TSEC_E_CONFIG && conf == NULL && strcmp(err.detail, expected) == 0;

    if (!right) {
        (void)fprintf(stderr, "\n  expected: %s\n  got (%d): %s\n", expected, rc.code, err.detail);
    }
    conf_free(conf);
    return right;
}

/** The text loads; NULL, with the reason printed, when it does not. */
static inline struct tsec_conf *
sample_loaded(const char *text)
{
    struct tsec_conf *conf = NULL;
    struct tsec_err err = { 0 };

    if (tsec_failed(sample_parse(text, &conf, &err))) {
        (void)fprintf(stderr, "\n  %s\n", err.detail);
    }
    return conf;
}

/** Some warning contains `part`. */
static inline bool
sample_warns(const struct tsec_conf *conf, const char *part)
{
    for (size_t i = 0; i < conf->warnings.len; i++) {
        if (strstr(conf->warnings.items[i].value, part) != NULL) {
            return true;
        }
    }
    return false;
}

#endif
