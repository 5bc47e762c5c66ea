/* SPDX-License-Identifier: Apache-2.0 */
/* Data through keys that stay in the server: encrypt, decrypt, rewrap, data keys, random, hash. */
#include "client/input.h"
#include "client/transit.h"

#include "base/hex.h"

static const struct cli_flag crypt_flags[] = {
    CLI_TRANSIT_MOUNT_FLAG,
    { "key-version", "N", "The version to encrypt with; the latest if not given." },
    { "context", "BASE64", "The context of a derived key." },
    { "aad", "BASE64", "Data that is authenticated with it, and must be given again." },
    { NULL, NULL, NULL },
};

static const struct cli_flag datakey_flags[] = {
    CLI_TRANSIT_MOUNT_FLAG,
    { "bits", "128|256|512", "Its size; 256 if not given." },
    { "plaintext", NULL, "Show the key itself too." },
    { "key-version", "N", "The version to encrypt it with." },
    { "context", "BASE64", "The context of a derived key." },
    { NULL, NULL, NULL },
};

static const struct cli_flag random_flags[] = {
    CLI_TRANSIT_MOUNT_FLAG,
    { "encoding", "base64|hex", "How to print it." },
    { NULL, NULL, NULL },
};

static const struct cli_flag hash_flags[] = {
    { "hash", "NAME", "sha2-256 (if not given), sha2-224 to sha2-512, sha3-224 to sha3-512." },
    { NULL, NULL, NULL },
};

static void
put_crypt_flags(const struct cli *cli, struct tsec_json_out *json)
{
    cli_put_flag(cli, "key-version", json, "key_version");
    cli_put_flag(cli, "context", json, "context");
    cli_put_flag(cli, "aad", json, "associated_data");
    cli_put_flag(cli, "bits", json, "bits");
}

static int
run_encrypt(struct cli *cli)
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
    cli_transit_put_bytes(&json, "plaintext", tsec_buf_span(&data.whole));
    put_crypt_flags(cli, &json);
    tsec_json_object_end(&json);
    rc = cli_transit_ask(cli, "POST", "encrypt", cli_operand(cli, 0), tsec_buf_span(&body), &reply);
    return rc == CLI_OK ? cli_transit_show(cli, &reply, "ciphertext") : rc;
}

/* Sends a ciphertext, which is text, to decrypt/ or rewrap/. */
static int
send_ciphertext(struct cli *cli, const char *operation, struct cli_reply *reply)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(CLI_TRANSIT_BODY_MAX);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(CLI_TRANSIT_BODY_MAX / 2);
    const char *file = cli_operand(cli, 1);
    struct tsec_json_out json = tsec_json_out(&body);
    struct tsec_err err = { 0 };

    if (tsec_failed(file == NULL || strcmp(file, "-") == 0 ? cli_input_fd(cli->in_fd, &text, &err)
                                                           : cli_input_file(file, &text, &err))) {
        return cli_fail(cli, &err);
    }
    cli_input_trim(&text);
    if (!tsec_utf8_valid(tsec_buf_span(&text))) {
        cli_say(cli, "Error: a ciphertext is text: vault:v1:…\n");
        return CLI_LOCAL;
    }
    tsec_json_object(&json);
    tsec_json_put_span(&json, "ciphertext", tsec_buf_span(&text));
    put_crypt_flags(cli, &json);
    tsec_json_object_end(&json);
    return cli_transit_ask(cli, "POST", operation, cli_operand(cli, 0), tsec_buf_span(&body),
                           reply);
}

static int
run_decrypt(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc;

    cli_reply_init(&reply);
    rc = send_ciphertext(cli, "decrypt", &reply);
    return rc == CLI_OK ? cli_transit_show_bytes(cli, &reply, "plaintext") : rc;
}

static int
run_rewrap(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc;

    cli_reply_init(&reply);
    rc = send_ciphertext(cli, "rewrap", &reply);
    return rc == CLI_OK ? cli_transit_show(cli, &reply, "ciphertext") : rc;
}

static int
run_datakey(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(CLI_TRANSIT_BODY_MAX);
    const bool plaintext = cli_args_switch(&cli->args, "plaintext");
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(CLI_TRANSIT_PATH_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_json_out json = tsec_json_out(&body);
    int rc = cli_transit_path(cli, "datakey", plaintext ? "plaintext" : "wrapped",
                              cli_operand(cli, 0), &path);

    cli_reply_init(&reply);
    tsec_json_object(&json);
    put_crypt_flags(cli, &json);
    tsec_json_object_end(&json);
    rc = rc == CLI_OK ? cli_ask(cli, "POST", cli_path_text(&path), tsec_buf_span(&body), &reply)
                      : rc;
    return rc == CLI_OK ? cli_show_any(cli, &reply, "") : rc;
}

static int
run_random(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(CLI_TRANSIT_BODY_MAX);
    const char *bytes = cli_operand(cli, 0);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_json_out json = tsec_json_out(&body);
    int rc;

    cli_reply_init(&reply);
    tsec_json_object(&json);
    cli_put_flag(cli, "encoding", &json, "format");
    tsec_json_put_str(&json, "bytes", bytes == NULL ? "32" : bytes);
    tsec_json_object_end(&json);
    rc = cli_transit_ask(cli, "POST", "random", NULL, tsec_buf_span(&body), &reply);
    return rc == CLI_OK ? cli_transit_show(cli, &reply, "random_bytes") : rc;
}

/* A hash needs no key: it is made here, of a file of any size. */
static int
run_hash(struct cli *cli)
{
    const char *name = cli_args_value(&cli->args, "hash");
    CLI_AUTO_TRANSIT_DATA struct cli_transit_data data;
    enum tsec_hash hash = TSEC_SHA256;
    char hex[2 * TSEC_SHA512_LEN + 1];
    int rc;

    cli_transit_data_init(&data);
    name = name == NULL ? "sha2-256" : name;
    if (!tsec_hash_named(tsec_span_str(name), &hash)) {
        return cli_usage_error(cli, "There is no hash %.32s.", name);
    }
    rc = cli_transit_data_read(cli, 0, name, &data);
    if (rc != CLI_OK) {
        return rc;
    }
    if (!data.hashed) {
        const struct tsec_span all = tsec_buf_span(&data.whole);

        tsec_hash_parts(hash, &all, 1, data.digest);
    }
    tsec_hex_encode(tsec_span(data.digest, tsec_hash_len(hash)), hex);
    tsec_buf_printf(&cli->out, "%s\n", hex);
    return CLI_OK;
}

const struct cli_command cli_commands_transit[] = {
    { "transit encrypt", "KEY [FILE]", "Encrypt a file, or standard input.",
      "Prints the ciphertext.  At most 700 KiB: for more, encrypt with a data key\n"
      "(transit datakey).",
      crypt_flags, 1, 2, run_encrypt },
    { "transit decrypt", "KEY [FILE]", "Decrypt a ciphertext from a file, or standard input.",
      "Writes the plaintext as it was.", crypt_flags, 1, 2, run_decrypt },
    { "transit rewrap", "KEY [FILE]", "Encrypt a ciphertext anew, under the latest version.",
      "The plaintext does not leave the server.", crypt_flags, 1, 2, run_rewrap },
    { "transit datakey", "KEY", "Make a data key, encrypted under KEY.", NULL, datakey_flags, 1, 1,
      run_datakey },
    { "transit random", "[BYTES]", "Random bytes of the server's.", NULL, random_flags, 0, 1,
      run_random },
    { "transit hash", "[FILE]", "Hash a file of any size, or standard input.",
      "Done here: nothing is asked of the server.", hash_flags, 0, 1, run_hash },
    { NULL, NULL, NULL, NULL, NULL, 0, 0, NULL },
};
