/* SPDX-License-Identifier: Apache-2.0 */
#include "client/call.h"
#include "client/input.h"
#include "client/values.h"

static int
read_values(struct cli *cli, size_t from, bool all_secret, struct tsec_buf *out)
{
    const struct cli_values values = {
        .items = cli->args.operands + from,
        .len = cli->args.operands_len > from ? cli->args.operands_len - from : 0,
        .stdin_fd = cli->in_fd,
        .prompt_fd = cli->err_fd,
        .all_secret = all_secret,
    };
    struct tsec_err err = { 0 };
    bool in_argv = false;

    if (tsec_failed(cli_values_read(&values, out, &in_argv, &err))) {
        return cli_fail(cli, &err);
    }
    if (in_argv) {
        cli_warn_argv(cli);
    }
    return CLI_OK;
}

int
cli_values(struct cli *cli, size_t from, struct tsec_buf *out)
{
    return read_values(cli, from, false, out);
}

int
cli_secret_values(struct cli *cli, size_t from, struct tsec_buf *out)
{
    return read_values(cli, from, true, out);
}

static void
put_split(struct tsec_json_out *json, const char *text)
{
    while (*text != '\0') {
        const size_t len = strcspn(text, ",");

        if (len > 0) {
            tsec_json_span(json, tsec_span(text, len));
        }
        text += len + (text[len] == ',' ? 1 : 0);
    }
}

void
cli_put_list_flag(const struct cli *cli, const char *flag, struct tsec_json_out *json,
                  const char *key)
{
    if (cli_args_value(&cli->args, flag) == NULL) {
        return;
    }
    tsec_json_key(json, key);
    tsec_json_array(json);
    for (size_t i = 0; cli_args_value_at(&cli->args, flag, i) != NULL; i++) {
        put_split(json, cli_args_value_at(&cli->args, flag, i));
    }
    tsec_json_array_end(json);
}

void
cli_put_flag(const struct cli *cli, const char *flag, struct tsec_json_out *json, const char *key)
{
    const char *value = cli_args_value(&cli->args, flag);

    if (value != NULL) {
        tsec_json_put_str(json, key, value);
    }
}

int
cli_put_map_flag(const struct cli *cli, const char *flag, struct tsec_json_out *json,
                 const char *key)
{
    if (cli_args_value(&cli->args, flag) == NULL) {
        return CLI_OK;
    }
    tsec_json_key(json, key);
    tsec_json_object(json);
    for (size_t i = 0; cli_args_value_at(&cli->args, flag, i) != NULL; i++) {
        const char *pair = cli_args_value_at(&cli->args, flag, i);
        const size_t len = strcspn(pair, "=");

        if (pair[len] != '=') {
            return cli_usage_error(cli, "-%s takes KEY=VALUE", flag);
        }
        tsec_json_key_span(json, tsec_span(pair, len));
        tsec_json_str(json, pair + len + 1);
    }
    tsec_json_object_end(json);
    return CLI_OK;
}

int
cli_secret_operand(struct cli *cli, size_t i, struct tsec_buf *out)
{
    const char *text = cli_operand(cli, i);
    struct tsec_err err = { 0 };

    if (strcmp(text, "-") != 0) {
        cli_warn_argv(cli);
        tsec_buf_put_str(out, text);
        return CLI_OK;
    }
    if (tsec_failed(
            cli_input_line(cli->in_fd, cli->err_fd, "Token (will be hidden): ", out, &err))) {
        return cli_fail(cli, &err);
    }
    cli_input_trim(out);
    return CLI_OK;
}
