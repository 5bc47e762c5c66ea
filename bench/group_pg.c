/* SPDX-License-Identifier: Apache-2.0 */
/* One statement is one transaction: an upsert of two arrays, prepared, binary. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "group_store.h"
#include "store-pg/pg_param.h"

struct pg {
    struct group_store base;
    PGconn *conn;
};

static bool
fine(struct pg *pg, PGresult *result)
{
    const bool ok = PQresultStatus(result) == PGRES_COMMAND_OK;

    if (!ok) {
        (void)fprintf(stderr, "ceiling_group: %s", PQerrorMessage(pg->conn));
    }
    PQclear(result);
    return ok;
}

static void
pg_close(struct group_store *store)
{
    struct pg *pg = (struct pg *)store;

    PQfinish(pg->conn);
    free(pg);
}

static struct group_store *
pg_open(const char *uri)
{
    static const char table[] =
        "SET client_min_messages = warning; CREATE SCHEMA IF NOT EXISTS ceiling;"
        " CREATE TABLE IF NOT EXISTS ceiling.kv (key bytea PRIMARY KEY, value bytea NOT NULL);"
        " ALTER TABLE ceiling.kv ALTER COLUMN value SET STORAGE EXTERNAL;";
    static const char upsert[] =
        "INSERT INTO ceiling.kv (key, value)"
        " SELECT n.key, n.value FROM unnest($1::bytea[], $2::bytea[]) AS n (key, value)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    struct pg *pg = calloc(1, sizeof(*pg));

    if (pg == NULL) {
        return NULL;
    }
    pg->base.kind = &group_pg;
    pg->conn = PQconnectdb(uri);
    if (!fine(pg, PQexec(pg->conn, table))
        || !fine(pg, PQprepare(pg->conn, "upsert", upsert, 2, NULL))) {
        pg_close(&pg->base);
        return NULL;
    }
    return &pg->base;
}

static bool
pg_commit(struct group_store *store, const struct group_row *rows, size_t n)
{
    enum { MAX = 128 << 20 };
    struct pg *pg = (struct pg *)store;
    struct pg_params params = { .n = 0 };
    struct pg_array keys;
    struct pg_array values;
    bool ok;

    pg_array_begin(&keys, MAX);
    pg_array_begin(&values, MAX);
    for (size_t i = 0; i < n; i++) {
        pg_array_put(&keys, rows[i].key);
        pg_array_put(&values, rows[i].value);
    }
    ok = !tsec_failed(pg_array_end(&keys, NULL)) && !tsec_failed(pg_array_end(&values, NULL));
    pg_params_bytes(&params, tsec_buf_span(&keys.bytes));
    pg_params_bytes(&params, tsec_buf_span(&values.bytes));
    ok = ok
         && fine(pg, PQexecPrepared(pg->conn, "upsert", params.n, params.values, params.lengths,
                                    params.formats, 1));
    pg_array_done(&keys);
    pg_array_done(&values);
    return ok;
}

const struct group_kind group_pg = { pg_open, pg_commit, pg_close };
