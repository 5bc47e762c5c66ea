/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file load/loader.h
 * @brief Finds, checks and opens one plugin; says in one line what is wrong and what to do.
 *
 * No code of a plugin runs before its file and its folder passed: only root and the process's own
 * user may be able to write either.  A plugin, once loaded, stays until the process ends.
 */
#ifndef TSEC_LOAD_LOADER_H
#define TSEC_LOAD_LOADER_H

#include "base/err.h"

enum { PLUGIN_NAME_MAX = 32 };

/**
 * Loads `dir`/`name`.so and checks its descriptor.
 *
 * `dir` is absolute; `name` is [a-z0-9-]{1,32}; the file is regular, no symbolic link; file and
 * folder are owned by root or by us, and writable by their owner only.  TSEC_E_PLUGIN otherwise.
 * From one thread at a time.
 */
TSEC_MUST_CHECK tsec_rc tsec_plugin_load(const char *dir, const char *name,
                                         enum tsec_plugin_kind kind, const struct tsec_plugin **out,
                                         struct tsec_err *err);

/** The checks of the descriptor alone, also for one that is linked in: magic, ABI, size, kind,
 *  name, and every mandatory operation. */
TSEC_MUST_CHECK tsec_rc tsec_plugin_check(const struct tsec_plugin *plugin, const char *name,
                                          enum tsec_plugin_kind kind, struct tsec_err *err);

#endif
