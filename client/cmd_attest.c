/* SPDX-License-Identifier: Apache-2.0 */
#include "client/attest_flags.h"
#include "client/call.h"
#include "client/output.h"
#include "codec/json_out.h"

static const struct cli_flag attest_flags[] = { ATTEST_SERVER_FLAGS, { NULL, NULL, NULL } };
static const struct cli_flag release_flags[] = { ATTEST_SERVER_FLAGS,
                                                 ATTEST_OWN_FLAGS,
                                                 { NULL, NULL, NULL } };

/* ---- attest ---- */

static void
put_server(const struct tees_server *server, struct tsec_buf *out)
{
    const struct {
        const char *key;
        const char *text;
    } texts[] = {
        { "tee", server->tee },
        { "format", server->format },
        { "measurement", server->measurement },
        { "allowed_by", server->allowed_by },
        { "instance", server->instance },
        { "config_digest", server->config_digest },
        { "identity_key", server->identity_key },
        { "ledger_vkey", server->ledger_vkey },
    };
    struct tsec_json_out json = tsec_json_out(out);

    tsec_json_object(&json);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(texts); i++) {
        tsec_json_put_str(&json, texts[i].key, texts[i].text);
    }
    tsec_json_put_bool(&json, "simulated", server->simulated != 0);
    tsec_json_put_bool(&json, "tls_bound", server->tls_bound != 0);
    tsec_json_object_end(&json);
}

static int
run_attest(struct cli *cli)
{
    struct attest_setup setup = { .tees = NULL };
    struct tees_server server = { .struct_size = (uint32_t)sizeof(server) };
    struct tees_error error = { .result = TEES_OK };
    CLI_AUTO_REPLY struct cli_reply reply;
    int status = attest_setup_open(cli, &setup);

    cli_reply_init(&reply);
    if (status == CLI_OK && tees_verify(setup.tees, &server, &error) != TEES_OK) {
        status = attest_fail(cli, &error);
    }
    attest_setup_done(&setup);
    if (status != CLI_OK) {
        return status;
    }
    if (server.tls_bound == 0) {
        cli_say(cli, "Warning: without https any host between may be the one that answers next.\n");
    }
    put_server(&server, &reply.body);
    return cli_show(cli, &reply, tsec_buf_span(&reply.body));
}

/* ---- release ---- */

/** A secret's own values, where the answer is that of KV version 2. */
static struct tsec_span
values_of(struct tsec_span whole)
{
    struct tsec_span data = { NULL, 0 };
    struct tsec_span inner = { NULL, 0 };

    if (tsec_json_type_of(whole) != TSEC_JSON_OBJECT
        || tsec_json_member(whole, "data", &data) != TSEC_JSON_OBJECT) {
        return whole;
    }
    return tsec_json_member(data, "data", &inner) == TSEC_JSON_OBJECT ? inner : data;
}

static int
show_released(struct cli *cli, const struct tees_bytes *secrets, size_t n)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_json_out json;
    int status = CLI_OK;

    cli_reply_init(&reply);
    json = tsec_json_out(&reply.body);
    tsec_json_array(&json);
    for (size_t i = 0; i < n; i++) {
        const struct tsec_span whole = tsec_json_trim(tsec_span(secrets[i].data, secrets[i].len));

        if (cli->format == CLI_JSON && cli->field == NULL) {
            tsec_json_object(&json);
            tsec_json_put_str(&json, "path", cli_operand(cli, i));
            tsec_json_put_raw(&json, "secret", whole);
            tsec_json_object_end(&json);
            continue;
        }
        if (n > 1 && cli->field == NULL) {
            cli_output_title(&cli->out, cli_operand(cli, i));
        }
        status = status == CLI_OK ? cli_show(cli, &reply, values_of(whole)) : status;
    }
    tsec_json_array_end(&json);
    if (cli->format == CLI_JSON && cli->field == NULL) {
        cli_output_json(&cli->out, tsec_buf_span(&reply.body));
    }
    return status;
}

static bool
is_json(const struct tees_bytes *bytes)
{
    const struct tsec_json_limits limits = { .depth_max = 64, .members_max = 1024 * 1024 };

    return !tsec_failed(tsec_json_check(tsec_span(bytes->data, bytes->len), &limits, NULL));
}

static int
run_release(struct cli *cli)
{
    struct attest_setup setup = { .tees = NULL };
    struct tees_error error = { .result = TEES_OK };
    struct tees_bytes secrets[CLI_OPERANDS_MAX] = { { NULL, 0 } };
    const size_t n = cli->args.operands_len;
    int status = attest_setup_open(cli, &setup);
    bool readable = true;

    if (status == CLI_OK
        && tees_release(setup.tees, cli_args_value(&cli->args, "role"), cli->args.operands, n,
                        secrets, &error)
               != TEES_OK) {
        status = attest_fail(cli, &error);
    }
    attest_setup_done(&setup);
    for (size_t i = 0; status == CLI_OK && i < n; i++) {
        readable = readable && is_json(&secrets[i]);
    }
    if (status == CLI_OK) {
        status = readable ? show_released(cli, secrets, n)
                          : cli_usage_error(cli, "What the server released is no JSON.");
    }
    for (size_t i = 0; i < n; i++) {
        tees_bytes_free(&secrets[i]);
    }
    return status;
}

const struct cli_command cli_commands_attest[] = {
    { "attest", "", "Have the server prove what it is.",
      "Asks for evidence over a nonce of our own, and checks that it is genuine, of a measurement\n"
      "that -server-allow (or TEE_SECRETS_SERVER_ALLOW) names, and bound to the server's identity\n"
      "key, ledger, configuration and the TLS key of this connection.\n"
      "The exit status is 0 when all of it holds, 3 when it does not.",
      attest_flags, 0, 0, run_attest },
    { "release", "PATH…", "Read secrets for the code that this runs in.",
      "The own TEE vouches for a key that is made for this, and the server, proven first, "
      "encrypts\n"
      "the secrets to it: all of them, or none.  A PATH is as in secret/data/shop/db.",
      release_flags, 1, CLI_OPERANDS_MAX, run_release },
    { NULL, NULL, NULL, NULL, NULL, 0, 0, NULL },
};
