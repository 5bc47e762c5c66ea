/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file conf/file.h
 * @brief The whole of a small regular file.
 */
#ifndef TSEC_CONF_FILE_H
#define TSEC_CONF_FILE_H

#include "base/buf.h"

/** Appends the file, up to the ceiling of `out`.  TSEC_E_CONFIG: why not, without the path.  A
 *  device, pipe or folder is refused. */
TSEC_MUST_CHECK tsec_rc conf_file_read(const char *path, struct tsec_buf *out,
                                       struct tsec_err *err);

#endif
