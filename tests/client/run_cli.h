/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/client/run_cli.h
 * @brief One run of the command line within the test, with what it printed.
 */
#ifndef TSEC_TESTS_CLIENT_RUN_CLI_H
#define TSEC_TESTS_CLIENT_RUN_CLI_H

#include <stddef.h>

enum { RUN_WORDS_MAX = 24, RUN_TEXT_MAX = 65536 };

struct cli_run {
    int status;
    char out[RUN_TEXT_MAX];
    char err[RUN_TEXT_MAX];
};

/** `line` is split at spaces; "~" in a word stands for a space.  `input`: standard input. */
void run_cli(const char *line, const char *input, struct cli_run *run);
/** A clean environment: a home of its own, no retries' waits, nothing of the caller's. */
const char *run_cli_home(void);
void run_cli_home_done(void);

#endif
