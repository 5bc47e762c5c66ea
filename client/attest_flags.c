/* SPDX-License-Identifier: Apache-2.0 */
#include "client/attest_flags.h"

#include <string.h>

void
attest_setup_done(struct attest_setup *setup)
{
    tees_close(setup->tees);
    setup->tees = NULL;
    tsec_buf_done(&setup->text);
    tsec_buf_done(&setup->names);
}

int
attest_fail(const struct cli *cli, const struct tees_error *error)
{
    cli_say(cli, "Error: %s (%s)\n", error->message, error->reason);
    switch (error->result) {
    case TEES_UNTRUSTED:
        return CLI_UNPROVEN;
    case TEES_UNAVAILABLE:
    case TEES_REFUSED:
    case TEES_PROTOCOL:
    case TEES_CLOSED:
        return CLI_SERVER;
    case TEES_OK:
    case TEES_INVALID:
    case TEES_EVIDENCE:
    case TEES_NO_MEMORY:
    case TEES_INTERNAL:
    default:
        return CLI_LOCAL;
    }
}

static size_t
gather(const struct cli *cli, const char *flag, const char **out)
{
    size_t n = 0;
    const char *value;

    while ((value = cli_args_value_at(&cli->args, flag, n)) != NULL) {
        out[n++] = value;
    }
    out[n] = NULL;
    return n;
}

static const char *
flag_or_env(const struct cli *cli, const char *flag, const char *variable)
{
    const char *value = cli_args_value(&cli->args, flag);

    return value == NULL ? cli_settings_env(variable) : value;
}

/** The flags, or else the variable: expressions with blanks between them. */
static int
read_allowed(struct cli *cli, struct attest_setup *setup)
{
    const char *text = cli_settings_env("SERVER_ALLOW");
    char *rest = NULL;
    size_t n = gather(cli, "server-allow", setup->allow);

    if (n > 0 || text == NULL) {
        return CLI_OK;
    }
    tsec_buf_put(&setup->text, text, strlen(text) + 1);
    if (setup->text.failed) {
        return cli_usage_error(cli, "TEE_SECRETS_SERVER_ALLOW is too long");
    }
    rest = (char *)setup->text.ptr;
    while (rest != NULL && n + 1 < ATTEST_LIST_MAX) {
        const char *one = strsep(&rest, " \t\n");

        if (one[0] != '\0') {
            setup->allow[n++] = one;
        }
    }
    setup->allow[n] = NULL;
    return CLI_OK;
}

/** KEY=VALUE as two strings, the first cut out of a copy. */
static int
read_settings(struct cli *cli, struct attest_setup *setup)
{
    size_t offsets[CLI_FLAGS_MAX];
    const char *value;
    size_t n = 0;

    for (; (value = cli_args_value_at(&cli->args, "plugin-setting", n)) != NULL; n++) {
        const char *sign = strchr(value, '=');

        if (sign == NULL || sign == value) {
            return cli_usage_error(cli, "-plugin-setting is KEY=VALUE");
        }
        offsets[n] = setup->names.len;
        tsec_buf_put(&setup->names, value, (size_t)(sign - value));
        tsec_buf_put_byte(&setup->names, '\0');
        setup->settings[2 * n + 1] = sign + 1;
    }
    if (setup->names.failed) {
        return cli_usage_error(cli, "The -plugin-settings are too long");
    }
    for (size_t i = 0; i < n; i++) {
        setup->settings[2 * i] = (const char *)setup->names.ptr + offsets[i];
    }
    setup->settings[2 * n] = NULL;
    return CLI_OK;
}

static void
read_rest(const struct cli *cli, struct attest_setup *setup)
{
    const struct cli_args *args = &cli->args;
    struct tees_options *o = &setup->options;
    const char *mount = cli_args_value(args, "auth-mount");

    o->address = cli->settings.address;
    o->ca_cert = cli->settings.ca_cert;
    o->timeout_s = cli->settings.timeout_s;
    o->tls_by_evidence = cli_args_switch(args, "tls-by-evidence") ? 1 : 0;
    o->server_allow = setup->allow;
    o->server_identity = flag_or_env(cli, "server-identity", "SERVER_IDENTITY");
    o->allow_simulated = cli_args_switch(args, "allow-simulated") ? 1 : 0;
    o->allow_debug = cli_args_switch(args, "allow-debug") ? 1 : 0;
    o->allow_tcb = cli_args_value(args, "allow-tcb");
    o->require_revocation = cli_args_switch(args, "require-revocation") ? 1 : 0;
    o->collateral = setup->collateral;
    o->sim_roots = cli_args_value(args, "sim-root");
    o->plugin = flag_or_env(cli, "plugin", "PLUGIN");
    o->plugin_dir = flag_or_env(cli, "plugin-dir", "PLUGIN_DIR");
    o->plugin_settings = setup->settings;
    o->auth_mount = mount == NULL ? o->auth_mount : mount;
    if (o->tls_by_evidence != 0) {
        o->ca_cert = NULL;
    }
}

int
attest_setup_open(struct cli *cli, struct attest_setup *setup)
{
    struct tees_error error = { .result = TEES_OK };
    int status;

    tsec_buf_init(&setup->text, ATTEST_TEXT_MAX);
    tsec_buf_init(&setup->names, ATTEST_TEXT_MAX);
    tees_options_init(&setup->options);
    if (cli->settings.skip_verify) {
        return cli_usage_error(cli, "-tls-skip-verify has no use here: with -tls-by-evidence the "
                                    "server's evidence vouches for its key.");
    }
    status = read_allowed(cli, setup);
    status = status == CLI_OK ? read_settings(cli, setup) : status;
    if (status != CLI_OK) {
        return status;
    }
    (void)gather(cli, "collateral", setup->collateral);
    read_rest(cli, setup);
    return tees_open(&setup->options, &setup->tees, &error) == TEES_OK ? CLI_OK
                                                                       : attest_fail(cli, &error);
}
