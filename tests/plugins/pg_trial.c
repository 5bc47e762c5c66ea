/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/pg_trial.h"

#include <stdio.h>

#include "base/clock.h"
#include "store-pg/pg_commit.h"
#include "store-pg/pg_schema.h"
#include "store-pg/pg_session.h"

struct pg_rig pg_trial_rig;

int
pg_trial_main(const char *suite, const struct test_case *cases, size_t n, const char *conf)
{
    const int ready = pg_rig_open(&pg_trial_rig, conf);

    return ready == TEST_PASS ? test_main(suite, cases, n) : ready;
}

int64_t
pg_trial_ms(void)
{
    return tsec_clock_mono_ns(&tsec_clock_system) / 1000000;
}

void
pg_trial_init(struct pg_trial *trial, const char *const *settings, int port)
{
    static unsigned n;
    char more[64];
    struct tsec_err err = { 0 };

    *trial = (struct pg_trial){ .env = { .host = NULL } };
    (void)snprintf(trial->schema, sizeof(trial->schema), "trial%u", n++);
    (void)snprintf(more, sizeof(more), "&schema=%s", trial->schema);
    if (port == 0) {
        pg_rig_uri(&pg_trial_rig, false, more, trial->uri, sizeof(trial->uri));
    } else {
        (void)snprintf(trial->uri, sizeof(trial->uri),
                       "postgresql://tsec@127.0.0.1:%d/postgres?sslmode=disable%s", port, more);
    }
    fake_host_init(&trial->host, settings);
    CU_ASSERT_EQUAL_FATAL(pg_env_init(&trial->env, &trial->host.host, trial->uri, &err).code, 0);
    pg_conn_init(&trial->conn, &trial->env);
}

void
pg_trial_wait(struct pg_trial *trial, int wait_ms)
{
    trial->conn.deadline_ns = tsec_clock_mono_ns(&tsec_clock_system) + wait_ms * INT64_C(1000000);
}

tsec_rc
pg_trial_dial(struct pg_trial *trial, int wait_ms, struct tsec_err *err)
{
    pg_trial_wait(trial, wait_ms);
    return pg_conn_open(&trial->conn, err);
}

void
pg_trial_open(struct pg_trial *trial)
{
    struct pg_durability durability;
    struct tsec_err err = { 0 };
    tsec_rc rc = pg_trial_dial(trial, 5000, &err);

    rc = tsec_failed(rc) ? rc : pg_session_begin(&trial->conn, &durability, &err);
    rc = tsec_failed(rc) ? rc : pg_schema_ensure(&trial->conn, &err);
    rc = tsec_failed(rc) ? rc : pg_session_prepare(&trial->conn, &err);
    if (tsec_failed(rc)) {
        (void)fprintf(stderr, "%s\n", err.detail);
    }
    CU_ASSERT_EQUAL_FATAL(rc.code, 0);
}

void
pg_trial_done(struct pg_trial *trial)
{
    pg_conn_close(&trial->conn);
    pg_env_done(&trial->env);
}

struct tsec_store *
pg_trial_store(struct pg_trial *trial)
{
    struct tsec_store *store = NULL;
    struct tsec_err err = { 0 };

    if (tsec_failed(store_pg_plugin.store->open(&trial->host.host, trial->uri, &store, &err))) {
        (void)fprintf(stderr, "%s\n", err.detail);
    }
    return store;
}

const char *
pg_trial_sql(const struct pg_trial *trial, const char *sql)
{
    static char out[256];
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(PG_SQL_MAX);

    if (tsec_failed(pg_sql_expand(sql, trial->schema, &text, NULL))
        || !pg_rig_sql(&pg_trial_rig, (const char *)text.ptr, out, sizeof(out))) {
        return NULL;
    }
    return out;
}

struct tsec_store_op
pg_trial_op(enum tsec_store_verb verb, enum tsec_store_expect expect, const char *key,
            const char *value)
{
    return (struct tsec_store_op){ verb, expect, tsec_span_str(key), tsec_span_str(value) };
}

int32_t
pg_trial_put(struct tsec_store *store, enum tsec_store_expect expect, const char *key,
             const char *value)
{
    const struct tsec_store_op op = pg_trial_op(TSEC_STORE_PUT, expect, key, value);

    return store_pg_plugin.store->commit(store, &op, 1, NULL).code;
}

bool
pg_trial_holds(struct tsec_store *store, const char *key, const char *value)
{
    TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(TSEC_STORE_VALUE_MAX);
    const struct tsec_sink sink = tsec_buf_sink(&buf);
    const tsec_rc rc = store_pg_plugin.store->get(store, tsec_span_str(key), &sink, NULL);

    if (value == NULL) {
        return rc.code == TSEC_E_NOT_FOUND && buf.len == 0;
    }
    return !tsec_failed(rc) && tsec_span_is(tsec_buf_span(&buf), value);
}

const char *
pg_trial_value(const struct pg_trial *t, const char *key)
{
    char sql[128];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT convert_from(value, 'UTF8') FROM {schema}.kv WHERE key = '%s'", key);
    return pg_trial_sql(t, sql);
}

int32_t
pg_trial_commit(struct pg_trial *t, const struct tsec_store_op *ops, size_t n, struct tsec_err *err)
{
    bool retry;

    pg_trial_wait(t, 2000);
    return pg_commit(&t->conn, ops, n, &retry, err).code;
}

int32_t
pg_trial_commit_one(struct pg_trial *t, struct tsec_store_op op)
{
    return pg_trial_commit(t, &op, 1, NULL);
}

void *
pg_late_commit(void *ctx)
{
    struct pg_late *late = ctx;

    late->code = pg_trial_commit(&late->trial, late->ops, late->n, NULL);
    return NULL;
}

void
pg_late_join(struct pg_late *late, const struct pg_trial *first)
{
    pg_trial_init(&late->trial, NULL, 0);
    pg_env_done(&late->trial.env);
    memcpy(late->trial.uri, first->uri, sizeof(first->uri));
    memcpy(late->trial.schema, first->schema, sizeof(first->schema));
    CU_ASSERT_EQUAL_FATAL(
        pg_env_init(&late->trial.env, &late->trial.host.host, late->trial.uri, NULL).code, 0);
    pg_trial_open(&late->trial);
}
