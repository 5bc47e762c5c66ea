/* SPDX-License-Identifier: Apache-2.0 */
#include "client/call.h"
#include "client/input.h"
#include "client/output.h"

enum { POLICY_BODY_MAX = 1024 * 1024, PATH_ROOM = 4096 };

static const struct tsec_span no_body = { NULL, 0 };

static int
policy_path(struct cli *cli, struct tsec_buf *out)
{
    const char *const parts[] = { "sys/policies/acl", cli_operand(cli, 0) };
    struct tsec_err err = { 0 };

    if (tsec_failed(cli_path(out, parts, TSEC_ARRAY_LEN(parts), &err))) {
        return cli_fail(cli, &err);
    }
    return CLI_OK;
}

static int
run_list(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc;

    cli_reply_init(&reply);
    rc = cli_ask_list(cli, "sys/policies/acl/", &reply);
    return rc == CLI_OK ? cli_show_keys(cli, &reply) : rc;
}

static int
run_read(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(PATH_ROOM);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_span text = { NULL, 0 };
    struct tsec_span data;
    int rc = policy_path(cli, &path);

    cli_reply_init(&reply);
    rc = rc == CLI_OK ? cli_ask(cli, "GET", cli_path_text(&path), no_body, &reply) : rc;
    if (rc != CLI_OK) {
        return rc;
    }
    data = cli_reply_data(&reply);
    if (cli->format == CLI_JSON || cli->field != NULL || data.len == 0
        || tsec_json_member(data, "policy", &text) != TSEC_JSON_STRING) {
        return cli_show(cli, &reply, data);
    }
    cli_output_raw(&cli->out, text);
    if (cli->out.len > 0 && cli->out.ptr[cli->out.len - 1] != '\n') {
        tsec_buf_put_byte(&cli->out, '\n');
    }
    return CLI_OK;
}

/** {"policy":TEXT} of the file, or of standard input for "-". */
static int
policy_body(struct cli *cli, const char *file, struct tsec_buf *body)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(POLICY_BODY_MAX / 2);
    struct tsec_json_out json = tsec_json_out(body);
    struct tsec_err err = { 0 };

    if (tsec_failed(strcmp(file, "-") == 0 ? cli_input_fd(cli->in_fd, &text, &err)
                                           : cli_input_file(file, &text, &err))) {
        return cli_fail(cli, &err);
    }
    if (!tsec_utf8_valid(tsec_buf_span(&text))) {
        cli_say(cli, "Error: the policy is not UTF-8 text\n");
        return CLI_LOCAL;
    }
    tsec_json_object(&json);
    tsec_json_put_span(&json, "policy", tsec_buf_span(&text));
    tsec_json_object_end(&json);
    return CLI_OK;
}

static int
run_write(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(PATH_ROOM);
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(POLICY_BODY_MAX * 4);
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc = policy_path(cli, &path);

    cli_reply_init(&reply);
    rc = rc == CLI_OK ? policy_body(cli, cli_operand(cli, 1), &body) : rc;
    rc =
        rc == CLI_OK ? cli_ask(cli, "PUT", cli_path_text(&path), tsec_buf_span(&body), &reply) : rc;
    return rc == CLI_OK ? cli_done(cli, "Uploaded policy: %s", cli_operand(cli, 0)) : rc;
}

static int
run_delete(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(PATH_ROOM);
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc = policy_path(cli, &path);

    cli_reply_init(&reply);
    rc = rc == CLI_OK ? cli_ask(cli, "DELETE", cli_path_text(&path), no_body, &reply) : rc;
    return rc == CLI_OK ? cli_done(cli, "Deleted policy: %s", cli_operand(cli, 0)) : rc;
}

const struct cli_command cli_commands_policy[] = {
    { "policy list", "", "List the policies.", NULL, NULL, 0, 0, run_list },
    { "policy read", "NAME", "Print a policy.", NULL, NULL, 1, 1, run_read },
    { "policy write", "NAME FILE", "Write a policy from a file, or from standard input (-).",
      "HCL or JSON.  The server checks it, and says where it is wrong.", NULL, 2, 2, run_write },
    { "policy delete", "NAME", "Delete a policy.", NULL, NULL, 1, 1, run_delete },
    { NULL, NULL, NULL, NULL, NULL, 0, 0, NULL },
};
