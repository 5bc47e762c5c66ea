/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file redis_uri.h
 * @brief Which Redis, as whom, and what the URI asks for besides.
 *
 * Parses only: resolves no name and opens no socket.  No function here puts the password, or the
 * URI it stood in, into an error.
 */
#ifndef STORE_REDIS_URI_H
#define STORE_REDIS_URI_H

#include "base/err.h"

enum {
    REDIS_PLACES_MAX = 8,
    REDIS_HOST_MAX = 253,
    REDIS_USER_MAX = 128,
    REDIS_PASSWORD_MAX = 512,
    REDIS_NAME_MAX = 64,
    REDIS_DB_MAX = 65535,
    REDIS_WAIT_MAX = 16,
    /* A place in words: "[host]:65535". */
    REDIS_PLACE_TEXT = REDIS_HOST_MAX + 16,
};

enum redis_family { REDIS_TCP, REDIS_UNIX, REDIS_VSOCK };

/** Where something listens. */
struct redis_place {
    enum redis_family family;
    char host[REDIS_HOST_MAX + 1]; /* TCP: name or address; UNIX: path */
    uint32_t cid;                  /* VSOCK */
    uint32_t port;                 /* TCP, VSOCK */
};

struct redis_uri {
    struct redis_place places[REDIS_PLACES_MAX];
    size_t places_len;
    char user[REDIS_USER_MAX + 1]; /* "": the default user */
    char password[REDIS_PASSWORD_MAX + 1];
    bool has_password;
    unsigned db;
    char sentinel[REDIS_NAME_MAX + 1]; /* "": the places are databases, not sentinels */
    unsigned wait_replicas;
    char prefix[REDIS_NAME_MAX + 1];
};

/**
 *     redis://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]...][/DB][?OPTION=VALUE[&...]]
 *     redis+unix://[USER[:PASSWORD]@]/PATH[?OPTION=VALUE[&...]]
 *
 * HOST is a name, an IPv4 address, an IPv6 address in brackets, or vsock:CID.  Options: db,
 * sentinel, wait_replicas, prefix.  TSEC_E_CONFIG: anything else, rediss: included.
 */
TSEC_MUST_CHECK tsec_rc redis_uri_parse(const char *uri, struct redis_uri *out,
                                        struct tsec_err *err);
/** Wipes the password. */
void redis_uri_done(struct redis_uri *uri);

/** "HOST:PORT" with brackets where needed, for messages and as the name of a lent setting; `out`
 *  has REDIS_PLACE_TEXT bytes. */
void redis_place_text(const struct redis_place *place, char *out);

/** "HOST:PORT", "[V6]:PORT", "vsock:CID:PORT".  False: none of these. */
bool redis_place_parse(struct tsec_span text, uint32_t default_port, struct redis_place *out);

#endif
