/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file process/schedule.h
 * @brief How the kernel shares processors among the server's threads.
 *
 * Before any thread is started, and before the filter of system calls.
 */
#ifndef TSEC_PROCESS_SCHEDULE_H
#define TSEC_PROCESS_SCHEDULE_H

#include <stdbool.h>

/** A thread that wakes does not interrupt one that works (SCHED_BATCH): the pool hands over all the
 *  requests that have come, the sequencer answers all of a commit, instead of taking turns for
 * each. False: the kernel refuses, and nothing changes. */
bool process_schedule(void);

#endif
