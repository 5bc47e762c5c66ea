/* SPDX-License-Identifier: Apache-2.0 */
#include "store-pg/pg_commit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/plugins/pg_trial.h"
#include "tests/plugins/relay.h"

#define OP pg_trial_op

/* Wherever the way up ends: before all of it, COMMIT included, has passed, nothing may be there;
 * what is answered UNAVAILABLE is surely not there, whatever the byte. */
static void
a_cut_at_any_byte_is_never_a_wrong_answer(void)
{
    struct relay relay;
    struct pg_trial t;
    unsigned seen[3] = { 0, 0, 0 }; /* applied and said so; surely not; unknown */

    CU_ASSERT_TRUE_FATAL(relay_open(&relay, pg_trial_rig.port));
    pg_trial_init(&t, NULL, relay.port);
    pg_trial_open(&t);
    for (size_t at = 1; at < 600; at += 13) {
        char key[8];
        struct tsec_store_op ops[2];
        int32_t code;
        bool there;

        (void)snprintf(key, sizeof(key), "k%zu", at);
        ops[0] = OP(TSEC_STORE_PUT, TSEC_STORE_ABSENT, key, key);
        ops[1] = OP(TSEC_STORE_PUT, TSEC_STORE_ANY, "last", key);
        atomic_store(&relay.cut_at, at);
        code = pg_trial_commit(&t, ops, 2, NULL);
        atomic_store(&relay.cut_at, 0);
        if (code != 0) {
            CU_ASSERT_TRUE(t.conn.broken);
            pg_conn_close(&t.conn);
            pg_trial_open(&t); /* the old session has ended when it holds no lock any more */
            CU_ASSERT_EQUAL(
                pg_trial_commit_one(&t, OP(TSEC_STORE_PUT, TSEC_STORE_ANY, "last", "x")), 0);
        }
        there = pg_trial_value(&t, key)[0] != '\0';
        CU_ASSERT_TRUE(code == 0 || code == TSEC_E_UNAVAILABLE || code == TSEC_E_OUTCOME_UNKNOWN);
        CU_ASSERT_FALSE(code == 0 && !there);
        CU_ASSERT_FALSE(code == TSEC_E_UNAVAILABLE && there);
        seen[code == 0 ? 0 : code == TSEC_E_UNAVAILABLE ? 1 : 2]++;
    }
    CU_ASSERT_TRUE(seen[0] > 0);
    CU_ASSERT_TRUE(seen[2] > 0);
    (void)printf("(%u applied, %u not, %u unknown) ", seen[0], seen[1], seen[2]);
    pg_trial_done(&t);
    relay_close(&relay);
}

static void
an_answer_that_is_lost_leaves_the_outcome_unknown(void)
{
    struct relay relay;
    struct pg_trial t;
    struct tsec_store_op op = OP(TSEC_STORE_PUT, TSEC_STORE_ABSENT, "k", "v");
    struct tsec_err err = { 0 };
    bool retry = true;
    const int64_t began = pg_trial_ms();

    CU_ASSERT_TRUE_FATAL(relay_open(&relay, pg_trial_rig.port));
    pg_trial_init(&t, NULL, relay.port);
    pg_trial_open(&t);
    atomic_store(&relay.mode, RELAY_DEAF);
    pg_trial_wait(&t, 300);
    CU_ASSERT_EQUAL(pg_commit(&t.conn, &op, 1, &retry, &err).code, TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_EQUAL(err.code, TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_FALSE(retry);
    CU_ASSERT_TRUE(pg_trial_ms() - began < 2000);
    CU_ASSERT_STRING_EQUAL(pg_trial_value(&t, "k"), "v"); /* it was applied, and nobody was told */
    pg_trial_done(&t);
    relay_close(&relay);
}

/* More than the kernel takes at once: COMMIT is not handed over before the rest has left. */
static void
a_commit_that_cannot_be_sent_is_surely_not_applied(void)
{
    enum { N = 16 };
    struct relay relay;
    struct pg_trial t;
    uint8_t *big = calloc(1, TSEC_STORE_VALUE_MAX);
    struct tsec_store_op ops[N];
    char keys[N][8];
    bool retry = false;

    CU_ASSERT_PTR_NOT_NULL_FATAL(big);
    CU_ASSERT_TRUE_FATAL(relay_open(&relay, pg_trial_rig.port));
    pg_trial_init(&t, NULL, relay.port);
    pg_trial_open(&t);
    atomic_store(&relay.mode, RELAY_HOLD);
    for (size_t i = 0; i < N; i++) {
        (void)snprintf(keys[i], sizeof(keys[i]), "k%02zu", i);
        ops[i] = OP(TSEC_STORE_PUT, TSEC_STORE_ABSENT, keys[i], "");
        ops[i].value = tsec_span(big, TSEC_STORE_VALUE_MAX);
    }
    pg_trial_wait(&t, 300);
    CU_ASSERT_EQUAL(pg_commit(&t.conn, ops, N, &retry, NULL).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_TRUE(retry);
    CU_ASSERT_TRUE(t.conn.broken);
    pg_conn_close(&t.conn);
    relay_cut(&relay);
    CU_ASSERT_STRING_EQUAL(pg_trial_sql(&t, "SELECT count(*) FROM {schema}.kv"), "0");
    free(big);
    pg_trial_done(&t);
    relay_close(&relay);
}

/* The server says "done" to a commit whose wait for the standby an operator cancelled. */
static void
a_cancelled_wait_for_the_standby_is_not_done(void)
{
    struct pg_late ours = { .n = 1 };
    struct pg_trial first;
    char sql[128];

    pg_trial_init(&first, NULL, 0);
    pg_trial_open(&first);
    pg_late_join(&ours, &first);
    CU_ASSERT_PTR_NOT_NULL(
        pg_trial_sql(&first, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"));
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&first, "SELECT pg_reload_conf()"));
    (void)usleep(300000);
    ours.ops[0] = OP(TSEC_STORE_PUT, TSEC_STORE_ABSENT, "k", "v");
    CU_ASSERT_EQUAL_FATAL(pthread_create(&ours.thread, NULL, pg_late_commit, &ours), 0);
    (void)snprintf(
        sql, sizeof(sql),
        "SELECT count(*) FROM pg_stat_activity WHERE pid = %d AND wait_event = 'SyncRep'",
        PQbackendPID(ours.trial.conn.pg));
    for (int i = 0; i < 500 && strcmp(pg_trial_sql(&first, sql), "1") != 0; i++) {
        (void)usleep(2000);
    }
    CU_ASSERT_STRING_EQUAL(pg_trial_sql(&first, sql), "1");
    (void)snprintf(sql, sizeof(sql), "SELECT pg_cancel_backend(%d)",
                   PQbackendPID(ours.trial.conn.pg));
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&first, sql));
    (void)pthread_join(ours.thread, NULL);
    CU_ASSERT_EQUAL(ours.code, TSEC_E_OUTCOME_UNKNOWN);
    /* And without a standby a commit is never acknowledged, but given up in time. */
    pg_trial_wait(&ours.trial, 300);
    ours.ops[0] = OP(TSEC_STORE_PUT, TSEC_STORE_ABSENT, "k2", "v");
    bool retry;
    CU_ASSERT_EQUAL(pg_commit(&ours.trial.conn, ours.ops, 1, &retry, NULL).code,
                    TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&first, "ALTER SYSTEM RESET synchronous_standby_names"));
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&first, "SELECT pg_reload_conf()"));
    pg_trial_done(&ours.trial);
    pg_trial_done(&first);
}

/* What its wait for the standby was cancelled of is not shown before a standby has it: nobody may
 * act on what a failover would take away. */
static void
what_no_standby_has_is_not_shown(void)
{
    static const char *const quick[] = { "call_timeout_ms", "600", NULL };
    struct pg_trial t;
    struct tsec_store *store;

    pg_trial_init(&t, quick, 0);
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    CU_ASSERT_PTR_NOT_NULL(
        pg_trial_sql(&t, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"));
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "SELECT pg_reload_conf()"));
    (void)usleep(300000);
    CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ABSENT, "k", "v"), TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t,
                                        "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity"
                                        " WHERE wait_event = 'SyncRep'"));
    for (int i = 0; i < 500 && pg_trial_value(&t, "k")[0] == '\0'; i++) {
        (void)usleep(2000);
    }
    CU_ASSERT_STRING_EQUAL(pg_trial_value(&t, "k"), "v"); /* whoever asks PostgreSQL sees it */
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_FALSE(pg_trial_holds(store, "k", "v"));
        CU_ASSERT_FALSE(pg_trial_holds(store, "k", NULL));
    }
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "ALTER SYSTEM RESET synchronous_standby_names"));
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "SELECT pg_reload_conf()"));
    for (int i = 0; i < 500 && !pg_trial_holds(store, "k", "v"); i++) {
        (void)usleep(5000);
    }
    CU_ASSERT_TRUE(pg_trial_holds(store, "k", "v"));
    store_pg_plugin.store->close(store);
    pg_trial_done(&t);
}

static const struct test_case cases[] = {
    { "a cut at any byte is never a wrong answer", a_cut_at_any_byte_is_never_a_wrong_answer },
    { "an answer that is lost leaves the outcome unknown",
      an_answer_that_is_lost_leaves_the_outcome_unknown },
    { "a commit that cannot be sent is surely not applied",
      a_commit_that_cannot_be_sent_is_surely_not_applied },
    { "a cancelled wait for the standby is not done",
      a_cancelled_wait_for_the_standby_is_not_done },
    { "what no standby has is not shown", what_no_standby_has_is_not_shown },
};

PG_TRIAL_MAIN("store-pg/pg_commit, its outcome", cases, NULL)
