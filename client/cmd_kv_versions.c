/* SPDX-License-Identifier: Apache-2.0 */
#include "client/kv.h"

#include <stdio.h>

static const struct tsec_span no_body = { NULL, 0 };

/** POST of the versions to MOUNT/area/PATH. */
static int
act_on_versions(struct cli *cli, const char *area, const char *done)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(CLI_KV_PATH_MAX);
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(65536);
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc = cli_kv_path(cli, 0, area, &path);

    cli_reply_init(&reply);
    rc = rc == CLI_OK ? cli_kv_versions(cli, &body) : rc;
    rc = rc == CLI_OK ? cli_ask(cli, "POST", cli_path_text(&path), tsec_buf_span(&body), &reply)
                      : rc;
    return rc == CLI_OK ? cli_done(cli, "%s: %s", done, cli_path_text(&path)) : rc;
}

static int
run_delete(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(CLI_KV_PATH_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc;

    cli_reply_init(&reply);
    if (cli_args_value(&cli->args, "versions") != NULL) {
        return act_on_versions(cli, "delete", "Versions deleted (if they existed) at");
    }
    rc = cli_kv_path(cli, 0, "data", &path);
    rc = rc == CLI_OK ? cli_ask(cli, "DELETE", cli_path_text(&path), no_body, &reply) : rc;
    return rc == CLI_OK ? cli_done(cli, "Data deleted (if it existed) at: %s", cli_path_text(&path))
                        : rc;
}

static int
run_undelete(struct cli *cli)
{
    return act_on_versions(cli, "undelete", "Versions undeleted at");
}

static int
run_destroy(struct cli *cli)
{
    return act_on_versions(cli, "destroy", "Versions destroyed at");
}

/** The number of the latest version, deleted or not. */
static int
current_version(struct cli *cli, int64_t *out)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(CLI_KV_PATH_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_span version = { NULL, 0 };
    struct tsec_span data;
    int rc = cli_kv_path(cli, 0, "metadata", &path);

    cli_reply_init(&reply);
    rc = rc == CLI_OK ? cli_ask(cli, "GET", cli_path_text(&path), no_body, &reply) : rc;
    if (rc != CLI_OK) {
        return rc;
    }
    data = cli_reply_data(&reply);
    if (data.len == 0 || tsec_json_member(data, "current_version", &version) == TSEC_JSON_NONE
        || !tsec_json_to_i64(version, out)) {
        cli_say(cli, "Error: the reply has no current_version\n");
        return CLI_SERVER;
    }
    return CLI_OK;
}

/** Appends the data of an old version. */
static int
old_data(struct cli *cli, const char *path, int64_t version, struct tsec_buf *out)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    char query[40];
    struct tsec_span secret = { NULL, 0 };
    struct tsec_span data;
    int rc;

    cli_reply_init(&reply);
    (void)snprintf(query, sizeof(query), "version=%lld", (long long)version);
    const struct cli_request request = { .method = "GET", .path = path, .query = query };

    rc = cli_call(cli, &request, &reply);
    if (rc != CLI_OK) {
        return rc;
    }
    data = cli_reply_data(&reply);
    if (data.len == 0 || tsec_json_member(data, "data", &secret) != TSEC_JSON_OBJECT) {
        cli_say(cli, "Error: version %lld is deleted\n", (long long)version);
        return CLI_SERVER;
    }
    tsec_buf_put_span(out, secret);
    return CLI_OK;
}

/** The old version's data becomes the newest version, unless somebody writes in between. */
static int
write_back(struct cli *cli, const char *path, struct tsec_span data, int64_t cas)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(CLI_KV_BODY_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_json_out json = tsec_json_out(&body);
    int rc;

    cli_reply_init(&reply);
    tsec_json_object(&json);
    tsec_json_put_raw(&json, "data", data);
    tsec_json_key(&json, "options");
    tsec_json_object(&json);
    tsec_json_put_int(&json, "cas", cas);
    tsec_json_object_end(&json);
    tsec_json_object_end(&json);
    rc = cli_ask(cli, "PUT", path, tsec_buf_span(&body), &reply);
    return rc == CLI_OK ? cli_show_any(cli, &reply, "Data written") : rc;
}

static int
run_rollback(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(CLI_KV_PATH_MAX);
    TSEC_AUTO_BUF struct tsec_buf data = TSEC_BUF_INIT(CLI_KV_BODY_MAX);
    int64_t version = 0;
    int64_t current = 0;
    bool given = false;
    int rc = cli_kv_path(cli, 0, "data", &path);

    rc = rc == CLI_OK ? cli_kv_number(cli, "version", &version, &given) : rc;
    if (rc == CLI_OK && version == 0) {
        return cli_usage_error(cli, "-version=N is needed.");
    }
    rc = rc == CLI_OK ? current_version(cli, &current) : rc;
    rc = rc == CLI_OK ? old_data(cli, cli_path_text(&path), version, &data) : rc;
    return rc == CLI_OK ? write_back(cli, cli_path_text(&path), tsec_buf_span(&data), current) : rc;
}

#define MOUNT_FLAG                                                        \
    {                                                                     \
        "mount", "PATH", "The mount; otherwise the path's first segment." \
    }

static const struct cli_flag versions_flags[] = {
    MOUNT_FLAG,
    { "versions", "N,N…", "Which versions." },
    { NULL, NULL, NULL },
};
static const struct cli_flag rollback_flags[] = {
    MOUNT_FLAG,
    { "version", "N", "The version to make the newest." },
    { NULL, NULL, NULL },
};

const struct cli_command cli_commands_kv_versions[] = {
    { "kv delete", "PATH", "Delete the latest version, or those of -versions.", NULL,
      versions_flags, 1, 1, run_delete },
    { "kv undelete", "-versions=N,N… PATH", "Take deletions back.", NULL, versions_flags, 1, 1,
      run_undelete },
    { "kv destroy", "-versions=N,N… PATH", "Destroy versions for good.", NULL, versions_flags, 1, 1,
      run_destroy },
    { "kv rollback", "-version=N PATH", "Make an old version the newest.", NULL, rollback_flags, 1,
      1, run_rollback },
    { NULL, NULL, NULL, NULL, NULL, 0, 0, NULL },
};
