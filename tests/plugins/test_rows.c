/* SPDX-License-Identifier: Apache-2.0 */
#include "store-sqlite/rows.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
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

    (void)snprintf(name, sizeof(name), "rows%u.db", n++);
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

static int32_t
apply(enum tsec_store_verb verb, enum tsec_store_expect expect, const char *key, const char *value)
{
    const struct tsec_store_op op = { verb, expect, tsec_span_str(key), tsec_span_str(value) };

    return rows_apply(&writer, &op, NULL).code;
}

static int32_t
get(const char *key, struct tsec_buf *out)
{
    const struct tsec_sink sink = tsec_buf_sink(out);

    tsec_buf_reset(out);
    return rows_get(&reader, tsec_span_str(key), &sink, NULL).code;
}

static tsec_rc
count(void *ctx, struct tsec_span key, struct tsec_span value)
{
    (void)key;
    (void)value;
    ++*(unsigned *)ctx;
    return TSEC_OK;
}

static void
each_operation_does_its_part(void)
{
    TSEC_AUTO_BUF struct tsec_buf value = TSEC_BUF_INIT(64);

    set_up();
    CU_ASSERT_EQUAL(apply(TSEC_STORE_PUT, TSEC_STORE_ABSENT, "a", "1"), 0);
    CU_ASSERT_EQUAL(apply(TSEC_STORE_PUT, TSEC_STORE_ABSENT, "a", "2"), TSEC_E_CONFLICT);
    CU_ASSERT_EQUAL(apply(TSEC_STORE_DELETE, TSEC_STORE_ABSENT, "a", ""), TSEC_E_CONFLICT);
    CU_ASSERT_EQUAL(get("a", &value), 0);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&value), "1"));
    CU_ASSERT_EQUAL(apply(TSEC_STORE_PUT, TSEC_STORE_ANY, "a", "3"), 0);
    CU_ASSERT_EQUAL(get("a", &value), 0);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&value), "3"));
    CU_ASSERT_EQUAL(apply(TSEC_STORE_DELETE, TSEC_STORE_ANY, "a", ""), 0);
    CU_ASSERT_EQUAL(apply(TSEC_STORE_DELETE, TSEC_STORE_ABSENT, "a", ""), 0);
    CU_ASSERT_EQUAL(get("a", &value), TSEC_E_NOT_FOUND);
    tear_down();
}

/* A read that is left open would keep the log from being emptied. */
static void
nothing_stays_open_after_a_read(void)
{
    TSEC_AUTO_BUF struct tsec_buf value = TSEC_BUF_INIT(2);
    const struct tsec_store_bounds all = { .to = { 0xff }, .to_len = 1 };
    unsigned seen = 0;
    const struct rows_visitor visitor = { count, &seen };

    set_up();
    CU_ASSERT_EQUAL(apply(TSEC_STORE_PUT, TSEC_STORE_ANY, "a", "1"), 0);
    CU_ASSERT_EQUAL(apply(TSEC_STORE_PUT, TSEC_STORE_ANY, "b", "too long"), 0);
    CU_ASSERT_EQUAL(get("a", &value), 0);
    CU_ASSERT_EQUAL(get("b", &value), TSEC_E_TOO_LARGE); /* the sink's answer */
    CU_ASSERT_EQUAL(get("c", &value), TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(rows_scan(&reader, &all, 1, &visitor, NULL).code, 0);
    CU_ASSERT_EQUAL(rows_scan(&reader, &all, SIZE_MAX, &visitor, NULL).code, 0);
    CU_ASSERT_EQUAL(seen, 3);
    CU_ASSERT_EQUAL(sqlite3_stmt_busy(reader.stmt[SQL_GET]), 0);
    CU_ASSERT_EQUAL(sqlite3_stmt_busy(reader.stmt[SQL_SCAN]), 0);
    CU_ASSERT_EQUAL(
        sqlite3_wal_checkpoint_v2(writer.db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL),
        SQLITE_OK);
    tear_down();
}

static void
what_was_never_stored_is_tampered(void)
{
    const struct tsec_store_bounds all = { .to = { 0xff }, .to_len = 1 };
    TSEC_AUTO_BUF struct tsec_buf value = TSEC_BUF_INIT(TSEC_STORE_VALUE_MAX);
    unsigned seen = 0;
    const struct rows_visitor visitor = { count, &seen };

    set_up();
    CU_ASSERT_EQUAL(
        conn_exec(&writer, "INSERT INTO kv VALUES (x'61', zeroblob(1052673))", NULL).code, 0);
    CU_ASSERT_EQUAL(get("a", &value), TSEC_E_TAMPERED);
    CU_ASSERT_EQUAL(rows_scan(&reader, &all, 9, &visitor, NULL).code, TSEC_E_TAMPERED);
    CU_ASSERT_EQUAL(conn_exec(&writer, "UPDATE kv SET key = zeroblob(65), value = x''", NULL).code,
                    0);
    CU_ASSERT_EQUAL(rows_scan(&reader, &all, 9, &visitor, NULL).code, TSEC_E_TAMPERED);
    CU_ASSERT_EQUAL(seen, 0);
    tear_down();
}

static const struct test_case cases[] = {
    { "each operation does its part", each_operation_does_its_part },
    { "nothing stays open after a read", nothing_stays_open_after_a_read },
    { "what was never stored is tampered", what_was_never_stored_is_tampered },
};

TEST_MAIN("store-sqlite/rows", cases)
