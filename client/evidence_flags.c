/* SPDX-License-Identifier: Apache-2.0 */
#include "client/evidence_flags.h"

#include <stdlib.h>
#include <string.h>

#include "appraisal/claims.h"
#include "base/clock.h"
#include "base/hex.h"
#include "client/input.h"
#include "codec/pem.h"

enum { KEY_FILE_MAX = 64 * 1024, NONCE_MAX = 1024, JWKS_MAX = 1024 * 1024 };

#define FORMATS "nitro, snp, sgx, tdx, az-snp-vtpm, maa or sim-v1"

#define INPUT_FLAGS                                                                     \
    { "format", "FORMAT|table|json",                                                    \
      "What the evidence is: " FORMATS ". Also how to print; may be given for each." }, \
        { "evidence-format", "FORMAT", "The evidence's format and nothing else." },     \
        { "output", "table|json", "How to print and nothing else." },                   \
        { "format-in", "bin|hex|base64", "What the file is written in; bin." },         \
        { "field", "NAME", "Print that member or claim alone." },                       \
    {                                                                                   \
        "help", NULL, "Say what the command does."                                      \
    }

const struct cli_flag evidence_verify_flags[] = {
    INPUT_FLAGS,
    { "at", "RFC3339", "The time to judge by; now." },
    { "nonce", "HEX", "It must answer this nonce." },
    { "binding", "HEX", "It must be bound to these bytes, at most 64." },
    { "public-key", "FILE", "It must vouch for this key: PEM, or its bytes." },
    { "allow", "EXPR", "A measurement that is allowed; may be repeated." },
    { "collateral", "FOLDER|FILE", "What vouches for the TEE; may be repeated." },
    { "statement", "FILE",
      "It must be bound to this key attestation: the statement, or its base64. With it, "
      "-public-key "
      "is looked for among the statement's keys." },
    { "jwks", "FILE", "The keys of a token's issuer." },
    { "issuer", "URL", "Who must have issued a token, exactly." },
    { "allow-debug", NULL, "Take a TEE that its host can read." },
    { "allow-tcb", "STATUS,...|any", "Take these beside UpToDate." },
    { "require-revocation", NULL, "Refuse when a current CRL is missing." },
    { "max-age", "SECONDS", "How old it may be." },
    { "allow-simulated", NULL, "Take a TEE that is none, for a test." },
    { "sim-root", "FILE", "Whose simulated evidence is taken: root.pem of its state_dir." },
    { NULL, NULL, NULL },
};

const struct cli_flag evidence_show_flags[] = { INPUT_FLAGS, { NULL, NULL, NULL } };

void
evidence_case_init(struct evidence_case *c)
{
    *c = (struct evidence_case){ .ask = { .format = NULL } };
    tsec_buf_init(&c->text, EVIDENCE_FILE_MAX);
    tsec_buf_init(&c->evidence, EVIDENCE_FILE_MAX);
    tsec_buf_init(&c->nonce, NONCE_MAX);
    tsec_buf_init(&c->binding, TSEC_BINDING_LEN);
    tsec_buf_init(&c->public_key, KEY_FILE_MAX);
    tsec_buf_init(&c->jwks, JWKS_MAX);
    evidence_statement_init(&c->statement);
}

void
evidence_case_done(struct evidence_case *c)
{
    evidence_verifier_free(c->verifier);
    free(c->allowed);
    free((void *)c->allowed_text);
    tsec_buf_done(&c->text);
    tsec_buf_done(&c->evidence);
    tsec_buf_done(&c->nonce);
    tsec_buf_done(&c->binding);
    tsec_buf_done(&c->public_key);
    tsec_buf_done(&c->jwks);
    evidence_statement_done(&c->statement);
}

/* ---- formats ---- */

static bool
is_output(const char *value, enum cli_format *out)
{
    if (strcmp(value, "json") == 0 || strcmp(value, "table") == 0) {
        *out = value[0] == 'j' ? CLI_JSON : CLI_TABLE;
        return true;
    }
    return false;
}

static bool
is_format(const char *value)
{
    static const char *const formats[] = { "nitro",       "snp", "sgx",   "tdx",
                                           "az-snp-vtpm", "maa", "sim-v1" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(formats); i++) {
        if (strcmp(value, formats[i]) == 0) {
            return true;
        }
    }
    return false;
}

/** -format means either of two things, and its value says which. */
static tsec_rc
read_format(const char *value, struct evidence_case *c, struct tsec_err *err)
{
    if (is_format(value)) {
        c->ask.format = value;
    } else if (!is_output(value, &c->output)) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "-format is " FORMATS "; or table or json, for how to print");
    }
    return TSEC_OK;
}

tsec_rc
evidence_flags_formats(const struct cli *cli, struct evidence_case *c, struct tsec_err *err)
{
    const struct cli_args *args = &cli->args;
    const char *environment = cli_settings_env("FORMAT");
    const char *format = cli_args_value(args, "evidence-format");
    const char *output = cli_args_value(args, "output");
    const char *encoding = cli_args_value(args, "format-in");
    const char *value;

    if (environment != NULL && !is_output(environment, &c->output)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "TEE_SECRETS_FORMAT is table or json");
    }
    for (size_t i = 0; (value = cli_args_value_at(args, "format", i)) != NULL; i++) {
        TSEC_TRY(read_format(value, c, err));
    }
    if (format != NULL && !is_format(format)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "-evidence-format is " FORMATS);
    }
    c->ask.format = format == NULL ? c->ask.format : format;
    if (output != NULL && !is_output(output, &c->output)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "-output is table or json");
    }
    c->encoding_given = encoding != NULL;
    if (encoding != NULL && !evidence_encoding_parse(encoding, &c->encoding)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "-format-in is bin, hex or base64");
    }
    return TSEC_OK;
}

/* ---- files ---- */

static tsec_rc
read_operand(const struct cli *cli, struct tsec_buf *out, struct tsec_err *err)
{
    const char *path = cli_operand(cli, 0);

    return strcmp(path, "-") == 0 ? cli_input_fd(cli->in_fd, out, err)
                                  : cli_input_file(path, out, err);
}

tsec_rc
evidence_flags_evidence(const struct cli *cli, struct evidence_case *c, struct tsec_err *err)
{
    tsec_rc rc = read_operand(cli, &c->text, err);

    if (rc.code == TSEC_E_TOO_LARGE) {
        rc = TSEC_FAIL(&c->undecodable, TSEC_E_INVALID, "the file is longer than %d bytes",
                       EVIDENCE_FILE_MAX);
        c->ask.undecodable = c->undecodable.detail;
        return TSEC_OK;
    }
    TSEC_TRY(rc);
    rc = evidence_decode(c->encoding, tsec_buf_span(&c->text), &c->evidence, &c->undecodable);
    if (tsec_failed(rc)) {
        c->ask.undecodable = c->undecodable.detail;
        tsec_buf_truncate(&c->evidence, 0);
    }
    c->ask.evidence = tsec_buf_span(&c->evidence);
    return TSEC_OK;
}

static tsec_rc
read_hex(const struct cli *cli, const char *flag, struct tsec_buf *out, struct tsec_span *span,
         struct tsec_err *err)
{
    const char *value = cli_args_value(&cli->args, flag);
    const size_t len = value == NULL ? 0 : strlen(value);
    uint8_t *bytes;

    if (value == NULL) {
        return TSEC_OK;
    }
    bytes = tsec_buf_extend(out, len / 2);
    if (out->failed) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "-%s is longer than %zu bytes", flag, out->max);
    }
    if (len % 2 != 0 || (len > 0 && !tsec_hex_decode(tsec_span(value, len), bytes, len / 2))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "-%s is not hex", flag);
    }
    /* An empty one must be found empty: that is not the same as not asked. */
    *span = len == 0 ? tsec_span("", 0) : tsec_buf_span(out);
    return TSEC_OK;
}

/** A PEM block's bytes, or the file's as they are. */
static tsec_rc
read_public_key(const struct cli *cli, struct evidence_case *c, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(KEY_FILE_MAX);
    const char *path = cli_args_value(&cli->args, "public-key");
    struct tsec_span rest;
    struct tsec_span label = { NULL, 0 };
    bool found = false;

    if (path == NULL) {
        return TSEC_OK;
    }
    TSEC_TRY(cli_input_file(path, &c->public_key, err));
    rest = tsec_buf_span(&c->public_key);
    if (tsec_span_starts(rest, tsec_span_str("-----BEGIN "))) {
        TSEC_TRY(tsec_pem_next(&rest, &label, &der, &found, err));
    }
    if (found && !tsec_span_is(label, "PUBLIC KEY")) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "-public-key holds no PUBLIC KEY");
    }
    if (found) {
        tsec_buf_reset(&c->public_key);
        tsec_buf_put_span(&c->public_key, tsec_buf_span(&der));
    }
    return tsec_buf_check(&c->public_key, err);
}

/** A statement takes the place of the binding, and the key is looked for in it: what the evidence
 *  itself vouches for is the server's own. */
static tsec_rc
read_statement(const struct cli *cli, struct evidence_case *c, struct tsec_err *err)
{
    const char *path = cli_args_value(&cli->args, "statement");
    const bool key = cli_args_value(&cli->args, "public-key") != NULL;
    const struct tsec_span wanted =
        c->public_key.len == 0 ? tsec_span("", 0) : tsec_buf_span(&c->public_key);

    if (path == NULL) {
        c->ask.expect.public_key = key ? wanted : c->ask.expect.public_key;
        return TSEC_OK;
    }
    if (c->ask.expect.binding.ptr != NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "-statement and -binding are two for one place");
    }
    TSEC_TRY(cli_input_file(path, &c->statement.bytes, err));
    TSEC_TRY(evidence_statement_read(&c->statement, err));
    c->statement.nonce = c->ask.expect.nonce;
    c->statement.public_key = key ? wanted : tsec_span(NULL, 0);
    c->ask.expect.binding = tsec_span(c->statement.binding, sizeof(c->statement.binding));
    c->ask.statement = &c->statement;
    return TSEC_OK;
}

static tsec_rc
read_issuer(const struct cli *cli, struct evidence_case *c, struct tsec_err *err)
{
    const char *jwks = cli_args_value(&cli->args, "jwks");
    const char *issuer = cli_args_value(&cli->args, "issuer");

    if ((jwks != NULL || issuer != NULL) && strcmp(c->ask.format, "maa") != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "-jwks and -issuer are for -format=maa");
    }
    if (jwks != NULL && issuer == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "-jwks needs -issuer: whose keys they are, exactly as the token has it");
    }
    c->ask.expect.issuer = issuer;
    if (jwks != NULL) {
        TSEC_TRY(cli_input_file(jwks, &c->jwks, err));
        c->ask.expect.jwks = c->jwks.len == 0 ? tsec_span("", 0) : tsec_buf_span(&c->jwks);
    }
    return TSEC_OK;
}

static tsec_rc
load_collateral(const struct cli *cli, struct evidence_case *c, struct tsec_err *err)
{
    const char *path = cli_args_value(&cli->args, "collateral");

    if (path != NULL && !evidence_verifier_takes_collateral(c->verifier)) {
        cli_say(cli, "Warning: -collateral has no use with %s, which brings its own.\n",
                c->ask.format);
    }
    for (size_t i = 0; (path = cli_args_value_at(&cli->args, "collateral", i)) != NULL; i++) {
        TSEC_TRY(evidence_collateral_load(c->verifier, path, &c->collateral, err));
    }
    c->ask.collateral_unknown = c->collateral.unknown[0] == '\0' ? NULL : c->collateral.unknown;
    return TSEC_OK;
}

/* ---- words and numbers ---- */

static tsec_rc
read_time(const struct cli *cli, struct evidence_case *c, struct tsec_err *err)
{
    const char *at = cli_args_value(&cli->args, "at");
    int64_t ns = tsec_clock_real_ns(&tsec_clock_system);

    if (at != NULL && !tsec_rfc3339_parse(tsec_span_str(at), &ns)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "-at is an RFC 3339 time: 2026-01-31T12:00:00Z");
    }
    c->ask.at = ns / TSEC_NS_PER_S;
    return TSEC_OK;
}

static tsec_rc
read_max_age(const struct cli *cli, struct evidence_case *c, struct tsec_err *err)
{
    const char *age = cli_args_value(&cli->args, "max-age");
    int64_t ns = 0;

    if (age == NULL) {
        return TSEC_OK;
    }
    if (!tsec_duration_parse(tsec_span_str(age), &ns) || ns < TSEC_NS_PER_S) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "-max-age is a number of seconds, from 1 on");
    }
    c->ask.expect.max_age_s = ns / TSEC_NS_PER_S;
    return TSEC_OK;
}

static tsec_rc
add_tcb(struct tsec_span name, uint32_t *allowed, struct tsec_err *err)
{
    enum tsec_tcb_status status;

    if (tsec_span_is(name, "any")) {
        *allowed |= TSEC_TCB_ANY;
        return TSEC_OK;
    }
    if (!tsec_tcb_status_parse(name, &status)) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "-allow-tcb knows no status %.*s; OutOfDate is one, or any",
                         (int)(name.len < 40 ? name.len : 40), (const char *)name.ptr);
    }
    if (status == TSEC_TCB_REVOKED) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "-allow-tcb: what is Revoked is never taken");
    }
    *allowed |= TSEC_TCB_BIT(status);
    return TSEC_OK;
}

/** What is allowed comes on top of what passes anyway. */
static tsec_rc
read_tcb(const struct cli *cli, struct evidence_case *c, struct tsec_err *err)
{
    uint32_t allowed = TSEC_TCB_BIT(TSEC_TCB_UP_TO_DATE) | TSEC_TCB_BIT(TSEC_TCB_NONE);
    const char *value;

    for (size_t i = 0; (value = cli_args_value_at(&cli->args, "allow-tcb", i)) != NULL; i++) {
        for (;;) {
            const size_t len = strcspn(value, ",");

            TSEC_TRY(add_tcb(tsec_span(value, len), &allowed, err));
            if (value[len] == '\0') {
                break;
            }
            value += len + 1;
        }
    }
    c->ask.expect.allow_tcb = allowed;
    return TSEC_OK;
}

static tsec_rc
add_allowed(const struct cli *cli, struct evidence_case *c, const char *text, struct tsec_err *err)
{
    struct tsec_expr *expr = &c->allowed[c->ask.allowed_len];
    struct tsec_err why = { 0 };
    const char *warning;

    if (tsec_failed(tsec_expr_parse(tsec_span_str(text), expr, &why))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "-allow=%.60s: %.110s", text, why.detail);
    }
    warning = tsec_expr_warning(expr);
    if (warning != NULL) {
        cli_say(cli, "Warning: -allow=%.60s: %s.\n", text, warning);
    }
    c->allowed_text[c->ask.allowed_len++] = text;
    return TSEC_OK;
}

static tsec_rc
read_allowed(const struct cli *cli, struct evidence_case *c, struct tsec_err *err)
{
    const char *text;

    c->allowed = calloc(CLI_FLAGS_MAX, sizeof(*c->allowed));
    c->allowed_text = (const char **)calloc(CLI_FLAGS_MAX, sizeof(*c->allowed_text));
    if (c->allowed == NULL || c->allowed_text == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for the allowed measurements");
    }
    for (size_t i = 0; (text = cli_args_value_at(&cli->args, "allow", i)) != NULL; i++) {
        TSEC_TRY(add_allowed(cli, c, text, err));
    }
    c->ask.allowed = c->allowed;
    c->ask.allowed_text = c->allowed_text;
    return TSEC_OK;
}

tsec_rc
evidence_flags_expectation(const struct cli *cli, const struct tsec_plugin *const *plugins,
                           struct evidence_case *c, struct tsec_err *err)
{
    struct tsec_expectation *expect = &c->ask.expect;

    if (c->ask.format == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "say what the evidence is: -format=" FORMATS);
    }
    TSEC_TRY(read_time(cli, c, err));
    TSEC_TRY(read_hex(cli, "nonce", &c->nonce, &expect->nonce, err));
    TSEC_TRY(read_hex(cli, "binding", &c->binding, &expect->binding, err));
    TSEC_TRY(read_public_key(cli, c, err));
    TSEC_TRY(read_statement(cli, c, err));
    TSEC_TRY(read_issuer(cli, c, err));
    TSEC_TRY(read_tcb(cli, c, err));
    TSEC_TRY(read_max_age(cli, c, err));
    TSEC_TRY(read_allowed(cli, c, err));
    expect->allow_debug = cli_args_switch(&cli->args, "allow-debug");
    c->ask.allow_simulated = cli_args_switch(&cli->args, "allow-simulated");
    c->settings[0] =
        (struct evidence_setting){ "trusted_roots", cli_args_value(&cli->args, "sim-root") };
    expect->require_revocation = cli_args_switch(&cli->args, "require-revocation");
    TSEC_TRY(evidence_verifier_open(plugins, c->settings, c->ask.format, &c->verifier, err));
    return load_collateral(cli, c, err);
}
