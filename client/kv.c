/* SPDX-License-Identifier: Apache-2.0 */
#include "client/kv.h"

#include <errno.h>
#include <stdlib.h>

int
cli_kv_path(struct cli *cli, size_t i, const char *area, struct tsec_buf *out)
{
    const char *mount = cli_args_value(&cli->args, "mount");
    const char *path = cli_operand(cli, i);
    TSEC_AUTO_BUF struct tsec_buf first = TSEC_BUF_INIT(CLI_KV_PATH_MAX);
    struct tsec_err err = { 0 };

    while (path != NULL && *path == '/') {
        path++;
    }
    path = path == NULL ? "" : path;
    if (mount == NULL) {
        const size_t len = strcspn(path, "/");

        tsec_buf_put(&first, path, len);
        tsec_buf_put_byte(&first, '\0');
        path += len;
        mount = (const char *)first.ptr;
    }
    if (mount == NULL || *mount == '\0' || strstr(path, "//") != NULL) {
        return cli_usage_error(cli, "The path must be MOUNT/PATH, or PATH with -mount.");
    }
    const char *const parts[] = { mount, area, path };

    if (tsec_failed(cli_path(out, parts, TSEC_ARRAY_LEN(parts), &err))) {
        return cli_fail(cli, &err);
    }
    return CLI_OK;
}

static bool
put_version(struct tsec_json_out *json, const char *text, size_t len)
{
    int64_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || n > INT32_MAX) {
            return false;
        }
        n = n * 10 + (text[i] - '0');
    }
    if (len == 0 || n == 0) {
        return false;
    }
    tsec_json_int(json, n);
    return true;
}

int
cli_kv_versions(struct cli *cli, struct tsec_buf *body)
{
    struct tsec_json_out json = tsec_json_out(body);
    const char *text = cli_args_value(&cli->args, "versions");

    if (text == NULL) {
        return cli_usage_error(cli, "-versions=N[,N…] is needed.");
    }
    tsec_json_object(&json);
    tsec_json_key(&json, "versions");
    tsec_json_array(&json);
    for (;;) {
        const size_t len = strcspn(text, ",");

        if (!put_version(&json, text, len)) {
            return cli_usage_error(cli, "-versions takes numbers from 1 on, apart by commas.");
        }
        if (text[len] == '\0') {
            break;
        }
        text += len + 1;
    }
    tsec_json_array_end(&json);
    tsec_json_object_end(&json);
    return CLI_OK;
}

int
cli_kv_number(struct cli *cli, const char *flag, int64_t *out, bool *given)
{
    const char *text = cli_args_value(&cli->args, flag);

    *given = text != NULL;
    if (text != NULL && !tsec_json_to_i64(tsec_span_str(text), out)) {
        return cli_usage_error(cli, "-%s takes a number.", flag);
    }
    if (text != NULL && *out < 0) {
        return cli_usage_error(cli, "-%s takes a number from 0 on.", flag);
    }
    return CLI_OK;
}

int
cli_kv_write_body(struct cli *cli, struct tsec_span data, struct tsec_buf *out)
{
    struct tsec_json_out json = tsec_json_out(out);
    int64_t cas = 0;
    bool given = false;
    const int rc = cli_kv_number(cli, "cas", &cas, &given);

    if (rc != CLI_OK) {
        return rc;
    }
    tsec_json_object(&json);
    tsec_json_put_raw(&json, "data", data);
    tsec_json_key(&json, "options");
    tsec_json_object(&json);
    if (given) {
        tsec_json_put_int(&json, "cas", cas);
    }
    tsec_json_object_end(&json);
    tsec_json_object_end(&json);
    return CLI_OK;
}
