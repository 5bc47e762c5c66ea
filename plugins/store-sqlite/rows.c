/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

/* ---- reading ---- */

/* A value that no commit of ours can have stored is not handed on. */
static tsec_rc
column(struct conn *reader, sqlite3_stmt *stmt, int index, size_t max, struct tsec_span *out,
       struct tsec_err *err)
{
    const void *bytes = sqlite3_column_blob(stmt, index);
    const int len = sqlite3_column_bytes(stmt, index);

    if (sqlite3_column_type(stmt, index) != SQLITE_BLOB || (size_t)len > max) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "a record of a form that was never stored: %s",
                         reader->path);
    }
    if (bytes == NULL && len > 0) {
        return sql_fail(conn_site(reader), SQLITE_NOMEM, "read", err);
    }
    *out = tsec_span(bytes == NULL ? "" : bytes, (size_t)len);
    return TSEC_OK;
}

static tsec_rc
hand_out(struct conn *reader, sqlite3_stmt *stmt, const struct tsec_sink *out, struct tsec_err *err)
{
    struct tsec_span value;
    const int rc = sqlite3_step(stmt);

    if (rc == SQLITE_DONE) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no such key");
    }
    if (rc != SQLITE_ROW) {
        return sql_fail(conn_site(reader), rc, "get", err);
    }
    TSEC_TRY(column(reader, stmt, 0, TSEC_STORE_VALUE_MAX, &value, err));
    return out->write(out->ctx, value);
}

tsec_rc
rows_get(struct conn *reader, struct tsec_span key, const struct tsec_sink *out,
         struct tsec_err *err)
{
    sqlite3_stmt *stmt = conn_stmt(reader, SQL_GET);
    tsec_rc rc;

    conn_bind(stmt, 1, key);
    rc = hand_out(reader, stmt, out, err);
    (void)sqlite3_reset(stmt);
    return rc;
}

tsec_rc
rows_visit(struct conn *reader, struct tsec_span key, const struct rows_visitor *visitor,
           struct tsec_err *err)
{
    sqlite3_stmt *stmt = conn_stmt(reader, SQL_GET);
    struct tsec_span value;
    tsec_rc rc = TSEC_OK;
    int step;

    conn_bind(stmt, 1, key);
    step = sqlite3_step(stmt);
    if (step == SQLITE_ROW) {
        rc = column(reader, stmt, 0, TSEC_STORE_VALUE_MAX, &value, err);
        rc = tsec_failed(rc) ? rc : visitor->visit(visitor->ctx, key, value);
    } else if (step != SQLITE_DONE) {
        rc = sql_fail(conn_site(reader), step, "get", err);
    }
    (void)sqlite3_reset(stmt);
    return rc;
}

static tsec_rc
visit_row(struct conn *reader, sqlite3_stmt *stmt, const struct rows_visitor *visitor,
          struct tsec_err *err)
{
    struct tsec_span key;
    struct tsec_span value;

    TSEC_TRY(column(reader, stmt, 0, TSEC_STORE_KEY_MAX, &key, err));
    TSEC_TRY(column(reader, stmt, 1, TSEC_STORE_VALUE_MAX, &value, err));
    return visitor->visit(visitor->ctx, key, value);
}

tsec_rc
rows_scan(struct conn *reader, const struct tsec_store_bounds *bounds, size_t limit,
          const struct rows_visitor *visitor, struct tsec_err *err)
{
    sqlite3_stmt *stmt = conn_stmt(reader, SQL_SCAN);
    tsec_rc rc = TSEC_OK;
    int step = SQLITE_ROW;

    conn_bind(stmt, 1, tsec_span(bounds->from, bounds->from_len));
    conn_bind(stmt, 2, tsec_span(bounds->to, bounds->to_len));
    (void)sqlite3_bind_int64(stmt, 3, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
    while (!tsec_failed(rc) && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        rc = visit_row(reader, stmt, visitor, err);
    }
    if (!tsec_failed(rc) && step != SQLITE_DONE) {
        rc = sql_fail(conn_site(reader), step, "scan", err);
    }
    (void)sqlite3_reset(stmt);
    return rc;
}

/* ---- writing ---- */

static tsec_rc
conflict(bool is_there, struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_CONFLICT,
                     is_there ? "a key that was to be absent is there"
                              : "a key that was to be present is not there");
}

static tsec_rc
refuse_unless(bool is_there, struct conn *writer, struct tsec_span key, struct tsec_err *err)
{
    sqlite3_stmt *stmt = conn_stmt(writer, SQL_HAS);
    int rc;

    conn_bind(stmt, 1, key);
    rc = conn_step(stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        return sql_fail(conn_site(writer), rc, "look up", err);
    }
    return (rc == SQLITE_ROW) == is_there ? TSEC_OK : conflict(!is_there, err);
}

tsec_rc
rows_apply(struct conn *writer, const struct tsec_store_op *op, struct tsec_err *err)
{
    const bool put = op->verb == TSEC_STORE_PUT;
    const bool absent = op->expect == TSEC_STORE_ABSENT;
    sqlite3_stmt *stmt;
    int rc;

    if (!put && absent) {
        return refuse_unless(false, writer, op->key, err); /* and then there is nothing to delete */
    }
    if (op->expect == TSEC_STORE_PRESENT) {
        TSEC_TRY(refuse_unless(true, writer, op->key, err));
    }
    stmt = conn_stmt(writer, !put ? SQL_DELETE : absent ? SQL_PUT_NEW : SQL_PUT);
    conn_bind(stmt, 1, op->key);
    if (put) {
        conn_bind(stmt, 2, op->value);
    }
    rc = conn_step(stmt);
    if ((rc & 0xff) == SQLITE_CONSTRAINT && put && absent) {
        return conflict(true, err);
    }
    return rc == SQLITE_DONE ? TSEC_OK : sql_fail(conn_site(writer), rc, "write", err);
}
