/* SPDX-License-Identifier: Apache-2.0 */
#include "client/call.h"
#include "client/output.h"

enum { BODY_MAX = 1024 * 1024, PATH_ROOM = 4096 };

static const struct tsec_span no_body = { NULL, 0 };

static int
mount_path(struct cli *cli, const char *mount, const char *tail, struct tsec_buf *out)
{
    const char *const parts[] = { "sys/mounts", mount, tail };
    struct tsec_err err = { 0 };

    if (tsec_failed(cli_path(out, parts, TSEC_ARRAY_LEN(parts), &err))) {
        return cli_fail(cli, &err);
    }
    return CLI_OK;
}

/** A line per mount: its path and type, and what it is for. */
static void
put_mounts(struct tsec_buf *out, struct tsec_span data)
{
    struct tsec_json_walk walk = tsec_json_walk(data);
    struct tsec_json_member member;

    tsec_buf_printf(out, "%-28s%-14s%s\n%-28s%-14s%s\n", "Path", "Type", "Description", "----",
                    "----", "-----------");
    while (tsec_json_next(&walk, &member)) {
        TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(PATH_ROOM);
        TSEC_AUTO_BUF struct tsec_buf type = TSEC_BUF_INIT(PATH_ROOM);
        struct tsec_span value = { NULL, 0 };

        if (tsec_json_type_of(member.value) != TSEC_JSON_OBJECT
            || tsec_json_member(member.value, "type", &value) != TSEC_JSON_STRING) {
            continue;
        }
        tsec_json_unescape(&path, member.name_raw);
        tsec_json_unescape(&type, value);
        tsec_buf_printf(out, "%-27.*s %-13.*s ", (int)path.len,
                        path.ptr == NULL ? "" : (const char *)path.ptr, (int)type.len,
                        type.ptr == NULL ? "" : (const char *)type.ptr);
        if (tsec_json_member(member.value, "description", &value) == TSEC_JSON_STRING) {
            tsec_json_unescape(out, value);
        }
        tsec_buf_put_byte(out, '\n');
    }
}

static int
run_list(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_span data;
    int rc;

    cli_reply_init(&reply);
    rc = cli_ask(cli, "GET", "sys/mounts", no_body, &reply);
    if (rc != CLI_OK) {
        return rc;
    }
    data = cli_reply_data(&reply);
    if (cli->format == CLI_JSON || data.len == 0) {
        return cli_show(cli, &reply, data);
    }
    put_mounts(&cli->out, data);
    return CLI_OK;
}

static int
run_enable(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(BODY_MAX);
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(PATH_ROOM);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_json_out json = tsec_json_out(&body);
    const char *version = cli_args_value(&cli->args, "version");
    const char *where = cli_args_value(&cli->args, "path");
    const char *type = cli_operand(cli, 0);
    int rc = mount_path(cli, where == NULL ? type : where, "", &path);

    cli_reply_init(&reply);
    tsec_json_object(&json);
    if (strcmp(type, "kv-v2") == 0) {
        type = "kv";
        version = version == NULL ? "2" : version;
    }
    tsec_json_put_str(&json, "type", type);
    cli_put_flag(cli, "description", &json, "description");
    if (version != NULL) {
        tsec_json_key(&json, "options");
        tsec_json_object(&json);
        tsec_json_put_str(&json, "version", version);
        tsec_json_object_end(&json);
    }
    tsec_json_object_end(&json);
    rc = rc == CLI_OK ? cli_ask(cli, "POST", cli_path_text(&path), tsec_buf_span(&body), &reply)
                      : rc;
    return rc == CLI_OK ? cli_done(cli, "Enabled the %s secrets engine at: %s/", type,
                                   cli_path_text(&path) + strlen("sys/mounts/"))
                        : rc;
}

static int
run_disable(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(PATH_ROOM);
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc = mount_path(cli, cli_operand(cli, 0), "", &path);

    cli_reply_init(&reply);
    rc = rc == CLI_OK ? cli_ask(cli, "DELETE", cli_path_text(&path), no_body, &reply) : rc;
    return rc == CLI_OK ? cli_done(cli, "Disabled the secrets engine (if it existed) at: %s/",
                                   cli_path_text(&path) + strlen("sys/mounts/"))
                        : rc;
}

static int
run_tune(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(BODY_MAX);
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(PATH_ROOM);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_json_out json = tsec_json_out(&body);
    int rc = mount_path(cli, cli_operand(cli, 0), "tune", &path);

    cli_reply_init(&reply);
    tsec_json_object(&json);
    cli_put_flag(cli, "description", &json, "description");
    cli_put_flag(cli, "default-lease-ttl", &json, "default_lease_ttl");
    cli_put_flag(cli, "max-lease-ttl", &json, "max_lease_ttl");
    tsec_json_object_end(&json);
    rc = rc == CLI_OK ? cli_ask(cli, "POST", cli_path_text(&path), tsec_buf_span(&body), &reply)
                      : rc;
    return rc == CLI_OK ? cli_done(cli, "Tuned the secrets engine") : rc;
}

static const struct cli_flag enable_flags[] = {
    { "path", "PATH", "Where; otherwise the type's name." },
    { "description", "TEXT", "What it is for." },
    { "version", "2", "Of the key-value engine." },
    { NULL, NULL, NULL },
};
static const struct cli_flag tune_flags[] = {
    { "description", "TEXT", "What it is for." },
    { "default-lease-ttl", "TIME", "How long a lease lives." },
    { "max-lease-ttl", "TIME", "How long it lives at most." },
    { NULL, NULL, NULL },
};

const struct cli_command cli_commands_secrets[] = {
    { "secrets list", "", "List the mounts.", NULL, NULL, 0, 0, run_list },
    { "secrets enable", "TYPE", "Mount a secrets engine (kv, transit).", NULL, enable_flags, 1, 1,
      run_enable },
    { "secrets disable", "PATH", "Take a mount away, with all that is in it.", NULL, NULL, 1, 1,
      run_disable },
    { "secrets tune", "PATH", "Change a mount's settings.", NULL, tune_flags, 1, 1, run_tune },
    { NULL, NULL, NULL, NULL, NULL, 0, 0, NULL },
};
