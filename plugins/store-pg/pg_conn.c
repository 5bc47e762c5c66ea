/* SPDX-License-Identifier: Apache-2.0 */
#include "pg_conn.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "pg_error.h"

void
pg_conn_init(struct pg_conn *conn, const struct pg_env *env)
{
    *conn = (struct pg_conn){ .env = env };
}

/* ---- waiting ---- */

/* False: the deadline came first. */
static bool
wait_for(struct pg_conn *conn, short events, int64_t deadline_ns)
{
    struct pollfd p = { .fd = PQsocket(conn->pg), .events = events };
    int n;

    do {
        const int64_t left = deadline_ns - tsec_clock_mono_ns(&tsec_clock_system);

        if (left <= 0 || p.fd < 0) {
            return false;
        }
        n = poll(&p, 1, (int)(left / 1000000) + 1);
    } while (n == 0 || (n < 0 && errno == EINTR));
    return true; /* what poll() finds wrong, libpq will find too, and say */
}

tsec_rc
pg_conn_lost(struct pg_conn *conn, const char *doing, struct tsec_err *err)
{
    char words[128];

    conn->broken = true;
    pg_place_scrub(&conn->env->place, PQerrorMessage(conn->pg), words, sizeof(words));
    return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "%s: the connection to the database was lost: %s",
                     doing, words);
}

static tsec_rc
too_late(struct pg_conn *conn, const char *doing, struct tsec_err *err)
{
    conn->broken = true;
    return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "%s: the database did not answer in time: %s", doing,
                     conn->env->place.label);
}

/* ---- opening ---- */

/* Two causes of one warning: an operator cancelled the wait for the standbys, or ended the session
 * in it.  The commit is in the database and may yet be lost in a failover, though the answer will
 * be that it was done.  The name of the function is the same in every language. */
static void
on_notice(void *ctx, const PGresult *notice)
{
    struct pg_conn *conn = ctx;
    const char *where = PQresultErrorField(notice, PG_DIAG_SOURCE_FUNCTION);

    if (where != NULL && strcmp(where, "SyncRepWaitForLSN") == 0) {
        conn->unreplicated = true;
    }
}

void
pg_conn_moved(struct pg_conn *conn)
{
    (void)PQsetNoticeReceiver(conn->pg, on_notice, conn);
}

/* Why the last host refused; what was wrong with the others is in the log. */
static tsec_rc
refused(struct pg_conn *conn, struct tsec_err *err)
{
    char words[160];
    char state[PG_STATE_LEN + 1];
    const struct pg_meaning *m;

    pg_state_in_text(PQerrorMessage(conn->pg), state);
    m = pg_meaning(state[0] == '\0' ? "08001" : state);
    pg_place_scrub(&conn->env->place, PQerrorMessage(conn->pg), words, sizeof(words));
    return TSEC_FAIL(err, m->code, "%s: %s", state[0] == '\0' ? "connect" : m->advice, words);
}

/* Nothing was sent yet: the name is not known, or an option has a value that libpq refuses. */
static tsec_rc
not_begun(struct pg_conn *conn, struct tsec_err *err)
{
    static const char invalid[] = "invalid ";
    char words[160];

    if (strncmp(PQerrorMessage(conn->pg), invalid, strlen(invalid)) != 0) {
        return refused(conn, err);
    }
    pg_place_scrub(&conn->env->place, PQerrorMessage(conn->pg), words, sizeof(words));
    return TSEC_FAIL(err, TSEC_E_CONFIG, "storage.database_uri: %s", words);
}

static tsec_rc
dial(struct pg_conn *conn, int64_t deadline_ns, struct tsec_err *err)
{
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;

    while (want != PGRES_POLLING_OK && want != PGRES_POLLING_FAILED) {
        if (!wait_for(conn, want == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline_ns)) {
            return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "the database does not answer: %s",
                             conn->env->place.hosts[conn->host].name);
        }
        want = PQconnectPoll(conn->pg);
    }
    return want == PGRES_POLLING_OK ? TSEC_OK : refused(conn, err);
}

static tsec_rc
dial_host(struct pg_conn *conn, int64_t deadline_ns, struct tsec_err *err)
{
    struct pg_conninfo info;

    pg_place_conninfo(&conn->env->place, conn->host, &info);
    conn->pg = PQconnectStartParams(info.keywords, info.values, 0);
    if (conn->pg == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a connection");
    }
    if (PQstatus(conn->pg) == CONNECTION_BAD) {
        return not_begun(conn, err);
    }
    (void)PQsetErrorVerbosity(conn->pg, PQERRORS_VERBOSE); /* with the SQLSTATE of a refusal */
    (void)PQsetNoticeReceiver(conn->pg, on_notice, conn);
    TSEC_TRY(dial(conn, deadline_ns, err));
    (void)PQsetErrorVerbosity(conn->pg, PQERRORS_DEFAULT);
    if (PQsetnonblocking(conn->pg, 1) != 0 || PQenterPipelineMode(conn->pg) != 1) {
        return pg_conn_lost(conn, "connect", err);
    }
    return TSEC_OK;
}

/* Each host has an equal share of what time is left, so that one that swallows what it is sent does
 * not keep us from the next. */
tsec_rc
pg_conn_open(struct pg_conn *conn, struct tsec_err *err)
{
    const size_t n = conn->env->place.hosts_len;
    tsec_rc rc = TSEC_OK;

    for (size_t tried = 0; tried < n; tried++) {
        const int64_t now = tsec_clock_mono_ns(&tsec_clock_system);
        const int64_t share = (conn->deadline_ns - now) / (int64_t)(n - tried);

        conn->broken = false;
        conn->doubtful = false;
        conn->unreplicated = false;
        rc = dial_host(conn, now + share, err);
        if (!tsec_failed(rc)) {
            return TSEC_OK;
        }
        pg_conn_close(conn);
        conn->host = (conn->host + 1) % n;
    }
    return rc;
}

/* Without lingering: a commit that was given up must not leave the kernel's queue later. */
void
pg_conn_close(struct pg_conn *conn)
{
    const struct linger none = { .l_onoff = 1, .l_linger = 0 };

    if (conn->pg != NULL && conn->broken && PQsocket(conn->pg) >= 0) {
        (void)setsockopt(PQsocket(conn->pg), SOL_SOCKET, SO_LINGER, &none, sizeof(none));
    }
    PQfinish(conn->pg);
    conn->pg = NULL;
}

/* ---- sending ---- */

tsec_rc
pg_conn_send(struct pg_conn *conn, enum pg_sql sql, const struct pg_params *params,
             struct tsec_err *err)
{
    const struct pg_statement *s = pg_statement(sql);

    if (PQsendQueryPrepared(conn->pg, s->name, params->n, params->values, params->lengths,
                            params->formats, 1)
        != 1) {
        return pg_conn_lost(conn, s->name, err);
    }
    return TSEC_OK;
}

/* Reads as well: a server whose answers nobody takes stops reading. */
tsec_rc
pg_conn_flush(struct pg_conn *conn, struct tsec_err *err)
{
    int left = PQflush(conn->pg);

    while (left > 0) {
        if (!wait_for(conn, POLLIN | POLLOUT, conn->deadline_ns)) {
            return too_late(conn, "send", err);
        }
        if (PQconsumeInput(conn->pg) != 1) {
            return pg_conn_lost(conn, "send", err);
        }
        left = PQflush(conn->pg);
    }
    return left == 0 ? TSEC_OK : pg_conn_lost(conn, "send", err);
}

tsec_rc
pg_conn_sync(struct pg_conn *conn, struct tsec_err *err)
{
    return PQpipelineSync(conn->pg) == 1 ? TSEC_OK : pg_conn_lost(conn, "send", err);
}

/* ---- receiving ---- */

/* With TLS libpq may hold a part of a record that poll() knows nothing of: it is asked twice. */
static tsec_rc
receive_some(struct pg_conn *conn, struct tsec_err *err)
{
    const int times = PQsslInUse(conn->pg) != 0 ? 2 : 1;
    const int left = PQflush(conn->pg);

    if (left < 0) {
        return pg_conn_lost(conn, "send", err);
    }
    if (!wait_for(conn, (short)(left > 0 ? POLLIN | POLLOUT : POLLIN), conn->deadline_ns)) {
        return too_late(conn, "wait", err);
    }
    for (int i = 0; i < times; i++) {
        if (PQconsumeInput(conn->pg) != 1) {
            return pg_conn_lost(conn, "receive", err);
        }
    }
    return TSEC_OK;
}

/* Between the results of two statements libpq says NULL once; twice is a result that never comes.
 */
tsec_rc
pg_conn_next(struct pg_conn *conn, PGresult **out, struct tsec_err *err)
{
    *out = NULL;
    for (int nulls = 0; *out == NULL && nulls < 2; nulls++) {
        while (PQisBusy(conn->pg) != 0) {
            TSEC_TRY(receive_some(conn, err));
        }
        *out = PQgetResult(conn->pg);
    }
    if (PQstatus(conn->pg) == CONNECTION_BAD) {
        conn->broken = true;
    }
    return *out != NULL ? TSEC_OK : pg_conn_lost(conn, "receive", err);
}

tsec_rc
pg_conn_drain(struct pg_conn *conn, struct tsec_err *err)
{
    bool over = false;

    while (!over) {
        TSEC_AUTO(pg_result_free) PGresult *result = NULL;

        TSEC_TRY(pg_conn_next(conn, &result, err));
        over = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        if (!over && conn->broken) {
            return pg_conn_lost(conn, "receive", err);
        }
    }
    return TSEC_OK;
}

static tsec_rc
gather(struct pg_conn *conn, PGresult **out, struct tsec_err *err)
{
    PGresult *next = NULL;

    do {
        while (PQisBusy(conn->pg) != 0) {
            TSEC_TRY(receive_some(conn, err));
        }
        next = PQgetResult(conn->pg);
        if (next != NULL && (*out == NULL || PQresultStatus(*out) != PGRES_FATAL_ERROR)) {
            PQclear(*out);
            *out = next;
        } else {
            PQclear(next);
        }
    } while (next != NULL);
    return *out != NULL ? TSEC_OK : pg_conn_lost(conn, "receive", err);
}

tsec_rc
pg_conn_exec(struct pg_conn *conn, const char *sql, PGresult **out, struct tsec_err *err)
{
    *out = NULL;
    if (PQexitPipelineMode(conn->pg) != 1 || PQsendQuery(conn->pg, sql) != 1) {
        return pg_conn_lost(conn, "send", err);
    }
    TSEC_TRY(gather(conn, out, err));
    return PQenterPipelineMode(conn->pg) == 1 ? TSEC_OK : pg_conn_lost(conn, "send", err);
}

/* ---- between calls ---- */

bool
pg_conn_alive(struct pg_conn *conn)
{
    struct pollfd p = { .fd = PQsocket(conn->pg), .events = POLLIN | POLLRDHUP };

    if (conn->broken || p.fd < 0 || PQstatus(conn->pg) != CONNECTION_OK) {
        return false;
    }
    if (poll(&p, 1, 0) == 0) {
        return true;
    }
    /* A notice, or a change of a setting, is harmless; the end is not. */
    return (p.revents & (POLLRDHUP | POLLHUP | POLLERR)) == 0 && PQconsumeInput(conn->pg) == 1
           && PQisBusy(conn->pg) == 0 && PQstatus(conn->pg) == CONNECTION_OK;
}

bool
pg_conn_settle(struct pg_conn *conn)
{
    TSEC_AUTO(pg_result_free) PGresult *result = NULL;

    if (conn->pg == NULL || conn->broken) {
        return false;
    }
    if (PQtransactionStatus(conn->pg) == PQTRANS_IDLE) {
        return true;
    }
    return !tsec_failed(pg_conn_exec(conn, "ROLLBACK", &result, NULL))
           && PQtransactionStatus(conn->pg) == PQTRANS_IDLE;
}
