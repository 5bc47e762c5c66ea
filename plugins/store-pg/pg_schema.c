/* SPDX-License-Identifier: Apache-2.0 */
#include "pg_schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/siphash.h"
#include "pg_error.h"
#include "pg_migrations.h"

/* The migrations, carried in the program: the i-th makes format i of format i - 1. */
#define CARRY(symbol, file)                         \
    __asm__(".pushsection .rodata\n"                \
            ".local " #symbol "\n" #symbol ":\n"    \
            ".incbin \"" MIGRATIONS_DIR file "\"\n" \
            ".byte 0\n"                             \
            ".popsection\n");                       \
    extern const char symbol[] __attribute__((visibility("hidden")))

CARRY(pg_migration_1, "/0001-tables.sql");
CARRY(pg_migration_storage, "/storage.sql");

static const char *const migrations[PG_SCHEMA_VERSION] = { pg_migration_1 };

/* ---- SQL with the schema in it ---- */

static tsec_rc
run(struct pg_conn *conn, const char *text, PGresult **out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf sql = TSEC_BUF_INIT(PG_SQL_MAX);

    TSEC_TRY(pg_sql_expand(text, conn->env->place.schema, &sql, err));
    return pg_conn_exec(conn, (const char *)sql.ptr, out, err);
}

static bool
is_error(const PGresult *result, const char *state)
{
    const char *got = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    return got != NULL && strcmp(got, state) == 0;
}

static tsec_rc
must(struct pg_conn *conn, const char *text, struct tsec_err *err)
{
    TSEC_AUTO(pg_result_free) PGresult *result = NULL;

    TSEC_TRY(run(conn, text, &result, err));
    if (PQresultStatus(result) != PGRES_FATAL_ERROR) {
        return TSEC_OK;
    }
    if (is_error(result, "42501")) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "the role may not make the tables: run tee-secretsd --migrate as one "
                         "that may, then grant, see docs/store-pg.md (%s)",
                         conn->env->place.label);
    }
    return pg_fail(result, "migrate", err);
}

/* ---- which format ---- */

tsec_rc
pg_schema_version(struct pg_conn *conn, int64_t *out, struct tsec_err *err)
{
    TSEC_AUTO(pg_result_free) PGresult *result = NULL;
    char *end = NULL;

    *out = 0;
    TSEC_TRY(run(conn, "SELECT version FROM {schema}.version", &result, err));
    if (is_error(result, "42P01") || is_error(result, "3F000")) {
        return TSEC_OK;
    }
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        return pg_fail(result, "look at the tables", err);
    }
    if (PQntuples(result) == 1) {
        *out = strtoll(PQgetvalue(result, 0, 0), &end, 10);
    }
    if (end == NULL || *end != '\0' || *out < 1) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "schema %s: its version is not one",
                         conn->env->place.schema);
    }
    return TSEC_OK;
}

static tsec_rc
refuse_later(const struct pg_conn *conn, int64_t version, struct tsec_err *err)
{
    if (version <= PG_SCHEMA_VERSION) {
        return TSEC_OK;
    }
    return TSEC_FAIL(err, TSEC_E_CONFIG,
                     "schema %s has format %lld of a later release, this one knows %d: install "
                     "that release (%s)",
                     conn->env->place.schema, (long long)version, PG_SCHEMA_VERSION,
                     conn->env->place.label);
}

/* An engine that has no such tables answers by an error, or with nothing. */
static tsec_rc
refuse_unlogged(struct pg_conn *conn, struct tsec_err *err)
{
    TSEC_AUTO(pg_result_free) PGresult *result = NULL;

    TSEC_TRY(run(conn,
                 "SELECT relpersistence FROM pg_catalog.pg_class"
                 " WHERE oid = '{schema}.kv'::pg_catalog.regclass",
                 &result, err));
    if (conn->env->settings.allow_volatile || PQresultStatus(result) != PGRES_TUPLES_OK
        || PQntuples(result) != 1 || strcmp(PQgetvalue(result, 0, 0), "u") != 0) {
        return TSEC_OK;
    }
    return TSEC_FAIL(err, TSEC_E_CONFIG,
                     "the table %s.kv is unlogged, a crash would empty it: set it to logged, or "
                     "set plugins.store-pg.allow_volatile",
                     conn->env->place.schema);
}

tsec_rc
pg_schema_check(struct pg_conn *conn, struct tsec_err *err)
{
    int64_t version = 0;

    TSEC_TRY(pg_schema_version(conn, &version, err));
    if (version != PG_SCHEMA_VERSION) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "schema %s has format %lld now, this release needs %d",
                         conn->env->place.schema, (long long)version, PG_SCHEMA_VERSION);
    }
    return refuse_unlogged(conn, err);
}

/* ---- making it ---- */

/* One number for each schema of a database.  An engine without such locks goes without: every
 * statement of a migration may be run twice, and of two at once one fails and looks again. */
static tsec_rc
lock(struct pg_conn *conn, const char *verb, struct tsec_err *err)
{
    static const uint64_t key[2] = { 0x7465652d73656372, 0x6574736d69677261 };
    TSEC_AUTO(pg_result_free) PGresult *result = NULL;
    const uint64_t number = tsec_siphash(key, tsec_span_str(conn->env->place.schema));
    char sql[96];

    (void)snprintf(sql, sizeof(sql), "SELECT pg_catalog.%s(%lld)", verb, (long long)(number >> 1));
    TSEC_TRY(pg_conn_exec(conn, sql, &result, err));
    if (is_error(result, "55P03") || is_error(result, "57014")) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "another server is migrating the database: %s",
                         conn->env->place.label);
    }
    return TSEC_OK;
}

/* By itself, for whoever may not create schemas but owns this one. */
static tsec_rc
make_schema(struct pg_conn *conn, struct tsec_err *err)
{
    TSEC_AUTO(pg_result_free) PGresult *result = NULL;
    char sql[160];

    (void)snprintf(sql, sizeof(sql), "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = '%s'",
                   conn->env->place.schema);
    TSEC_TRY(pg_conn_exec(conn, sql, &result, err));
    if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1) {
        return TSEC_OK;
    }
    return must(conn, "CREATE SCHEMA IF NOT EXISTS {schema}", err);
}

static tsec_rc
make_tables(struct pg_conn *conn, int64_t have, struct tsec_err *err)
{
    TSEC_AUTO(pg_result_free) PGresult *ignored = NULL;

    TSEC_TRY(make_schema(conn, err));
    for (int64_t v = have; v < PG_SCHEMA_VERSION; v++) {
        TSEC_AUTO_BUF struct tsec_buf sql = TSEC_BUF_INIT(PG_SQL_MAX);

        tsec_buf_printf(&sql, "BEGIN;\n%s\nUPDATE {schema}.version SET version = %lld;\nCOMMIT;",
                        migrations[v], (long long)v + 1);
        tsec_buf_put_byte(&sql, 0);
        TSEC_TRY(tsec_buf_check(&sql, err));
        TSEC_TRY(must(conn, (const char *)sql.ptr, err));
    }
    return run(conn, pg_migration_storage, &ignored, err);
}

static tsec_rc
migrate_locked(struct pg_conn *conn, int64_t *have, struct tsec_err *err)
{
    TSEC_TRY(pg_schema_version(conn, have, err));
    TSEC_TRY(refuse_later(conn, *have, err));
    return *have == PG_SCHEMA_VERSION ? TSEC_OK : make_tables(conn, *have, err);
}

tsec_rc
pg_schema_migrate(struct pg_conn *conn, int64_t *out, struct tsec_err *err)
{
    enum { TRIES = 8 };
    tsec_rc rc;

    TSEC_TRY(lock(conn, "pg_advisory_lock", err));
    rc = migrate_locked(conn, out, err);
    /* Where there is no such lock, another may have made the same meanwhile. */
    for (int i = 1;
         i < TRIES && tsec_failed(rc) && rc.code != TSEC_E_CONFIG && pg_conn_settle(conn); i++) {
        rc = migrate_locked(conn, out, err);
    }
    if (tsec_failed(rc)) {
        conn->broken = true; /* and with the session its lock ends */
        return rc;
    }
    return lock(conn, "pg_advisory_unlock", err);
}

tsec_rc
pg_schema_ensure(struct pg_conn *conn, struct tsec_err *err)
{
    const struct tsec_host *host = pg_conn_log(conn);
    int64_t have = 0;

    TSEC_TRY(pg_schema_version(conn, &have, err));
    TSEC_TRY(refuse_later(conn, have, err));
    if (have == PG_SCHEMA_VERSION) {
        return TSEC_OK;
    }
    if (!conn->env->settings.migrate) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "schema %s has format %lld and this release needs %d: run tee-secretsd "
                         "--migrate (%s)",
                         conn->env->place.schema, (long long)have, PG_SCHEMA_VERSION,
                         conn->env->place.label);
    }
    TSEC_TRY(pg_schema_migrate(conn, &have, err));
    host->log(host->ctx, TSEC_LOG_INFO, "schema %s: format %lld became %d", conn->env->place.schema,
              (long long)have, PG_SCHEMA_VERSION);
    return TSEC_OK;
}
