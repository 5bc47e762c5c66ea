/* SPDX-License-Identifier: Apache-2.0 */
#include "pg_sql.h"

#define MARK "{schema}"

/* Fewer rows than keys is an error of plain SQL, 22012: whatever follows it in the transaction,
 * COMMIT included, is then not done. */
#define COUNTED(count, from) \
    "SELECT 1 / (CASE WHEN count(*) = " count " THEN 1 ELSE 0 END) FROM " from

static const struct pg_statement statements[PG_SQL_COUNT] = {
    [PG_GET] = { "get", "SELECT value FROM {schema}.kv WHERE key = $1" },
    [PG_GET_MANY] = { "get many",
                      "SELECT key, value FROM {schema}.kv WHERE key = ANY ($1::bytea[])" },
    [PG_SCAN] = { "scan", "SELECT key, value FROM {schema}.kv WHERE key >= $1 AND key < $2"
                          " ORDER BY key LIMIT $3::int8" },
    [PG_BEGIN] = { "begin", "BEGIN ISOLATION LEVEL READ COMMITTED" },
    [PG_TAKE] = { "take",
                  "WITH done AS (DELETE FROM {schema}.kv WHERE key = ANY ($1::bytea[]) RETURNING 1)"
                  " " COUNTED("$2::int8", "done") },
    [PG_REPLACE] = { "replace", "WITH done AS (UPDATE {schema}.kv AS k SET value = n.value"
                                " FROM unnest($1::bytea[], $2::bytea[]) AS n (key, value)"
                                " WHERE k.key = n.key RETURNING 1) " COUNTED("$3::int8", "done") },
    [PG_INSERT] = { "insert",
                    "INSERT INTO {schema}.kv (key, value)"
                    " SELECT n.key, n.value FROM unnest($1::bytea[], $2::bytea[]) AS n (key, "
                    "value)" },
    [PG_UPSERT] = { "upsert",
                    "INSERT INTO {schema}.kv (key, value)"
                    " SELECT n.key, n.value FROM unnest($1::bytea[], $2::bytea[]) AS n (key, value)"
                    " ON CONFLICT (key) DO UPDATE SET value = excluded.value" },
    [PG_DELETE] = { "delete", "DELETE FROM {schema}.kv WHERE key = ANY ($1::bytea[])" },
    [PG_COMMIT] = { "commit", "COMMIT" },
};

const struct pg_statement *
pg_statement(enum pg_sql sql)
{
    return &statements[sql];
}

tsec_rc
pg_sql_expand(const char *text, const char *schema, struct tsec_buf *out, struct tsec_err *err)
{
    for (const char *mark = strstr(text, MARK); mark != NULL; mark = strstr(text, MARK)) {
        tsec_buf_put(out, text, (size_t)(mark - text));
        tsec_buf_printf(out, "\"%s\"", schema);
        text = mark + strlen(MARK);
    }
    tsec_buf_put_str(out, text);
    tsec_buf_put_byte(out, 0);
    return tsec_buf_check(out, err);
}
