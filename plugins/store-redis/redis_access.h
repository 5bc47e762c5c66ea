/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file redis_access.h
 * @brief All that is needed to get at the database: the URI, the plugin's settings, the host.
 *
 * Does not change while the store is open.
 */
#ifndef STORE_REDIS_ACCESS_H
#define STORE_REDIS_ACCESS_H

#include "redis_uri.h"

enum {
    REDIS_CALL_MS = 2400, /* one call, without a setting */
    REDIS_CALL_MS_MIN = 100,
    REDIS_CALL_MS_MAX = 150000,
    REDIS_LINKS = 4,
    REDIS_LINKS_MAX = 16,
};

struct redis_access {
    const struct tsec_host *host;
    struct redis_uri uri;
    unsigned call_ms;
    size_t links;
    bool allow_volatile;
};

/** Reads the settings allow_volatile, call_timeout_ms and connections too.  TSEC_E_CONFIG: one
 * makes no sense. */
TSEC_MUST_CHECK tsec_rc redis_access_read(const struct tsec_host *host, const char *uri,
                                          struct redis_access *out, struct tsec_err *err);
/** Wipes the password. */
void redis_access_done(struct redis_access *access);

#endif
