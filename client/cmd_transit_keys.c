/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of a transit mount: made, shown, rotated, limited, deleted. */
#include "client/transit.h"

#include "client/output.h"

static const struct tsec_span no_body = { NULL, 0 };

static const struct cli_flag mount_flags[] = {
    CLI_TRANSIT_MOUNT_FLAG,
    { NULL, NULL, NULL },
};

#define LIMIT_FLAGS                                                                                \
    { "auto-rotate", "TIME", "Rotate by itself so often; 0: never." },                             \
        { "max-uses", "N", "Operations it may do in all; 0: no limit." },                          \
        { "rate", "N", "Operations a second on each server; 0: no limit." },                       \
        { "exportable", NULL, "It may be exported.  Cannot be taken back." },                      \
        { "allow-plaintext-backup", NULL, "It may be backed up.  Cannot be taken back." },         \
        { "attested-only", NULL, "It serves only callers that proved what they run.  As above." }, \
    {                                                                                              \
        "never-exportable", NULL, "Neither -exportable nor a backup can be had later.  As above."  \
    }

static const struct cli_flag create_flags[] = {
    CLI_TRANSIT_MOUNT_FLAG,
    { "type", "TYPE",
      "aes256-gcm96 (if not given), aes128-gcm96, chacha20-poly1305, xaes256-gcm, ed25519, "
      "ecdsa-p256, ecdsa-p384, ecdsa-p521, ecdsa-secp256k1, rsa-2048, rsa-3072, rsa-4096, hmac." },
    { "key-size", "BYTES", "Of an hmac key." },
    { "derived", NULL, "A key for each context." },
    { "convergent", NULL, "The same plaintext gives the same ciphertext (with -derived)." },
    LIMIT_FLAGS,
    { NULL, NULL, NULL },
};

static const struct cli_flag config_flags[] = {
    CLI_TRANSIT_MOUNT_FLAG,
    { "min-decryption-version", "N", "Older versions neither decrypt nor verify." },
    { "min-encryption-version", "N", "Older versions neither encrypt nor sign; 0: the latest." },
    { "deletion-allowed", NULL, "It may be deleted; -deletion-allowed=false takes it back." },
    LIMIT_FLAGS,
    { NULL, NULL, NULL },
};

static const struct cli_flag trim_flags[] = {
    CLI_TRANSIT_MOUNT_FLAG,
    { "min-available-version", "N", "Versions below are destroyed for good." },
    { NULL, NULL, NULL },
};

/* Flags whose values go into a body under the same names with '_' for '-'. */
static const struct {
    const char *flag;
    const char *member;
    bool is_switch;
} members[] = {
    { "type", "type", false },
    { "key-size", "key_size", false },
    { "derived", "derived", true },
    { "convergent", "convergent_encryption", true },
    { "auto-rotate", "auto_rotate_period", false },
    { "max-uses", "max_uses", false },
    { "rate", "rate", false },
    { "exportable", "exportable", true },
    { "allow-plaintext-backup", "allow_plaintext_backup", true },
    { "attested-only", "attested_only", true },
    { "never-exportable", "never_exportable", true },
    { "min-decryption-version", "min_decryption_version", false },
    { "min-encryption-version", "min_encryption_version", false },
    { "deletion-allowed", "deletion_allowed", true },
    { "min-available-version", "min_available_version", false },
};

static void
put_members(const struct cli *cli, struct tsec_buf *body)
{
    struct tsec_json_out json = tsec_json_out(body);

    tsec_json_object(&json);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(members); i++) {
        if (cli_args_value(&cli->args, members[i].flag) == NULL) {
            continue;
        }
        if (members[i].is_switch) {
            tsec_json_put_bool(&json, members[i].member,
                               cli_args_switch(&cli->args, members[i].flag));
        } else {
            cli_put_flag(cli, members[i].flag, &json, members[i].member);
        }
    }
    tsec_json_object_end(&json);
}

/* POST keys/NAME[/tail] with what the flags say. */
static int
change(struct cli *cli, const char *tail, const char *done)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(CLI_TRANSIT_BODY_MAX);
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(CLI_TRANSIT_PATH_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc = cli_transit_path(cli, "keys", cli_operand(cli, 0), tail, &path);

    cli_reply_init(&reply);
    put_members(cli, &body);
    rc = rc == CLI_OK ? cli_ask(cli, "POST", cli_path_text(&path), tsec_buf_span(&body), &reply)
                      : rc;
    if (rc != CLI_OK) {
        return rc;
    }
    return cli->format == CLI_JSON || cli->field != NULL
               ? cli_show_any(cli, &reply, "")
               : cli_done(cli, "%s: %s", done, cli_operand(cli, 0));
}

static int
run_create(struct cli *cli)
{
    return change(cli, NULL, "The key is there");
}

static int
run_config(struct cli *cli)
{
    return change(cli, "config", "Configured");
}

static int
run_rotate(struct cli *cli)
{
    return change(cli, "rotate", "Rotated");
}

static int
run_trim(struct cli *cli)
{
    if (cli_args_value(&cli->args, "min-available-version") == NULL) {
        return cli_usage_error(cli, "-min-available-version=N is needed.");
    }
    return change(cli, "trim", "Trimmed");
}

static int
run_list(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(CLI_TRANSIT_PATH_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc = cli_transit_path(cli, "keys", NULL, NULL, &path);

    cli_reply_init(&reply);
    rc = rc == CLI_OK ? cli_ask_list(cli, cli_path_text(&path), &reply) : rc;
    return rc == CLI_OK ? cli_show_keys(cli, &reply) : rc;
}

static int
run_read(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc;

    cli_reply_init(&reply);
    rc = cli_transit_ask(cli, "GET", "keys", cli_operand(cli, 0), no_body, &reply);
    return rc == CLI_OK ? cli_show(cli, &reply, cli_reply_data(&reply)) : rc;
}

static int
run_delete(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc;

    cli_reply_init(&reply);
    rc = cli_transit_ask(cli, "DELETE", "keys", cli_operand(cli, 0), no_body, &reply);
    return rc == CLI_OK ? cli_done(cli, "Deleted: %s", cli_operand(cli, 0)) : rc;
}

/* The newest of {"1":{…},"2":{…}}: members come in the order of their numbers. */
static struct tsec_span
newest(struct tsec_span versions)
{
    struct tsec_json_walk walk = tsec_json_walk(versions);
    struct tsec_json_member member;
    struct tsec_span last = { NULL, 0 };

    while (tsec_json_next(&walk, &member)) {
        last = member.value;
    }
    return last;
}

static int
run_public(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_span keys = { NULL, 0 };
    struct tsec_span text = { NULL, 0 };
    struct tsec_span version;
    int rc;

    cli_reply_init(&reply);
    rc = cli_transit_ask(cli, "GET", "keys", cli_operand(cli, 0), no_body, &reply);
    if (rc != CLI_OK) {
        return rc;
    }
    (void)tsec_json_member(cli_reply_data(&reply), "keys", &keys);
    version = tsec_json_type_of(keys) == TSEC_JSON_OBJECT ? newest(keys) : keys;
    if (tsec_json_type_of(version) != TSEC_JSON_OBJECT
        || tsec_json_member(version, "public_key", &text) != TSEC_JSON_STRING) {
        cli_say(cli, "Error: %s has no public key\n", cli_operand(cli, 0));
        return CLI_SERVER;
    }
    cli_output_raw(&cli->out, text);
    if (cli->out.len > 0 && cli->out.ptr[cli->out.len - 1] != '\n') {
        tsec_buf_put_byte(&cli->out, '\n');
    }
    return CLI_OK;
}

const struct cli_command cli_commands_transit_keys[] = {
    { "transit keys list", "", "List the keys.", NULL, mount_flags, 0, 0, run_list },
    { "transit keys create", "NAME", "Make a key, which stays in the server.",
      "Nothing happens when it is there already.", create_flags, 1, 1, run_create },
    { "transit keys read", "NAME", "Show a key's settings and public keys.", NULL, mount_flags, 1,
      1, run_read },
    { "transit keys public", "NAME", "Print the latest public key.",
      "PEM; of ed25519 the 32 bytes in base64.", mount_flags, 1, 1, run_public },
    { "transit keys rotate", "NAME", "Make a new version, which is used from now on.",
      "Older versions still decrypt and verify.", mount_flags, 1, 1, run_rotate },
    { "transit keys config", "NAME", "Change what a key may do.", NULL, config_flags, 1, 1,
      run_config },
    { "transit keys trim", "NAME", "Destroy old versions for good.",
      "Both minimum versions must be set at least as high before.", trim_flags, 1, 1, run_trim },
    { "transit keys delete", "NAME", "Delete a key with all versions.",
      "Its settings must allow it: transit keys config -deletion-allowed NAME.", mount_flags, 1, 1,
      run_delete },
    { NULL, NULL, NULL, NULL, NULL, 0, 0, NULL },
};
