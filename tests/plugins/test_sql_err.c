/* SPDX-License-Identifier: Apache-2.0 */
#include "store-sqlite/sql_err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/test.h"

static void
each_cause_has_its_result(void)
{
    static const struct {
        int sqlite;
        enum tsec_code code;
        const char *says;
    } t[] = {
        { SQLITE_FULL, TSEC_E_UNAVAILABLE, "disk is full" },
        { SQLITE_READONLY, TSEC_E_READ_ONLY, "cannot be written" },
        { SQLITE_READONLY_DIRECTORY, TSEC_E_READ_ONLY, "cannot be written" },
        { SQLITE_PERM, TSEC_E_READ_ONLY, "cannot be written" },
        { SQLITE_BUSY, TSEC_E_UNAVAILABLE, "another process" },
        { SQLITE_BUSY_SNAPSHOT, TSEC_E_UNAVAILABLE, "another process" },
        { SQLITE_NOTADB, TSEC_E_TAMPERED, "not a SQLite database" },
        { SQLITE_CORRUPT, TSEC_E_TAMPERED, "damaged" },
        { SQLITE_CORRUPT_INDEX, TSEC_E_TAMPERED, "damaged" },
        { SQLITE_IOERR_CORRUPTFS, TSEC_E_TAMPERED, "damaged" },
        { SQLITE_CANTOPEN, TSEC_E_CONFIG, "cannot be opened" },
        { SQLITE_NOMEM, TSEC_E_NO_MEMORY, "no memory" },
        { SQLITE_IOERR_NOMEM, TSEC_E_NO_MEMORY, "no memory" },
        { SQLITE_IOERR_READ, TSEC_E_UNAVAILABLE, "disk failed" },
        { SQLITE_MISUSE, TSEC_E_INTERNAL, "step" },
    };

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct tsec_err err = { 0 };
        const struct sql_site site = { NULL, "/the/path", 0 };

        CU_ASSERT_EQUAL(sql_fail(site, t[i].sqlite, "step", &err).code, (int32_t)t[i].code);
        CU_ASSERT_EQUAL(err.code, (int32_t)t[i].code);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, t[i].says));
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "/the/path"));
    }
}

/* What was refused before the flush, or for want of room, is surely not there. */
static void
only_an_io_error_leaves_a_doubt(void)
{
    static const struct {
        int code;
        int why;
        bool doubt;
    } t[] = {
        { SQLITE_IOERR_FSYNC, EIO, true },
        { SQLITE_IOERR_DIR_FSYNC, EIO, true },
        { SQLITE_IOERR_WRITE, EIO, true },
        { SQLITE_IOERR_WRITE, 0, true },
        { SQLITE_IOERR_FSYNC, ENOSPC, true },
        { SQLITE_IOERR_WRITE, ENOSPC, false },
        { SQLITE_IOERR_WRITE, EDQUOT, false },
        { SQLITE_IOERR_WRITE, EFBIG, false },
        { SQLITE_FULL, 0, false },
        { SQLITE_BUSY, 0, false },
        { SQLITE_READONLY, 0, false },
        { SQLITE_IOERR_NOMEM, 0, false },
    };

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        const struct sql_site site = { NULL, "/the/path", t[i].why };

        CU_ASSERT_EQUAL(sql_commit_in_doubt(site, t[i].code), t[i].doubt);
    }
}

static const struct test_case cases[] = {
    { "each cause has its result", each_cause_has_its_result },
    { "only an I/O error leaves a doubt", only_an_io_error_leaves_a_doubt },
};

TEST_MAIN("store-sqlite/sql_err", cases)
