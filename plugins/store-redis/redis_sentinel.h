/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file redis_sentinel.h
 * @brief Where the sentinels say that the master is.
 *
 * What they say is not believed: whoever connects there asks the server itself for its role.
 */
#ifndef STORE_REDIS_SENTINEL_H
#define STORE_REDIS_SENTINEL_H

#include "redis_access.h"

/** Asks one sentinel, logged in by the settings sentinel_user and sentinel_password when they are
 *  there.  TSEC_E_UNAVAILABLE: does not answer, knows no such master; TSEC_E_CONFIG: refuses the
 *  login. */
TSEC_MUST_CHECK tsec_rc redis_sentinel_master(const struct redis_access *access,
                                              const struct redis_place *sentinel,
                                              int64_t deadline_ns, struct redis_place *out,
                                              struct tsec_err *err);

#endif
