/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gateway/remote.h
 * @brief A peer's address as text: for the audit trail, and for the rate limit to count by.
 */
#ifndef TSEC_GATEWAY_REMOTE_H
#define TSEC_GATEWAY_REMOTE_H

#include <sys/socket.h>

#include "api/request.h"

/** "192.0.2.1", "2001:db8::1" (an IPv4-mapped address as IPv4), "unix", "vsock:3", or "unknown". */
void remote_text(const struct sockaddr *addr, char out[API_REMOTE_MAX + 1]);

/** What one source is: an IPv4 address, an IPv6 /64.  False: the peer is local or behind the
 *  enclave's parent, where one address stands for everybody, and is not counted. */
bool remote_source(const struct sockaddr *addr, char out[API_REMOTE_MAX + 1]);

#endif
