/* SPDX-License-Identifier: Apache-2.0 */
/* Keys on their way in and out: import, export, backup, restore; certificates; attestation. */
#include "client/transit.h"

#include <stdio.h>

#include "base/base64.h"
#include "base/hex.h"
#include "client/input.h"
#include "client/output.h"
#include "codec/pct.h"
#include "codec/pem.h"
#include "crypto/keywrap.h"
#include "crypto/pair.h"
#include "crypto/rand.h"

enum { KEY_MAX = 64 * 1024, NONCE_LEN = 32, NONCE_MAX = 64 };

static const struct tsec_span no_body = { NULL, 0 };

static const struct cli_flag mount_flags[] = {
    CLI_TRANSIT_MOUNT_FLAG,
    { NULL, NULL, NULL },
};
static const struct cli_flag import_flags[] = {
    CLI_TRANSIT_MOUNT_FLAG,
    { "type", "TYPE", "Of the key, as for transit keys create; needed for a new one." },
    { "version", NULL, "It becomes a new version of a key that is there." },
    { "allow-rotation", NULL, "Later versions may be made in the server." },
    { "exportable", NULL, "It may be exported." },
    { "allow-plaintext-backup", NULL, "It may be backed up." },
    { NULL, NULL, NULL },
};
static const struct cli_flag export_flags[] = {
    CLI_TRANSIT_MOUNT_FLAG,
    { "version", "N|latest", "That version alone." },
    { "encoding", "raw|der|pem", "Another form than Vault's." },
    { NULL, NULL, NULL },
};
static const struct cli_flag restore_flags[] = {
    CLI_TRANSIT_MOUNT_FLAG,
    { "name", "NAME", "Another name than the one in the backup." },
    { "force", NULL, "Replace a key of that name." },
    { NULL, NULL, NULL },
};
static const struct cli_flag version_flags[] = {
    CLI_TRANSIT_MOUNT_FLAG,
    { "version", "N", "The version; the latest if not given." },
    { NULL, NULL, NULL },
};
static const struct cli_flag attestation_flags[] = {
    CLI_TRANSIT_MOUNT_FLAG,
    { "nonce", "HEX", "What the evidence must answer; random bytes if not given." },
    { "statement", "FILE", "Write the statement there." },
    { "evidence", "FILE", "Write the evidence there." },
    { NULL, NULL, NULL },
};

static int
read_operand(struct cli *cli, size_t i, struct tsec_buf *out)
{
    const char *file = cli_operand(cli, i);
    struct tsec_err err = { 0 };

    return tsec_failed(file == NULL || strcmp(file, "-") == 0 ? cli_input_fd(cli->in_fd, out, &err)
                                                              : cli_input_file(file, out, &err))
               ? cli_fail(cli, &err)
               : CLI_OK;
}

/* ---- import ---- */

/* The mount's wrapping key, which only the server can unwrap with. */
static int
wrapping_key(struct cli *cli, struct tsec_pair **out)
{
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(KEY_MAX);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(KEY_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_span value = { NULL, 0 };
    struct tsec_span text;
    struct tsec_span label;
    struct tsec_err err = { 0 };
    bool found = false;
    int rc;

    cli_reply_init(&reply);
    rc = cli_transit_ask(cli, "GET", "wrapping_key", NULL, no_body, &reply);
    if (rc != CLI_OK) {
        return rc;
    }
    if (tsec_json_member(cli_reply_data(&reply), "public_key", &value) == TSEC_JSON_STRING) {
        tsec_json_unescape(&pem, value);
    }
    text = tsec_buf_span(&pem);
    if (tsec_failed(tsec_pem_next(&text, &label, &spki, &found, &err)) || !found
        || tsec_failed(tsec_pair_from_spki(TSEC_PAIR_RSA4096, tsec_buf_span(&spki), out, &err))) {
        cli_say(cli, "Error: the server's wrapping key is no RSA-4096 key\n");
        return CLI_SERVER;
    }
    return CLI_OK;
}

/* PKCS #8 out of PEM; anything else is the key's bytes as they are. */
static tsec_rc
unarmour(struct tsec_buf *file, struct tsec_buf *key, struct tsec_err *err)
{
    static const char begin[] = "-----BEGIN ";
    struct tsec_span text = tsec_buf_span(file);
    struct tsec_span label = { NULL, 0 };
    bool found = false;

    if (!tsec_span_starts(text, tsec_span_str(begin))) {
        tsec_buf_put_span(key, text);
        return tsec_buf_check(key, err);
    }
    TSEC_TRY(tsec_pem_next(&text, &label, key, &found, err));
    if (!found || !tsec_span_is(label, "PRIVATE KEY")) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "the file is not PKCS #8: openssl pkcs8 -topk8 -nocrypt makes it so");
    }
    return TSEC_OK;
}

/* RSA-OAEP of a fresh AES key, and the key under that one. */
static tsec_rc
wrap(const struct tsec_pair *under, struct tsec_span key, struct tsec_buf *out,
     struct tsec_err *err)
{
    uint8_t ephemeral[TSEC_KWP_KEY_LEN];
    tsec_rc rc;

    tsec_rand_bytes(ephemeral, sizeof(ephemeral));
    rc = tsec_pair_encrypt(under, TSEC_SHA256, tsec_span(NULL, 0),
                           tsec_span(ephemeral, sizeof(ephemeral)), out, err);
    if (!tsec_failed(rc)) {
        rc = tsec_kwp_wrap(ephemeral, key, out, err);
    }
    explicit_bzero(ephemeral, sizeof(ephemeral));
    return rc;
}

static void
put_import(const struct cli *cli, struct tsec_span wrapped, struct tsec_buf *body)
{
    static const char *const switches[][2] = { { "allow-rotation", "allow_rotation" },
                                               { "exportable", "exportable" },
                                               { "allow-plaintext-backup",
                                                 "allow_plaintext_backup" } };
    struct tsec_json_out json = tsec_json_out(body);

    tsec_json_object(&json);
    cli_transit_put_bytes(&json, "ciphertext", wrapped);
    tsec_json_put_str(&json, "hash_function", "SHA256");
    cli_put_flag(cli, "type", &json, "type");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(switches); i++) {
        if (cli_args_switch(&cli->args, switches[i][0])) {
            tsec_json_put_bool(&json, switches[i][1], true);
        }
    }
    tsec_json_object_end(&json);
}

static int
wrap_file(struct cli *cli, struct tsec_buf *wrapped)
{
    TSEC_AUTO_BUF struct tsec_buf file = TSEC_BUF_INIT(KEY_MAX);
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(KEY_MAX);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *under = NULL;
    struct tsec_err err = { 0 };
    int rc = read_operand(cli, 1, &file);

    if (rc == CLI_OK && tsec_failed(unarmour(&file, &key, &err))) {
        return cli_fail(cli, &err);
    }
    rc = rc == CLI_OK ? wrapping_key(cli, &under) : rc;
    if (rc == CLI_OK && tsec_failed(wrap(under, tsec_buf_span(&key), wrapped, &err))) {
        return cli_fail(cli, &err);
    }
    return rc;
}

static int
run_import(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf wrapped = TSEC_BUF_INIT(KEY_MAX);
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(CLI_TRANSIT_BODY_MAX);
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(CLI_TRANSIT_PATH_MAX);
    const bool version = cli_args_switch(&cli->args, "version");
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc = cli_transit_path(cli, "keys", cli_operand(cli, 0),
                              version ? "import_version" : "import", &path);

    cli_reply_init(&reply);
    if (rc == CLI_OK && !version && cli_args_value(&cli->args, "type") == NULL) {
        return cli_usage_error(cli, "-type is needed.");
    }
    rc = rc == CLI_OK ? wrap_file(cli, &wrapped) : rc;
    if (rc != CLI_OK) {
        return rc;
    }
    put_import(cli, tsec_buf_span(&wrapped), &body);
    rc = cli_ask(cli, "POST", cli_path_text(&path), tsec_buf_span(&body), &reply);
    return rc == CLI_OK ? cli_done(cli, "Imported: %s", cli_operand(cli, 0)) : rc;
}

/* ---- export, backup, restore ---- */

static int
run_export(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(CLI_TRANSIT_PATH_MAX);
    const char *encoding = cli_args_value(&cli->args, "encoding");
    const char *version = cli_args_value(&cli->args, "version");
    const char *const parts[] = { "export", cli_operand(cli, 0), cli_operand(cli, 1),
                                  version == NULL ? "" : version };
    TSEC_AUTO_BUF struct tsec_buf tail = TSEC_BUF_INIT(CLI_TRANSIT_PATH_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_err err = { 0 };
    char query[32];
    int rc;

    cli_reply_init(&reply);
    if (tsec_failed(cli_path(&tail, parts, TSEC_ARRAY_LEN(parts), &err))) {
        return cli_fail(cli, &err);
    }
    rc = cli_transit_path(cli, cli_path_text(&tail), NULL, NULL, &path);
    if (rc == CLI_OK && encoding != NULL && strlen(encoding) > 8) {
        return cli_usage_error(cli, "-encoding is raw, der or pem.");
    }
    if (rc != CLI_OK) {
        return rc;
    }
    (void)snprintf(query, sizeof(query), "format=%.8s", encoding == NULL ? "" : encoding);
    const struct cli_request request = { .method = "GET",
                                         .path = cli_path_text(&path),
                                         .query = encoding == NULL ? NULL : query };

    rc = cli_call(cli, &request, &reply);
    return rc == CLI_OK ? cli_show_any(cli, &reply, "") : rc;
}

static int
run_backup(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc;

    cli_reply_init(&reply);
    rc = cli_transit_ask(cli, "GET", "backup", cli_operand(cli, 0), no_body, &reply);
    return rc == CLI_OK ? cli_transit_show(cli, &reply, "backup") : rc;
}

static int
run_restore(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf backup = TSEC_BUF_INIT(CLI_TRANSIT_BODY_MAX);
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(CLI_TRANSIT_BODY_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_json_out json = tsec_json_out(&body);
    int rc = read_operand(cli, 0, &backup);

    cli_reply_init(&reply);
    if (rc != CLI_OK) {
        return rc;
    }
    cli_input_trim(&backup);
    tsec_json_object(&json);
    tsec_json_put_span(&json, "backup", tsec_buf_span(&backup));
    tsec_json_put_bool(&json, "force", cli_args_switch(&cli->args, "force"));
    tsec_json_object_end(&json);
    rc = cli_transit_ask(cli, "POST", "restore", cli_args_value(&cli->args, "name"),
                         tsec_buf_span(&body), &reply);
    return rc == CLI_OK ? cli_done(cli, "Restored") : rc;
}

/* ---- certificates ---- */

/* POST keys/NAME/<tail> with the PEM of operand 1 under `member`. */
static int
send_pem(struct cli *cli, const char *tail, const char *member, struct cli_reply *reply)
{
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(KEY_MAX);
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(CLI_TRANSIT_BODY_MAX);
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(CLI_TRANSIT_PATH_MAX);
    struct tsec_json_out json = tsec_json_out(&body);
    int rc = cli_transit_path(cli, "keys", cli_operand(cli, 0), tail, &path);

    if (rc == CLI_OK && cli_operand(cli, 1) != NULL) {
        rc = read_operand(cli, 1, &pem);
    }
    if (rc != CLI_OK) {
        return rc;
    }
    tsec_json_object(&json);
    if (pem.len > 0) {
        tsec_json_put_span(&json, member, tsec_buf_span(&pem));
    }
    cli_put_flag(cli, "version", &json, "version");
    tsec_json_object_end(&json);
    return cli_ask(cli, "POST", cli_path_text(&path), tsec_buf_span(&body), reply);
}

static int
run_csr(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc;

    cli_reply_init(&reply);
    rc = send_pem(cli, "csr", "csr", &reply);
    return rc == CLI_OK ? cli_transit_show(cli, &reply, "csr") : rc;
}

static int
run_chain(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc;

    cli_reply_init(&reply);
    rc = send_pem(cli, "set-certificate", "certificate_chain", &reply);
    return rc == CLI_OK ? cli_done(cli, "The chain belongs to %s now", cli_operand(cli, 0)) : rc;
}

/* ---- attestation ---- */

/* The member's bytes into the file of the flag, if it was given. */
static int
keep(struct cli *cli, const struct cli_reply *reply, const char *member)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(CLI_REPLY_MAX);
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(CLI_REPLY_MAX);
    const char *file = cli_args_value(&cli->args, member);
    struct tsec_span value = { NULL, 0 };
    struct tsec_err err = { 0 };

    if (file == NULL) {
        return CLI_OK;
    }
    if (tsec_json_member(cli_reply_data(reply), member, &value) == TSEC_JSON_STRING) {
        tsec_json_unescape(&text, value);
    }
    if (tsec_failed(tsec_base64_decode(&bytes, TSEC_BASE64_STD, tsec_buf_span(&text), &err))
        || tsec_failed(cli_file_replace(file, tsec_buf_span(&bytes), &err))) {
        return cli_fail(cli, &err);
    }
    return CLI_OK;
}

/* The nonce as it goes into the query: base64, percent-encoded. */
static int
put_nonce(struct cli *cli, struct tsec_buf *query)
{
    const char *given = cli_args_value(&cli->args, "nonce");
    const size_t len = given == NULL ? NONCE_LEN : strlen(given) / 2;
    uint8_t bytes[NONCE_MAX];
    char base64[TSEC_BASE64_LEN(NONCE_MAX) + 1];
    char hex[2 * NONCE_LEN + 1];

    if (given == NULL) {
        tsec_rand_bytes(bytes, len);
        tsec_hex_encode(tsec_span(bytes, len), hex);
        cli_say(cli, "Nonce: %s\n", hex);
    } else if (len > NONCE_MAX || !tsec_hex_decode(tsec_span_str(given), bytes, len)) {
        return cli_usage_error(cli, "-nonce is hex of at most %d bytes.", NONCE_MAX);
    }
    tsec_base64_encode(TSEC_BASE64_STD, tsec_span(bytes, len), base64);
    tsec_buf_put_str(query, "nonce=");
    tsec_pct_encode(query, tsec_span_str(base64), false);
    tsec_buf_put_byte(query, '\0');
    return CLI_OK;
}

static int
run_attestation(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(CLI_TRANSIT_PATH_MAX);
    TSEC_AUTO_BUF struct tsec_buf query = TSEC_BUF_INIT(CLI_TRANSIT_PATH_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc = cli_transit_path(cli, "keys", cli_operand(cli, 0), "attestation", &path);

    cli_reply_init(&reply);
    rc = rc == CLI_OK ? put_nonce(cli, &query) : rc;
    if (rc != CLI_OK) {
        return rc;
    }
    const struct cli_request request = { .method = "GET",
                                         .path = cli_path_text(&path),
                                         .query = cli_path_text(&query) };

    rc = cli_call(cli, &request, &reply);
    rc = rc == CLI_OK ? keep(cli, &reply, "statement") : rc;
    rc = rc == CLI_OK ? keep(cli, &reply, "evidence") : rc;
    return rc == CLI_OK ? cli_show_any(cli, &reply, "") : rc;
}

const struct cli_command cli_commands_transit_move[] = {
    { "transit keys import", "NAME FILE", "Bring a key of your own: PKCS #8, or raw bytes.",
      "It is wrapped here under the server's wrapping key and opened only inside its TEE.\n"
      "Keep in mind that you had it: transit keys attestation will call it imported.",
      import_flags, 2, 2, run_import },
    { "transit keys export", "KIND NAME", "Print an exportable key, or a public key.",
      "KIND is encryption-key, signing-key, hmac-key, public-key or certificate-chain.",
      export_flags, 2, 2, run_export },
    { "transit keys backup", "NAME", "Print all of a key, in clear, for transit keys restore.",
      "Its settings must allow both exporting and plain-text backups.", mount_flags, 1, 1,
      run_backup },
    { "transit keys restore", "FILE", "Bring a key back from a backup; Vault's own will do.", NULL,
      restore_flags, 1, 1, run_restore },
    { "transit keys csr", "NAME [FILE]", "Print a certificate signing request.",
      "FILE is a request whose subject and extensions are taken over.", version_flags, 1, 2,
      run_csr },
    { "transit keys chain", "NAME FILE", "Keep a certificate chain with a key.", NULL,
      version_flags, 2, 2, run_chain },
    { "transit keys attestation", "NAME", "Evidence of where a key was made, and what it may do.",
      "With -statement=S -evidence=E, check it by\n"
      "    tee-secrets evidence verify -format=FORMAT -nonce=NONCE -statement=S E\n"
      "and add -public-key=PEM to ask for one key, and -allow=… for the code it must be.",
      attestation_flags, 1, 1, run_attestation },
    { NULL, NULL, NULL, NULL, NULL, 0, 0, NULL },
};
