/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/lib/tees.h
 * @brief A connection, from the inside.
 */
#ifndef TSEC_CLIENT_LIB_TEES_H
#define TSEC_CLIENT_LIB_TEES_H

#include <pthread.h>

#include "client/http.h"
#include "client/lib/own.h"
#include "client/lib/peer.h"
#include "codec/json_scan.h"

enum { TEES_FORMATS_MAX = 16 };

struct tees {
    struct tees_config config;
    struct tees_own *own; /* NULL: none */
    const char *formats[TEES_FORMATS_MAX];
    pthread_mutex_t lock; /* of what follows; http is used by one thread at a time */
    struct cli_http *http;
    bool verified;
    struct tees_server server;
};

/** One request; 2xx is TEES_OK, and the reply is checked JSON or empty.  `method` is POST or GET,
 *  `path` is without /v1/. */
enum tees_result tees_ask(struct tees *tees, const char *method, const char *path,
                          struct tsec_span body, struct cli_reply *reply, struct tees_error *error);
/** The same, by who holds the lock. */
enum tees_result tees_ask_locked(struct tees *tees, const char *method, const char *path,
                                 struct tsec_span body, struct cli_reply *reply,
                                 struct tees_error *error);

/** Verifies unless that was done, and refuses to go on without a proven TLS key. */
enum tees_result tees_need_proven(struct tees *tees, struct tees_error *error);

/** A text member, unescaped, NUL-terminated in `out`; TEES_PROTOCOL without. */
enum tees_result tees_text(struct tsec_span object, const char *name, struct tsec_buf *out,
                           struct tees_error *error);
/** The bytes of a base64 (std, or url) member, appended; likewise. */
enum tees_result tees_base64(struct tsec_span object, const char *name, struct tsec_buf *out,
                             struct tees_error *error);
struct tsec_span tees_reply_object(const struct cli_reply *reply);
/** Its "data"; empty when there is none. */
struct tsec_span tees_reply_data(const struct cli_reply *reply);
TSEC_MUST_CHECK tsec_rc tees_json_check(struct tsec_span text);

#endif
