/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file host/egress_target.h
 * @brief Where an outbound connection leaves an enclave: a vsock port of its parent, or a Unix
 * socket that leads there.
 *
 * Never a name that would have to be looked up.
 */
#ifndef TSEC_HOST_EGRESS_TARGET_H
#define TSEC_HOST_EGRESS_TARGET_H

#include "base/err.h"

enum { EGRESS_PARENT_CID = 3, EGRESS_PATH_MAX = 108 };

struct egress_target {
    uint32_t cid;
    uint32_t port;
    char path[EGRESS_PATH_MAX]; /* a Unix socket's; "" = vsock */
};

/** "PORT" (of the parent), "CID:PORT" or "unix:/PATH".  TSEC_E_CONFIG says what is wrong. */
TSEC_MUST_CHECK tsec_rc egress_target_parse(const char *text, struct egress_target *out,
                                            struct tsec_err *err);

/** A socket that connects, or has: it is writable when it is decided, and SO_ERROR says how.  < 0:
 *  minus an errno. */
int egress_target_connect(const struct egress_target *target);

#endif
