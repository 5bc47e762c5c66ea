/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/faults/lin/timeline.h
 * @brief One key's operations made ready for the search: those that returned as a list of calls and
 * returns in their order of time, from which an operation can be lifted and put back; and besides
 * it those of unknown outcome.
 */
#ifndef LIN_TIMELINE_H
#define LIN_TIMELINE_H

#include "tests/faults/lin/search.h"

/** A call or a return; what is at the same time counts as concurrent. */
struct lin_event {
    uint64_t time;
    size_t op;              /**< index in the timeline's ops */
    struct lin_event *pair; /**< of a call its return; NULL for a return */
    struct lin_event *before, *after;
};

struct lin_timeline {
    struct lin_op *ops; /**< those that returned */
    size_t n;
    struct lin_event *events; /**< 2 n */
    struct lin_event head;    /**< before all events */
    struct lin_op *puts;      /**< of unknown outcome and never seen, by their call */
    size_t n_puts;
    struct lin_op *deletions; /**< likewise */
    size_t n_deletions;
    struct lin_op *compares; /**< likewise, by version expected, then by call */
    size_t n_compares;
    struct lin_op *memory; /**< what the four arrays are in */
};

/** False when there is no memory. */
bool lin_timeline_make(struct lin_timeline *line, const struct lin_op *ops, size_t n,
                       const struct lin_view *view);

/** Takes an operation out of the list, by its call. */
void lin_timeline_lift(struct lin_event *call);

/** Puts it back; the last one lifted first. */
void lin_timeline_restore(struct lin_event *call);

/** The earliest check-and-set of unknown outcome that expects this version, or NULL. */
const struct lin_op *lin_timeline_compare(const struct lin_timeline *line, uint32_t version);

void lin_timeline_free(struct lin_timeline *line);

#endif
