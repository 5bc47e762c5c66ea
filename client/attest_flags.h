/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/attest_flags.h
 * @brief A connection of libtee-secrets as a command line describes it: which servers are accepted,
 * and which TEE this program itself runs in.
 */
#ifndef TSEC_CLIENT_ATTEST_FLAGS_H
#define TSEC_CLIENT_ATTEST_FLAGS_H

#include "client/cli.h"
#include "client/lib/tee-secrets.h"

enum { ATTEST_LIST_MAX = 2 * CLI_FLAGS_MAX + 1, ATTEST_TEXT_MAX = 65536, CLI_UNPROVEN = 3 };

#define ATTEST_SERVER_FLAGS                                                                     \
    { "server-allow", "EXPR", "A measurement that a server may have; may be repeated." },       \
        { "server-identity", "BASE64", "The identity key that it must have." },                 \
        { "tls-by-evidence", NULL, "Its evidence vouches for its TLS key, and no authority." }, \
        { "allow-simulated", NULL, "Take a server in a TEE that is none, for a test." },        \
        { "allow-debug", NULL, "Take a TEE that its host can read." },                          \
        { "allow-tcb", "STATUS,...|any", "Take these beside UpToDate." },                       \
        { "require-revocation", NULL, "Refuse when a current CRL is missing." },                \
        { "collateral", "FOLDER|FILE", "What vouches for the TEE; may be repeated." },          \
    {                                                                                           \
        "sim-root", "FILE", "Whose simulated evidence is taken: root.pem of its state_dir."     \
    }

#define ATTEST_OWN_FLAGS                                                                \
    { "role", "NAME", "The role to ask for." },                                         \
        { "auth-mount", "PATH", "Where attested logins are; attest." },                 \
        { "plugin", "NAME", "The plugin of the TEE that this runs in: attest-nitro." }, \
        { "plugin-dir", "FOLDER", "Where plugins are." },                               \
    {                                                                                   \
        "plugin-setting", "KEY=VALUE", "Something the plugin is told; may be repeated." \
    }

/** Begins zero-filled. */
struct attest_setup {
    struct tees_options options;
    const char *allow[ATTEST_LIST_MAX];
    const char *collateral[ATTEST_LIST_MAX];
    const char *settings[ATTEST_LIST_MAX];
    struct tsec_buf text;  /* a variable's, cut into pieces */
    struct tsec_buf names; /* of settings */
    struct tees *tees;
};
void attest_setup_done(struct attest_setup *setup);

/** Opens the connection; says what is wrong, and gives the exit status. */
int attest_setup_open(struct cli *cli, struct attest_setup *setup);
/** Says why a call of the library failed; CLI_UNPROVEN when it was the server's proof. */
int attest_fail(const struct cli *cli, const struct tees_error *error);

#endif
