/* SPDX-License-Identifier: Apache-2.0 */
#include "sql_err.h"

#include <errno.h>

/* Advice first, path last: a detail that is cut off still says what to do. */
static const struct {
    int primary;
    enum tsec_code code;
    const char *advice;
} table[] = {
    { SQLITE_FULL, TSEC_E_UNAVAILABLE, "the disk is full, free some space; nothing was changed" },
    { SQLITE_READONLY, TSEC_E_READ_ONLY,
      "the database cannot be written: check file, folder, mount" },
    { SQLITE_PERM, TSEC_E_READ_ONLY, "the database cannot be written: check file, folder, mount" },
    { SQLITE_BUSY, TSEC_E_UNAVAILABLE, "another process is writing to the database: end it" },
    { SQLITE_LOCKED, TSEC_E_UNAVAILABLE, "another process is writing to the database: end it" },
    { SQLITE_NOTADB, TSEC_E_TAMPERED,
      "not a SQLite database: restore a backup, or name another file" },
    { SQLITE_CORRUPT, TSEC_E_TAMPERED, "the database is damaged: restore a backup" },
    { SQLITE_TOOBIG, TSEC_E_TAMPERED,
      "a record is larger than any that was stored: restore a backup" },
    { SQLITE_CANTOPEN, TSEC_E_CONFIG, "the database cannot be opened: does its folder exist?" },
    { SQLITE_NOMEM, TSEC_E_NO_MEMORY, "no memory for the database" },
    { SQLITE_IOERR, TSEC_E_UNAVAILABLE, "the disk failed, look at the kernel's log" },
};

static int
system_errno(struct sql_site site)
{
    if (site.why != 0 || site.db == NULL) {
        return site.why;
    }
    return sqlite3_system_errno(site.db);
}

static bool
means_no_room(int why)
{
    return why == ENOSPC || why == EDQUOT || why == EFBIG;
}

static bool
means_no_right(int why)
{
    return why == EACCES || why == EPERM || why == EROFS;
}

/* An I/O error has its cause in errno. */
static int
primary_of(int code, int why)
{
    const int primary = code & 0xff;

    if (code == SQLITE_IOERR_CORRUPTFS) {
        return SQLITE_CORRUPT;
    }
    if (code == SQLITE_IOERR_NOMEM) {
        return SQLITE_NOMEM;
    }
    if ((code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_SHMSIZE
         || code == SQLITE_IOERR_TRUNCATE)
        && means_no_room(why)) {
        return SQLITE_FULL;
    }
    if ((primary == SQLITE_CANTOPEN || code == SQLITE_IOERR_WRITE) && means_no_right(why)) {
        return SQLITE_READONLY;
    }
    return primary;
}

tsec_rc
sql_fail(struct sql_site site, int code, const char *doing, struct tsec_err *err)
{
    const int why = system_errno(site);
    const int primary = primary_of(code, why);

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].primary == primary) {
            return TSEC_FAIL(err, table[i].code, "%s: %s (SQLite %d, errno %d): %s", doing,
                             table[i].advice, code, why, site.path);
        }
    }
    return TSEC_FAIL(err, TSEC_E_INTERNAL, "%s: %s (SQLite %d): %s", doing, sqlite3_errstr(code),
                     code, site.path);
}

bool
sql_commit_in_doubt(struct sql_site site, int code)
{
    return (code & 0xff) == SQLITE_IOERR && primary_of(code, system_errno(site)) == SQLITE_IOERR;
}
