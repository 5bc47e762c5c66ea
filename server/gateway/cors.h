/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gateway/cors.h
 * @brief Which web pages may read replies (Fetch standard, "CORS protocol").
 *
 * Off without origins.  Credentials of the browser's own are never allowed: a token is a header.
 */
#ifndef TSEC_GATEWAY_CORS_H
#define TSEC_GATEWAY_CORS_H

#include "base/err.h"
#include "base/span.h"

enum { CORS_ORIGINS_MAX = 32, CORS_ORIGIN_LEN = 255 };

struct cors {
    size_t n;
    bool any; /* the one "*" */
    char origins[CORS_ORIGINS_MAX][CORS_ORIGIN_LEN + 1];
};

/** TSEC_E_CONFIG: an origin that is no "scheme://host[:port]", or too many. */
TSEC_MUST_CHECK tsec_rc cors_init(struct cors *cors, const char *const *origins, size_t n,
                                  struct tsec_err *err);

/** What Access-Control-Allow-Origin says to this Origin; NULL: nothing. */
const char *cors_allow(const struct cors *cors, struct tsec_span origin);

#define CORS_METHODS "GET, HEAD, POST, PUT, PATCH, DELETE, LIST, SCAN, OPTIONS"
#define CORS_REQUEST_HEADERS                                                             \
    "Authorization, Content-Type, Idempotency-Key, X-Vault-Namespace, X-Vault-Request, " \
    "X-Vault-Token, X-Vault-Wrap-TTL"
#define CORS_REPLY_HEADERS "X-Request-Id, TEE-Secrets-Audit-Index, Retry-After"
#define CORS_MAX_AGE_S     "600"

#endif
