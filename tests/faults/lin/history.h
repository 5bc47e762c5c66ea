/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/faults/lin/history.h
 * @brief A recorded history: one line an operation, any order, keys mixed.  It never guesses: a
 * line that is not of this form is an error.
 *
 *     KEY CALL RETURN put VALUE VERSION
 *     KEY CALL RETURN cas EXPECTED VALUE VERSION     or "conflict" for VERSION
 *     KEY CALL RETURN get VALUE VERSION              VALUE "-": deleted, or at version 0 never
 * written KEY CALL RETURN delete
 *
 * RETURN, and the VERSION of a write, is "-" when the outcome is unknown.  Times are whole numbers;
 * a VALUE is a word that one operation only writes.  Lines that begin with "#" are comments.
 */
#ifndef LIN_HISTORY_H
#define LIN_HISTORY_H

#include "tests/faults/lin/register.h"

#include <stddef.h>
#include <stdio.h>

struct lin_key {
    char *name;
    struct lin_op *ops;
    size_t n, room;
    size_t unknown;
};

struct lin_history {
    struct lin_key *keys;
    size_t n_keys;
    char **lines; /**< as they were read; lin_op.line counts from 0 */
    size_t n_lines;
    char wrong[256]; /**< what is wrong, when reading failed */
};

/** Reads to the end.  On failure wrong says why; the history is to be freed all the same. */
bool lin_history_read(struct lin_history *out, FILE *in);

void lin_history_free(struct lin_history *history);

#endif
