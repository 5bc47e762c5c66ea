/* SPDX-License-Identifier: Apache-2.0 */
#include "client/kv.h"

#include <stdio.h>

#include "client/output.h"

static const struct tsec_span no_body = { NULL, 0 };

/** A deleted version answers 404 with its metadata: shown, but no success. */
static int
show_secret(struct cli *cli, const struct cli_reply *reply, const char *path)
{
    const struct tsec_span data = cli_reply_data(reply);
    struct tsec_span metadata = { NULL, 0 };
    struct tsec_span secret = { NULL, 0 };
    const int done = reply->status == 404 ? CLI_SERVER : CLI_OK;

    if (data.len == 0) {
        cli_say(cli, "No value found at %s\n", path);
        return CLI_SERVER;
    }
    (void)tsec_json_member(data, "metadata", &metadata);
    (void)tsec_json_member(data, "data", &secret);
    if (cli->field != NULL && tsec_json_type_of(secret) == TSEC_JSON_OBJECT) {
        return cli_show(cli, reply, secret);
    }
    if (cli->field != NULL || cli->format == CLI_JSON) {
        const int rc = cli_show(cli, reply, data);

        return rc == CLI_OK ? done : rc;
    }
    if (tsec_json_type_of(metadata) == TSEC_JSON_OBJECT) {
        cli_output_title(&cli->out, "Metadata");
        cli_output_table(&cli->out, metadata);
    }
    if (tsec_json_type_of(secret) == TSEC_JSON_OBJECT) {
        tsec_buf_put_byte(&cli->out, '\n');
        cli_output_title(&cli->out, "Data");
        cli_output_table(&cli->out, secret);
    }
    return done;
}

static int
run_get(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(CLI_KV_PATH_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    char query[40];
    int64_t version = 0;
    bool given = false;
    int rc = cli_kv_path(cli, 0, "data", &path);

    cli_reply_init(&reply);
    rc = rc == CLI_OK ? cli_kv_number(cli, "version", &version, &given) : rc;
    if (rc != CLI_OK) {
        return rc;
    }
    (void)snprintf(query, sizeof(query), "version=%lld", (long long)version);
    const struct cli_request request = { .method = "GET",
                                         .path = cli_path_text(&path),
                                         .query = given ? query : NULL };

    rc = cli_call_or_absent(cli, &request, &reply);
    return rc == CLI_OK ? show_secret(cli, &reply, cli_path_text(&path)) : rc;
}

/** Sends {"data":…,"options":…} and shows the new version's metadata. */
static int
write_secret(struct cli *cli, const char *method, const char *content_type)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(CLI_KV_PATH_MAX);
    TSEC_AUTO_BUF struct tsec_buf data = TSEC_BUF_INIT(CLI_KV_BODY_MAX);
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(CLI_KV_BODY_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc = cli_kv_path(cli, 0, "data", &path);

    cli_reply_init(&reply);
    rc = rc == CLI_OK ? cli_secret_values(cli, 1, &data) : rc;
    rc = rc == CLI_OK ? cli_kv_write_body(cli, tsec_buf_span(&data), &body) : rc;
    if (rc != CLI_OK) {
        return rc;
    }
    const struct cli_request request = { .method = method,
                                         .path = cli_path_text(&path),
                                         .body = tsec_buf_span(&body),
                                         .content_type = content_type };

    rc = cli_call(cli, &request, &reply);
    return rc == CLI_OK ? cli_show_any(cli, &reply, "Data written") : rc;
}

static int
run_put(struct cli *cli)
{
    return write_secret(cli, "PUT", NULL);
}

static int
run_patch(struct cli *cli)
{
    return write_secret(cli, "PATCH", "application/merge-patch+json");
}

static int
run_list(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(CLI_KV_PATH_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc = cli_kv_path(cli, 0, "metadata", &path);

    cli_reply_init(&reply);
    if (rc != CLI_OK) {
        return rc;
    }
    path.len--; /* the NUL */
    tsec_buf_put(&path, "/", 2);
    if (path.failed) {
        return cli_usage_error(cli, "The path is too long.");
    }
    rc = cli_ask_list(cli, cli_path_text(&path), &reply);
    return rc == CLI_OK ? cli_show_keys(cli, &reply) : rc;
}

static int
run_metadata_get(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(CLI_KV_PATH_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc = cli_kv_path(cli, 0, "metadata", &path);

    cli_reply_init(&reply);
    rc = rc == CLI_OK ? cli_ask(cli, "GET", cli_path_text(&path), no_body, &reply) : rc;
    return rc == CLI_OK ? cli_show(cli, &reply, cli_reply_data(&reply)) : rc;
}

static int
run_metadata_put(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(CLI_KV_PATH_MAX);
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(CLI_KV_BODY_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_json_out json = tsec_json_out(&body);
    int64_t max_versions = 0;
    bool given = false;
    int rc = cli_kv_path(cli, 0, "metadata", &path);

    cli_reply_init(&reply);
    rc = rc == CLI_OK ? cli_kv_number(cli, "max-versions", &max_versions, &given) : rc;
    if (rc != CLI_OK) {
        return rc;
    }
    tsec_json_object(&json);
    if (given) {
        tsec_json_put_int(&json, "max_versions", max_versions);
    }
    if (cli_args_value(&cli->args, "cas-required") != NULL) {
        tsec_json_put_bool(&json, "cas_required", cli_args_switch(&cli->args, "cas-required"));
    }
    cli_put_flag(cli, "delete-version-after", &json, "delete_version_after");
    rc = cli_put_map_flag(cli, "custom-metadata", &json, "custom_metadata");
    tsec_json_object_end(&json);
    rc = rc == CLI_OK ? cli_ask(cli, "POST", cli_path_text(&path), tsec_buf_span(&body), &reply)
                      : rc;
    return rc == CLI_OK ? cli_done(cli, "Data written to: %s", cli_path_text(&path)) : rc;
}

static int
run_metadata_delete(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(CLI_KV_PATH_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc = cli_kv_path(cli, 0, "metadata", &path);

    cli_reply_init(&reply);
    rc = rc == CLI_OK ? cli_ask(cli, "DELETE", cli_path_text(&path), no_body, &reply) : rc;
    return rc == CLI_OK ? cli_done(cli, "Data deleted (if it existed) at: %s", cli_path_text(&path))
                        : rc;
}

#define MOUNT_FLAG                                                        \
    {                                                                     \
        "mount", "PATH", "The mount; otherwise the path's first segment." \
    }
#define END_FLAG         \
    {                    \
        NULL, NULL, NULL \
    }

static const struct cli_flag mount_flags[] = { MOUNT_FLAG, END_FLAG };
static const struct cli_flag get_flags[] = {
    MOUNT_FLAG,
    { "version", "N", "That version; otherwise the latest." },
    END_FLAG,
};
static const struct cli_flag put_flags[] = {
    MOUNT_FLAG,
    { "cas", "N", "Only when version N is the latest; 0: only when there is none." },
    END_FLAG,
};
static const struct cli_flag metadata_flags[] = {
    MOUNT_FLAG,
    { "max-versions", "N", "How many versions to keep; 0: as the mount says." },
    { "cas-required", NULL, "Refuse writes without -cas." },
    { "delete-version-after", "TIME", "When a version is deleted by itself." },
    { "custom-metadata", "KEY=VALUE", "May be repeated." },
    END_FLAG,
};

#define VALUES_HELP                                                                             \
    "KEY=VALUE, KEY=@FILE, KEY=- (standard input); a lone - or @FILE is a whole JSON object.\n" \
    "A secret needs no place on the command line, and is warned of there."

const struct cli_command cli_commands_kv[] = {
    { "kv get", "PATH", "Read a secret.", NULL, get_flags, 1, 1, run_get },
    { "kv put", "PATH KEY=VALUE…", "Write a new version of a secret.", VALUES_HELP, put_flags, 2,
      CLI_OPERANDS_MAX, run_put },
    { "kv patch", "PATH KEY=VALUE…", "Change some keys of a secret.",
      VALUES_HELP "\nIn JSON a key whose value is null is removed.", put_flags, 2, CLI_OPERANDS_MAX,
      run_patch },
    { "kv list", "PATH", "List the secrets under a path.", NULL, mount_flags, 1, 1, run_list },
    { "kv metadata get", "PATH", "Show a secret's versions and settings.", NULL, mount_flags, 1, 1,
      run_metadata_get },
    { "kv metadata put", "PATH", "Change a secret's settings.", NULL, metadata_flags, 1, 1,
      run_metadata_put },
    { "kv metadata delete", "PATH", "Delete a secret with all its versions.", NULL, mount_flags, 1,
      1, run_metadata_delete },
    { NULL, NULL, NULL, NULL, NULL, 0, 0, NULL },
};
