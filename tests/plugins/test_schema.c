/* SPDX-License-Identifier: Apache-2.0 */
#include "store-sqlite/schema.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/double/temp_dir.h"
#include "tests/test.h"

static char path[512];

static void
empty_file(void)
{
    static unsigned n;
    char name[32];
    FILE *f;

    (void)snprintf(name, sizeof(name), "schema%u.db", n++);
    temp_path(name, path, sizeof(path));
    f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fclose(f);
}

static bool
ensure_is(enum tsec_code code, const char *says)
{
    struct conn conn;
    struct tsec_err err = { 0 };
    tsec_rc rc;

    conn_init(&conn, CONN_WRITER, path);
    rc = conn_open(&conn, &err);
    if (!tsec_failed(rc)) {
        rc = schema_ensure(&conn, &err);
    }
    conn_done(&conn);
    if (rc.code != (int32_t)code || strstr(err.detail, says) == NULL) {
        (void)fprintf(stderr, "%d: %s\n", rc.code, err.detail);
        return false;
    }
    return true;
}

static void
sql(const char *text)
{
    sqlite3 *db = NULL;

    CU_ASSERT_EQUAL_FATAL(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(db);
}

static void
an_empty_file_gets_the_table(void)
{
    empty_file();
    CU_ASSERT_TRUE(ensure_is(TSEC_OK_CODE, ""));
    sql("INSERT INTO kv VALUES (x'00', x'')");
    CU_ASSERT_TRUE(ensure_is(TSEC_OK_CODE, ""));
}

static void
another_programs_file_is_left_alone(void)
{
    char mode[16] = "";
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;

    empty_file();
    sql("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)");
    CU_ASSERT_TRUE(ensure_is(TSEC_E_CONFIG, "another program"));
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &db), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_prepare_v2(db, "PRAGMA journal_mode", -1, &stmt, NULL), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_step(stmt), SQLITE_ROW);
    (void)snprintf(mode, sizeof(mode), "%s", (const char *)sqlite3_column_text(stmt, 0));
    CU_ASSERT_STRING_EQUAL(mode, "delete");
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(db);
}

static void
another_releases_file_is_refused(void)
{
    empty_file();
    CU_ASSERT_TRUE(ensure_is(TSEC_OK_CODE, ""));
    sql("PRAGMA user_version = 2");
    CU_ASSERT_TRUE(ensure_is(TSEC_E_CONFIG, "another release"));
}

static void
a_changed_table_is_refused(void)
{
    static const char *const changes[] = {
        "CREATE TABLE more (a)",
        "CREATE INDEX more ON kv (value)",
        "CREATE VIEW more AS SELECT * FROM kv",
        "ALTER TABLE kv ADD COLUMN more BLOB",
        "DROP TABLE kv; CREATE TABLE kv (key BLOB PRIMARY KEY, value BLOB)",
        "DROP TABLE kv",
    };

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        empty_file();
        CU_ASSERT_TRUE(ensure_is(TSEC_OK_CODE, ""));
        sql(changes[i]);
        CU_ASSERT_TRUE(ensure_is(TSEC_E_TAMPERED, "tables were changed"));
    }
}

static void
what_is_no_database_is_refused(void)
{
    FILE *f;

    empty_file();
    f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    for (unsigned i = 0; i < 1000; i++) {
        (void)fprintf(f, "this is not a database %u\n", i);
    }
    (void)fclose(f);
    CU_ASSERT_TRUE(ensure_is(TSEC_E_TAMPERED, "not a SQLite database"));
}

/* A page in the middle turned to zeroes. */
static void
a_damaged_page_is_found(void)
{
    static const unsigned char zeroes[8192];
    int fd;

    empty_file();
    CU_ASSERT_TRUE(ensure_is(TSEC_OK_CODE, ""));
    sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
        " INSERT INTO kv SELECT CAST(i AS BLOB), randomblob(2000) FROM n");
    CU_ASSERT_TRUE(ensure_is(TSEC_OK_CODE, ""));
    fd = open(path, O_WRONLY | O_CLOEXEC);
    CU_ASSERT_EQUAL(pwrite(fd, zeroes, sizeof(zeroes), 10 * 8192), (ssize_t)sizeof(zeroes));
    (void)close(fd);
    CU_ASSERT_TRUE(ensure_is(TSEC_E_TAMPERED, "damaged"));
}

static const struct test_case cases[] = {
    { "an empty file gets the table", an_empty_file_gets_the_table },
    { "another program's file is left alone", another_programs_file_is_left_alone },
    { "another release's file is refused", another_releases_file_is_refused },
    { "a changed table is refused", a_changed_table_is_refused },
    { "what is no database is refused", what_is_no_database_is_refused },
    { "a damaged page is found", a_damaged_page_is_found },
};

TEST_MAIN("store-sqlite/schema", cases)
