/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pg_schema.h
 * @brief The tables: which format they have, and how they come to have this release's.
 *
 * Never changes tables of a later release, and never removes any.
 */
#ifndef STORE_PG_PG_SCHEMA_H
#define STORE_PG_PG_SCHEMA_H

#include "pg_conn.h"

enum { PG_SCHEMA_VERSION = 1 };

/** 0: there is none.  TSEC_E_CONFIG: the role may not look. */
TSEC_MUST_CHECK tsec_rc pg_schema_version(struct pg_conn *conn, int64_t *out, struct tsec_err *err);

/** Makes what is missing, one server at a time; `out` is the format found before.  TSEC_E_CONFIG:
 *  the role may not, or the tables are a later release's. */
TSEC_MUST_CHECK tsec_rc pg_schema_migrate(struct pg_conn *conn, int64_t *out, struct tsec_err *err);

/** For a session that is about to serve.  TSEC_E_CONFIG: another format, or a table that a crash
 *  empties, unless that is allowed. */
TSEC_MUST_CHECK tsec_rc pg_schema_check(struct pg_conn *conn, struct tsec_err *err);

/** For a store that is about to run: migrates where that is allowed, and otherwise says what to
 *  do. */
TSEC_MUST_CHECK tsec_rc pg_schema_ensure(struct pg_conn *conn, struct tsec_err *err);

#endif
