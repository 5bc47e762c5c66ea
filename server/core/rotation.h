/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/rotation.h
 * @brief When data keys are rotated by themselves: one row, "sys/rotation".
 */
#ifndef TSEC_CORE_ROTATION_H
#define TSEC_CORE_ROTATION_H

#include "core/record.h"

#define ROTATION_OPERATIONS_MIN INT64_C(1000000)
#define ROTATION_OPERATIONS_MAX INT64_C(3865470566) /* Vault's, below 2^32 */
enum { ROTATION_INTERVAL_MIN_S = 24 * 3600 };

struct rotation {
    int64_t max_operations; /* seals under one key */
    int64_t interval_s;     /* 0: not by time */
    bool enabled;
};

/** The defaults where nothing was written. */
TSEC_MUST_CHECK tsec_rc rotation_read(struct txn *txn, struct rotation *out, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc rotation_write(struct txn *txn, const struct rotation *rotation,
                                       struct tsec_err *err);
/** Whether a key made then, with so many seals since, is due. */
bool rotation_due(const struct rotation *rotation, int64_t now_ns, int64_t created_ns,
                  uint64_t operations);

#endif
