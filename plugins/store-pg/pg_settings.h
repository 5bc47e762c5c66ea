/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pg_settings.h
 * @brief What the operator may set under plugins.store-pg, and what the server lends.
 */
#ifndef STORE_PG_PG_SETTINGS_H
#define STORE_PG_PG_SETTINGS_H

#include "pg_place.h"

enum { PG_CONNECTIONS_MAX = 32 };

struct pg_settings {
    int call_timeout_ms; /* longest that a call takes, all told */
    int connections;
    bool allow_volatile; /* an acknowledged commit may be lost */
    bool migrate;        /* the tables are made when they are missing */
};

/** TSEC_E_CONFIG: one is out of range. */
TSEC_MUST_CHECK tsec_rc pg_settings_read(const struct tsec_host *host, struct pg_settings *out,
                                         struct tsec_err *err);

/** What all connections of one store share; constant while it is open. */
struct pg_env {
    const struct tsec_host *host;
    struct pg_place place;
    struct pg_settings settings;
};

/** Settings and URI.  Undo with pg_env_done(), also after a failure. */
TSEC_MUST_CHECK tsec_rc pg_env_init(struct pg_env *env, const struct tsec_host *host,
                                    const char *uri, struct tsec_err *err);
/** Says in the log what of the URI is unwise; once for each store, not for each try to open it. */
void pg_env_warn(const struct pg_env *env);
void pg_env_done(struct pg_env *env);

#endif
