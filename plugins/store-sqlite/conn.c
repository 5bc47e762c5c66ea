/* SPDX-License-Identifier: Apache-2.0 */
#include "conn.h"

#include <limits.h>
#include <string.h>

#include <tsec/store.h>

enum { READS = 1, WRITES = 2 };

/* Every statement there is; DDL and pragmas apart. */
static const struct {
    unsigned roles;
    const char *name;
    const char *text;
} statements[SQL_COUNT] = {
    [SQL_GET] = { READS, "get", "SELECT value FROM kv WHERE key = ?1" },
    [SQL_SCAN] = { READS, "scan",
                   "SELECT key, value FROM kv WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3" },
    [SQL_BEGIN] = { WRITES, "begin", "BEGIN IMMEDIATE" },
    [SQL_COMMIT] = { WRITES, "commit", "COMMIT" },
    [SQL_ROLLBACK] = { WRITES, "rollback", "ROLLBACK" },
    [SQL_PUT] = { WRITES, "put",
                  "INSERT INTO kv (key, value) VALUES (?1, ?2)"
                  " ON CONFLICT (key) DO UPDATE SET value = excluded.value" },
    [SQL_PUT_NEW] = { WRITES, "put new", "INSERT INTO kv (key, value) VALUES (?1, ?2)" },
    [SQL_HAS] = { WRITES, "look up", "SELECT 1 FROM kv WHERE key = ?1" },
    [SQL_DELETE] = { WRITES, "delete", "DELETE FROM kv WHERE key = ?1" },
};

/* page_size is for a file that is being created: with 8 KiB pages and rows of 2.1 KiB a page holds
 * three.  Measured for a commit of 64 such rows and one of 20 KiB: 1.4 ms (rowid table, 8 KiB), 1.7
 * (4 KiB), 1.8 (16 KiB), 3.3 to 5.4 (WITHOUT ROWID, whose rows spill to overflow pages early).
 * secure_delete costs nothing measurable then, and deleted rows leave the file. */
static const char common_pragmas[] = "PRAGMA page_size = 8192;"
                                     "PRAGMA mmap_size = 0;"
                                     "PRAGMA temp_store = MEMORY;"
                                     "PRAGMA trusted_schema = OFF;"
                                     "PRAGMA cell_size_check = ON;"
                                     "PRAGMA secure_delete = ON;"
                                     "PRAGMA synchronous = FULL;";
/* 1000 pages: the log is written back about every fifth of the commits above, and stays near 8 MiB
 * unless a reader holds it. */
static const char writer_pragmas[] = "PRAGMA cache_size = -1024;"
                                     "PRAGMA wal_autocheckpoint = 1000;"
                                     "PRAGMA journal_size_limit = 16777216;";
/* The server keeps rows itself and reads them once, in order: a reader needs no cache to speak of.
 */
static const char reader_pragmas[] = "PRAGMA cache_size = -128;"
                                     "PRAGMA query_only = ON;";

void
conn_init(struct conn *conn, enum conn_role role, const char *path)
{
    memset(conn, 0, sizeof(*conn));
    (void)pthread_mutex_init(&conn->lock, NULL);
    conn->role = role;
    conn->path = path;
}

void
conn_done(struct conn *conn)
{
    conn_close(conn);
    (void)pthread_mutex_destroy(&conn->lock);
}

static void
distrust_file(sqlite3 *db)
{
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    (void)sqlite3_limit(db, SQLITE_LIMIT_LENGTH, (int)(2 * TSEC_STORE_VALUE_MAX));
    (void)sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
}

tsec_rc
conn_open(struct conn *conn, struct tsec_err *err)
{
    /* NOMUTEX: `lock` does it.  Never CREATE: the file was made with its mode already. */
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int rc = sqlite3_open_v2(conn->path, &conn->db, flags, NULL);

    if (rc != SQLITE_OK) {
        return sql_fail(conn_site(conn), rc, "open", err);
    }
    distrust_file(conn->db);
    (void)sqlite3_busy_timeout(conn->db, CONN_BUSY_MS);
    TSEC_TRY(conn_exec(conn, common_pragmas, err));
    return conn_exec(conn, conn->role == CONN_WRITER ? writer_pragmas : reader_pragmas, err);
}

tsec_rc
conn_prepare(struct conn *conn, struct tsec_err *err)
{
    const unsigned role = conn->role == CONN_WRITER ? WRITES : READS;

    for (size_t i = 0; i < SQL_COUNT; i++) {
        int rc = SQLITE_OK;

        if ((statements[i].roles & role) != 0) {
            rc = sqlite3_prepare_v3(conn->db, statements[i].text, -1, SQLITE_PREPARE_PERSISTENT,
                                    &conn->stmt[i], NULL);
        }
        if (rc != SQLITE_OK) {
            return sql_fail(conn_site(conn), rc, statements[i].name, err);
        }
    }
    return TSEC_OK;
}

void
conn_close(struct conn *conn)
{
    for (size_t i = 0; i < SQL_COUNT; i++) {
        (void)sqlite3_finalize(conn->stmt[i]);
        conn->stmt[i] = NULL;
    }
    (void)sqlite3_close_v2(conn->db);
    conn->db = NULL;
}

tsec_rc
conn_exec(struct conn *conn, const char *sql, struct tsec_err *err)
{
    const int rc = sqlite3_exec(conn->db, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? TSEC_OK : sql_fail(conn_site(conn), rc, "set up", err);
}

sqlite3_stmt *
conn_stmt(struct conn *conn, enum conn_sql sql)
{
    (void)sqlite3_clear_bindings(conn->stmt[sql]);
    return conn->stmt[sql];
}

int
conn_step(sqlite3_stmt *stmt)
{
    const int rc = sqlite3_step(stmt);

    (void)sqlite3_reset(stmt);
    return rc;
}

void
conn_bind(sqlite3_stmt *stmt, int index, struct tsec_span bytes)
{
    /* A NULL pointer would bind NULL, which is not an empty value. */
    const void *ptr = bytes.len == 0 ? (const void *)"" : bytes.ptr;

    (void)sqlite3_bind_blob64(stmt, index, ptr, bytes.len, SQLITE_STATIC);
}
