/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sql_err.h
 * @brief The one place where what SQLite says becomes a result of the store contract.
 */
#ifndef STORE_SQLITE_SQL_ERR_H
#define STORE_SQLITE_SQL_ERR_H

#include <sqlite3.h>

#include "base/err.h"

/** Where it failed: which file, for the detail, and what the system said. */
struct sql_site {
    sqlite3 *db; /* may be NULL */
    const char *path;
    int why; /* errno; 0: SQLite is asked, which knows it except after a COMMIT */
};

/** `code`: an extended result code that is neither OK, ROW nor DONE; `doing`: "commit". */
TSEC_MUST_CHECK tsec_rc sql_fail(struct sql_site site, int code, const char *doing,
                                 struct tsec_err *err);

/** Whether a COMMIT that failed with `code` may yet turn out to be in the file: its pages may have
 *  been written before the flush failed.  A write that was refused for want of room was not. */
bool sql_commit_in_doubt(struct sql_site site, int code);

#endif
