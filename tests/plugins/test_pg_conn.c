/* SPDX-License-Identifier: Apache-2.0 */
#include "store-pg/pg_conn.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/plugins/pg_trial.h"
#include "tests/plugins/relay.h"

static void
point_to(struct pg_trial *t, const char *uri)
{
    pg_env_done(&t->env);
    CU_ASSERT_EQUAL_FATAL(pg_env_init(&t->env, &t->host.host, uri, NULL).code, 0);
    pg_conn_init(&t->conn, &t->env);
}

static void
what_refuses_a_connection_is_named(void)
{
    static const struct {
        const char *rest;
        enum tsec_code code;
        const char *says;
    } t[] = {
        { "nobody_known@/postgres", TSEC_E_CONFIG, "refuses the role" },
        { "tsec:hunter2@/no_such_database", TSEC_E_CONFIG, "no such database" },
        { "tsec@/postgres?sslmode=nonsense", TSEC_E_CONFIG, "storage.database_uri" },
    };
    char uri[512];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        struct pg_trial trial;
        struct tsec_err err = { 0 };

        pg_trial_init(&trial, NULL, 0);
        (void)snprintf(uri, sizeof(uri), "postgresql://%s%chost=%s&port=%d", t[i].rest,
                       strchr(t[i].rest, '?') == NULL ? '?' : '&', pg_trial_rig.folder,
                       pg_trial_rig.port);
        point_to(&trial, uri);
        CU_ASSERT_EQUAL(pg_trial_dial(&trial, 2000, &err).code, (int32_t)t[i].code);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, t[i].says));
        CU_ASSERT_PTR_NULL(strstr(err.detail, "hunter2"));
        CU_ASSERT_PTR_NULL(trial.conn.pg);
        pg_trial_done(&trial);
    }
}

static void
nobody_there_is_unavailable_at_once(void)
{
    struct pg_trial t;
    struct tsec_err err = { 0 };
    const int64_t began = pg_trial_ms();

    pg_trial_init(&t, NULL, 0);
    point_to(&t, "postgresql://u:hunter2@127.0.0.1:1/x?sslmode=disable");
    CU_ASSERT_EQUAL(pg_trial_dial(&t, 2000, &err).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_TRUE(pg_trial_ms() - began < 1000);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "refused"));
    CU_ASSERT_PTR_NULL(strstr(err.detail, "hunter2"));
    pg_trial_done(&t);
}

static void
a_silent_host_takes_no_more_than_its_time(void)
{
    struct relay relay;
    struct pg_trial t;
    int64_t began;
    int64_t took;

    CU_ASSERT_TRUE_FATAL(relay_open(&relay, pg_trial_rig.port));
    atomic_store(&relay.mode, RELAY_HOLD);
    pg_trial_init(&t, NULL, relay.port);
    began = pg_trial_ms();
    CU_ASSERT_EQUAL(pg_trial_dial(&t, 300, NULL).code, TSEC_E_UNAVAILABLE);
    took = pg_trial_ms() - began;
    CU_ASSERT_TRUE(took >= 290 && took < 900);
    pg_trial_done(&t);
    relay_close(&relay);
}

/* The first refuses, the second is silent, the third serves: within the time of one call. */
static void
the_next_host_is_tried_and_remembered(void)
{
    struct relay silent;
    struct pg_trial t;
    char uri[512];

    CU_ASSERT_TRUE_FATAL(relay_open(&silent, pg_trial_rig.port));
    atomic_store(&silent.mode, RELAY_HOLD);
    pg_trial_init(&t, NULL, 0);
    (void)snprintf(uri, sizeof(uri),
                   "postgresql://tsec@127.0.0.1:1,127.0.0.1:%d,127.0.0.1:%d/postgres?sslmode="
                   "disable",
                   silent.port, pg_trial_rig.port);
    point_to(&t, uri);
    CU_ASSERT_EQUAL(pg_trial_dial(&t, 900, NULL).code, 0);
    CU_ASSERT_EQUAL(t.conn.host, 2);
    pg_conn_close(&t.conn);
    CU_ASSERT_EQUAL(pg_trial_dial(&t, 900, NULL).code, 0);
    CU_ASSERT_EQUAL(t.conn.host, 2);
    CU_ASSERT_EQUAL(atomic_load(&silent.accepted), 1);
    pg_trial_done(&t);
    relay_close(&silent);
}

static void
one_that_takes_no_writes_is_not_connected_to(void)
{
    struct pg_trial t;
    struct tsec_err err = { 0 };

    pg_trial_init(&t, NULL, 0);
    CU_ASSERT_PTR_NOT_NULL(
        pg_trial_sql(&t, "ALTER ROLE tsec SET default_transaction_read_only = on"));
    CU_ASSERT_EQUAL(pg_trial_dial(&t, 2000, &err).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "read-only"));
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "BEGIN READ WRITE; ALTER ROLE tsec RESET ALL; COMMIT"));
    CU_ASSERT_EQUAL(pg_trial_dial(&t, 2000, &err).code, 0);
    pg_trial_done(&t);
}

static void
several_statements_run_outside_a_pipeline_and_the_first_error_counts(void)
{
    struct pg_trial t;

    pg_trial_init(&t, NULL, 0);
    pg_trial_open(&t);
    for (int i = 0; i < 2; i++) {
        TSEC_AUTO(pg_result_free) PGresult *good = NULL;
        TSEC_AUTO(pg_result_free) PGresult *bad = NULL;

        pg_trial_wait(&t, 1000);
        CU_ASSERT_EQUAL(pg_conn_exec(&t.conn, "SELECT 1; SELECT 7", &good, NULL).code, 0);
        CU_ASSERT_STRING_EQUAL(PQgetvalue(good, 0, 0), "7");
        CU_ASSERT_EQUAL(pg_conn_exec(&t.conn, "BEGIN; SELECT 1/0; SELECT nothing", &bad, NULL).code,
                        0);
        CU_ASSERT_STRING_EQUAL(PQresultErrorField(bad, PG_DIAG_SQLSTATE), "22012");
        CU_ASSERT_EQUAL(PQtransactionStatus(t.conn.pg), PQTRANS_INERROR);
        CU_ASSERT_TRUE(pg_conn_settle(&t.conn));
        CU_ASSERT_EQUAL(PQtransactionStatus(t.conn.pg), PQTRANS_IDLE);
    }
    pg_trial_done(&t);
}

static void
a_call_ends_at_its_deadline_and_the_connection_with_it(void)
{
    struct pg_trial t;
    PGresult *result = NULL;
    struct tsec_err err = { 0 };
    const int64_t began = pg_trial_ms();

    pg_trial_init(&t, NULL, 0);
    pg_trial_open(&t);
    pg_trial_wait(&t, 200);
    CU_ASSERT_EQUAL(pg_conn_exec(&t.conn, "SELECT pg_sleep(2)", &result, &err).code,
                    TSEC_E_UNAVAILABLE);
    CU_ASSERT_TRUE(pg_trial_ms() - began < 1500);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "in time"));
    CU_ASSERT_TRUE(t.conn.broken);
    CU_ASSERT_FALSE(pg_conn_alive(&t.conn));
    CU_ASSERT_FALSE(pg_conn_settle(&t.conn));
    PQclear(result);
    pg_trial_done(&t);
}

static void
an_idle_connection_that_the_server_ended_is_not_alive(void)
{
    struct pg_trial t;
    char sql[64];

    pg_trial_init(&t, NULL, 0);
    pg_trial_open(&t);
    CU_ASSERT_TRUE(pg_conn_alive(&t.conn));
    (void)snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d, 2000)",
                   PQbackendPID(t.conn.pg));
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, sql));
    CU_ASSERT_FALSE(pg_conn_alive(&t.conn));
    pg_trial_done(&t);
}

static void
a_change_of_settings_does_not_end_an_idle_connection(void)
{
    struct pg_trial t;

    pg_trial_init(&t, NULL, 0);
    pg_trial_open(&t);
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "ALTER SYSTEM SET DateStyle = 'German'"));
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "SELECT pg_reload_conf()"));
    (void)usleep(100000); /* the session tells us, for it is a setting that is reported */
    CU_ASSERT_TRUE(pg_conn_alive(&t.conn));
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "ALTER SYSTEM RESET DateStyle"));
    pg_trial_done(&t);
}

static const struct test_case cases[] = {
    { "what refuses a connection is named", what_refuses_a_connection_is_named },
    { "nobody there is UNAVAILABLE at once", nobody_there_is_unavailable_at_once },
    { "a silent host takes no more than its time", a_silent_host_takes_no_more_than_its_time },
    { "the next host is tried, and remembered", the_next_host_is_tried_and_remembered },
    { "one that takes no writes is not connected to",
      one_that_takes_no_writes_is_not_connected_to },
    { "several statements run outside a pipeline, and the first error counts",
      several_statements_run_outside_a_pipeline_and_the_first_error_counts },
    { "a call ends at its deadline, and the connection with it",
      a_call_ends_at_its_deadline_and_the_connection_with_it },
    { "an idle connection that the server ended is not alive",
      an_idle_connection_that_the_server_ended_is_not_alive },
    { "a change of settings does not end an idle connection",
      a_change_of_settings_does_not_end_an_idle_connection },
};

PG_TRIAL_MAIN("store-pg/pg_conn", cases, NULL)
