/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file host/egress.h
 * @brief The way out of an enclave, which has no network: for each service that is named, a port on
 * the loopback interface from which connections are carried to a vsock port of the parent.
 *
 * One thread; so many connections and so much memory at most; no name is looked up and no byte
 * looked at: TLS ends at the service and in the plugin, not here.  A connection whose target is not
 * there is reset, never left hanging.
 */
#ifndef TSEC_HOST_EGRESS_H
#define TSEC_HOST_EGRESS_H

#include "base/cleanup.h"
#include "base/clock.h"
#include "host/egress_target.h"

enum { EGRESS_ROUTES_MAX = 64, EGRESS_CONNECTIONS_MAX = 256, EGRESS_NAME_MAX = 256 };

struct egress_route {
    const char *name; /* "HOST:PORT", for the log */
    struct egress_target target;
};

struct egress_options {
    const struct egress_route *routes; /* copied */
    size_t routes_len;
    size_t connections_max;     /* 0: EGRESS_CONNECTIONS_MAX */
    int64_t connect_timeout_ns; /* 0: 5 s */
};

struct egress;

/** Listens for each route.  TSEC_E_CONFIG: the loopback interface is down, and may not be brought
 *  up. */
TSEC_MUST_CHECK tsec_rc egress_start(const struct egress_options *options, struct egress **out,
                                     struct tsec_err *err);
/** Cuts what is open.  NULL is harmless. */
void egress_stop(struct egress *egress);
TSEC_DEFINE_AUTO(struct egress, egress_stop)

/** Where route i is reached, on 127.0.0.1. */
uint16_t egress_port(const struct egress *egress, size_t i);

#endif
