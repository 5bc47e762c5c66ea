/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/input.h
 * @brief Where secrets come in: files, standard input, a terminal without echo.
 */
#ifndef TSEC_CLIENT_INPUT_H
#define TSEC_CLIENT_INPUT_H

#include "base/buf.h"

enum { CLI_INPUT_MAX = 16 * 1024 * 1024 };

/** Appends all that `fd` gives, to its end; reads no further than the buffer takes. */
TSEC_MUST_CHECK tsec_rc cli_input_fd(int fd, struct tsec_buf *out, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc cli_input_file(const char *path, struct tsec_buf *out,
                                       struct tsec_err *err);
/** One line without its newline; asks on `prompt_fd` and turns echo off when `fd` is a terminal. */
TSEC_MUST_CHECK tsec_rc cli_input_line(int fd, int prompt_fd, const char *prompt,
                                       struct tsec_buf *out, struct tsec_err *err);
/** Cuts white space off the end. */
void cli_input_trim(struct tsec_buf *buf);

#endif
