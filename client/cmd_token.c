/* SPDX-License-Identifier: Apache-2.0 */
#include "client/call.h"

enum { BODY_MAX = 1024 * 1024, PATH_ROOM = 4096 };

static const struct tsec_span no_body = { NULL, 0 };

static int
create_body(struct cli *cli, struct tsec_buf *body)
{
    static const struct {
        const char *flag;
        const char *member;
    } texts[] = {
        { "ttl", "ttl" },
        { "period", "period" },
        { "explicit-max-ttl", "explicit_max_ttl" },
        { "display-name", "display_name" },
        { "type", "type" },
        { "use-limit", "num_uses" },
        { "entity-alias", "entity_alias" },
    };
    struct tsec_json_out json = tsec_json_out(body);
    int rc;

    tsec_json_object(&json);
    cli_put_list_flag(cli, "policy", &json, "policies");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(texts); i++) {
        cli_put_flag(cli, texts[i].flag, &json, texts[i].member);
    }
    if (cli_args_value(&cli->args, "renewable") != NULL) {
        tsec_json_put_bool(&json, "renewable", cli_args_switch(&cli->args, "renewable"));
    }
    if (cli_args_switch(&cli->args, "no-default-policy")) {
        tsec_json_put_bool(&json, "no_default_policy", true);
    }
    if (cli_args_switch(&cli->args, "orphan")) {
        tsec_json_put_bool(&json, "no_parent", true);
    }
    rc = cli_put_map_flag(cli, "metadata", &json, "meta");
    tsec_json_object_end(&json);
    return rc;
}

static int
run_create(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(BODY_MAX);
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(PATH_ROOM);
    CLI_AUTO_REPLY struct cli_reply reply;
    const char *role = cli_args_value(&cli->args, "role");
    const bool orphan = cli_args_switch(&cli->args, "orphan");
    const char *const parts[] = { orphan && role == NULL ? "auth/token/create-orphan"
                                                         : "auth/token/create",
                                  role == NULL ? "" : role };
    struct tsec_err err = { 0 };
    int rc = create_body(cli, &body);

    cli_reply_init(&reply);
    if (rc == CLI_OK && tsec_failed(cli_path(&path, parts, TSEC_ARRAY_LEN(parts), &err))) {
        return cli_fail(cli, &err);
    }
    rc = rc == CLI_OK ? cli_ask(cli, "POST", cli_path_text(&path), tsec_buf_span(&body), &reply)
                      : rc;
    return rc == CLI_OK ? cli_show_any(cli, &reply, "Token created") : rc;
}

/** What of auth/token/ an operation uses for oneself, for a token, for an accessor. */
struct target {
    const char *self;
    const char *token;
    const char *accessor;
};

/** {"token":…} or {"accessor":…}, with the members that a flag adds; *path is where it goes. */
static int
target_body(struct cli *cli, const struct target *target, struct tsec_json_out *json,
            const char **path)
{
    TSEC_AUTO_BUF struct tsec_buf secret = TSEC_BUF_INIT(CLI_TOKEN_MAX);
    const char *accessor = cli_args_value(&cli->args, "accessor");
    int rc;

    if (accessor != NULL) {
        *path = target->accessor;
        tsec_json_put_str(json, "accessor", accessor);
        return cli->args.operands_len == 0
                   ? CLI_OK
                   : cli_usage_error(cli, "A token or -accessor, not both.");
    }
    if (cli->args.operands_len == 0) {
        *path = target->self;
        return CLI_OK;
    }
    rc = cli_secret_operand(cli, 0, &secret);
    *path = target->token;
    tsec_json_put_span(json, "token", tsec_buf_span(&secret));
    return rc;
}

static int
run_lookup(struct cli *cli)
{
    static const struct target target = { "auth/token/lookup-self", "auth/token/lookup",
                                          "auth/token/lookup-accessor" };
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(BODY_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_json_out json = tsec_json_out(&body);
    const char *path = NULL;
    int rc;

    cli_reply_init(&reply);
    tsec_json_object(&json);
    rc = target_body(cli, &target, &json, &path);
    tsec_json_object_end(&json);
    if (rc == CLI_OK && path == target.self) {
        rc = cli_ask(cli, "GET", path, no_body, &reply);
    } else if (rc == CLI_OK) {
        rc = cli_ask(cli, "POST", path, tsec_buf_span(&body), &reply);
    }
    return rc == CLI_OK ? cli_show(cli, &reply, cli_reply_data(&reply)) : rc;
}

static int
run_renew(struct cli *cli)
{
    static const struct target target = { "auth/token/renew-self", "auth/token/renew",
                                          "auth/token/renew-accessor" };
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(BODY_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_json_out json = tsec_json_out(&body);
    const char *path = NULL;
    int rc;

    cli_reply_init(&reply);
    tsec_json_object(&json);
    rc = target_body(cli, &target, &json, &path);
    cli_put_flag(cli, "increment", &json, "increment");
    tsec_json_object_end(&json);
    rc = rc == CLI_OK ? cli_ask(cli, "POST", path, tsec_buf_span(&body), &reply) : rc;
    return rc == CLI_OK ? cli_show_any(cli, &reply, "Token renewed") : rc;
}

static int
run_revoke(struct cli *cli)
{
    static const struct target all = { "auth/token/revoke-self", "auth/token/revoke",
                                       "auth/token/revoke-accessor" };
    static const struct target orphan = { NULL, "auth/token/revoke-orphan", NULL };
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(BODY_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_json_out json = tsec_json_out(&body);
    const char *mode = cli_args_value(&cli->args, "mode");
    const bool self = cli_args_switch(&cli->args, "self");
    const char *path = NULL;
    int rc;

    cli_reply_init(&reply);
    if (mode != NULL && strcmp(mode, "orphan") != 0) {
        return cli_usage_error(cli, "-mode is orphan.");
    }
    if (self == (cli->args.operands_len > 0 || cli_args_value(&cli->args, "accessor") != NULL)) {
        return cli_usage_error(cli, "A token, -accessor, or -self: one of them.");
    }
    tsec_json_object(&json);
    rc = target_body(cli, mode == NULL ? &all : &orphan, &json, &path);
    tsec_json_object_end(&json);
    if (rc == CLI_OK && path == NULL) {
        return cli_usage_error(cli, "-mode=orphan takes a token.");
    }
    rc = rc == CLI_OK ? cli_ask(cli, "POST", path, tsec_buf_span(&body), &reply) : rc;
    return rc == CLI_OK ? cli_done(cli, "Revoked token (if it existed)") : rc;
}

static int
run_capabilities(struct cli *cli)
{
    static const struct target target = { "sys/capabilities-self", "sys/capabilities",
                                          "sys/capabilities-accessor" };
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(BODY_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_json_out json = tsec_json_out(&body);
    const char *on = cli->args.operands[--cli->args.operands_len]; /* the rest is the token */
    const char *path = NULL;
    struct tsec_span data;
    int rc;

    cli_reply_init(&reply);
    tsec_json_object(&json);
    rc = target_body(cli, &target, &json, &path);
    tsec_json_key(&json, "paths");
    tsec_json_array(&json);
    tsec_json_str(&json, on);
    tsec_json_array_end(&json);
    tsec_json_object_end(&json);
    rc = rc == CLI_OK ? cli_ask(cli, "POST", path, tsec_buf_span(&body), &reply) : rc;
    data = rc == CLI_OK ? cli_reply_data(&reply) : no_body;
    return rc == CLI_OK ? cli_show(cli, &reply, data) : rc;
}

/** Without a token the one in use is the wrapping token, and says so itself. */
static int
run_unwrap(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf secret = TSEC_BUF_INIT(CLI_TOKEN_MAX);
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(BODY_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_json_out json = tsec_json_out(&body);
    int rc = CLI_OK;

    cli_reply_init(&reply);
    tsec_json_object(&json);
    if (cli->args.operands_len > 0) {
        rc = cli_secret_operand(cli, 0, &secret);
        tsec_json_put_span(&json, "token", tsec_buf_span(&secret));
    }
    tsec_json_object_end(&json);
    rc = rc == CLI_OK ? cli_ask(cli, "POST", "sys/wrapping/unwrap", tsec_buf_span(&body), &reply)
                      : rc;
    return rc == CLI_OK ? cli_show_any(cli, &reply, "There was nothing in it") : rc;
}

#define ACCESSOR_FLAG                                               \
    {                                                               \
        "accessor", "ACCESSOR", "The token that has this accessor." \
    }

static const struct cli_flag create_flags[] = {
    { "policy", "NAME", "A policy it gets; may be repeated." },
    { "ttl", "TIME", "How long it lives." },
    { "period", "TIME", "Renewable for ever, by this much." },
    { "explicit-max-ttl", "TIME", "How long it lives at most." },
    { "use-limit", "N", "How often it may be used." },
    { "display-name", "NAME", "How the audit calls it." },
    { "type", "service|batch", "What kind of token." },
    { "role", "NAME", "As this token role says." },
    { "entity-alias", "NAME", "Whom it stands for." },
    { "metadata", "KEY=VALUE", "May be repeated." },
    { "orphan", NULL, "It outlives the token that makes it." },
    { "no-default-policy", NULL, "Without the policy default." },
    { "renewable", NULL, "-renewable=false: it cannot be renewed." },
    { NULL, NULL, NULL },
};
static const struct cli_flag accessor_flags[] = { ACCESSOR_FLAG, { NULL, NULL, NULL } };
static const struct cli_flag renew_flags[] = {
    ACCESSOR_FLAG,
    { "increment", "TIME", "By how much." },
    { NULL, NULL, NULL },
};
static const struct cli_flag revoke_flags[] = {
    ACCESSOR_FLAG,
    { "self", NULL, "The token in use." },
    { "mode", "orphan", "Leave its children alive." },
    { NULL, NULL, NULL },
};

#define TOKEN_HELP "TOKEN is - to read it from standard input.  Without one: the token in use."

const struct cli_command cli_commands_token[] = {
    { "token create", "", "Make a token.", NULL, create_flags, 0, 0, run_create },
    { "token lookup", "[TOKEN]", "Show what belongs to a token.", TOKEN_HELP, accessor_flags, 0, 1,
      run_lookup },
    { "token renew", "[TOKEN]", "Let a token live longer.", TOKEN_HELP, renew_flags, 0, 1,
      run_renew },
    { "token revoke", "[TOKEN]", "Revoke a token and what it made.",
      "TOKEN is - to read it from standard input.", revoke_flags, 0, 1, run_revoke },
    { "token capabilities", "[TOKEN] PATH", "Show what a token may do with a path.", TOKEN_HELP,
      accessor_flags, 1, 2, run_capabilities },
    { "unwrap", "[TOKEN]", "Take out what -wrap-ttl wrapped; it works once.", TOKEN_HELP, NULL, 0,
      1, run_unwrap },
    { NULL, NULL, NULL, NULL, NULL, 0, 0, NULL },
};
