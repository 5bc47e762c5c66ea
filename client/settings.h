/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/settings.h
 * @brief Which server, how to trust it, and the token: from flags, the environment and files.
 *
 * The environment names are Vault's, each also with TEE_SECRETS_ in place of VAULT_, which wins.
 */
#ifndef TSEC_CLIENT_SETTINGS_H
#define TSEC_CLIENT_SETTINGS_H

#include "base/buf.h"

#define CLI_DEFAULT_ADDRESS "https://127.0.0.1:8200"

enum { CLI_TOKEN_MAX = 8192 };

struct cli_settings {
    const char *address; /* http://, https:// or unix:///socket */
    const char *ca_cert;
    const char *ca_path;
    const char *client_cert;
    const char *client_key;
    const char *name_space;
    const char *wrap_ttl;
    bool skip_verify;
    bool see_peer; /* whose key was it: cli_http_peer_key() */
    unsigned timeout_s;
    unsigned retries;
    unsigned retry_wait_ms;
};

/** The value of TEE_SECRETS_<name> or VAULT_<name>; NULL when neither is set or both are empty. */
const char *cli_settings_env(const char *name);
/** From the environment, with defaults. */
TSEC_MUST_CHECK tsec_rc cli_settings_load(struct cli_settings *out, struct tsec_err *err);

/** The token: TEE_SECRETS_TOKEN or VAULT_TOKEN, ~/.tee-secrets-token, ~/.vault-token.  Empty when
 *  there is none. */
TSEC_MUST_CHECK tsec_rc cli_token_load(struct tsec_buf *out, struct tsec_err *err);
/** Into ~/.tee-secrets-token, for the owner only, replaced as a whole. */
TSEC_MUST_CHECK tsec_rc cli_token_store(struct tsec_span token, struct tsec_err *err);
/** Printable ASCII without spaces, as a header can carry. */
bool cli_token_valid(struct tsec_span token);

/** Writes a file of the owner's whole and at once. */
TSEC_MUST_CHECK tsec_rc cli_file_replace(const char *path, struct tsec_span bytes,
                                         struct tsec_err *err);

#endif
