/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures and MACs by keys that stay in the server, over data of any size. */
#include "client/transit.h"

#include "client/input.h"
#include "client/output.h"

enum { SIGNATURE_MAX = 16 * 1024, TYPE_MAX = 64 };

#define SIGN_FLAGS                                                           \
    CLI_TRANSIT_MOUNT_FLAG, { "hash", "NAME", "sha2-256 if not given." },    \
        { "prehashed", NULL, "The file is the digest already." },            \
        { "algorithm", "pss|pkcs1v15", "Of RSA keys." },                     \
        { "salt", "auto|hash|N", "Length of the PSS salt." },                \
        { "marshaling", "asn1|jws|raw|ethereum", "Form of the signature." }, \
    {                                                                        \
        "context", "BASE64", "The context of a derived key."                 \
    }

static const struct cli_flag sign_flags[] = {
    SIGN_FLAGS,
    { "key-version", "N", "The version to sign with; the latest if not given." },
    { "deterministic", NULL, "ECDSA without randomness (RFC 6979)." },
    { "low-s", NULL, "ECDSA with s in the lower half." },
    { NULL, NULL, NULL },
};
static const struct cli_flag verify_flags[] = {
    SIGN_FLAGS,
    { "signature", "TEXT", "The signature, as `sign` printed it." },
    { "signature-file", "FILE", "The same, from a file." },
    { "hmac", "TEXT", "An HMAC instead, as `hmac` printed it." },
    { NULL, NULL, NULL },
};
static const struct cli_flag hmac_flags[] = {
    CLI_TRANSIT_MOUNT_FLAG,
    { "hash", "NAME", "sha2-256 if not given." },
    { "key-version", "N", "The version to use; the latest if not given." },
    { NULL, NULL, NULL },
};

static const char *
hash_name(const struct cli *cli)
{
    const char *name = cli_args_value(&cli->args, "hash");

    return name == NULL ? "sha2-256" : name;
}

/* A key that signs messages cannot be given a digest in their place: what it then signed would be
 * the digest. */
static int
check_takes_digest(struct cli *cli)
{
    static const struct tsec_span none = { NULL, 0 };
    TSEC_AUTO_BUF struct tsec_buf type = TSEC_BUF_INIT(TYPE_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_span value = { NULL, 0 };
    int rc;

    cli_reply_init(&reply);
    rc = cli_transit_ask(cli, "GET", "keys", cli_operand(cli, 0), none, &reply);
    if (rc != CLI_OK) {
        cli_say(cli,
                "The data is more than one request takes (%d bytes), so its hash is to be "
                "sent, which depends on the key's type.\n",
                CLI_TRANSIT_DATA_MAX);
        return rc;
    }
    if (tsec_json_member(cli_reply_data(&reply), "type", &value) == TSEC_JSON_STRING) {
        tsec_json_unescape(&type, value);
    }
    if (tsec_span_starts(tsec_buf_span(&type), tsec_span_str("ecdsa-"))
        || tsec_span_starts(tsec_buf_span(&type), tsec_span_str("rsa-"))) {
        return CLI_OK;
    }
    cli_say(cli,
            "Error: a key of this type signs the data itself, of which one request takes %d "
            "bytes: sign a hash of it (tee-secrets transit hash), and say so to whoever verifies\n",
            CLI_TRANSIT_DATA_MAX);
    return CLI_LOCAL;
}

static void
put_sign_flags(const struct cli *cli, bool hashed, struct tsec_json_out *json)
{
    cli_put_flag(cli, "hash", json, "hash_algorithm");
    cli_put_flag(cli, "algorithm", json, "signature_algorithm");
    cli_put_flag(cli, "salt", json, "salt_length");
    cli_put_flag(cli, "marshaling", json, "marshaling_algorithm");
    cli_put_flag(cli, "context", json, "context");
    cli_put_flag(cli, "key-version", json, "key_version");
    if (hashed || cli_args_switch(&cli->args, "prehashed")) {
        tsec_json_put_bool(json, "prehashed", true);
    }
    if (cli_args_switch(&cli->args, "deterministic")) {
        tsec_json_put_bool(json, "deterministic", true);
    }
    if (cli_args_switch(&cli->args, "low-s")) {
        tsec_json_put_bool(json, "low_s", true);
    }
}

/* {"input":…, flags} without its end. */
static int
begin_body(struct cli *cli, struct tsec_json_out *json)
{
    const bool digest_given = cli_args_switch(&cli->args, "prehashed");
    CLI_AUTO_TRANSIT_DATA struct cli_transit_data data;
    int rc;

    cli_transit_data_init(&data);
    rc = cli_transit_data_read(cli, 1, digest_given ? NULL : hash_name(cli), &data);
    if (rc == CLI_OK && data.hashed) {
        rc = check_takes_digest(cli);
    }
    if (rc != CLI_OK) {
        return rc;
    }
    tsec_json_object(json);
    cli_transit_put_bytes(json, "input",
                          data.hashed ? tsec_span(data.digest, data.digest_len)
                                      : tsec_buf_span(&data.whole));
    put_sign_flags(cli, data.hashed, json);
    return CLI_OK;
}

static int
run_sign(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(CLI_TRANSIT_BODY_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_json_out json = tsec_json_out(&body);
    int rc = begin_body(cli, &json);

    cli_reply_init(&reply);
    if (rc != CLI_OK) {
        return rc;
    }
    tsec_json_object_end(&json);
    rc = cli_transit_ask(cli, "POST", "sign", cli_operand(cli, 0), tsec_buf_span(&body), &reply);
    return rc == CLI_OK ? cli_transit_show(cli, &reply, "signature") : rc;
}

/* "signature" or "hmac" of the flags. */
static int
put_signature(struct cli *cli, struct tsec_json_out *json)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SIGNATURE_MAX);
    const char *file = cli_args_value(&cli->args, "signature-file");
    const char *given = cli_args_value(&cli->args, "signature");
    const char *hmac = cli_args_value(&cli->args, "hmac");
    struct tsec_err err = { 0 };

    if ((file != NULL) + (given != NULL) + (hmac != NULL) != 1) {
        return cli_usage_error(cli, "One of -signature, -signature-file and -hmac is needed.");
    }
    if (file != NULL && tsec_failed(cli_input_file(file, &text, &err))) {
        return cli_fail(cli, &err);
    }
    if (file == NULL) {
        tsec_buf_put_str(&text, given != NULL ? given : hmac);
    }
    cli_input_trim(&text);
    tsec_json_put_span(json, hmac != NULL ? "hmac" : "signature", tsec_buf_span(&text));
    return CLI_OK;
}

static int
show_verdict(struct cli *cli, const struct cli_reply *reply)
{
    struct tsec_span value = { NULL, 0 };
    const bool valid = tsec_json_member(cli_reply_data(reply), "valid", &value) == TSEC_JSON_TRUE;

    if (cli->format == CLI_JSON || cli->field != NULL) {
        (void)cli_show_any(cli, reply, "");
    } else {
        tsec_buf_put_str(&cli->out, valid ? "valid\n" : "not valid\n");
    }
    return valid ? CLI_OK : CLI_SERVER;
}

static int
run_verify(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(CLI_TRANSIT_BODY_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_json_out json = tsec_json_out(&body);
    int rc = begin_body(cli, &json);

    cli_reply_init(&reply);
    rc = rc == CLI_OK ? put_signature(cli, &json) : rc;
    if (rc != CLI_OK) {
        return rc;
    }
    tsec_json_object_end(&json);
    rc = cli_transit_ask(cli, "POST", "verify", cli_operand(cli, 0), tsec_buf_span(&body), &reply);
    return rc == CLI_OK ? show_verdict(cli, &reply) : rc;
}

static int
run_hmac(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(CLI_TRANSIT_BODY_MAX);
    CLI_AUTO_TRANSIT_DATA struct cli_transit_data data;
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_json_out json = tsec_json_out(&body);
    int rc;

    cli_reply_init(&reply);
    cli_transit_data_init(&data);
    rc = cli_transit_data_read(cli, 1, NULL, &data);
    if (rc != CLI_OK) {
        return rc;
    }
    tsec_json_object(&json);
    cli_transit_put_bytes(&json, "input", tsec_buf_span(&data.whole));
    tsec_json_put_str(&json, "algorithm", hash_name(cli));
    cli_put_flag(cli, "key-version", &json, "key_version");
    tsec_json_object_end(&json);
    rc = cli_transit_ask(cli, "POST", "hmac", cli_operand(cli, 0), tsec_buf_span(&body), &reply);
    return rc == CLI_OK ? cli_transit_show(cli, &reply, "hmac") : rc;
}

const struct cli_command cli_commands_transit_sign[] = {
    { "transit sign", "KEY [FILE]", "Sign a file of any size, or standard input.",
      "Of data past 700 KiB only the hash is sent, where the key's type allows it (all but\n"
      "ed25519): the signature is the same.",
      sign_flags, 1, 2, run_sign },
    { "transit verify", "KEY [FILE]", "Verify a signature or an HMAC over a file of any size.",
      "Exit status 0: valid; 2: not valid.", verify_flags, 1, 2, run_verify },
    { "transit hmac", "KEY [FILE]", "Authenticate a file, or standard input, with a secret key.",
      NULL, hmac_flags, 1, 2, run_hmac },
    { NULL, NULL, NULL, NULL, NULL, 0, 0, NULL },
};
