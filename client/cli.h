/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/cli.h
 * @brief One run of the command line: what a command is, and what it may use.
 *
 * A command appends to `out`, which is written at the end and wiped; warnings and errors go to
 * `err_fd` at once.  It returns the exit status.
 */
#ifndef TSEC_CLIENT_CLI_H
#define TSEC_CLIENT_CLI_H

#include "client/args.h"
#include "client/http.h"
#include "client/settings.h"

enum {
    CLI_OK = 0,
    CLI_LOCAL = 1,  /* wrong usage, or something on this side */
    CLI_SERVER = 2, /* the server refused, has no such thing, or cannot be reached */
};

enum cli_format { CLI_TABLE = 0, CLI_JSON };

struct cli;

struct cli_command {
    const char *name; /* "status", "kv get" */
    const char *operands;
    const char *summary;
    const char *help; /* more; NULL: nothing */
    const struct cli_flag *flags;
    size_t operands_min;
    size_t operands_max;
    int (*run)(struct cli *cli);
};

struct cli {
    const struct cli_command *command;
    struct cli_args args;
    struct cli_settings settings;
    enum cli_format format;
    const char *field; /* -field */
    struct cli_http *http;
    struct tsec_buf token;
    struct tsec_buf out;
    int in_fd;
    int out_fd;
    int err_fd;
};

/** Tables of commands end in an entry without a name. */
extern const struct cli_command *const cli_command_tables[];
extern const struct cli_command cli_commands_server[]; /* status, init, login, read, write… */
extern const struct cli_command cli_commands_kv[];
extern const struct cli_command cli_commands_kv_versions[];
extern const struct cli_command cli_commands_policy[];
extern const struct cli_command cli_commands_token[];
extern const struct cli_command cli_commands_approle[];
extern const struct cli_command cli_commands_secrets[];
extern const struct cli_command cli_commands_audit[];
extern const struct cli_command cli_commands_transit[];
extern const struct cli_command cli_commands_transit_sign[];
extern const struct cli_command cli_commands_transit_keys[];
extern const struct cli_command cli_commands_transit_move[];
extern const struct cli_command cli_commands_attest[];
extern const struct cli_command cli_commands_channel[];
extern const struct cli_command cli_commands_measurements[];
extern const struct cli_command cli_commands_doctor[];
extern const struct cli_command cli_commands_evidence[]; /* offline; client/cmd_evidence.h */

/** Shared with the approle commands. */
extern const struct cli_flag cli_login_flags[];
int cli_login(struct cli *cli);
int cli_login_with(struct cli *cli, const char *method, const char *mount);

/** Runs argv[1..] with these descriptors; the exit status of the process. */
int cli_run(size_t argc, char *const *argv, const int fds[3]);

/** Writes out what has gathered, for a command that does not end. */
int cli_flush(struct cli *cli);
__attribute__((format(printf, 2, 3))) void cli_say(const struct cli *cli, const char *fmt, ...);
/** Says what is wrong; CLI_LOCAL, or what the command has for that. */
int cli_fail(const struct cli *cli, const struct tsec_err *err);
/** Says how the command is used; the status as above. */
__attribute__((format(printf, 2, 3))) int cli_usage_error(const struct cli *cli, const char *fmt,
                                                          ...);
void cli_warn_argv(const struct cli *cli);

static inline const char *
cli_operand(const struct cli *cli, size_t i)
{
    return i < cli->args.operands_len ? cli->args.operands[i] : NULL;
}

#endif
