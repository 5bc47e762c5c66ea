/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file redis_dial.h
 * @brief A connected socket to a place, before a deadline.
 *
 * In an enclave there is no network but what the server lends: when it lends the setting
 * "egress HOST:PORT", its value, "ADDRESS:PORT", is dialled instead.  Says nothing over the socket.
 */
#ifndef STORE_REDIS_DIAL_H
#define STORE_REDIS_DIAL_H

#include "redis_uri.h"

/** A non-blocking socket that the caller closes.  TSEC_E_UNAVAILABLE: nobody listens there. */
TSEC_MUST_CHECK tsec_rc redis_dial(const struct tsec_host *host, const struct redis_place *place,
                                   int64_t deadline_ns, int *fd, struct tsec_err *err);

#endif
