/* SPDX-License-Identifier: Apache-2.0 */
#include "store-pg/pg_doubt.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "store-pg/pg_pool.h"
#include "tests/plugins/pg_trial.h"

static void
name_of(struct pg_conn *conn, const char *pid, const char *since)
{
    *conn = (struct pg_conn){ .pg = NULL };
    (void)snprintf(conn->name.pid, sizeof(conn->name.pid), "%s", pid);
    (void)snprintf(conn->name.since, sizeof(conn->name.since), "%s", since);
}

static void
what_was_settled_is_forgotten_and_nothing_else(void)
{
    struct pg_doubts all = { .len = 0 };
    struct pg_doubts settled;
    struct pg_conn conn;

    name_of(&conn, "", "");
    pg_doubts_add(&all, &conn); /* of no name: nothing can be done */
    CU_ASSERT_EQUAL(all.len, 0);
    name_of(&conn, "1", "then");
    pg_doubts_add(&all, &conn);
    name_of(&conn, "2", "then");
    pg_doubts_add(&all, &conn);
    settled = all;
    name_of(&conn, "1", "later");
    pg_doubts_add(&all, &conn);
    pg_doubts_remove(&all, &settled);
    CU_ASSERT_EQUAL(all.len, 1);
    CU_ASSERT_STRING_EQUAL(all.at[0].since, "later");
}

static void
a_session_is_ended_by_its_whole_name(void)
{
    struct pg_trial old;
    struct pg_trial new;
    struct pg_doubts doubts = { .len = 0 };

    pg_trial_init(&old, NULL, 0);
    pg_trial_open(&old);
    pg_trial_init(&new, NULL, 0);
    pg_trial_open(&new);
    CU_ASSERT_EQUAL(pg_doubt_name(&old.conn, NULL).code, 0);
    CU_ASSERT_STRING_NOT_EQUAL(old.conn.name.pid, "");
    CU_ASSERT_STRING_NOT_EQUAL(old.conn.name.since, "");
    pg_doubts_add(&doubts, &old.conn);
    doubts.at[0].since[0] = '9'; /* a session of that number, but another one */
    CU_ASSERT_EQUAL(pg_doubts_settle(&doubts, &new.conn, NULL).code, 0);
    CU_ASSERT_TRUE(pg_conn_alive(&old.conn));
    doubts.len = 0;
    pg_doubts_add(&doubts, &old.conn);
    pg_trial_wait(&new, 2000);
    CU_ASSERT_EQUAL(pg_doubts_settle(&doubts, &new.conn, NULL).code, 0);
    CU_ASSERT_FALSE(pg_conn_alive(&old.conn));
    CU_ASSERT_EQUAL(pg_doubts_settle(&doubts, &new.conn, NULL).code, 0); /* it has ended */
    pg_trial_done(&old);
    pg_trial_done(&new);
}

/* ---- a commit that comes late ---- */

static void *
resume_soon(void *ctx)
{
    const pid_t *pid = ctx;

    (void)usleep(700000);
    (void)kill(*pid, SIGCONT);
    return NULL;
}

static int32_t
look(struct tsec_store *store, const char *key)
{
    TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(TSEC_STORE_VALUE_MAX);
    const struct tsec_sink sink = tsec_buf_sink(&buf);

    return store_pg_plugin.store->get(store, tsec_span_str(key), &sink, NULL).code;
}

static tsec_rc
take(struct pg_pool *pool, int wait_ms, struct pg_conn **out)
{
    return pg_pool_take(pool, tsec_clock_mono_ns(&tsec_clock_system) + wait_ms * INT64_C(1000000),
                        out, NULL);
}

/* The session is paused with the whole commit in its hands.  Whoever looks afterwards is told
 * nothing before it has ended, and then it stays so. */
static void
a_look_after_an_unknown_outcome_is_final(void)
{
    static const char *const quick[] = { "call_timeout_ms", "300", "connections", "1", NULL };
    struct pg_trial t;
    struct tsec_store *store;
    pthread_t thread;
    pid_t pid;
    int32_t first;

    pg_trial_init(&t, quick, 0);
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ANY, "before", "1"), 0);
    pid = (pid_t)strtol(pg_trial_sql(&t, "SELECT pid FROM pg_stat_activity"
                                         " WHERE application_name = 'tee-secrets'"),
                        NULL, 10);
    CU_ASSERT_TRUE_FATAL(pid > 1);
    CU_ASSERT_EQUAL(kill(pid, SIGSTOP), 0);
    CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ABSENT, "late", "1"), TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_EQUAL(look(store, "late"), TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, resume_soon, &pid), 0);
    do {
        (void)usleep(5000);
        first = look(store, "late");
    } while (first == TSEC_E_UNAVAILABLE);
    CU_ASSERT_TRUE(first == 0 || first == TSEC_E_NOT_FOUND);
    (void)pthread_join(thread, NULL);
    (void)usleep(300000);
    CU_ASSERT_EQUAL(look(store, "late"), first);
    store_pg_plugin.store->close(store);
    pg_trial_done(&t);
}

/* Also a connection that was opened since, for another reason, is not lent before. */
static void
a_doubt_that_comes_late_stops_what_was_opened_before_it(void)
{
    static const char *const two[] = { "call_timeout_ms", "300", "connections", "2", NULL };
    const struct pg_durability durable = { .no_fsync = false };
    struct pg_trial t;
    struct pg_pool pool;
    struct pg_conn *lost = NULL;
    struct pg_conn *doubtful = NULL;
    struct pg_conn *next = NULL;
    pid_t pid;

    pg_trial_init(&t, two, 0);
    pg_trial_open(&t);
    CU_ASSERT_EQUAL_FATAL(pg_pool_start(&pool, &t.env, &t.conn, &durable, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(take(&pool, 2000, &lost).code, 0);
    CU_ASSERT_EQUAL_FATAL(take(&pool, 2000, &doubtful).code, 0);
    pid = PQbackendPID(doubtful->pg);
    CU_ASSERT_EQUAL(kill(pid, SIGSTOP), 0);
    lost->broken = true;
    pg_pool_put(&pool, lost);
    CU_ASSERT_EQUAL_FATAL(take(&pool, 2000, &next).code, 0); /* a new one is up */
    pg_pool_put(&pool, next);
    doubtful->broken = true;
    doubtful->doubtful = true;
    CU_ASSERT_STRING_NOT_EQUAL(doubtful->name.pid, "");
    pg_pool_put(&pool, doubtful);
    CU_ASSERT_EQUAL(take(&pool, 400, &next).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(kill(pid, SIGCONT), 0);
    while (take(&pool, 400, &next).code != 0) {
        (void)usleep(5000);
    }
    CU_ASSERT_NOT_EQUAL(kill(pid, 0), 0); /* it is gone */
    pg_pool_put(&pool, next);
    pg_pool_stop(&pool);
    pg_trial_done(&t);
}

static const struct test_case cases[] = {
    { "what was settled is forgotten, and nothing else",
      what_was_settled_is_forgotten_and_nothing_else },
    { "a session is ended by its whole name", a_session_is_ended_by_its_whole_name },
    { "a look after an unknown outcome is final", a_look_after_an_unknown_outcome_is_final },
    { "a doubt that comes late stops what was opened before it",
      a_doubt_that_comes_late_stops_what_was_opened_before_it },
};

PG_TRIAL_MAIN("store-pg/pg_doubt", cases, NULL)
