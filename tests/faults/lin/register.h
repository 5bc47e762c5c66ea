/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/faults/lin/register.h
 * @brief One key of KV version 2, as a register that counts its versions: what an operation may
 * answer, given what was before it.  It knows nothing of time or of other keys.
 *
 * A write makes version n + 1; a write with check-and-set does so only at the version it expects;
 * a deletion hides the newest version and makes none; a read tells the newest version, and its
 * value unless that is deleted.  Before the first write the version is 0.
 */
#ifndef LIN_REGISTER_H
#define LIN_REGISTER_H

#include <stdbool.h>
#include <stdint.h>

/** As a time of return: the outcome was never learned. */
#define LIN_NEVER UINT64_MAX

enum lin_kind { LIN_PUT, LIN_CAS, LIN_GET, LIN_DELETE };

/** One operation, from its call to its return, and what it was told. */
struct lin_op {
    uint64_t call; /**< any clock, the same for all of a history */
    uint64_t ret;  /**< LIN_NEVER: it may take effect at any time from call on, or never */
    enum lin_kind kind;
    bool conflict;     /**< a check-and-set that was refused */
    uint32_t expected; /**< of a check-and-set */
    uint32_t version;  /**< the one made, or read */
    uint32_t value;    /**< the one written, or read; 0 when nothing is there to be read */
    uint32_t line;     /**< where the history tells of it */
};

/** What the register holds. */
struct lin_state {
    uint32_t version;
    uint32_t value; /**< 0 before the first write and when deleted */
    bool any;       /**< it may hold anything: for histories whose beginning was cut off */
};

/** Whether op may be told what it was, at this state; if so, the state after it. */
bool lin_step(const struct lin_state *state, const struct lin_op *op, struct lin_state *after);

/** Whether an operation of unknown outcome would change anything here; if so, the state after it.
 */
bool lin_step_unknown(const struct lin_state *state, const struct lin_op *op,
                      struct lin_state *after);

#endif
