/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pg_conn.h
 * @brief One connection: statements go out, results come in, nothing waits past a deadline.
 *
 * Always in pipeline mode, so that whatever belongs together is one round trip.  For one thread at
 * a time.  Never blocks but in poll(), and in the resolver while it opens.  What has failed is
 * `broken`, and its holder closes it; nothing here tries again.
 */
#ifndef STORE_PG_PG_CONN_H
#define STORE_PG_PG_CONN_H

#include "pg_param.h"
#include "pg_settings.h"
#include "pg_sql.h"

enum { PG_SESSION_NAME_MAX = 40 };

/** What the server calls a session; empty where it does not. */
struct pg_session_name {
    char pid[PG_SESSION_NAME_MAX];
    char since[PG_SESSION_NAME_MAX];
};

struct pg_conn {
    const struct pg_env *env;
    PGconn *pg;          /* NULL: closed */
    size_t host;         /* which of the hosts answered last */
    int64_t deadline_ns; /* monotonic: of whatever is waited for */
    bool broken;
    bool doubtful;     /* it may yet carry out a commit that we gave up */
    bool unreplicated; /* a commit gave up waiting for the standbys; cleared by who looks */
    struct pg_session_name name;
};

void pg_conn_init(struct pg_conn *conn, const struct pg_env *env);
/** Connects to the first host that will do, before `deadline_ns`.  TSEC_E_UNAVAILABLE;
 *  TSEC_E_CONFIG: role, password or database are refused. */
TSEC_MUST_CHECK tsec_rc pg_conn_open(struct pg_conn *conn, struct tsec_err *err);
/** To be told when the struct has been copied to where it is now. */
void pg_conn_moved(struct pg_conn *conn);
/** Harmless when closed.  What was not sent yet is never sent. */
void pg_conn_close(struct pg_conn *conn);

static inline const struct tsec_host *
pg_conn_log(const struct pg_conn *conn)
{
    return conn->env->host;
}

/** TSEC_E_UNAVAILABLE, and broken. */
TSEC_MUST_CHECK tsec_rc pg_conn_lost(struct pg_conn *conn, const char *doing, struct tsec_err *err);

/** Queues a prepared statement; sends none, some or all of it. */
TSEC_MUST_CHECK tsec_rc pg_conn_send(struct pg_conn *conn, enum pg_sql sql,
                                     const struct pg_params *params, struct tsec_err *err);
/** Hands all that is queued to the kernel. */
TSEC_MUST_CHECK tsec_rc pg_conn_flush(struct pg_conn *conn, struct tsec_err *err);
/** Ends a pipeline: the server answers up to here, with PGRES_PIPELINE_SYNC at last. */
TSEC_MUST_CHECK tsec_rc pg_conn_sync(struct pg_conn *conn, struct tsec_err *err);
/** The next result, which is the caller's to PQclear(). */
TSEC_MUST_CHECK tsec_rc pg_conn_next(struct pg_conn *conn, PGresult **out, struct tsec_err *err);
/** Takes results off until PGRES_PIPELINE_SYNC. */
TSEC_MUST_CHECK tsec_rc pg_conn_drain(struct pg_conn *conn, struct tsec_err *err);

/** Runs SQL outside a pipeline, one statement or more; `out` is the first error, or the last
 *  result. */
TSEC_MUST_CHECK tsec_rc pg_conn_exec(struct pg_conn *conn, const char *sql, PGresult **out,
                                     struct tsec_err *err);

/** Whether an idle connection still seems to be one: asks the kernel, not the server. */
bool pg_conn_alive(struct pg_conn *conn);
/** Ends whatever transaction is left; false: close it. */
bool pg_conn_settle(struct pg_conn *conn);

static inline void
pg_result_free(PGresult *result)
{
    PQclear(result);
}
TSEC_DEFINE_AUTO(PGresult, pg_result_free)

#endif
