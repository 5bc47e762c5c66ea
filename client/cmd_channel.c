/* SPDX-License-Identifier: Apache-2.0 */
#include "client/attest_flags.h"
#include "client/call.h"
#include "client/input.h"
#include "client/output.h"

enum { HTTP_ERRORS = 400 };

static const struct cli_flag channel_flags[] = {
    ATTEST_SERVER_FLAGS,
    ATTEST_OWN_FLAGS,
    { "hide-path", NULL, "Encrypt methods and paths as well." },
    { "rekey", NULL, "New keys and new evidence after each request." },
    { NULL, NULL, NULL },
};

/** One run: a channel, and what its requests came to. */
struct talk {
    struct cli *cli;
    struct tees_channel *channel;
    bool own; /* the channel's role stands for the caller */
};

static void
show_body(struct cli *cli, const struct tees_bytes *body)
{
    const struct tsec_span text = tsec_json_trim(tsec_span(body->data, body->len));

    if (text.len > 0
        && !tsec_failed(tsec_json_check(
            text, &(const struct tsec_json_limits){ .depth_max = 64, .members_max = 1024 * 1024 },
            NULL))) {
        cli_output_json(&cli->out, text);
    } else if (text.len > 0) {
        tsec_buf_put_span(&cli->out, text);
        tsec_buf_put_byte(&cli->out, '\n');
    }
}

static int
ask(struct talk *talk, const char *method, const char *path, struct tsec_span body)
{
    struct cli *cli = talk->cli;
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(CLI_TOKEN_MAX + 1);
    struct tees_error error = { .result = TEES_OK };
    struct tees_bytes reply = { NULL, 0 };
    struct tees_request request = {
        .method = method,
        .path = path,
        .body = body.ptr,
        .body_len = body.len,
        .hide_path = cli_args_switch(&cli->args, "hide-path") ? 1 : 0,
    };
    int http_status = 0;

    if (!talk->own && cli->token.len > 0) {
        tsec_buf_put_span(&token, tsec_buf_span(&cli->token));
        tsec_buf_put_byte(&token, '\0');
        request.token = (const char *)token.ptr;
    }
    if (tees_channel_request(talk->channel, &request, &http_status, &reply, &error) != TEES_OK) {
        return attest_fail(cli, &error);
    }
    show_body(cli, &reply);
    tees_bytes_free(&reply);
    if (cli_args_switch(&cli->args, "rekey")
        && tees_channel_rekey(talk->channel, &error) != TEES_OK) {
        return attest_fail(cli, &error);
    }
    if (http_status >= HTTP_ERRORS) {
        cli_say(cli, "Error: %s %s: HTTP %d\n", method, path, http_status);
        return CLI_SERVER;
    }
    return CLI_OK;
}

/** The next word of a line, or NULL. */
static char *
next_word(char **rest)
{
    char *word = NULL;

    while (*rest != NULL && (word == NULL || word[0] == '\0')) {
        word = strsep(rest, " \t\r");
    }
    return word == NULL || word[0] == '\0' ? NULL : word;
}

/** METHOD PATH [BODY] in one line, which is cut at its blanks. */
static int
ask_line(struct talk *talk, char *line)
{
    char *rest = line;
    const char *method = next_word(&rest);
    const char *path = next_word(&rest);

    if (method == NULL) {
        return CLI_OK;
    }
    if (path == NULL) {
        return cli_usage_error(talk->cli, "A line is METHOD PATH [BODY].");
    }
    while (rest != NULL && (*rest == ' ' || *rest == '\t')) {
        rest++;
    }
    return ask(talk, method, path, tsec_span(rest, rest == NULL ? 0 : strlen(rest)));
}

/** All lines are asked, and the first failure is what the command came to. */
static int
ask_lines(struct talk *talk)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(CLI_INPUT_MAX + 1);
    struct tsec_err err = { 0 };
    int status = CLI_OK;
    char *rest;

    if (tsec_failed(cli_input_fd(talk->cli->in_fd, &text, &err))) {
        return cli_fail(talk->cli, &err);
    }
    tsec_buf_put_byte(&text, '\0');
    if (text.failed) {
        return cli_usage_error(talk->cli, "The input is too long.");
    }
    rest = (char *)text.ptr;
    while (rest != NULL) {
        char *line = strsep(&rest, "\n");
        const int came = ask_line(talk, line);

        status = status == CLI_OK ? came : status;
        if (came == CLI_LOCAL || cli_flush(talk->cli) != CLI_OK) {
            return CLI_LOCAL;
        }
    }
    return status;
}

static int
ask_operands(struct talk *talk)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(CLI_INPUT_MAX);
    struct cli *cli = talk->cli;
    const char *given = cli_operand(cli, 2);
    struct tsec_err err = { 0 };
    tsec_rc rc = TSEC_OK;

    if (cli->args.operands_len < 2) {
        return cli_usage_error(cli, "Say METHOD and PATH.");
    }
    if (given != NULL && strcmp(given, "-") == 0) {
        rc = cli_input_fd(cli->in_fd, &body, &err);
    } else if (given != NULL && given[0] == '@') {
        rc = cli_input_file(given + 1, &body, &err);
    } else if (given != NULL) {
        cli_warn_argv(cli);
        tsec_buf_put_str(&body, given);
    }
    if (tsec_failed(rc) || tsec_failed(tsec_buf_check(&body, &err))) {
        return cli_fail(cli, &err);
    }
    return ask(talk, cli_operand(cli, 0), cli_operand(cli, 1), tsec_buf_span(&body));
}

static int
run_channel(struct cli *cli)
{
    struct attest_setup setup = { .tees = NULL };
    struct tees_error error = { .result = TEES_OK };
    const char *role = cli_args_value(&cli->args, "role");
    struct talk talk = { .cli = cli, .own = role != NULL };
    int status = attest_setup_open(cli, &setup);

    if (status == CLI_OK && tees_channel_open(setup.tees, role, &talk.channel, &error) != TEES_OK) {
        status = attest_fail(cli, &error);
    }
    if (status == CLI_OK) {
        status = cli->args.operands_len == 0 ? ask_lines(&talk) : ask_operands(&talk);
    }
    tees_channel_close(talk.channel);
    attest_setup_done(&setup);
    return status;
}

const struct cli_command cli_commands_channel[] = {
    { "channel", "[METHOD PATH [-|@FILE|BODY]]", "Ask through an attested channel.",
      "Opens a channel in which the server proves what it is, and this program too when it has a\n"
      "TEE (-plugin); then sends the request, or with none every line of standard input: METHOD\n"
      "PATH [BODY].  A PATH is as in secret/data/shop/db, a BODY is JSON.  With -role the channel\n"
      "itself is logged in; otherwise the token of the login is sent, inside.\n"
      "The exit status is 3 when the server has not proven itself.",
      channel_flags, 0, 3, run_channel },
    { NULL, NULL, NULL, NULL, NULL, 0, 0, NULL },
};
