/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/cidr.h
 * @brief Address ranges that a token, role or secret id is bound to.
 *
 * Text such as "10.0.0.0/8", "2001:db8::/32", or a single address.  An IPv4 address mapped into
 * IPv6 counts as the IPv4 address it is.
 */
#ifndef TSEC_CORE_CIDR_H
#define TSEC_CORE_CIDR_H

#include <stdbool.h>

#include "base/strings.h"

bool cidr_valid(const char *range);
/** Whether an address lies in one of the ranges; an empty list admits everyone.  A peer that is no
 *  IP address (a socket) is in no range. */
bool cidr_admits(struct tsec_strings ranges, const char *address);
/** Whether every range of `inner` lies in one of `outer` (empty outer: yes). */
bool cidr_within(struct tsec_strings inner, struct tsec_strings outer);

#endif
