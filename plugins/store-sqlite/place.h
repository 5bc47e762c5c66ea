/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file place.h
 * @brief Where a database lies: its URI, its file, and the lock that keeps a second server out.
 *
 * The lock is flock(2) on PATH.lock, so that it goes with the process that held it, and tools that
 * read the database (a backup) are not kept out.  Never opens the database itself.
 */
#ifndef STORE_SQLITE_PLACE_H
#define STORE_SQLITE_PLACE_H

#include <limits.h>
#include <sys/types.h>

#include "base/err.h"

struct place {
    char path[PATH_MAX];
    char folder[PATH_MAX];
    int lock_fd; /* -1: not held */
    dev_t dev;   /* which file the path named when it was taken */
    ino_t ino;
    mode_t mode;
};

/** "sqlite:PATH", "sqlite:///ABSOLUTE" or a plain path.  TSEC_E_CONFIG otherwise. */
TSEC_MUST_CHECK tsec_rc place_parse(const char *uri, struct place *out, struct tsec_err *err);

/** Takes the lock and creates the file, 0600, if it is not there.  TSEC_E_CONFIG: no such folder,
 *  not a file; TSEC_E_READ_ONLY: may not write; TSEC_E_UNAVAILABLE: another process has it. */
TSEC_MUST_CHECK tsec_rc place_take(struct place *place, struct tsec_err *err);
/** Harmless when the lock is not held. */
void place_release(struct place *place);

/** Whether the file taken is still the one that the path names, and its disk has room. */
TSEC_MUST_CHECK tsec_rc place_check(const struct place *place, struct tsec_err *err);

#endif
