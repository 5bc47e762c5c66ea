/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/values.h
 * @brief `key=value` operands as one JSON object.
 *
 * `key=value` gives a string; `key=@FILE` what stands in the file, `key=-` what comes on standard
 * input, both to the last byte; on a terminal `key=-` is asked for, one line without echo.
 * `key=\@text` is a string that begins with '@'.  A single `-` or
 * `@FILE` is the whole object as JSON, passed on as it is.
 */
#ifndef TSEC_CLIENT_VALUES_H
#define TSEC_CLIENT_VALUES_H

#include "base/buf.h"

struct cli_values {
    const char *const *items;
    size_t len;
    int stdin_fd;
    int prompt_fd;
    bool all_secret; /* otherwise a value is one by its key: password, secret_id, token… */
};

/** Appends the object.  *in_argv: a secret stood on the command line. */
TSEC_MUST_CHECK tsec_rc cli_values_read(const struct cli_values *values, struct tsec_buf *out,
                                        bool *in_argv, struct tsec_err *err);

#endif
