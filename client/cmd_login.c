/* SPDX-License-Identifier: Apache-2.0 */
#include "client/call.h"
#include "client/input.h"
#include "client/output.h"

enum { BODY_MAX = 1024 * 1024, PATH_ROOM = 4096 };

const struct cli_flag cli_login_flags[] = {
    { "method", "NAME", "How: token (the default), approle, jwt, cert, userpass." },
    { "path", "MOUNT", "Where the method is mounted; its name by default." },
    { "username", "NAME", "For -method=userpass." },
    { "no-store", NULL, "Do not keep the token; print it." },
    { "token-only", NULL, "Print the token alone; implies -no-store." },
    { "no-print", NULL, "Print nothing." },
    { NULL, NULL, NULL },
};

static int
store(struct cli *cli, struct tsec_span token)
{
    struct tsec_err err = { 0 };

    if (cli_args_switch(&cli->args, "no-store") || cli_args_switch(&cli->args, "token-only")) {
        return CLI_OK;
    }
    if (tsec_failed(cli_token_store(token, &err))) {
        return cli_fail(cli, &err);
    }
    if (cli_settings_env("TOKEN") != NULL) {
        cli_say(cli, "Warning: a token stands in the environment, and is used before the one just "
                     "kept.\n");
    }
    return CLI_OK;
}

static int
present(struct cli *cli, const struct cli_reply *reply, struct tsec_span shown,
        struct tsec_span token)
{
    if (cli_args_switch(&cli->args, "no-print")) {
        return CLI_OK;
    }
    if (cli_args_switch(&cli->args, "token-only")) {
        tsec_buf_put_span(&cli->out, token);
        tsec_buf_put_byte(&cli->out, '\n');
        return CLI_OK;
    }
    if (cli->format == CLI_TABLE && cli->field == NULL) {
        tsec_buf_put_str(&cli->out, "Success! You are now authenticated.\n\n");
    }
    return shown.len > 0 ? cli_show(cli, reply, shown) : cli_show_auth(cli, reply);
}

/** The reply of a login: keeps the token and shows what belongs to it. */
static int
accept_auth(struct cli *cli, const struct cli_reply *reply)
{
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(CLI_TOKEN_MAX);
    const struct tsec_span auth = cli_reply_member(reply, "auth");
    struct tsec_span raw = { NULL, 0 };
    int rc;

    if (tsec_json_type_of(auth) != TSEC_JSON_OBJECT
        || tsec_json_member(auth, "client_token", &raw) != TSEC_JSON_STRING) {
        return cli_show_any(cli, reply, "The server gave no token");
    }
    tsec_json_unescape(&token, raw);
    if (token.failed || !cli_token_valid(tsec_buf_span(&token))) {
        cli_say(cli, "Error: the server gave a token that cannot be used\n");
        return CLI_SERVER;
    }
    rc = store(cli, tsec_buf_span(&token));
    return rc == CLI_OK ? present(cli, reply, tsec_span(NULL, 0), tsec_buf_span(&token)) : rc;
}

int
cli_login_with(struct cli *cli, const char *method, const char *mount)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(BODY_MAX);
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(PATH_ROOM);
    CLI_AUTO_REPLY struct cli_reply reply;
    const char *user = cli_args_value(&cli->args, "username");
    const char *const parts[] = { "auth", mount == NULL ? method : mount, "login",
                                  user == NULL ? "" : user };
    struct tsec_err err = { 0 };
    int rc = cli_values(cli, 0, &body);

    cli_reply_init(&reply);
    if (rc != CLI_OK) {
        return rc;
    }
    if (tsec_failed(cli_path(&path, parts, TSEC_ARRAY_LEN(parts), &err))) {
        return cli_fail(cli, &err);
    }
    const struct cli_request request = { .method = "POST",
                                         .path = cli_path_text(&path),
                                         .token = tsec_span("", 0),
                                         .body = tsec_buf_span(&body) };

    rc = cli_call(cli, &request, &reply);
    return rc == CLI_OK ? accept_auth(cli, &reply) : rc;
}

/** `TOKEN`, `token=TOKEN` or `-` as the only operand; without one it is asked for. */
static int
read_token(struct cli *cli, struct tsec_buf *out)
{
    const char *operand = cli_operand(cli, 0);
    struct tsec_err err = { 0 };

    if (cli->args.operands_len > 1) {
        return cli_usage_error(cli, "One token at most.");
    }
    if (operand != NULL && strcmp(operand, "-") != 0) {
        cli_warn_argv(cli);
        tsec_buf_put_str(out, strncmp(operand, "token=", 6) == 0 ? operand + 6 : operand);
    } else if (tsec_failed(cli_input_line(cli->in_fd, cli->err_fd, "Token (will be hidden): ", out,
                                          &err))) {
        return cli_fail(cli, &err);
    }
    cli_input_trim(out);
    if (!cli_token_valid(tsec_buf_span(out))) {
        cli_say(cli, "Error: that is no token\n");
        return CLI_LOCAL;
    }
    return CLI_OK;
}

static int
login_token(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(CLI_TOKEN_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc = read_token(cli, &token);

    cli_reply_init(&reply);
    if (rc != CLI_OK) {
        return rc;
    }
    const struct cli_request request = { .method = "GET",
                                         .path = "auth/token/lookup-self",
                                         .token = tsec_buf_span(&token) };

    rc = cli_call(cli, &request, &reply);
    if (rc == CLI_OK) {
        rc = store(cli, tsec_buf_span(&token));
    }
    return rc == CLI_OK ? present(cli, &reply, cli_reply_data(&reply), tsec_buf_span(&token)) : rc;
}

int
cli_login(struct cli *cli)
{
    const char *method = cli_args_value(&cli->args, "method");

    if (method == NULL || strcmp(method, "token") == 0) {
        return login_token(cli);
    }
    return cli_login_with(cli, method, cli_args_value(&cli->args, "path"));
}
