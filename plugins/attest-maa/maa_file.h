/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file maa_file.h
 * @brief Files of collateral: read whole within a limit, and replaced as a whole.
 */
#ifndef ATTEST_MAA_MAA_FILE_H
#define ATTEST_MAA_MAA_FILE_H

#include "base/buf.h"

/** Appends what the regular file holds.  TSEC_E_NOT_FOUND; TSEC_E_TOO_LARGE: more than the buffer
 *  takes; TSEC_E_CONFIG: cannot be read. */
TSEC_MUST_CHECK tsec_rc maa_file_read(const char *path, struct tsec_buf *out, struct tsec_err *err);
/** Writes FOLDER/NAME under another name first, so that a reader sees the old or the new one. */
TSEC_MUST_CHECK tsec_rc maa_file_replace(const char *folder, const char *name,
                                         struct tsec_span bytes, struct tsec_err *err);

/** Calls `each` for the regular files of a folder in order of their names, hidden ones left out;
 *  at most 1024. */
TSEC_MUST_CHECK tsec_rc maa_file_each(const char *folder,
                                      tsec_rc (*each)(void *ctx, const char *path,
                                                      struct tsec_err *err),
                                      void *ctx, struct tsec_err *err);

#endif
