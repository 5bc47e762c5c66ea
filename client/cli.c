/* SPDX-License-Identifier: Apache-2.0 */
#include "client/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "client/cmd_evidence.h"
#include "client/help.h"
#include "crypto/crypto.h"

enum { OUT_MAX = 256 * 1024 * 1024 };

const struct cli_command *const cli_command_tables[] = {
    cli_commands_server,       cli_commands_kv,           cli_commands_kv_versions,
    cli_commands_policy,       cli_commands_token,        cli_commands_approle,
    cli_commands_secrets,      cli_commands_transit,      cli_commands_transit_sign,
    cli_commands_transit_keys, cli_commands_transit_move, cli_commands_audit,
    cli_commands_doctor,       cli_commands_attest,       cli_commands_channel,
    cli_commands_measurements, cli_commands_evidence,     NULL,
};

/** Commands that judge files: none of the common flags, no server, and statuses of their own. */
static bool
is_offline(const struct cli_command *command)
{
    for (const struct cli_command *c = cli_commands_evidence; c->name != NULL; c++) {
        if (c == command) {
            return true;
        }
    }
    return false;
}

/** The exit status of what went wrong on this side. */
static int
local_status(const struct cli *cli)
{
    return is_offline(cli->command) ? EVIDENCE_UNUSABLE : CLI_LOCAL;
}

static const struct cli_flag common_flags[] = {
    { "address", "URL", "The server: https://…, http://… or unix:///socket." },
    { "ca-cert", "FILE", "Certificates to trust, PEM." },
    { "ca-path", "FOLDER", "A folder of certificates to trust." },
    { "client-cert", "FILE", "Our own certificate, PEM." },
    { "client-key", "FILE", "Its key, PEM." },
    { "tls-skip-verify", NULL, "Do not check the server's certificate." },
    { "namespace", "NAME", "Sent as X-Vault-Namespace." },
    { "wrap-ttl", "TIME", "Have the reply wrapped into a single-use token." },
    { "format", "table|json", "How to print." },
    { "field", "NAME", "Print that field alone, as it is." },
    { "help", NULL, "Say what the command does." },
    { NULL, NULL, NULL },
};

int
cli_flush(struct cli *cli)
{
    const uint8_t *at = cli->out.ptr;
    size_t left = cli->out.len;

    if (cli->out.failed) {
        cli_say(cli, "Error: the answer is too large\n");
        return CLI_LOCAL;
    }
    while (left > 0) {
        const ssize_t n = write(cli->out_fd, at, left);

        if (n < 0 && errno != EINTR) {
            cli_say(cli, "Error: cannot write the output: %s\n", strerror(errno));
            return CLI_LOCAL;
        }
        if (n > 0) {
            at += n;
            left -= (size_t)n;
        }
    }
    tsec_buf_reset(&cli->out);
    return CLI_OK;
}

void
cli_say(const struct cli *cli, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)vdprintf(cli->err_fd, fmt, ap);
    va_end(ap);
}

int
cli_fail(const struct cli *cli, const struct tsec_err *err)
{
    cli_say(cli, "Error: %s\n", err->detail);
    return local_status(cli);
}

int
cli_usage_error(const struct cli *cli, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)vdprintf(cli->err_fd, fmt, ap);
    va_end(ap);
    cli_say(cli, "\nUsage: tee-secrets %s %s\n", cli->command->name, cli->command->operands);
    return local_status(cli);
}

void
cli_warn_argv(const struct cli *cli)
{
    if (cli_settings_env("NO_ARGV_WARNING") == NULL) {
        cli_say(cli, "Warning: a value on the command line can be seen by other users of this "
                     "machine and stays in the shell's history; KEY=- and KEY=@FILE do not.\n");
    }
}

static size_t
words_of(const char *name)
{
    size_t n = 1;

    for (; *name != '\0'; name++) {
        n += *name == ' ' ? 1 : 0;
    }
    return n;
}

static bool
is_named(const char *name, size_t argc, char *const *argv)
{
    for (size_t i = 0; i < argc; i++) {
        const size_t len = strcspn(name, " ");

        if (strlen(argv[i]) != len || strncmp(name, argv[i], len) != 0) {
            return false;
        }
        name += len;
        if (*name == '\0') {
            return true;
        }
        name++;
    }
    return false;
}

/** The command with the longest name that the words begin with. */
static const struct cli_command *
find_command(size_t argc, char *const *argv)
{
    const struct cli_command *found = NULL;

    for (size_t t = 0; cli_command_tables[t] != NULL; t++) {
        for (const struct cli_command *c = cli_command_tables[t]; c->name != NULL; c++) {
            if (is_named(c->name, argc, argv)
                && (found == NULL || words_of(c->name) > words_of(found->name))) {
                found = c;
            }
        }
    }
    return found;
}

static int
read_flags(struct cli *cli)
{
    const struct cli_args *args = &cli->args;
    struct cli_settings *s = &cli->settings;
    const struct {
        const char *flag;
        const char **out;
    } texts[] = {
        { "address", &s->address },       { "ca-cert", &s->ca_cert },
        { "ca-path", &s->ca_path },       { "client-cert", &s->client_cert },
        { "client-key", &s->client_key }, { "namespace", &s->name_space },
        { "wrap-ttl", &s->wrap_ttl },     { "field", &cli->field },
    };
    const char *format = cli_args_value(args, "format");

    for (size_t i = 0; i < TSEC_ARRAY_LEN(texts); i++) {
        const char *value = cli_args_value(args, texts[i].flag);

        *texts[i].out = value == NULL ? *texts[i].out : value;
    }
    s->skip_verify = s->skip_verify || cli_args_switch(args, "tls-skip-verify");
    format = format == NULL ? cli_settings_env("FORMAT") : format;
    if (format != NULL && strcmp(format, "json") == 0) {
        cli->format = CLI_JSON;
    } else if (format != NULL && strcmp(format, "table") != 0) {
        return cli_usage_error(cli, "-format is table or json");
    }
    return CLI_OK;
}

static bool
is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strncmp(host, "localhost", 9) == 0
           || strncmp(host, "[::1]", 5) == 0;
}

static void
warn_of_settings(const struct cli *cli)
{
    const char *address = cli->settings.address;

    if (strncmp(address, "http://", 7) == 0 && !is_loopback(address + 7)) {
        cli_say(cli, "Warning: %s is not encrypted: the token and every value travel in clear.\n",
                address);
    }
    if (cli->settings.skip_verify && strncmp(address, "https://", 8) == 0) {
        cli_say(cli, "Warning: the server's certificate is not checked.\n");
    }
}

/** Those that this command has beside its own. */
static const struct cli_flag *
common_flags_of(const struct cli_command *command)
{
    return is_offline(command) ? NULL : common_flags;
}

static int
run_online(struct cli *cli)
{
    struct tsec_err err = { 0 };
    int status;

    if (tsec_failed(cli_http_setup(&err)) || tsec_failed(cli_settings_load(&cli->settings, &err))
        || tsec_failed(cli_token_load(&cli->token, &err))) {
        return cli_fail(cli, &err);
    }
    status = read_flags(cli);
    if (status != CLI_OK) {
        return status;
    }
    warn_of_settings(cli);
    if (tsec_failed(cli_http_new(&cli->settings, &cli->http, &err))) {
        return cli_fail(cli, &err);
    }
    return cli->command->run(cli);
}

static int
run_command(struct cli *cli)
{
    const size_t n = cli->args.operands_len;

    if (cli_args_switch(&cli->args, "help")) {
        cli_help_command(&cli->out, cli->command, common_flags_of(cli->command));
        return CLI_OK;
    }
    if (n < cli->command->operands_min || n > cli->command->operands_max) {
        return cli_usage_error(cli, n < cli->command->operands_min ? "Not enough arguments."
                                                                   : "Too many arguments.");
    }
    return is_offline(cli->command) ? cli->command->run(cli) : run_online(cli);
}

static int
group_status(const char *group)
{
    const size_t len = strlen(group);
    const char *name = cli_commands_evidence[0].name;

    return strncmp(name, group, len) == 0 && name[len] == ' ' ? EVIDENCE_UNUSABLE : CLI_LOCAL;
}

/** `help`, `help COMMAND`, `-help`, nothing: and what is no command. */
static int
run_help(struct cli *cli, size_t argc, char *const *argv)
{
    const bool asked = argc > 0
                       && (strcmp(argv[0], "help") == 0 || strcmp(argv[0], "-h") == 0
                           || strcmp(argv[0], "-help") == 0 || strcmp(argv[0], "--help") == 0);
    const size_t from = asked ? 1 : 0;
    const struct cli_command *command = find_command(argc - from, argv + from);

    if (asked && command != NULL) {
        cli_help_command(&cli->out, command, common_flags_of(command));
        return CLI_OK;
    }
    if (argc > from && cli_help_group(&cli->out, cli_command_tables, argv[from])) {
        return asked ? CLI_OK : group_status(argv[from]);
    }
    cli_help_all(&cli->out, cli_command_tables);
    if (argc > from) {
        cli_say(cli, "There is no command %.60s.\n", argv[from]);
    }
    return asked && argc == from ? CLI_OK : CLI_LOCAL;
}

static int
run_words(struct cli *cli, size_t argc, char *const *argv)
{
    struct tsec_err err = { 0 };
    size_t words;

    cli->command = find_command(argc, argv);
    if (cli->command == NULL) {
        return run_help(cli, argc, argv);
    }
    words = words_of(cli->command->name);
    if (tsec_failed(cli_args_parse(argv + words, argc - words, cli->command->flags,
                                   common_flags_of(cli->command), &cli->args, &err))) {
        return cli_usage_error(cli, "%s", err.detail);
    }
    if (tsec_failed(tsec_crypto_setup(&err))) {
        return cli_fail(cli, &err);
    }
    return run_command(cli);
}

int
cli_run(size_t argc, char *const *argv, const int fds[3])
{
    struct cli cli = { .in_fd = fds[0], .out_fd = fds[1], .err_fd = fds[2] };
    int status;

    tsec_buf_init(&cli.out, OUT_MAX);
    tsec_buf_init(&cli.token, CLI_TOKEN_MAX + 1);
    status = run_words(&cli, argc - 1, argv + 1);
    if (cli_flush(&cli) != CLI_OK) {
        status = local_status(&cli);
    }
    cli_http_free(cli.http);
    tsec_buf_done(&cli.token);
    tsec_buf_done(&cli.out);
    return status;
}
