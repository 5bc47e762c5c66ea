/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pg_commit.h
 * @brief One commit in one round trip, and what came of it.
 *
 * Tries once.  Says TSEC_E_OUTCOME_UNKNOWN when and only when the server may have executed COMMIT
 * and its answer is not there.
 */
#ifndef STORE_PG_PG_COMMIT_H
#define STORE_PG_PG_COMMIT_H

#include <tsec/store.h>

#include "pg_conn.h"

/** `ops` passed tsec_store_check_ops(), and there is one at least; `retry` is set when the same may
 *  well work at once, on this connection or, when it is broken, on another: nothing was applied. */
TSEC_MUST_CHECK tsec_rc pg_commit(struct pg_conn *conn, const struct tsec_store_op *ops, size_t n,
                                  bool *retry, struct tsec_err *err);

/** A commit that changes nothing, for a new session where commits wait for standbys.  PostgreSQL
 *  shows a commit that no standby has when its wait was cancelled, or when the primary crashed in
 *  it; a failover would take that away again.  The log is one stream in order: who has this commit
 *  has whatever can be seen.  TSEC_E_UNAVAILABLE: it was not confirmed. */
TSEC_MUST_CHECK tsec_rc pg_commit_fence(struct pg_conn *conn, struct tsec_err *err);

#endif
