/* SPDX-License-Identifier: Apache-2.0 */
#include "client/call.h"
#include "client/input.h"
#include "client/output.h"

#ifndef CLI_VERSION
#define CLI_VERSION "0.1.0"
#endif

enum { BODY_MAX = CLI_INPUT_MAX + 65536 };

static const struct tsec_span no_body = { NULL, 0 };

static int
run_status(struct cli *cli)
{
    const struct cli_request request = { .method = "GET",
                                         .path = "sys/seal-status",
                                         .token = tsec_span("", 0) };
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_span sealed = { NULL, 0 };
    struct tsec_span body;
    int rc;

    cli_reply_init(&reply);
    cli->settings.retries = 0; /* the state as it is now */
    if (cli_call(cli, &request, &reply) != CLI_OK) {
        return CLI_LOCAL;
    }
    body = tsec_json_trim(tsec_buf_span(&reply.body));
    if (tsec_json_type_of(body) != TSEC_JSON_OBJECT) {
        return CLI_LOCAL;
    }
    rc = cli_show(cli, &reply, body);
    if (rc != CLI_OK) {
        return rc;
    }
    return tsec_json_member(body, "sealed", &sealed) == TSEC_JSON_FALSE ? CLI_OK : CLI_SERVER;
}

static int
init_status(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc;

    cli_reply_init(&reply);
    rc = cli_ask(cli, "GET", "sys/init", no_body, &reply);
    if (rc != CLI_OK) {
        return CLI_LOCAL;
    }
    if (tsec_json_type_of(cli_reply_member(&reply, "initialized")) == TSEC_JSON_TRUE) {
        return cli_done(cli, "The server is initialized");
    }
    cli_say(cli, "The server is not initialized\n");
    return CLI_SERVER;
}

static int
run_init(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_span sealed;
    struct tsec_span token;
    int rc;

    cli_reply_init(&reply);
    if (cli_args_switch(&cli->args, "status")) {
        return init_status(cli);
    }
    rc = cli_ask(cli, "PUT", "sys/init", tsec_span_str("{}"), &reply);
    if (rc != CLI_OK) {
        return rc;
    }
    token = cli_reply_member(&reply, "root_token");
    if (cli->format == CLI_JSON || token.len == 0) {
        return cli_show_any(cli, &reply, "The server is initialized");
    }
    sealed = cli_reply_member(&reply, "root_token_age");
    if (sealed.len > 0) {
        tsec_buf_put_str(&cli->out,
                         "The root token is encrypted to the operator.  To open it, give "
                         "this to\n\"base64 -d | age -d -i IDENTITY\":\n\n");
        cli_output_raw(&cli->out, sealed);
        tsec_buf_put_str(&cli->out, "\n");
        return CLI_OK;
    }
    tsec_buf_put_str(&cli->out, "Initial Root Token: ");
    cli_output_raw(&cli->out, token);
    tsec_buf_put_str(&cli->out,
                     "\n\nThe server unseals itself from the keys of its TEE; there are no shares\n"
                     "to keep.  The root token is shown this once: make the tokens and policies\n"
                     "that are needed, then revoke it.\n");
    return CLI_OK;
}

static int
run_read(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc;

    cli_reply_init(&reply);
    rc = cli_ask(cli, "GET", cli_operand(cli, 0), no_body, &reply);
    return rc == CLI_OK ? cli_show_any(cli, &reply, "There is nothing to show") : rc;
}

static int
run_write(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(BODY_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc;

    cli_reply_init(&reply);
    if (cli->args.operands_len < 2 && !cli_args_switch(&cli->args, "f")
        && !cli_args_switch(&cli->args, "force")) {
        return cli_usage_error(cli, "Nothing to write: give KEY=VALUE, or -f to write nothing.");
    }
    rc = cli_values(cli, 1, &body);
    if (rc == CLI_OK) {
        rc = cli_ask(cli, "PUT", cli_operand(cli, 0), tsec_buf_span(&body), &reply);
    }
    return rc == CLI_OK ? cli_show_any(cli, &reply, "Data written") : rc;
}

static int
run_list(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc;

    cli_reply_init(&reply);
    rc = cli_ask_list(cli, cli_operand(cli, 0), &reply);
    return rc == CLI_OK ? cli_show_keys(cli, &reply) : rc;
}

static int
run_delete(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc;

    cli_reply_init(&reply);
    rc = cli_ask(cli, "DELETE", cli_operand(cli, 0), no_body, &reply);
    return rc == CLI_OK ? cli_done(cli, "Data deleted (if it existed) at: %s", cli_operand(cli, 0))
                        : rc;
}

static int
run_version(struct cli *cli)
{
    tsec_buf_put_str(&cli->out, "tee-secrets " CLI_VERSION "\n");
    return CLI_OK;
}

static const struct cli_flag init_flags[] = {
    { "status", NULL, "Only say whether it was done: exit 0 yes, 2 no." },
    { NULL, NULL, NULL },
};

static const struct cli_flag write_flags[] = {
    { "f", NULL, "Write without any value." },
    { "force", NULL, "The same." },
    { NULL, NULL, NULL },
};

const struct cli_command cli_commands_server[] = {
    { "status", "", "Say whether the server is sealed.",
      "Exit status: 0 unsealed, 2 sealed, 1 it could not be asked.", NULL, 0, 0, run_status },
    { "init", "", "Initialize a new server and print its root token.", NULL, init_flags, 0, 0,
      run_init },
    { "login", "[KEY=VALUE…]", "Take a token, check it, and keep it in ~/.tee-secrets-token.",
      "Without -method the token is read from standard input, without echo on a terminal.\n"
      "With -method=approle: role_id=ID secret_id=@FILE, or secret_id=- from standard input.\n"
      "Other methods (jwt, cert, userpass) send their values to auth/METHOD/login.",
      cli_login_flags, 0, CLI_OPERANDS_MAX, cli_login },
    { "read", "PATH", "Read a path and print what it holds.", NULL, NULL, 1, 1, run_read },
    { "write", "PATH [KEY=VALUE…]", "Write values to a path.",
      "KEY=VALUE, KEY=@FILE, KEY=- (standard input); a lone - or @FILE is a whole JSON object.",
      write_flags, 1, CLI_OPERANDS_MAX, run_write },
    { "list", "PATH", "List the keys under a path.", NULL, NULL, 1, 1, run_list },
    { "delete", "PATH", "Delete a path.", NULL, NULL, 1, 1, run_delete },
    { "version", "", "Print the version of this program.", NULL, NULL, 0, 0, run_version },
    { NULL, NULL, NULL, NULL, NULL, 0, 0, NULL },
};
