/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pg_sql.h
 * @brief Every statement that is sent while the store runs; what makes the tables is in
 * migrations/.
 *
 * In each, {schema} stands for the quoted name of the schema.  No PL/pgSQL, and nothing that a
 * distributed engine which speaks PostgreSQL's protocol lacks.
 */
#ifndef STORE_PG_PG_SQL_H
#define STORE_PG_PG_SQL_H

#include "base/buf.h"

enum pg_sql {
    PG_GET,
    PG_GET_MANY,
    PG_SCAN,
    PG_BEGIN,
    PG_TAKE,
    PG_REPLACE,
    PG_INSERT,
    PG_UPSERT,
    PG_DELETE,
    PG_COMMIT,
    PG_SQL_COUNT,
};

struct pg_statement {
    const char *name;
    const char *text;
};

const struct pg_statement *pg_statement(enum pg_sql sql);

enum { PG_SQL_MAX = 8192 };

/** Appends `text` with the schema in its places, and a NUL.  `schema` needs no escaping. */
TSEC_MUST_CHECK tsec_rc pg_sql_expand(const char *text, const char *schema, struct tsec_buf *out,
                                      struct tsec_err *err);

#endif
