/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pg_doubt.h
 * @brief What has to happen after a commit of unknown outcome, before anybody looks for it.
 *
 * A look has to be final.  But a session that we gave up may carry the commit out later: it is
 * paused, or waits for its disk, and has all of it.  So it is ended at the server first: from then
 * on the commit is there, or never will be.  An engine that does not know its sessions goes
 * without; there a look is not final.
 *
 * Not for two threads at once.
 */
#ifndef STORE_PG_PG_DOUBT_H
#define STORE_PG_PG_DOUBT_H

#include "pg_conn.h"

enum { PG_DOUBTS_MAX = 2 * PG_CONNECTIONS_MAX };

struct pg_doubts {
    struct pg_session_name at[PG_DOUBTS_MAX];
    size_t len;
};

/** Asks what the server calls this session, for later; nothing where it has no name for it. */
TSEC_MUST_CHECK tsec_rc pg_doubt_name(struct pg_conn *conn, struct tsec_err *err);

/** A commit of this session may or may not happen. */
void pg_doubts_add(struct pg_doubts *doubts, const struct pg_conn *conn);
/** Ends these sessions by another one, and returns when they have ended.  TSEC_E_UNAVAILABLE: one
 *  has not, within a good part of the deadline. */
TSEC_MUST_CHECK tsec_rc pg_doubts_settle(const struct pg_doubts *doubts, struct pg_conn *conn,
                                         struct tsec_err *err);
/** Forgets those of `settled`. */
void pg_doubts_remove(struct pg_doubts *doubts, const struct pg_doubts *settled);

#endif
