/* SPDX-License-Identifier: Apache-2.0 */
#include "store-sqlite/conn.h"

#include <stdio.h>

#include "store-sqlite/schema.h"
#include "tests/double/temp_dir.h"
#include "tests/test.h"

static char path[512];
static struct conn writer;
static struct conn reader;

static void
set_up(void)
{
    static unsigned n;
    char name[32];
    FILE *f;

    (void)snprintf(name, sizeof(name), "conn%u.db", n++);
    temp_path(name, path, sizeof(path));
    f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fclose(f);
    conn_init(&writer, CONN_WRITER, path);
    conn_init(&reader, CONN_READER, path);
    CU_ASSERT_EQUAL_FATAL(conn_open(&writer, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(schema_ensure(&writer, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(conn_prepare(&writer, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(conn_open(&reader, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(conn_prepare(&reader, NULL).code, 0);
}

static void
tear_down(void)
{
    conn_done(&reader);
    conn_done(&writer);
}

static int
put(struct tsec_span key, struct tsec_span value)
{
    sqlite3_stmt *stmt = conn_stmt(&writer, SQL_PUT);

    conn_bind(stmt, 1, key);
    conn_bind(stmt, 2, value);
    return conn_step(stmt);
}

static void
an_empty_value_is_not_null(void)
{
    sqlite3_stmt *stmt;

    set_up();
    CU_ASSERT_EQUAL(put(tsec_span_str("a"), tsec_span(NULL, 0)), SQLITE_DONE);
    stmt = conn_stmt(&reader, SQL_GET);
    conn_bind(stmt, 1, tsec_span_str("a"));
    CU_ASSERT_EQUAL(sqlite3_step(stmt), SQLITE_ROW);
    CU_ASSERT_EQUAL(sqlite3_column_type(stmt, 0), SQLITE_BLOB);
    CU_ASSERT_EQUAL(sqlite3_column_bytes(stmt, 0), 0);
    (void)sqlite3_reset(stmt);
    tear_down();
}

static void
a_reader_cannot_write(void)
{
    set_up();
    CU_ASSERT_EQUAL(conn_exec(&reader, "DELETE FROM kv", NULL).code, TSEC_E_READ_ONLY);
    CU_ASSERT_EQUAL(conn_exec(&writer, "DELETE FROM kv", NULL).code, 0);
    CU_ASSERT_PTR_NULL(reader.stmt[SQL_PUT]);
    CU_ASSERT_PTR_NULL(writer.stmt[SQL_SCAN]);
    tear_down();
}

static void
sql_in_the_file_does_not_run(void)
{
    set_up();
    CU_ASSERT_EQUAL(
        conn_exec(&writer, "CREATE TRIGGER t AFTER INSERT ON kv BEGIN DELETE FROM kv; END", NULL)
            .code,
        0);
    CU_ASSERT_EQUAL(put(tsec_span_str("a"), tsec_span_str("1")), SQLITE_DONE);
    CU_ASSERT_EQUAL(sqlite3_changes(writer.db), 1);
    sqlite3_stmt *stmt = conn_stmt(&writer, SQL_HAS);

    conn_bind(stmt, 1, tsec_span_str("a"));
    CU_ASSERT_EQUAL(conn_step(stmt), SQLITE_ROW);
    CU_ASSERT_NOT_EQUAL(conn_exec(&writer, "ATTACH ':memory:' AS other", NULL).code, 0);
    tear_down();
}

static const struct test_case cases[] = {
    { "an empty value is not NULL", an_empty_value_is_not_null },
    { "a reader cannot write", a_reader_cannot_write },
    { "SQL in the file does not run", sql_in_the_file_does_not_run },
};

TEST_MAIN("store-sqlite/conn", cases)
