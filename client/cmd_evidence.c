/* SPDX-License-Identifier: Apache-2.0 */
#include "client/cmd_evidence.h"

#include <stdlib.h>

#include "client/evidence_flags.h"
#include "client/evidence_report.h"
#include "client/output.h"
#include "codec/json_scan.h"

enum { REPORT_MAX = 1024 * 1024 };

/** One member of the report, or one claim, as -field has it. */
static int
put_field(struct cli *cli, const struct tsec_buf *report, const char *name)
{
    const struct tsec_span whole = tsec_json_trim(tsec_buf_span(report));
    struct tsec_span claims;
    struct tsec_span value;

    (void)tsec_json_member(whole, "claims", &claims);
    if (tsec_json_member(whole, name, &value) == TSEC_JSON_NONE
        && tsec_json_member(claims, name, &value) == TSEC_JSON_NONE) {
        struct tsec_span registers;

        if (tsec_json_member(claims, "measurements", &registers) == TSEC_JSON_NONE
            || tsec_json_member(registers, name, &value) == TSEC_JSON_NONE) {
            cli_say(cli, "Error: there is no %.60s\n", name);
            return EVIDENCE_UNUSABLE;
        }
    }
    cli_output_raw(&cli->out, value);
    tsec_buf_put_byte(&cli->out, '\n');
    return EVIDENCE_GENUINE;
}

/** The report in the form that was asked for; `status` is what the command came to. */
static int
print(struct cli *cli, const struct evidence_case *c, const struct evidence_verdict *verdict,
      const struct tsec_claims *claims)
{
    TSEC_AUTO_BUF struct tsec_buf report = TSEC_BUF_INIT(REPORT_MAX);
    const char *field = cli_args_value(&cli->args, "field");
    const bool json = field != NULL || c->output == CLI_JSON;

    if (verdict == NULL && json) {
        evidence_show_json(c->ask.format, claims, &report);
    } else if (verdict == NULL) {
        evidence_show_table(c->ask.format, claims, &report);
    } else if (json) {
        evidence_report_json(&c->ask, verdict, &report);
    } else {
        evidence_report_table(&c->ask, verdict, &report);
    }
    if (report.failed) {
        cli_say(cli, "Error: no memory for the report\n");
        return EVIDENCE_UNUSABLE;
    }
    if (field != NULL) {
        return put_field(cli, &report, field);
    }
    tsec_buf_put_span(&cli->out, tsec_buf_span(&report));
    return EVIDENCE_GENUINE;
}

/** Bytes that are text where none should be: most likely somebody forgot to say so. */
static void
hint_encoding(const struct cli *cli, const struct evidence_case *c)
{
    static const char *const names[] = { "", "hex", "base64" };
    const enum evidence_encoding guess = evidence_encoding_guess(tsec_buf_span(&c->text));

    if (!c->encoding_given && guess != EVIDENCE_BIN) {
        cli_say(cli, "Hint: the file looks like %s text: try -format-in=%s.\n", names[guess],
                names[guess]);
    }
}

static int
unusable(const struct cli *cli, const struct tsec_err *err)
{
    cli_say(cli, "Error: %s\n", err->detail);
    return EVIDENCE_UNUSABLE;
}

/* ---- verify ---- */

static int
give_verdict(struct cli *cli, const struct evidence_case *c)
{
    TSEC_AUTO(evidence_verdict_free)
    struct evidence_verdict *verdict = evidence_judge(c->verifier, &c->ask);
    int status;

    if (verdict == NULL) {
        cli_say(cli, "Error: no memory for a verdict\n");
        return EVIDENCE_UNUSABLE;
    }
    if (verdict->reason->reason == TSEC_REASON_MALFORMED) {
        hint_encoding(cli, c);
    }
    status = print(cli, c, verdict, &verdict->claims);
    if (status != EVIDENCE_GENUINE) {
        return status;
    }
    return verdict->genuine ? EVIDENCE_GENUINE : EVIDENCE_REFUSED;
}

static int
run_verify(struct cli *cli)
{
    struct evidence_case c;
    struct tsec_err err = { 0 };
    tsec_rc rc;
    int status;

    evidence_case_init(&c);
    rc = evidence_flags_formats(cli, &c, &err);
    if (!tsec_failed(rc)) {
        rc = evidence_flags_expectation(cli, evidence_plugins, &c, &err);
    }
    if (!tsec_failed(rc)) {
        rc = evidence_flags_evidence(cli, &c, &err);
    }
    status = tsec_failed(rc) ? unusable(cli, &err) : give_verdict(cli, &c);
    evidence_case_done(&c);
    return status;
}

/* ---- show ---- */

/** Without -format-in, text is taken out of whichever encoding gives something known. */
static void
guess_input(struct evidence_case *c)
{
    struct tsec_err err = { 0 };
    const enum evidence_encoding guess = evidence_encoding_guess(tsec_buf_span(&c->text));

    if (c->ask.format == NULL) {
        c->ask.format = evidence_format_guess(c->ask.evidence);
    }
    if (c->encoding_given || guess == EVIDENCE_BIN
        || (c->ask.format != NULL && strcmp(c->ask.format, "maa") == 0)) {
        return;
    }
    tsec_buf_truncate(&c->evidence, 0);
    if (!tsec_failed(evidence_decode(guess, tsec_buf_span(&c->text), &c->evidence, &err))) {
        c->ask.evidence = tsec_buf_span(&c->evidence);
        c->ask.format =
            c->ask.format == NULL ? evidence_format_guess(c->ask.evidence) : c->ask.format;
    }
}

static int
refuse(const struct cli *cli, const char *text)
{
    cli_say(cli, "Error: %s\n", text);
    return EVIDENCE_REFUSED;
}

static int
show(struct cli *cli, struct evidence_case *c, struct tsec_err *err)
{
    struct tsec_claims *claims;
    tsec_rc rc;
    int status;

    guess_input(c);
    if (c->ask.undecodable != NULL) {
        return refuse(cli, c->ask.undecodable);
    }
    if (c->ask.format == NULL) {
        return refuse(cli, "this is no evidence that is known here; if it is, give its -format");
    }
    if (tsec_failed(
            evidence_verifier_open(evidence_plugins, NULL, c->ask.format, &c->verifier, err))) {
        return unusable(cli, err);
    }
    claims = calloc(1, sizeof(*claims));
    if (claims == NULL || !TSEC_HAS(c->verifier->ops, decode)) {
        free(claims);
        return refuse(cli, "this format cannot be shown");
    }
    claims->struct_size = (uint32_t)sizeof(*claims);
    rc = c->verifier->ops->decode(c->verifier->attest, c->ask.format, c->ask.evidence, claims, err);
    status = tsec_failed(rc) ? refuse(cli, err->detail) : print(cli, c, NULL, claims);
    free(claims);
    return status;
}

static int
run_show(struct cli *cli)
{
    struct evidence_case c;
    struct tsec_err err = { 0 };
    tsec_rc rc;
    int status;

    evidence_case_init(&c);
    rc = evidence_flags_formats(cli, &c, &err);
    if (!tsec_failed(rc)) {
        rc = evidence_flags_evidence(cli, &c, &err);
    }
    status = tsec_failed(rc) ? unusable(cli, &err) : show(cli, &c, &err);
    evidence_case_done(&c);
    return status;
}

#define STATUS_HELP                                                                   \
    "Exit status: 0 genuine and allowed, 1 refused, 2 unusable arguments or files.\n" \
    "No server, token, configuration or network is needed."

const struct cli_command cli_commands_evidence[] = {
    { "evidence verify", "FILE|-", "Judge attestation evidence: is it genuine, and allowed?",
      "By default only evidence passes whose TEE is not in debug mode, and whose firmware its\n"
      "vendor calls UpToDate in collateral that is given with it.\n" STATUS_HELP,
      evidence_verify_flags, 1, 1, run_verify },
    { "evidence show", "FILE|-", "Decode attestation evidence, and judge nothing.",
      "Without -format the evidence is recognised by its content.\n" STATUS_HELP,
      evidence_show_flags, 1, 1, run_show },
    { NULL, NULL, NULL, NULL, NULL, 0, 0, NULL },
};
