/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pg_place.h
 * @brief Where the database is: what storage.database_uri says, and what holds where it is silent.
 *
 * Holds the password of the URI, and never repeats it: what libpq says passes pg_place_scrub().
 */
#ifndef STORE_PG_PG_PLACE_H
#define STORE_PG_PG_PLACE_H

#include <libpq-fe.h>

#include "base/err.h"
#include "base/span.h"

enum { PG_HOSTS_MAX = 8, PG_NAME_MAX = 63, PG_LABEL_MAX = 128, PG_OPTIONS_MAX = 72 };

struct pg_host {
    char name[256]; /* what is verified by TLS; a folder: a Unix socket */
    char addr[64];  /* "" : resolve the name */
    char port[8];
};

struct pg_place {
    PQconninfoOption *options; /* as in the URI, without `schema` */
    const char *password;      /* in `options`; may be NULL */
    char schema[PG_NAME_MAX + 1];
    struct pg_host hosts[PG_HOSTS_MAX];
    size_t hosts_len;
    char label[PG_LABEL_MAX]; /* "db.example:5432/tsec", for the log */
};

/** Parses postgresql://...; `schema=NAME` is ours, everything else libpq's.  TSEC_E_CONFIG. */
TSEC_MUST_CHECK tsec_rc pg_place_parse(const char *uri, struct pg_place *out, struct tsec_err *err);
/** Harmless on what was never parsed, as long as it is zeroed. */
void pg_place_done(struct pg_place *place);

/** Has host `i` reached by another address, as the server lends it ("egress HOST:PORT" =
 *  "127.0.0.1:PORT"), while its name stays what TLS verifies.  TSEC_E_CONFIG: no address. */
TSEC_MUST_CHECK tsec_rc pg_place_detour(struct pg_place *place, size_t i, const char *address,
                                        struct tsec_err *err);

/** Whether what goes to host `i` passes a network that may read or change it. */
bool pg_place_exposed(const struct pg_place *place, size_t i);

/** The value of an option that the URI gives, or NULL. */
const char *pg_place_option(const struct pg_place *place, const char *keyword);

/** What PQconnectStartParams() takes, for host `i` alone; valid as long as the place is. */
struct pg_conninfo {
    const char *keywords[PG_OPTIONS_MAX];
    const char *values[PG_OPTIONS_MAX];
    size_t n;
};
void pg_place_conninfo(const struct pg_place *place, size_t i, struct pg_conninfo *out);

/** One line of plain text out of what libpq says, without the password. */
void pg_place_scrub(const struct pg_place *place, const char *text, char *out, size_t size);

#endif
