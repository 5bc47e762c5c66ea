/* SPDX-License-Identifier: Apache-2.0 */
#include "client/call.h"

enum { BODY_MAX = 1024 * 1024, PATH_ROOM = 4096 };

static const struct tsec_span no_body = { NULL, 0 };

static const char *
mount_of(const struct cli *cli)
{
    const char *mount = cli_args_value(&cli->args, "mount");

    return mount == NULL ? "approle" : mount;
}

/** auth/MOUNT/role/NAME/tail */
static int
role_path(struct cli *cli, const char *tail, struct tsec_buf *out)
{
    const char *name = cli_operand(cli, 0);
    const char *const parts[] = { "auth", mount_of(cli), "role", name == NULL ? "" : name, tail };
    struct tsec_err err = { 0 };

    if (tsec_failed(cli_path(out, parts, TSEC_ARRAY_LEN(parts), &err))) {
        return cli_fail(cli, &err);
    }
    return CLI_OK;
}

static int
ask_role(struct cli *cli, const char *method, const char *tail, struct tsec_span body,
         struct cli_reply *reply)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(PATH_ROOM);
    const int rc = role_path(cli, tail, &path);

    return rc == CLI_OK ? cli_ask(cli, method, cli_path_text(&path), body, reply) : rc;
}

static int
run_write(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(BODY_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc = cli_values(cli, 1, &body);

    cli_reply_init(&reply);
    rc = rc == CLI_OK ? ask_role(cli, "POST", "", tsec_buf_span(&body), &reply) : rc;
    return rc == CLI_OK ? cli_done(cli, "Role written: %s", cli_operand(cli, 0)) : rc;
}

static int
run_read(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc;

    cli_reply_init(&reply);
    rc = ask_role(cli, "GET", "", no_body, &reply);
    return rc == CLI_OK ? cli_show(cli, &reply, cli_reply_data(&reply)) : rc;
}

static int
run_list(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(PATH_ROOM);
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc = role_path(cli, "", &path);

    cli_reply_init(&reply);
    rc = rc == CLI_OK ? cli_ask_list(cli, cli_path_text(&path), &reply) : rc;
    return rc == CLI_OK ? cli_show_keys(cli, &reply) : rc;
}

static int
run_delete(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc;

    cli_reply_init(&reply);
    rc = ask_role(cli, "DELETE", "", no_body, &reply);
    return rc == CLI_OK ? cli_done(cli, "Role deleted (if it existed): %s", cli_operand(cli, 0))
                        : rc;
}

static int
run_role_id(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc;

    cli_reply_init(&reply);
    rc = ask_role(cli, "GET", "role-id", no_body, &reply);
    return rc == CLI_OK ? cli_show(cli, &reply, cli_reply_data(&reply)) : rc;
}

static int
run_secret_id(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(BODY_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc = cli_values(cli, 1, &body);

    cli_reply_init(&reply);
    rc = rc == CLI_OK ? ask_role(cli, "POST", "secret-id", tsec_buf_span(&body), &reply) : rc;
    return rc == CLI_OK ? cli_show_any(cli, &reply, "Made") : rc;
}

static int
run_login(struct cli *cli)
{
    return cli_login_with(cli, "approle", mount_of(cli));
}

#define MOUNT_FLAG                                                       \
    {                                                                    \
        "mount", "PATH", "Where AppRole is mounted; approle by default." \
    }

static const struct cli_flag mount_flags[] = { MOUNT_FLAG, { NULL, NULL, NULL } };
static const struct cli_flag login_flags[] = {
    MOUNT_FLAG,
    { "no-store", NULL, "Do not keep the token; print it." },
    { "token-only", NULL, "Print the token alone; implies -no-store." },
    { "no-print", NULL, "Print nothing." },
    { NULL, NULL, NULL },
};

const struct cli_command cli_commands_approle[] = {
    { "approle write", "ROLE [KEY=VALUE…]", "Make or change a role.",
      "For example token_policies=a,b token_ttl=1h secret_id_num_uses=1.", mount_flags, 1,
      CLI_OPERANDS_MAX, run_write },
    { "approle read", "ROLE", "Show a role.", NULL, mount_flags, 1, 1, run_read },
    { "approle list", "", "List the roles.", NULL, mount_flags, 0, 0, run_list },
    { "approle delete", "ROLE", "Delete a role.", NULL, mount_flags, 1, 1, run_delete },
    { "approle role-id", "ROLE", "Show the role's role_id.", NULL, mount_flags, 1, 1, run_role_id },
    { "approle secret-id", "ROLE [KEY=VALUE…]", "Make a secret_id for a role.",
      "With -wrap-ttl the answer is a single-use token that carries it.", mount_flags, 1,
      CLI_OPERANDS_MAX, run_secret_id },
    { "approle login", "role_id=ID secret_id=@FILE", "Log in; keeps the token.",
      "secret_id=- reads it from standard input.", login_flags, 1, 8, run_login },
    { NULL, NULL, NULL, NULL, NULL, 0, 0, NULL },
};
