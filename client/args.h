/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/args.h
 * @brief Flags and operands of a command line.
 *
 * `-name=value`, `-name value` and `-name`, with one dash or two, anywhere before `--`; a lone `-`
 * is an operand.  A parsed command line borrows from argv.
 */
#ifndef TSEC_CLIENT_ARGS_H
#define TSEC_CLIENT_ARGS_H

#include "base/err.h"

enum { CLI_OPERANDS_MAX = 256, CLI_FLAGS_MAX = 256 };

struct cli_flag {
    const char *name;
    const char *value; /* what stands for the value in the help; NULL: a switch */
    const char *help;
};

struct cli_args {
    const char *operands[CLI_OPERANDS_MAX];
    size_t operands_len;
    struct {
        const char *name; /* of the table */
        const char *value;
    } flags[CLI_FLAGS_MAX];
    size_t flags_len;
};

/** Both tables end in an entry without a name; NULL: none. */
TSEC_MUST_CHECK tsec_rc cli_args_parse(char *const *argv, size_t n, const struct cli_flag *own,
                                       const struct cli_flag *common, struct cli_args *out,
                                       struct tsec_err *err);
/** The last value of that flag, or NULL. */
const char *cli_args_value(const struct cli_args *args, const char *name);
/** The value number `i` of a flag that may be repeated, or NULL. */
const char *cli_args_value_at(const struct cli_args *args, const char *name, size_t i);
/** A switch; `-name=false` takes it back. */
bool cli_args_switch(const struct cli_args *args, const char *name);

#endif
