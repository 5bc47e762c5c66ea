/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file process/filter.h
 * @brief The kernel refuses every system call that is not on a list.
 *
 * What is not listed fails with EPERM; what only an intruder would call ends the process.  Holds
 * for all threads, for good.  No new program can be started, no memory be both written and run, no
 * other process be read, no process be forked.
 */
#ifndef TSEC_PROCESS_FILTER_H
#define TSEC_PROCESS_FILTER_H

#include "base/err.h"

/** After process_harden() and process_become(); plugins can still be loaded.  TSEC_E_UNAVAILABLE:
 *  the kernel has no filters. */
TSEC_MUST_CHECK tsec_rc process_filter(struct tsec_err *err);

#endif
