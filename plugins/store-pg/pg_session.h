/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pg_session.h
 * @brief What a new connection is told and asked before it carries records.
 *
 * An engine that does not know a setting goes without it.  Changes nothing that outlives the
 * session.
 */
#ifndef STORE_PG_PG_SESSION_H
#define STORE_PG_PG_SESSION_H

#include "pg_conn.h"

/** What the server said of its durability. */
struct pg_durability {
    bool no_fsync;
    bool no_full_pages;
    bool asynchronous; /* synchronous_commit was off: it is on in this session now */
    bool standbys;     /* a commit waits for some: see pg_commit_fence() */
};

/** Limits of time, so that what we gave up ends there too; plans by index; then asks how durable a
 *  commit is.  TSEC_E_CONFIG: it is not, and the operator has not allowed that. */
TSEC_MUST_CHECK tsec_rc pg_session_begin(struct pg_conn *conn, struct pg_durability *out,
                                         struct tsec_err *err);

/** Prepares every statement; the tables must be there. */
TSEC_MUST_CHECK tsec_rc pg_session_prepare(struct pg_conn *conn, struct tsec_err *err);

/** Says in the log, once for each store, what of `found` an operator should know. */
void pg_session_tell(const struct pg_env *env, const struct pg_durability *found);

#endif
