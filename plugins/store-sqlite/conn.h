/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file conn.h
 * @brief One connection to the database with its prepared statements.
 *
 * The file comes from a hostile disk: the connection runs no SQL that stands in it, maps none of it
 * into memory, and bounds what it caches.  Not for two threads at once: `lock` is the holder's.
 */
#ifndef STORE_SQLITE_CONN_H
#define STORE_SQLITE_CONN_H

#include <pthread.h>
#include <sqlite3.h>

#include "base/err.h"
#include "base/span.h"
#include "sql_err.h"

/** How long a call waits for another process (a backup, a shell) to let go of the file. */
enum { CONN_BUSY_MS = 1000 };

enum conn_role { CONN_READER, CONN_WRITER };

enum conn_sql {
    SQL_GET,
    SQL_SCAN,
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_PUT,
    SQL_PUT_NEW,
    SQL_HAS,
    SQL_DELETE,
    SQL_COUNT,
};

struct conn {
    pthread_mutex_t lock;
    enum conn_role role;
    const char *path;
    sqlite3 *db; /* NULL: closed */
    sqlite3_stmt *stmt[SQL_COUNT];
};

void conn_init(struct conn *conn, enum conn_role role, const char *path);
void conn_done(struct conn *conn);

/** Opens and sets limits; reads nothing of the file yet. */
TSEC_MUST_CHECK tsec_rc conn_open(struct conn *conn, struct tsec_err *err);
/** Prepares the statements of its role; the table must be there. */
TSEC_MUST_CHECK tsec_rc conn_prepare(struct conn *conn, struct tsec_err *err);
/** Harmless when closed. */
void conn_close(struct conn *conn);

/** Runs SQL that answers nothing. */
TSEC_MUST_CHECK tsec_rc conn_exec(struct conn *conn, const char *sql, struct tsec_err *err);

/** The statement, with nothing bound. */
sqlite3_stmt *conn_stmt(struct conn *conn, enum conn_sql sql);
/** One step, to its end, of a statement that answers nothing; an extended result code, SQLITE_DONE
 *  when it went well.  The statement is reset. */
int conn_step(sqlite3_stmt *stmt);
/** Binds bytes that stay where they are until the statement is reset. */
void conn_bind(sqlite3_stmt *stmt, int index, struct tsec_span bytes);

static inline struct sql_site
conn_site(const struct conn *conn)
{
    return (struct sql_site){ conn->db, conn->path, 0 };
}

#endif
