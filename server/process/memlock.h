/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file process/memlock.h
 * @brief Whether this process may lock the memory that its keys need, known before there are keys.
 *
 * Secrets live in locked pages (base/secret.h).  The rest of the process is not locked: it may be
 * swapped, and holds ciphertext and public matter.
 */
#ifndef TSEC_PROCESS_MEMLOCK_H
#define TSEC_PROCESS_MEMLOCK_H

#include "base/err.h"

/** Raises RLIMIT_MEMLOCK as far as `bytes` asks and the system allows; as root also the hard limit.
 *  Before process_become(). */
void process_memlock_raise(size_t bytes);
/** Locks that much once and lets it go.  TSEC_E_UNAVAILABLE: it cannot be had; the detail says
 * which line to write where. */
TSEC_MUST_CHECK tsec_rc process_memlock_check(size_t bytes, struct tsec_err *err);

#endif
