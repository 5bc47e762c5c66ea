/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/pkcs11/p11_settings.h
 * @brief Which server, which mount and which keys: from the environment and a file.
 *
 * Everything is copied: a program may change or drop its environment, as nginx does for its
 * workers.  A program that runs with more rights than whoever started it gets nothing from the
 * environment.
 */
#ifndef TSEC_CLIENT_P11_SETTINGS_H
#define TSEC_CLIENT_P11_SETTINGS_H

#include "base/cleanup.h"
#include "client/settings.h"

/** Of the file; a variable of the environment comes before its line. */
enum p11_setting {
    P11_ADDRESS = 0,
    P11_NAMESPACE,
    P11_CA_CERT,
    P11_CA_PATH,
    P11_CLIENT_CERT,
    P11_CLIENT_KEY,
    P11_SKIP_VERIFY,
    P11_TIMEOUT,
    P11_RETRIES,
    P11_MOUNT,
    P11_KEYS,
    P11_VERSIONS,
    P11_TOKEN_FILE,
    P11_SETTINGS
};

struct p11_settings;

/** `reserved`: what the program handed to C_Initialize, "conf=FILE"; NULL: nothing.  Without it
 *  TEE_SECRETS_PKCS11_CONF names the file, or it is the one of the installation, if that is there.
 *  TEE_SECRETS... stands before VAULT_..., as for the command line. */
TSEC_MUST_CHECK tsec_rc p11_settings_load(const char *reserved, struct p11_settings **out,
                                          struct tsec_err *err);
void p11_settings_free(struct p11_settings *settings);
TSEC_DEFINE_AUTO(struct p11_settings, p11_settings_free)

const struct cli_settings *p11_settings_server(const struct p11_settings *settings);
/** Without slashes at its ends. */
const char *p11_settings_mount(const struct p11_settings *settings);
bool p11_settings_all_versions(const struct p11_settings *settings);
/** Whether the mount is to be listed, because `keys` names none, or all by "*". */
bool p11_settings_lists(const struct p11_settings *settings);
/** The next name of `keys`; false at the end. */
bool p11_settings_next_key(const struct p11_settings *settings, size_t *at, struct tsec_span *out);
/** Whether a key is among those that are shown: without `keys` all of usual kinds are. */
bool p11_settings_shows(const struct p11_settings *settings, struct tsec_span name, bool usual);

/** The token as it is now where it was to be found at the start: TEE_SECRETS_TOKEN, or else
 *  token_file, or else what the command line has kept.  Empty when there is none. */
TSEC_MUST_CHECK tsec_rc p11_settings_token(const struct p11_settings *settings,
                                           struct tsec_buf *out, struct tsec_err *err);

#endif
