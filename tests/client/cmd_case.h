/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/client/cmd_case.h
 * @brief Commands against a server double: what one asks, and what it then says.
 */
#ifndef TSEC_TESTS_CLIENT_CMD_CASE_H
#define TSEC_TESTS_CLIENT_CMD_CASE_H

#include <stddef.h>

struct cmd_case {
    const char *line;
    const char *input;
    const char *asks;  /* how the request line begins; NULL: nothing is asked */
    const char *sends; /* the body; NULL: none */
    int reply;
    const char *body;
    int status;
    const char *prints; /* a part of the output, or of the errors when they are all there is */
};

/** What follows the head of a request. */
const char *cmd_case_body(const char *request);

/** Runs each; a conversation that is another fails the test and is shown. */
void cmd_cases_run(const struct cmd_case *cases, size_t n);

#endif
