/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/crypto/tool.h
 * @brief Runs a public tool that reads or writes the same formats, on files in a directory of its
 * own.
 */
#ifndef TSEC_TESTS_CRYPTO_TOOL_H
#define TSEC_TESTS_CRYPTO_TOOL_H

#include "base/buf.h"

enum { TOOL_MISSING = 127 };

/** Exit status; TOOL_MISSING when it is not installed.  Its own output is dropped. */
int tool_run(const char *const *argv);

struct tool_dir {
    char path[64];
};
void tool_dir_make(struct tool_dir *dir);
/** Removes the files that tool_path() named. */
void tool_dir_remove(struct tool_dir *dir);
/** DIR/name, for a short name. */
void tool_path(const struct tool_dir *dir, const char *name, char out[128]);

void tool_write(const char *path, struct tsec_span bytes);
void tool_read(const char *path, struct tsec_buf *out);

#endif
