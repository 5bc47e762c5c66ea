/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file redis_resolve.h
 * @brief The addresses of a name, before a deadline.
 *
 * getaddrinfo() has no time limit of the caller's: a name is looked up by a thread of its own,
 * which is left to itself when it takes too long.  At most REDIS_LOOKUPS_MAX such threads exist;
 * beyond that a lookup fails at once.
 */
#ifndef STORE_REDIS_RESOLVE_H
#define STORE_REDIS_RESOLVE_H

#include <sys/socket.h>

#include "base/err.h"

enum { REDIS_ADDRESSES_MAX = 4, REDIS_LOOKUPS_MAX = 4 };

struct redis_address {
    struct sockaddr_storage addr;
    socklen_t len;
};

struct redis_addresses {
    struct redis_address at[REDIS_ADDRESSES_MAX];
    size_t len;
};

/** TSEC_E_UNAVAILABLE: unknown, or not answered in time.  An address in numbers needs no thread. */
TSEC_MUST_CHECK tsec_rc redis_resolve(const char *host, uint32_t port, int64_t deadline_ns,
                                      struct redis_addresses *out, struct tsec_err *err);

#endif
