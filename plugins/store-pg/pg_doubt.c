/* SPDX-License-Identifier: Apache-2.0 */
#include "pg_doubt.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "pg_error.h"

/* By the time it began as well: a number is given again.  In microseconds, which no setting of a
 * session writes otherwise. */
#define SINCE "(extract(epoch FROM backend_start) * 1000000)::int8"

static const char name_sql[] = "SELECT pid, " SINCE " FROM pg_catalog.pg_stat_activity"
                               " WHERE pid = pg_catalog.pg_backend_pid()";

/* Nothing but digits, as it will stand in a question. */
static bool
take(char out[PG_SESSION_NAME_MAX], const PGresult *result, int column)
{
    const char *text = PQgetvalue(result, 0, column);

    (void)snprintf(out, PG_SESSION_NAME_MAX, "%s", text);
    return text[0] != '\0' && strspn(text, "0123456789") == strlen(text)
           && strlen(text) < PG_SESSION_NAME_MAX;
}

tsec_rc
pg_doubt_name(struct pg_conn *conn, struct tsec_err *err)
{
    TSEC_AUTO(pg_result_free) PGresult *result = NULL;

    conn->name = (struct pg_session_name){ .pid = "" };
    TSEC_TRY(pg_conn_exec(conn, name_sql, &result, err));
    if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1
        && PQnfields(result) == 2
        && !(take(conn->name.pid, result, 0) && take(conn->name.since, result, 1))) {
        conn->name = (struct pg_session_name){ .pid = "" };
    }
    return TSEC_OK;
}

void
pg_doubts_add(struct pg_doubts *doubts, const struct pg_conn *conn)
{
    if (conn->name.pid[0] != '\0' && doubts->len < PG_DOUBTS_MAX) {
        doubts->at[doubts->len++] = conn->name;
    }
}

/* What the server gave us goes back to it as it came: digits, and no others are taken. */
static tsec_rc
end_session(struct pg_conn *conn, const struct pg_session_name *name, struct tsec_err *err)
{
    TSEC_AUTO(pg_result_free) PGresult *result = NULL;
    const int64_t left = conn->deadline_ns - tsec_clock_mono_ns(&tsec_clock_system);
    char sql[256];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT pg_catalog.pg_terminate_backend(pid, %lld)"
                   " FROM pg_catalog.pg_stat_activity"
                   " WHERE pid = %s AND " SINCE " = %s",
                   (long long)(left / 2000000) + 1, name->pid, name->since);
    TSEC_TRY(pg_conn_exec(conn, sql, &result, err));
    if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1
        && strcmp(PQgetvalue(result, 0, 0), "t") != 0) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE,
                         "session %s of the database may still commit, and does not end",
                         name->pid);
    }
    return TSEC_OK;
}

tsec_rc
pg_doubts_settle(const struct pg_doubts *doubts, struct pg_conn *conn, struct tsec_err *err)
{
    for (size_t i = 0; i < doubts->len; i++) {
        TSEC_TRY(end_session(conn, &doubts->at[i], err));
    }
    return TSEC_OK;
}

static bool
is_among(const struct pg_session_name *name, const struct pg_doubts *doubts)
{
    for (size_t i = 0; i < doubts->len; i++) {
        if (strcmp(name->pid, doubts->at[i].pid) == 0
            && strcmp(name->since, doubts->at[i].since) == 0) {
            return true;
        }
    }
    return false;
}

void
pg_doubts_remove(struct pg_doubts *doubts, const struct pg_doubts *settled)
{
    size_t kept = 0;

    for (size_t i = 0; i < doubts->len; i++) {
        if (!is_among(&doubts->at[i], settled)) {
            doubts->at[kept++] = doubts->at[i];
        }
    }
    doubts->len = kept;
}
