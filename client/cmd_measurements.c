/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of allowed measurements: signed here, offline; brought to a server; shown. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "appraisal/expr.h"
#include "base/base64.h"
#include "base/hex.h"
#include "client/call.h"
#include "client/input.h"
#include "codec/pem.h"
#include "crypto/pair.h"

enum {
    DOCUMENT_MAX = 512 * 1024,
    BODY_MAX = 1024 * 1024,
    KEY_MAX = 16 * 1024,
    SIGNATURE_MAX = 256,
    ENTRIES_MAX = 4096,
};

static const char PATH[] = "sys/measurements";
static const struct tsec_span no_body = { NULL, 0 };

static const struct cli_flag sign_flags[] = {
    { "key", "FILE", "The operator's private key: PKCS #8 in PEM; Ed25519, P-256 or P-384." },
    { "ledger", "ORIGIN", "Which cluster it is for: ledger_origin of tee/info." },
    { "sequence", "N", "Above that of the list before it." },
    { "list", "FILE", "Further measurements, one a line; # begins a comment." },
    { "out", "FILE", "Where the document goes; its signature goes to FILE.sig." },
    { NULL, NULL, NULL },
};
static const struct cli_flag update_flags[] = {
    { "signature", "FILE", "Its signature; FILE.sig when left out." },
    { NULL, NULL, NULL },
};

static int
run_show(struct cli *cli)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    int rc;

    cli_reply_init(&reply);
    rc = cli_ask(cli, "GET", PATH, no_body, &reply);
    return rc == CLI_OK ? cli_show(cli, &reply, cli_reply_data(&reply)) : rc;
}

/* ---- sign ---- */

static tsec_rc
put_entry(struct tsec_json_out *json, struct tsec_span text, size_t *n, struct tsec_err *err)
{
    struct tsec_expr expr;

    TSEC_TRY(tsec_expr_parse(text, &expr, err));
    if (++*n > ENTRIES_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "more than %d measurements", (int)ENTRIES_MAX);
    }
    tsec_json_span(json, text);
    return TSEC_OK;
}

static struct tsec_span
trimmed(struct tsec_span line)
{
    while (line.len > 0 && strchr(" \t\r", line.ptr[line.len - 1]) != NULL) {
        line.len--;
    }
    while (line.len > 0 && strchr(" \t", line.ptr[0]) != NULL) {
        line.ptr++;
        line.len--;
    }
    return line;
}

static tsec_rc
put_lines(struct tsec_json_out *json, struct tsec_span text, size_t *n, struct tsec_err *err)
{
    while (text.len > 0) {
        const uint8_t *end = memchr(text.ptr, '\n', text.len);
        const size_t len = end == NULL ? text.len : (size_t)(end - text.ptr);
        const struct tsec_span line = trimmed(tsec_span(text.ptr, len));

        if (line.len > 0 && line.ptr[0] != '#') {
            TSEC_TRY(put_entry(json, line, n, err));
        }
        text.ptr += end == NULL ? len : len + 1;
        text.len -= end == NULL ? len : len + 1;
    }
    return TSEC_OK;
}

static tsec_rc
put_entries(struct cli *cli, struct tsec_json_out *json, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(DOCUMENT_MAX);
    const char *file = cli_args_value(&cli->args, "list");
    size_t n = 0;

    for (size_t i = 0; i < cli->args.operands_len; i++) {
        TSEC_TRY(put_entry(json, tsec_span_str(cli->args.operands[i]), &n, err));
    }
    if (file != NULL) {
        TSEC_TRY(cli_input_file(file, &text, err));
        TSEC_TRY(put_lines(json, tsec_buf_span(&text), &n, err));
    }
    return TSEC_OK;
}

/* False: no whole number from 1. */
static bool
read_sequence(const char *text, int64_t *out)
{
    char *end = NULL;
    const long long n = text == NULL ? 0 : strtoll(text, &end, 10);

    *out = n;
    return n >= 1 && n < LLONG_MAX && text[0] >= '0' && text[0] <= '9' && *end == '\0';
}

static tsec_rc
write_document(struct cli *cli, int64_t sequence, struct tsec_buf *out, struct tsec_err *err)
{
    struct tsec_json_out json = tsec_json_out(out);

    tsec_json_object(&json);
    tsec_json_put_str(&json, "type", "tee-secrets/measurements/1");
    tsec_json_put_str(&json, "ledger", cli_args_value(&cli->args, "ledger"));
    tsec_json_put_int(&json, "sequence", sequence);
    tsec_json_key(&json, "measurements");
    tsec_json_array(&json);
    TSEC_TRY(put_entries(cli, &json, err));
    tsec_json_array_end(&json);
    tsec_json_object_end(&json);
    return tsec_buf_check(out, err);
}

static tsec_rc
read_key(const char *file, struct tsec_pair **out, struct tsec_err *err)
{
    static const enum tsec_pair_kind kinds[] = { TSEC_PAIR_ED25519, TSEC_PAIR_P256,
                                                 TSEC_PAIR_P384 };
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(KEY_MAX);
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(KEY_MAX);
    struct tsec_span text;
    struct tsec_span label;
    bool found = false;

    TSEC_TRY(cli_input_file(file, &pem, err));
    text = tsec_buf_span(&pem);
    if (!tsec_failed(tsec_pem_next(&text, &label, &der, &found, NULL)) && found
        && tsec_span_equal(label, tsec_span_str("PRIVATE KEY"))) {
        for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
            if (!tsec_failed(tsec_pair_import(kinds[i], tsec_buf_span(&der), out, NULL))) {
                return TSEC_OK;
            }
        }
    }
    return TSEC_FAIL(err, TSEC_E_INVALID,
                     "%s: not a private key of Ed25519, P-256 or P-384 in PKCS #8 "
                     "(openssl genpkey writes such)",
                     file);
}

static tsec_rc
sign(const struct tsec_pair *key, struct tsec_span document, struct tsec_buf *signature,
     char id[2 * TSEC_SHA256_LEN + 1], struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(KEY_MAX);
    const struct tsec_signing how = {
        .hash = tsec_pair_kind_of(key) == TSEC_PAIR_P256 ? TSEC_SHA256 : TSEC_SHA384,
    };
    uint8_t digest[TSEC_SHA256_LEN];

    TSEC_TRY(tsec_pair_spki(key, &spki, err));
    tsec_sha256(tsec_buf_span(&spki), digest);
    tsec_hex_encode(tsec_span(digest, sizeof(digest)), id);
    return tsec_pair_sign(key, &how, document, signature, NULL, err);
}

static tsec_rc
sign_and_keep(struct cli *cli, int64_t sequence, char id[2 * TSEC_SHA256_LEN + 1],
              struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(DOCUMENT_MAX);
    TSEC_AUTO_BUF struct tsec_buf signature = TSEC_BUF_INIT(SIGNATURE_MAX);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *key = NULL;
    const char *file = cli_args_value(&cli->args, "out");
    char name[PATH_MAX];

    if (snprintf(name, sizeof(name), "%s.sig", file) >= (int)sizeof(name)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the file's name is too long");
    }
    TSEC_TRY(write_document(cli, sequence, &document, err));
    TSEC_TRY(read_key(cli_args_value(&cli->args, "key"), &key, err));
    TSEC_TRY(sign(key, tsec_buf_span(&document), &signature, id, err));
    TSEC_TRY(cli_file_replace(file, tsec_buf_span(&document), err));
    return cli_file_replace(name, tsec_buf_span(&signature), err);
}

static int
run_sign(struct cli *cli)
{
    static const char *const needed[] = { "key", "ledger", "sequence", "out" };
    char id[2 * TSEC_SHA256_LEN + 1];
    struct tsec_err err = { 0 };
    int64_t sequence = 0;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(needed); i++) {
        if (cli_args_value(&cli->args, needed[i]) == NULL) {
            return cli_usage_error(cli, "-%s is needed.", needed[i]);
        }
    }
    if (!read_sequence(cli_args_value(&cli->args, "sequence"), &sequence)) {
        return cli_usage_error(cli, "-sequence takes a whole number from 1.");
    }
    if (tsec_failed(sign_and_keep(cli, sequence, id, &err))) {
        return cli_fail(cli, &err);
    }
    return cli_done(cli, "Signed by operator key %s", id);
}

/* ---- update ---- */

static tsec_rc
put_file(struct tsec_json_out *json, const char *member, const char *file, size_t max,
         struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(max);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(BODY_MAX);

    TSEC_TRY(cli_input_file(file, &bytes, err));
    tsec_base64_append(&text, TSEC_BASE64_STD, tsec_buf_span(&bytes));
    TSEC_TRY(tsec_buf_check(&text, err));
    tsec_json_put_span(json, member, tsec_buf_span(&text));
    return TSEC_OK;
}

static tsec_rc
update_body(struct cli *cli, struct tsec_buf *out, struct tsec_err *err)
{
    const char *document = cli_operand(cli, 0);
    const char *signature = cli_args_value(&cli->args, "signature");
    struct tsec_json_out json = tsec_json_out(out);
    char name[PATH_MAX];

    if (snprintf(name, sizeof(name), "%s.sig", document) >= (int)sizeof(name)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the file's name is too long");
    }
    tsec_json_object(&json);
    TSEC_TRY(put_file(&json, "document", document, DOCUMENT_MAX, err));
    TSEC_TRY(
        put_file(&json, "signature", signature == NULL ? name : signature, SIGNATURE_MAX, err));
    tsec_json_object_end(&json);
    return tsec_buf_check(out, err);
}

static int
run_update(struct cli *cli)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(BODY_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_err err = { 0 };
    int rc;

    cli_reply_init(&reply);
    if (tsec_failed(update_body(cli, &body, &err))) {
        return cli_fail(cli, &err);
    }
    rc = cli_ask(cli, "POST", PATH, tsec_buf_span(&body), &reply);
    return rc == CLI_OK ? cli_show(cli, &reply, cli_reply_data(&reply)) : rc;
}

const struct cli_command cli_commands_measurements[] = {
    { "measurements show", "", "Show which code may attest.",
      "What the configuration has, what operators signed, and what counts: both.", NULL, 0, 0,
      run_show },
    { "measurements sign", "[MEASUREMENT…]", "Sign a list of allowed measurements, offline.",
      "The list replaces the one before it whole.  Each measurement is written as in the "
      "configuration: bare hex digits, or TEE:CLAIM=VALUE,….",
      sign_flags, 0, CLI_OPERANDS_MAX, run_sign },
    { "measurements update", "FILE", "Bring a signed list to the server.",
      "Tokens and channels that rest on what is not allowed any more end with it.", update_flags, 1,
      1, run_update },
    { NULL, NULL, NULL, NULL, NULL, 0, 0, NULL },
};
