/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file process/files.h
 * @brief Whether as many connections can be open as the configuration promises.
 */
#ifndef TSEC_PROCESS_FILES_H
#define TSEC_PROCESS_FILES_H

#include "base/err.h"

/** Raises RLIMIT_NOFILE to `files`, as root also the hard limit.  Before process_become().
 *  TSEC_E_UNAVAILABLE: the system does not allow it; the detail says which line to write where. */
TSEC_MUST_CHECK tsec_rc process_files(size_t files, struct tsec_err *err);

#endif
