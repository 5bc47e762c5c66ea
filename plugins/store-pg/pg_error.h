/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pg_error.h
 * @brief The one place where what a PostgreSQL server says becomes a result of the store contract.
 *
 * Never repeats a value: of an error only its SQLSTATE and its first line are told.
 */
#ifndef STORE_PG_PG_ERROR_H
#define STORE_PG_PG_ERROR_H

#include <libpq-fe.h>

#include "base/err.h"

enum { PG_STATE_LEN = 5 };

struct pg_meaning {
    const char *state; /* the SQLSTATE, or its first characters; "" fits all */
    enum tsec_code code;
    bool retry; /* the same again may well work, at once */
    bool drop;  /* this connection is of no further use */
    const char *advice;
};

/** Never NULL; `state` is when libpq speaks for itself, of a lost connection. */
const struct pg_meaning *pg_meaning(const char *state);

/** Whether this error was the last of its connection. */
bool pg_ended(const PGresult *result);

/** Whether a commit that was answered so, at COMMIT or before it, may yet be in the database. */
bool pg_commit_in_doubt(const char *state, bool ended, bool at_commit);

/** `result` is an error; `doing`: "commit". */
TSEC_MUST_CHECK tsec_rc pg_fail(const PGresult *result, const char *doing, struct tsec_err *err);

/** The SQLSTATE in the text of a connection that could not be made (verbose, "FATAL:  28P01: ..."),
 *  or "" when the server said none.  `out` has PG_STATE_LEN + 1 bytes. */
void pg_state_in_text(const char *text, char *out);

#endif
