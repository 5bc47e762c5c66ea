/* SPDX-License-Identifier: Apache-2.0 */
#include "store-pg/pg_session.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/plugins/pg_trial.h"

static const char *
setting(struct pg_trial *t, const char *sql)
{
    static char out[64];
    TSEC_AUTO(pg_result_free) PGresult *result = NULL;

    CU_ASSERT_EQUAL_FATAL(pg_conn_exec(&t->conn, sql, &result, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(PQntuples(result), 1);
    (void)snprintf(out, sizeof(out), "%s", PQgetvalue(result, 0, 0));
    return out;
}

static void
what_we_gave_up_ends_on_the_server_too(void)
{
    static const char *const set[] = { "call_timeout_ms", "800", NULL };
    struct pg_trial t;

    pg_trial_init(&t, set, 0);
    pg_trial_open(&t);
    CU_ASSERT_STRING_EQUAL(setting(&t, "SHOW lock_timeout"), "600ms");
    CU_ASSERT_STRING_EQUAL(setting(&t, "SHOW statement_timeout"), "800ms");
    CU_ASSERT_STRING_EQUAL(setting(&t, "SHOW idle_in_transaction_session_timeout"), "1600ms");
    CU_ASSERT_STRING_EQUAL(setting(&t, "SHOW client_connection_check_interval"), "500ms");
    CU_ASSERT_STRING_EQUAL(setting(&t, "SHOW search_path"), "pg_catalog");
    pg_trial_done(&t);
}

static void
asynchronous_commits_are_turned_off_for_the_session(void)
{
    struct pg_trial t;
    struct pg_durability found;

    pg_trial_init(&t, NULL, 0);
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "ALTER ROLE tsec SET synchronous_commit = off"));
    CU_ASSERT_EQUAL_FATAL(pg_trial_dial(&t, 2000, NULL).code, 0);
    CU_ASSERT_EQUAL(pg_session_begin(&t.conn, &found, NULL).code, 0);
    CU_ASSERT_TRUE(found.asynchronous);
    CU_ASSERT_STRING_EQUAL(setting(&t, "SHOW synchronous_commit"), "on");
    pg_session_tell(&t.env, &found);
    CU_ASSERT_PTR_NOT_NULL(strstr(t.host.last, "synchronous_commit was off"));
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "ALTER ROLE tsec RESET synchronous_commit"));
    pg_trial_done(&t);
}

/* The setting is read anew by a reload of the configuration. */
static void
set_fsync(const struct pg_trial *t, const char *sql)
{
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(t, sql));
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(t, "SELECT pg_reload_conf()"));
    (void)usleep(200000);
}

static void
a_database_that_forgets_is_refused_unless_allowed(void)
{
    static const char *const allowed[] = { "allow_volatile", "true", NULL };
    struct pg_trial t;
    struct pg_trial u;
    struct tsec_err err = { 0 };
    struct tsec_store *store = NULL;

    pg_trial_init(&t, NULL, 0);
    set_fsync(&t, "ALTER SYSTEM SET fsync = off");
    CU_ASSERT_EQUAL(store_pg_plugin.store->open(&t.host.host, t.uri, &store, &err).code,
                    TSEC_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "fsync=off"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "allow_volatile"));
    pg_trial_init(&u, allowed, 0);
    store = pg_trial_store(&u);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    CU_ASSERT_EQUAL(u.host.warnings, 1);
    err = (struct tsec_err){ 0 };
    CU_ASSERT_EQUAL(store_pg_plugin.store->health(store, &err).code, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "volatile"));
    store_pg_plugin.store->close(store);
    set_fsync(&t, "ALTER SYSTEM RESET fsync");
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    err = (struct tsec_err){ 0 };
    CU_ASSERT_EQUAL(store_pg_plugin.store->health(store, &err).code, 0);
    CU_ASSERT_STRING_EQUAL(err.detail, "");
    store_pg_plugin.store->close(store);
    pg_trial_done(&t);
    pg_trial_done(&u);
}

static void
statements_need_the_tables(void)
{
    struct pg_trial t;
    struct pg_durability found;
    struct tsec_err err = { 0 };

    pg_trial_init(&t, NULL, 0);
    CU_ASSERT_EQUAL_FATAL(pg_trial_dial(&t, 2000, NULL).code, 0);
    CU_ASSERT_EQUAL(pg_session_begin(&t.conn, &found, NULL).code, 0);
    CU_ASSERT_EQUAL(pg_session_prepare(&t.conn, &err).code, TSEC_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "--migrate"));
    pg_trial_done(&t);
}

static const struct test_case cases[] = {
    { "what we gave up ends on the server too", what_we_gave_up_ends_on_the_server_too },
    { "asynchronous commits are turned off for the session",
      asynchronous_commits_are_turned_off_for_the_session },
    { "a database that forgets is refused unless allowed",
      a_database_that_forgets_is_refused_unless_allowed },
    { "statements need the tables", statements_need_the_tables },
};

PG_TRIAL_MAIN("store-pg/pg_session", cases, NULL)
