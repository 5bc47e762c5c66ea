/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/lib/config.h
 * @brief The options of a connection, checked and copied.
 */
#ifndef TSEC_CLIENT_LIB_CONFIG_H
#define TSEC_CLIENT_LIB_CONFIG_H

#include "appraisal/expr.h"
#include "base/arena.h"
#include "client/lib/error.h"
#include "client/settings.h"

enum { TEES_LIST_MAX = 256 };

struct tees_config {
    struct tsec_arena *arena; /* of all that follows */
    struct cli_settings settings;
    bool https;
    bool tls_by_evidence;
    struct tsec_expr *allowed;
    const char **allowed_text;
    size_t allowed_len;
    struct tsec_span identity; /* SPKI DER; empty: any */
    const char *identity_text; /* as given; NULL: any */
    bool allow_simulated;
    bool allow_debug;
    bool require_revocation;
    uint32_t allow_tcb;
    const char **collateral; /* NULL-terminated */
    const char *sim_roots;
    const char *plugin; /* NULL: none */
    const char *plugin_dir;
    const char **plugin_settings; /* NULL-terminated */
    const char *auth_mount;
};

/** `config` begins zero-filled; tees_config_done() also after a failure. */
enum tees_result tees_config_read(const struct tees_options *options, struct tees_config *config,
                                  struct tees_error *error);
void tees_config_done(struct tees_config *config);

#endif
