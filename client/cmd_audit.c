/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <time.h>

#include "base/base64.h"
#include "client/audit_log.h"
#include "client/audit_memory.h"
#include "client/audit_mirror.h"
#include "client/audit_show.h"
#include "client/call.h"
#include "client/input.h"

/** A ledger, the key that was agreed on for it, and what was seen of it before. */
struct audit_run {
    struct cli *cli;
    struct audit_source source;
    struct audit_log log;
    struct audit_memory memory;
    char vkey[AUDIT_VKEY_MAX];
};

/** Everything that is wrong with a ledger is the server's doing. */
static int
fail(const struct cli *cli, const struct tsec_err *err)
{
    static const enum tsec_code local[] = { TSEC_E_NO_MEMORY, TSEC_E_CONFIG, TSEC_E_TOO_LARGE };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(local); i++) {
        if (err->code == (int32_t)local[i]) {
            return cli_fail(cli, err);
        }
    }
    cli_say(cli, "Error: %s\n", err->detail);
    return CLI_SERVER;
}

static void
open_source(struct audit_run *run)
{
    const char *folder = cli_args_value(&run->cli->args, "dir");

    run->source =
        (struct audit_source){ .http = folder == NULL ? run->cli->http : NULL, .folder = folder };
    audit_log_init(&run->log, &run->source);
}

/** Into run->vkey: what -vkey gives as text or @FILE; false when it is not given. */
static tsec_rc
given_vkey(struct audit_run *run, struct tsec_buf *out, bool *given, struct tsec_err *err)
{
    const char *flag = cli_args_value(&run->cli->args, "vkey");

    *given = flag != NULL;
    if (flag != NULL && flag[0] == '@') {
        return cli_input_file(flag + 1, out, err);
    }
    tsec_buf_put_str(out, flag == NULL ? "" : flag);
    return tsec_buf_check(out, err);
}

static tsec_rc
choose_key(struct audit_run *run, bool *given, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf vkey = TSEC_BUF_INIT(AUDIT_VKEY_MAX - 1);

    TSEC_TRY(given_vkey(run, &vkey, given, err));
    if (!*given) {
        TSEC_TRY(audit_source_get(&run->source, "vkey", &vkey, err));
    }
    cli_input_trim(&vkey);
    TSEC_TRY(tsec_note_verifier_parse(tsec_buf_span(&vkey), &run->log.verifier, err));
    (void)snprintf(run->vkey, sizeof(run->vkey), "%.*s", (int)vkey.len, (const char *)vkey.ptr);
    return TSEC_OK;
}

/** What was seen before binds: the key, and the checkpoint. */
static tsec_rc
recall(struct audit_run *run, bool given, struct tsec_err *err)
{
    const char *file = cli_args_value(&run->cli->args, "state");

    TSEC_TRY(audit_memory_load(file, run->log.verifier.name, &run->memory, err));
    if (run->memory.found && strcmp(run->memory.vkey, run->vkey) != 0) {
        return TSEC_FAIL(err, TSEC_E_DENIED,
                         "the ledger had another key when it was last seen (%.80s)",
                         run->memory.path);
    }
    if (run->memory.found) {
        run->log.earlier = run->memory.checkpoint;
    } else if (!given) {
        cli_say(run->cli,
                "Warning: the key came from the server itself, and is believed from now "
                "on; compare it with the one in its evidence:\n  %s\n",
                run->vkey);
    }
    return TSEC_OK;
}

static tsec_rc
start(struct audit_run *run, struct tsec_err *err)
{
    bool given = false;

    TSEC_TRY(choose_key(run, &given, err));
    return recall(run, given, err);
}

static tsec_rc
read_on(struct audit_run *run, struct tsec_err *err)
{
    TSEC_TRY(audit_log_head(&run->log, err));
    TSEC_TRY(audit_log_read(&run->log, err));
    return audit_memory_store(&run->memory, run->vkey, tsec_buf_span(&run->log.note), err);
}

static int
report(const struct audit_run *run)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(8192);
    struct tsec_json_out json = tsec_json_out(&text);
    const struct tsec_checkpoint *head = &run->log.head;
    char root[TSEC_BASE64_LEN(TSEC_SHA256_LEN) + 1];
    struct cli_reply reply;
    int rc;

    tsec_base64_encode(TSEC_BASE64_STD, tsec_span(head->root, sizeof(head->root)), root);
    tsec_json_object(&json);
    tsec_json_put_str(&json, "ledger", head->origin);
    tsec_json_put_int(&json, "leaves", (int64_t)head->size);
    tsec_json_put_str(&json, "root", root);
    tsec_json_put_str(&json, "key", run->vkey);
    if (run->log.earlier.size > 0) {
        tsec_json_put_int(&json, "extends", (int64_t)run->log.earlier.size);
    }
    tsec_json_object_end(&json);
    cli_reply_init(&reply);
    tsec_buf_put_span(&reply.body, tsec_buf_span(&text));
    rc = cli_show(run->cli, &reply, tsec_buf_span(&reply.body));
    cli_reply_done(&reply);
    return rc;
}

static int
run_verify(struct cli *cli)
{
    struct audit_run run = { .cli = cli };
    struct tsec_err err = { 0 };
    tsec_rc rc;
    int status;

    open_source(&run);
    rc = start(&run, &err);
    if (!tsec_failed(rc)) {
        rc = read_on(&run, &err);
    }
    status = tsec_failed(rc) ? fail(cli, &err) : report(&run);
    audit_log_done(&run.log);
    return status;
}

static int
run_export(struct cli *cli)
{
    TSEC_AUTO(audit_mirror_free) struct audit_mirror *mirror = NULL;
    struct audit_run run = { .cli = cli };
    struct tsec_err err = { 0 };
    tsec_rc rc;
    int status;

    open_source(&run);
    rc = start(&run, &err);
    if (!tsec_failed(rc)) {
        rc = audit_mirror_new(cli_operand(cli, 0), &mirror, &err);
    }
    if (!tsec_failed(rc)) {
        audit_mirror_attach(mirror, &run.log);
        rc = read_on(&run, &err);
    }
    if (!tsec_failed(rc)) {
        rc = audit_mirror_finish(mirror, run.vkey, tsec_buf_span(&run.log.note), &err);
    }
    status = tsec_failed(rc) ? fail(cli, &err) : report(&run);
    audit_log_done(&run.log);
    return status;
}

/** Reads what is new and prints it, once it is verified. */
static tsec_rc
show_on(struct audit_run *run, struct audit_show *show, struct tsec_err *err)
{
    show->lines = &run->cli->out;
    TSEC_TRY(read_on(run, err));
    return TSEC_OK;
}

static void
say_closed(const struct cli *cli, const struct audit_show *show)
{
    if (show->keys.closed > 0) {
        cli_say(cli, "%llu entries are sealed for other auditors.\n",
                (unsigned long long)show->keys.closed);
    }
    if (show->keys.lost > 0) {
        cli_say(
            cli,
            "Warning: %llu entries name an epoch that is not in the ledger before them, or lies "
            "more than %d epochs back; they were not opened.\n",
            (unsigned long long)show->keys.lost, AUDIT_EPOCHS_MAX);
    }
}

static int
start_show(struct audit_run *run, struct audit_show *show)
{
    struct tsec_err err = { 0 };
    int rc;

    open_source(run);
    rc = audit_show_open(show, run->cli, &run->log);
    if (rc == CLI_OK && tsec_failed(start(run, &err))) {
        rc = fail(run->cli, &err);
    }
    (void)snprintf(show->keys.origin, sizeof(show->keys.origin), "%s", run->log.verifier.name);
    return rc;
}

static int
run_decrypt(struct cli *cli)
{
    struct audit_run run = { .cli = cli };
    struct audit_show show = { .cli = cli };
    struct tsec_err err = { 0 };
    int status = start_show(&run, &show);

    if (status == CLI_OK && tsec_failed(show_on(&run, &show, &err))) {
        tsec_buf_reset(&cli->out); /* nothing of what does not hold together */
        status = fail(cli, &err);
    } else if (status == CLI_OK) {
        say_closed(cli, &show);
    }
    audit_show_done(&show);
    audit_log_done(&run.log);
    return status;
}

static int
follow(struct audit_run *run, struct audit_show *show, int64_t interval_s, int64_t looks)
{
    struct tsec_err err = { 0 };

    for (int64_t i = 0; looks == 0 || i < looks; i++) {
        const struct timespec wait = { .tv_sec = (time_t)interval_s };

        if (i > 0) {
            (void)nanosleep(&wait, NULL);
        }
        if (tsec_failed(show_on(run, show, &err))) {
            tsec_buf_reset(&run->cli->out);
            return fail(run->cli, &err);
        }
        if (cli_flush(run->cli) != CLI_OK) {
            return CLI_LOCAL;
        }
    }
    return CLI_OK;
}

static int
flag_number(struct cli *cli, const char *flag, int64_t *out)
{
    const char *text = cli_args_value(&cli->args, flag);

    if (text != NULL && (!tsec_json_to_i64(tsec_span_str(text), out) || *out < 0)) {
        return cli_usage_error(cli, "-%s takes a number from 0 on.", flag);
    }
    return CLI_OK;
}

static int
run_follow(struct cli *cli)
{
    struct audit_run run = { .cli = cli };
    struct audit_show show = { .cli = cli };
    int64_t interval_s = 5;
    int64_t looks = 0;
    int status = flag_number(cli, "interval", &interval_s);

    status = status == CLI_OK ? flag_number(cli, "looks", &looks) : status;
    if (status != CLI_OK) {
        return status;
    }
    status = start_show(&run, &show);
    if (status == CLI_OK) {
        status = follow(&run, &show, interval_s, looks);
    }
    audit_show_done(&show);
    audit_log_done(&run.log);
    return status;
}

#define LEDGER_FLAGS                                                                    \
    { "vkey", "KEY|@FILE", "The key that signs checkpoints; otherwise the server's." }, \
        { "dir", "FOLDER", "Read a mirror instead of the server." },                    \
    {                                                                                   \
        "state", "FILE", "Where what was seen is kept."                                 \
    }
#define SHOW_FLAGS                                                               \
    { "identity", "FILE", "The auditor's age identity; - for standard input." }, \
        { "from", "INDEX", "Print from that leaf on; all are verified." },       \
    {                                                                            \
        "all", NULL, "Print a line for leaves of every kind."                    \
    }

static const struct cli_flag verify_flags[] = { LEDGER_FLAGS, { NULL, NULL, NULL } };
static const struct cli_flag decrypt_flags[] = { LEDGER_FLAGS, SHOW_FLAGS, { NULL, NULL, NULL } };
static const struct cli_flag follow_flags[] = {
    LEDGER_FLAGS,
    SHOW_FLAGS,
    { "interval", "SECONDS", "How often to look; 5." },
    { "looks", "N", "Look so often, then end; 0: for ever." },
    { NULL, NULL, NULL },
};

#define SEEN_HELP                                                                                \
    "Every leaf is read, the root recomputed and compared with the signed checkpoint, and the\n" \
    "history with the checkpoint that was seen last (~/.local/state/tee-secrets)."

const struct cli_command cli_commands_audit[] = {
    { "audit verify", "", "Check the whole ledger.", SEEN_HELP, verify_flags, 0, 0, run_verify },
    { "audit decrypt", "", "Check the ledger and print its audit entries, one JSON a line.",
      SEEN_HELP, decrypt_flags, 0, 0, run_decrypt },
    { "audit follow", "", "The same, and go on as the ledger grows.", SEEN_HELP, follow_flags, 0, 0,
      run_follow },
    { "audit export", "FOLDER", "Check the ledger and write a mirror of it (C2SP tlog-tiles).",
      SEEN_HELP, verify_flags, 1, 1, run_export },
    { NULL, NULL, NULL, NULL, NULL, 0, 0, NULL },
};
