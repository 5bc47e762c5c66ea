/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/transit_config.h
 * @brief The settings of a transit mount as a whole.
 *
 * Row: <mount>/config.
 */
#ifndef TSEC_CORE_TRANSIT_CONFIG_H
#define TSEC_CORE_TRANSIT_CONFIG_H

#include "core/record.h"

enum { TRANSIT_CACHE_SIZE_MIN = 10, TRANSIT_CACHE_SIZE_MAX = 1000000 };

struct transit_config {
    bool disable_upsert; /* encrypting under an unknown name makes no key */
    int64_t cache_size;  /* as Vault's clients set it; 0: unlimited */
};

TSEC_MUST_CHECK tsec_rc transit_config_read(struct txn *txn, const char *mount,
                                            struct transit_config *out, struct tsec_err *err);
/** TSEC_E_INVALID: a cache_size that is neither 0 nor within the limits. */
TSEC_MUST_CHECK tsec_rc transit_config_write(struct txn *txn, const char *mount,
                                             const struct transit_config *config,
                                             struct tsec_err *err);

#endif
