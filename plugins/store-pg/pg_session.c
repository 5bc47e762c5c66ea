/* SPDX-License-Identifier: Apache-2.0 */
#include "pg_session.h"

#include <stdio.h>

#include "pg_error.h"

enum { TEXT = 0 };

/* ---- settings ---- */

/* The index is always the way: without this a plan made when the table was small, or whose
 * statistics are old, reads the whole table for a handful of keys. */
static const struct {
    const char *name;
    const char *value; /* NULL: so many hundredths of the call timeout, in milliseconds */
    int percent;
} settings[] = {
    /* A wait for another's lock ends before we give up: with a definite answer. */
    { "lock_timeout", NULL, 75 },
    { "statement_timeout", NULL, 100 },
    { "idle_in_transaction_session_timeout", NULL, 200 },
    { "client_connection_check_interval", "500", 0 },
    { "search_path", "pg_catalog", 0 },
    { "enable_seqscan", "off", 0 },
    { "enable_bitmapscan", "off", 0 },
    { "jit", "off", 0 },
};

static const char set_sql[] = "SELECT pg_catalog.set_config($1, $2, false)"
                              " WHERE pg_catalog.current_setting($1, true) IS NOT NULL";

static tsec_rc
ask(struct pg_conn *conn, const char *sql, const char *a, const char *b, struct tsec_err *err)
{
    const char *values[] = { a, b };
    const int n = a == NULL ? 0 : b == NULL ? 1 : 2;
    const Oid types[] = { 25, 25 }; /* text */

    if (PQsendQueryParams(conn->pg, sql, n, types, values, NULL, NULL, TEXT) != 1) {
        return pg_conn_lost(conn, "set up", err);
    }
    return pg_conn_sync(conn, err); /* each for itself: a refusal does not touch the next */
}

static tsec_rc
send_settings(struct pg_conn *conn, struct tsec_err *err)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(settings); i++) {
        char number[16];

        (void)snprintf(number, sizeof(number), "%d",
                       settings[i].percent * conn->env->settings.call_timeout_ms / 100);
        TSEC_TRY(ask(conn, set_sql, settings[i].name,
                     settings[i].value == NULL ? number : settings[i].value, err));
    }
    return TSEC_OK;
}

/* ---- durability ---- */

static const char ask_sql[] = "SELECT pg_catalog.current_setting('fsync', true),"
                              " pg_catalog.current_setting('full_page_writes', true),"
                              " pg_catalog.current_setting('synchronous_commit', true),"
                              " pg_catalog.current_setting('synchronous_standby_names', true)";

static bool
is_off(const PGresult *result, int column)
{
    return PQgetisnull(result, 0, column) == 0 && strcmp(PQgetvalue(result, 0, column), "off") == 0;
}

static bool
is_named(const PGresult *result, int column)
{
    return PQgetisnull(result, 0, column) == 0 && PQgetlength(result, 0, column) > 0;
}

/* The first row that has all four columns is the answer; an engine that refuses the question has
 * no such settings. */
static tsec_rc
read_answers(struct pg_conn *conn, size_t syncs, struct pg_durability *out, struct tsec_err *err)
{
    while (syncs > 0) {
        TSEC_AUTO(pg_result_free) PGresult *result = NULL;

        TSEC_TRY(pg_conn_next(conn, &result, err));
        if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
            syncs--;
        } else if (PQresultStatus(result) == PGRES_TUPLES_OK && PQnfields(result) == 4
                   && PQntuples(result) == 1) {
            *out = (struct pg_durability){ is_off(result, 0), is_off(result, 1), is_off(result, 2),
                                           is_named(result, 3) };
        } else if (conn->broken) {
            return pg_conn_lost(conn, "set up", err);
        }
    }
    return TSEC_OK;
}

tsec_rc
pg_session_begin(struct pg_conn *conn, struct pg_durability *out, struct tsec_err *err)
{
    struct pg_durability again;

    *out = (struct pg_durability){ .no_fsync = false };
    TSEC_TRY(send_settings(conn, err));
    TSEC_TRY(ask(conn, ask_sql, NULL, NULL, err));
    TSEC_TRY(read_answers(conn, TSEC_ARRAY_LEN(settings) + 1, out, err));
    if (out->no_fsync && !conn->env->settings.allow_volatile) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "the database runs with fsync=off and would lose what was acknowledged: "
                         "turn it on, or set plugins.store-pg.allow_volatile: %s",
                         conn->env->place.label);
    }
    if (!out->asynchronous) {
        return TSEC_OK;
    }
    TSEC_TRY(ask(conn, set_sql, "synchronous_commit", "on", err));
    TSEC_TRY(ask(conn, ask_sql, NULL, NULL, err));
    TSEC_TRY(read_answers(conn, 2, &again, err));
    if (again.asynchronous && !conn->env->settings.allow_volatile) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "synchronous_commit cannot be turned on: %s",
                         conn->env->place.label);
    }
    return TSEC_OK;
}

void
pg_session_tell(const struct pg_env *env, const struct pg_durability *found)
{
    const struct tsec_host *host = env->host;

    if (found->no_fsync) {
        host->log(host->ctx, TSEC_LOG_WARN,
                  "fsync is off, as allow_volatile allows: what was acknowledged may be lost");
    }
    if (found->no_full_pages) {
        host->log(host->ctx, TSEC_LOG_WARN,
                  "full_page_writes is off: a power cut may tear pages of the database");
    }
    if (found->asynchronous) {
        host->log(host->ctx, TSEC_LOG_INFO,
                  "synchronous_commit was off; it is on for the sessions of this server");
    }
}

/* ---- statements ---- */

static tsec_rc
send_prepare(struct pg_conn *conn, enum pg_sql sql, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(PG_SQL_MAX);
    const struct pg_statement *s = pg_statement(sql);

    TSEC_TRY(pg_sql_expand(s->text, conn->env->place.schema, &text, err));
    if (PQsendPrepare(conn->pg, s->name, (const char *)text.ptr, 0, NULL) != 1) {
        return pg_conn_lost(conn, "prepare", err);
    }
    return TSEC_OK;
}

tsec_rc
pg_session_prepare(struct pg_conn *conn, struct tsec_err *err)
{
    for (size_t i = 0; i < PG_SQL_COUNT; i++) {
        TSEC_TRY(send_prepare(conn, (enum pg_sql)i, err));
    }
    TSEC_TRY(pg_conn_sync(conn, err));
    for (size_t i = 0; i < PG_SQL_COUNT; i++) {
        TSEC_AUTO(pg_result_free) PGresult *result = NULL;

        TSEC_TRY(pg_conn_next(conn, &result, err));
        if (PQresultStatus(result) != PGRES_COMMAND_OK) {
            conn->broken = true;
            return pg_fail(result, "prepare", err);
        }
    }
    return pg_conn_drain(conn, err);
}
