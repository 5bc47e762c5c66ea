/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/purge.h
 * @brief What is left to delete of a mount that is gone already.
 *
 * Nobody can reach the rows any more: the mount's row went first.  A background job takes them away
 * in steps that fit a transaction, and then destroys the key they were sealed under.
 */
#ifndef TSEC_CORE_PURGE_H
#define TSEC_CORE_PURGE_H

#include "core/record.h"

enum { PURGE_STEP_ROWS = 256 };

struct purge {
    const char *id;     /* of the mount */
    const char *prefix; /* of the rows, with '/' at its end */
    bool destroy_dek;
};

TSEC_MUST_CHECK tsec_rc purge_add(struct txn *txn, const struct purge *purge, struct tsec_err *err);
/** Whether the mount of that id is being purged. */
bool purge_has(struct txn *txn, const char *id);

/** One step of the oldest purge; *idle: there is none.  Call again until idle, each in a
 * transaction of its own. */
TSEC_MUST_CHECK tsec_rc core_purge_step(struct txn *txn, bool *idle, struct tsec_err *err);

#endif
