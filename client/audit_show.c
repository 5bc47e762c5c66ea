/* SPDX-License-Identifier: Apache-2.0 */
#include "client/audit_show.h"

#include "client/call.h"
#include "client/input.h"

enum { IDENTITY_FILE_MAX = 65536, ENTRY_MAX = 8192 };

static void
put_entry(struct audit_show *show, const struct tsec_leaf *leaf, struct tsec_span entry)
{
    struct tsec_json_out json = tsec_json_out(show->lines);

    tsec_json_object(&json);
    tsec_json_put_int(&json, "index", (int64_t)leaf->index);
    if (entry.len > 0) {
        tsec_json_put_raw(&json, "entry", entry);
    } else {
        tsec_json_put_str(&json, "kind", tsec_leaf_kind_name(leaf->kind));
    }
    tsec_json_object_end(&json);
    tsec_buf_put_byte(show->lines, '\n');
}

static tsec_rc
show_audit(struct audit_show *show, const struct tsec_leaf *leaf, struct tsec_span bytes,
           struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf entry = TSEC_BUF_INIT(ENTRY_MAX);
    bool open = false;

    TSEC_TRY(audit_keys_open(&show->keys, bytes, &entry, &open, err));
    if (!open) {
        return TSEC_OK;
    }
    TSEC_TRY(tsec_json_check(tsec_buf_span(&entry), &TSEC_JSON_LIMITS_DEFAULT, err));
    if (memchr(entry.ptr, '\n', entry.len) != NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "entry %llu is not in one line",
                         (unsigned long long)leaf->index);
    }
    if (leaf->index >= (uint64_t)show->from) {
        put_entry(show, leaf, tsec_buf_span(&entry));
    }
    return TSEC_OK;
}

static tsec_rc
on_leaf(void *ctx, const struct tsec_leaf *leaf, struct tsec_span bytes, struct tsec_err *err)
{
    struct audit_show *show = ctx;

    if (leaf->kind == TSEC_LEAF_EPOCH) {
        TSEC_TRY(audit_keys_epoch(&show->keys, leaf, err));
    }
    if (leaf->kind == TSEC_LEAF_AUDIT) {
        TSEC_TRY(show_audit(show, leaf, bytes, err));
    } else if (show->all && leaf->index >= (uint64_t)show->from) {
        put_entry(show, leaf, tsec_span(NULL, 0));
    }
    return tsec_buf_check(show->lines, err);
}

int
audit_show_open(struct audit_show *show, struct cli *cli, struct audit_log *log)
{
    TSEC_AUTO_BUF struct tsec_buf file = TSEC_BUF_INIT(IDENTITY_FILE_MAX);
    const char *path = cli_args_value(&cli->args, "identity");
    const char *from = cli_args_value(&cli->args, "from");
    struct tsec_err err = { 0 };

    show->cli = cli;
    show->all = cli_args_switch(&cli->args, "all");
    log->visit = on_leaf;
    log->ctx = show;
    if (path == NULL) {
        return cli_usage_error(cli, "-identity=FILE is needed.");
    }
    if (from != NULL && (!tsec_json_to_i64(tsec_span_str(from), &show->from) || show->from < 0)) {
        return cli_usage_error(cli, "-from takes a number from 0 on.");
    }
    if (tsec_failed(strcmp(path, "-") == 0 ? cli_input_fd(cli->in_fd, &file, &err)
                                           : cli_input_file(path, &file, &err))
        || tsec_failed(audit_keys_read(tsec_buf_span(&file), &show->keys, &err))) {
        return cli_fail(cli, &err);
    }
    return CLI_OK;
}

void
audit_show_done(struct audit_show *show)
{
    audit_keys_done(&show->keys);
}
