/* SPDX-License-Identifier: Apache-2.0 */
#include "schema.h"

#include <stdio.h>
#include <string.h>

/* In the file's header, so that file(1) and a second program can tell it: "TSKV". */
#define APPLICATION_ID 0x54534b56
#define SCHEMA_VERSION 1

#define CREATE_KV "CREATE TABLE kv (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) STRICT"

/* One row of one column, as a number or as text. */
static tsec_rc
ask(struct conn *conn, const char *sql, int64_t *number, char *text, size_t size,
    struct tsec_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(conn->db, sql, -1, &stmt, NULL);

    if (rc == SQLITE_OK) {
        rc = sqlite3_step(stmt);
    }
    if (rc == SQLITE_ROW && number != NULL) {
        *number = sqlite3_column_int64(stmt, 0);
    }
    if (rc == SQLITE_ROW && text != NULL) {
        const char *value = (const char *)sqlite3_column_text(stmt, 0);

        (void)snprintf(text, size, "%s", value == NULL ? "" : value);
    }
    (void)sqlite3_finalize(stmt);
    return rc == SQLITE_ROW ? TSEC_OK : sql_fail(conn_site(conn), rc, "check", err);
}

static tsec_rc
ask_number(struct conn *conn, const char *sql, int64_t *out, struct tsec_err *err)
{
    return ask(conn, sql, out, NULL, 0, err);
}

static tsec_rc
use_log(struct conn *conn, struct tsec_err *err)
{
    char mode[16] = "";

    TSEC_TRY(ask(conn, "PRAGMA journal_mode = WAL", NULL, mode, sizeof(mode), err));
    if (strcmp(mode, "wal") != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "the file system cannot hold a write-ahead log, use a local disk: %s",
                         conn->path);
    }
    return TSEC_OK;
}

static tsec_rc
create(struct conn *conn, struct tsec_err *err)
{
    char sql[512];

    (void)snprintf(sql, sizeof(sql),
                   "BEGIN IMMEDIATE; " CREATE_KV
                   "; PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
                   APPLICATION_ID, SCHEMA_VERSION);
    TSEC_TRY(use_log(conn, err));
    return conn_exec(conn, sql, err);
}

/* Exactly the table and the index that its primary key makes. */
static tsec_rc
check_table(struct conn *conn, int64_t objects, struct tsec_err *err)
{
    char sql[sizeof(CREATE_KV) + 16] = "";

    if (objects == 2) {
        TSEC_TRY(ask(conn, "SELECT sql FROM sqlite_schema ORDER BY type = 'table' DESC LIMIT 1",
                     NULL, sql, sizeof(sql), err));
    }
    if (strcmp(sql, CREATE_KV) != 0) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED,
                         "the database's tables were changed, restore a backup: %s", conn->path);
    }
    return TSEC_OK;
}

static tsec_rc
check_pages(struct conn *conn, struct tsec_err *err)
{
    int64_t pages = 0;
    int64_t page_size = 0;
    char verdict[96] = "";

    TSEC_TRY(ask_number(conn, "PRAGMA page_count", &pages, err));
    TSEC_TRY(ask_number(conn, "PRAGMA page_size", &page_size, err));
    if (pages > SCHEMA_CHECK_MAX_MIB * INT64_C(1048576) / page_size) {
        return TSEC_OK;
    }
    TSEC_TRY(ask(conn, "PRAGMA quick_check(1)", NULL, verdict, sizeof(verdict), err));
    if (strcmp(verdict, "ok") != 0) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "the database is damaged, restore a backup: %s: %s",
                         verdict, conn->path);
    }
    return TSEC_OK;
}

/* Whose file it is comes first: nothing is written to another program's. */
tsec_rc
schema_ensure(struct conn *writer, struct tsec_err *err)
{
    int64_t id = 0;
    int64_t version = 0;
    int64_t objects = 0;

    TSEC_TRY(ask_number(writer, "PRAGMA application_id", &id, err));
    TSEC_TRY(ask_number(writer, "PRAGMA user_version", &version, err));
    TSEC_TRY(ask_number(writer, "SELECT count(*) FROM sqlite_schema", &objects, err));
    if (id == 0 && version == 0 && objects == 0) {
        return create(writer, err);
    }
    if (id != APPLICATION_ID) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "the database of another program, name another file: %s", writer->path);
    }
    if (version != SCHEMA_VERSION) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "format %lld of another release, this one knows %d, install that: %s",
                         (long long)version, SCHEMA_VERSION, writer->path);
    }
    TSEC_TRY(check_table(writer, objects, err));
    TSEC_TRY(use_log(writer, err));
    return check_pages(writer, err);
}
