/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/double/temp_dir.h
 * @brief A folder for one program's files, removed with all that is in it when the program ends.
 */
#ifndef TSEC_TESTS_TEMP_DIR_H
#define TSEC_TESTS_TEMP_DIR_H

#include <stddef.h>

/** Made at the first call, mode 0700; the absolute path.  Aborts when it cannot be made. */
const char *temp_dir(void);
/** "DIR/name" into `out`, which has `size` bytes. */
void temp_path(const char *name, char *out, size_t size);

#endif
