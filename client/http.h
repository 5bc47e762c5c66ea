/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/http.h
 * @brief Requests to the server, over TCP, TLS or a Unix socket.
 *
 * A request is tried again when the server could not be reached or says that it is busy (412, 429,
 * 5xx but 501); every try of a write carries the same Idempotency-Key, so that it happens once.
 * Redirects are not followed: a token goes to the server it was meant for.  What libcurl frees is
 * zeroed first.
 */
#ifndef TSEC_CLIENT_HTTP_H
#define TSEC_CLIENT_HTTP_H

#include "client/settings.h"

enum { CLI_REPLY_MAX = 64 * 1024 * 1024 };

/** Once, before any thread. */
TSEC_MUST_CHECK tsec_rc cli_http_setup(struct tsec_err *err);

struct cli_http;

/** Borrows the settings. */
TSEC_MUST_CHECK tsec_rc cli_http_new(const struct cli_settings *settings, struct cli_http **out,
                                     struct tsec_err *err);
void cli_http_free(struct cli_http *http);
TSEC_DEFINE_AUTO(struct cli_http, cli_http_free)

struct cli_request {
    const char *method;       /* GET, POST, PUT, PATCH, DELETE */
    const char *path;         /* without /v1/, not encoded */
    const char *query;        /* encoded, without '?'; NULL: none */
    struct tsec_span token;   /* empty: none */
    struct tsec_span body;    /* empty: none */
    const char *content_type; /* NULL: application/json */
};

struct cli_reply {
    int status;
    struct tsec_buf body;
    unsigned retry_after_s;
};

void cli_reply_init(struct cli_reply *reply);
void cli_reply_done(struct cli_reply *reply);
#define CLI_AUTO_REPLY __attribute__((cleanup(cli_reply_done)))

/** Any status is TSEC_OK.  TSEC_E_UNAVAILABLE: no reply; the detail says why.  TSEC_E_DENIED:
 * nothing was sent, for the other side has another key than the pinned one or, with see_peer, no
 *  certificate that is trusted. */
TSEC_MUST_CHECK tsec_rc cli_http_do(struct cli_http *http, const struct cli_request *request,
                                    struct cli_reply *reply, struct tsec_err *err);

/** The SubjectPublicKeyInfo of the TLS connection that the last reply came over, appended; the next
 *  request after cli_http_fresh() makes a connection of its own.  Needs see_peer.  TSEC_E_INVALID:
 *  there is none. */
TSEC_MUST_CHECK tsec_rc cli_http_peer_key(struct cli_http *http, struct tsec_buf *spki,
                                          struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc cli_http_fresh(struct cli_http *http, bool fresh, struct tsec_err *err);
/** From here on no request goes to another TLS key than this; empty: to any that is trusted. */
TSEC_MUST_CHECK tsec_rc cli_http_pin(struct cli_http *http, struct tsec_span spki,
                                     struct tsec_err *err);

#endif
