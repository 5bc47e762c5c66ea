/* SPDX-License-Identifier: Apache-2.0 */
#include "pg_rows.h"

#include "base/clock.h"
#include "pg_error.h"

/* One row: of two columns when `key` is NULL, else its value alone. */
static tsec_rc
hand_out(struct pg_conn *conn, const PGresult *row, const struct tsec_span *key,
         struct pg_visitor *visitor, struct tsec_err *err)
{
    const int64_t before = tsec_clock_mono_ns(&tsec_clock_system);
    struct tsec_span found = { NULL, 0 };
    struct tsec_span value = { NULL, 0 };
    tsec_rc rc;

    if (key == NULL) {
        TSEC_TRY(pg_column(row, 0, 0, TSEC_STORE_KEY_MAX, &found, err));
    }
    TSEC_TRY(pg_column(row, 0, key == NULL ? 1 : 0, TSEC_STORE_VALUE_MAX, &value, err));
    visitor->visited++;
    rc = visitor->visit(visitor->ctx, key == NULL ? found : *key, value);
    visitor->failed = tsec_failed(rc);
    conn->deadline_ns += tsec_clock_mono_ns(&tsec_clock_system) - before;
    return rc;
}

static tsec_rc
take_results(struct pg_conn *conn, enum pg_sql sql, const struct tsec_span *key,
             struct pg_visitor *visitor, struct tsec_err *err)
{
    bool over = false;

    while (!over) {
        TSEC_AUTO(pg_result_free) PGresult *result = NULL;

        TSEC_TRY(pg_conn_next(conn, &result, err));
        switch ((int)PQresultStatus(result)) {
        case PGRES_SINGLE_TUPLE:
            TSEC_TRY(hand_out(conn, result, key, visitor, err));
            break;
        case PGRES_TUPLES_OK: /* the end of the rows */
            over = true;
            break;
        default:
            if (pg_meaning(PQresultErrorField(result, PG_DIAG_SQLSTATE))->drop) {
                conn->broken = true;
            }
            return pg_fail(result, pg_statement(sql)->name, err);
        }
    }
    return TSEC_OK;
}

static tsec_rc
ask(struct pg_conn *conn, enum pg_sql sql, const struct pg_params *params,
    const struct tsec_span *key, struct pg_visitor *visitor, struct tsec_err *err)
{
    tsec_rc rc;

    TSEC_TRY(pg_conn_send(conn, sql, params, err));
    TSEC_TRY(pg_conn_sync(conn, err));
    /* The first result is this statement's: nothing was under way. */
    if (PQsetSingleRowMode(conn->pg) != 1) {
        return pg_conn_lost(conn, "receive", err);
    }
    rc = take_results(conn, sql, key, visitor, err);
    /* What is left says nothing new: the rows were complete, or the call has failed. */
    if (!conn->broken && tsec_failed(pg_conn_drain(conn, NULL))) {
        conn->broken = true;
    }
    return rc;
}

tsec_rc
pg_rows_get(struct pg_conn *conn, struct tsec_span key, struct pg_visitor *visitor,
            struct tsec_err *err)
{
    struct pg_params params = { .n = 0 };

    pg_params_bytes(&params, key);
    return ask(conn, PG_GET, &params, &key, visitor, err);
}

tsec_rc
pg_rows_get_many(struct pg_conn *conn, const struct tsec_span *keys, size_t n,
                 struct pg_visitor *visitor, struct tsec_err *err)
{
    struct pg_params params = { .n = 0 };
    struct pg_array array;
    tsec_rc rc;

    pg_array_begin(&array, TSEC_STORE_KEYS_MAX * (TSEC_STORE_KEY_MAX + 4) + 32);
    for (size_t i = 0; i < n; i++) {
        pg_array_put(&array, keys[i]);
    }
    rc = pg_array_end(&array, err);
    if (!tsec_failed(rc)) {
        pg_params_bytes(&params, tsec_buf_span(&array.bytes));
        rc = ask(conn, PG_GET_MANY, &params, NULL, visitor, err);
    }
    pg_array_done(&array);
    return rc;
}

tsec_rc
pg_rows_scan(struct pg_conn *conn, const struct tsec_store_bounds *bounds, size_t limit,
             struct pg_visitor *visitor, struct tsec_err *err)
{
    struct pg_params params = { .n = 0 };

    pg_params_bytes(&params, tsec_span(bounds->from, bounds->from_len));
    pg_params_bytes(&params, tsec_span(bounds->to, bounds->to_len));
    pg_params_int64(&params, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
    return ask(conn, PG_SCAN, &params, NULL, visitor, err);
}
