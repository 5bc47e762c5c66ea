/* SPDX-License-Identifier: Apache-2.0 */
#include "store-pg/pg_commit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/plugins/pg_trial.h"
#include "tests/plugins/relay.h"

#define OP pg_trial_op

static const char *
value_of(const struct pg_trial *t, const char *key)
{
    char sql[128];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT convert_from(value, 'UTF8') FROM {schema}.kv WHERE key = '%s'", key);
    return pg_trial_sql(t, sql);
}

static int32_t
commit(struct pg_trial *t, const struct tsec_store_op *ops, size_t n, struct tsec_err *err)
{
    bool retry;

    pg_trial_wait(t, 2000);
    return pg_commit(&t->conn, ops, n, &retry, err).code;
}

static int32_t
commit_one(struct pg_trial *t, struct tsec_store_op op)
{
    return commit(t, &op, 1, NULL);
}

/* ---- alone ---- */

static void
every_verb_and_expectation(void)
{
    static const struct {
        enum tsec_store_verb verb;
        enum tsec_store_expect expect;
        bool there;
        int32_t code;
        const char *after; /* "" : nothing */
    } rows[] = {
        { TSEC_STORE_PUT, TSEC_STORE_ANY, false, 0, "new" },
        { TSEC_STORE_PUT, TSEC_STORE_ANY, true, 0, "new" },
        { TSEC_STORE_PUT, TSEC_STORE_ABSENT, false, 0, "new" },
        { TSEC_STORE_PUT, TSEC_STORE_ABSENT, true, TSEC_E_CONFLICT, "old" },
        { TSEC_STORE_PUT, TSEC_STORE_PRESENT, false, TSEC_E_CONFLICT, "" },
        { TSEC_STORE_PUT, TSEC_STORE_PRESENT, true, 0, "new" },
        { TSEC_STORE_DELETE, TSEC_STORE_ANY, false, 0, "" },
        { TSEC_STORE_DELETE, TSEC_STORE_ANY, true, 0, "" },
        { TSEC_STORE_DELETE, TSEC_STORE_ABSENT, false, 0, "" },
        { TSEC_STORE_DELETE, TSEC_STORE_ABSENT, true, TSEC_E_CONFLICT, "old" },
        { TSEC_STORE_DELETE, TSEC_STORE_PRESENT, false, TSEC_E_CONFLICT, "" },
        { TSEC_STORE_DELETE, TSEC_STORE_PRESENT, true, 0, "" },
    };
    struct pg_trial t;
    int pid;

    pg_trial_init(&t, NULL, 0);
    pg_trial_open(&t);
    pid = PQbackendPID(t.conn.pg);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        char key[8];
        struct tsec_store_op ops[2];

        (void)snprintf(key, sizeof(key), "k%zu", i);
        if (rows[i].there) {
            CU_ASSERT_EQUAL(commit_one(&t, OP(TSEC_STORE_PUT, TSEC_STORE_ANY, key, "old")), 0);
        }
        ops[0] = OP(rows[i].verb, rows[i].expect, key, "new");
        ops[1] = OP(TSEC_STORE_PUT, TSEC_STORE_ANY, "beside", key);
        CU_ASSERT_EQUAL(commit(&t, ops, 2, NULL), rows[i].code);
        CU_ASSERT_STRING_EQUAL(value_of(&t, key), rows[i].after);
        CU_ASSERT_EQUAL(strcmp(value_of(&t, "beside"), key) == 0, rows[i].code == 0);
        /* After a refusal too the connection is what it was. */
        CU_ASSERT_TRUE(pg_conn_settle(&t.conn));
        CU_ASSERT_EQUAL(PQtransactionStatus(t.conn.pg), PQTRANS_IDLE);
    }
    CU_ASSERT_EQUAL(PQbackendPID(t.conn.pg), pid);
    pg_trial_done(&t);
}

/* Statements of at most 4 MiB and a value each: this commit takes six. */
static void
a_large_commit_goes_in_several_statements(void)
{
    enum { N = 20 };
    const size_t len = TSEC_STORE_VALUE_MAX;
    uint8_t *big = malloc(len);
    struct tsec_store_op ops[N];
    char keys[N][8];
    struct pg_trial t;
    bool retry;

    CU_ASSERT_PTR_NOT_NULL_FATAL(big);
    memset(big, 'v', len);
    pg_trial_init(&t, NULL, 0);
    pg_trial_open(&t);
    for (size_t i = 0; i < N; i++) {
        (void)snprintf(keys[i], sizeof(keys[i]), "k%02zu", i);
        ops[i] = OP(TSEC_STORE_PUT, TSEC_STORE_ABSENT, keys[i], "");
        ops[i].value = tsec_span(big, len);
    }
    pg_trial_wait(&t, 20000);
    CU_ASSERT_EQUAL(pg_commit(&t.conn, ops, N, &retry, NULL).code, 0);
    CU_ASSERT_STRING_EQUAL(
        pg_trial_sql(&t, "SELECT count(*) || ' ' || min(length(value)) FROM {schema}.kv"),
        "20 1052672");
    /* And one that fails in its last statement leaves nothing. */
    for (size_t i = 0; i + 1 < N; i++) {
        keys[i][0] = 'n';
    }
    pg_trial_wait(&t, 20000);
    CU_ASSERT_EQUAL(pg_commit(&t.conn, ops, N, &retry, NULL).code, 0 + TSEC_E_CONFLICT);
    CU_ASSERT_STRING_EQUAL(pg_trial_sql(&t, "SELECT count(*) FROM {schema}.kv"), "20");
    free(big);
    pg_trial_done(&t);
}

/* ---- with others ---- */

struct late {
    struct pg_trial trial;
    struct tsec_store_op ops[2];
    size_t n;
    int32_t code;
    pthread_t thread;
};

static void *
commit_later(void *ctx)
{
    struct late *late = ctx;

    late->code = commit(&late->trial, late->ops, late->n, NULL);
    return NULL;
}

/* A second connection, on the schema of the first. */
static void
join_schema(struct late *late, const struct pg_trial *first)
{
    pg_trial_init(&late->trial, NULL, 0);
    pg_env_done(&late->trial.env);
    memcpy(late->trial.uri, first->uri, sizeof(first->uri));
    memcpy(late->trial.schema, first->schema, sizeof(first->schema));
    CU_ASSERT_EQUAL_FATAL(
        pg_env_init(&late->trial.env, &late->trial.host.host, late->trial.uri, NULL).code, 0);
    pg_trial_open(&late->trial);
}

/* Somebody else's transaction is open, with `held` done; ours begins, and must wait for it; then
 * that one ends by `end`. */
static const struct meeting {
    const char *held;
    const char *end;
    enum tsec_store_verb verb;
    enum tsec_store_expect expect;
    const char *key;
    bool waits;
    int32_t code;
    const char *after;
} meetings[] = {
#define THEIR_DELETE "DELETE FROM {schema}.kv WHERE key = 'old'"
#define THEIR_UPDATE "UPDATE {schema}.kv SET value = 'theirs' WHERE key = 'old'"
#define THEIR_INSERT "INSERT INTO {schema}.kv VALUES ('new', 'theirs')"
#define THEIR_RENEW  THEIR_DELETE "; INSERT INTO {schema}.kv VALUES ('old', 'theirs')"
    { THEIR_DELETE, "COMMIT", TSEC_STORE_DELETE, TSEC_STORE_PRESENT, "old", true, TSEC_E_CONFLICT,
      "" },
    { THEIR_DELETE, "ROLLBACK", TSEC_STORE_DELETE, TSEC_STORE_PRESENT, "old", true, 0, "" },
    { THEIR_DELETE, "COMMIT", TSEC_STORE_PUT, TSEC_STORE_PRESENT, "old", true, TSEC_E_CONFLICT,
      "" },
    { THEIR_DELETE, "ROLLBACK", TSEC_STORE_PUT, TSEC_STORE_PRESENT, "old", true, 0, "ours" },
    { THEIR_DELETE, "COMMIT", TSEC_STORE_PUT, TSEC_STORE_ABSENT, "old", true, 0, "ours" },
    { THEIR_DELETE, "ROLLBACK", TSEC_STORE_PUT, TSEC_STORE_ABSENT, "old", true, TSEC_E_CONFLICT,
      "theirs first" },
    { THEIR_DELETE, "COMMIT", TSEC_STORE_PUT, TSEC_STORE_ANY, "old", true, 0, "ours" },
    { THEIR_DELETE, "COMMIT", TSEC_STORE_DELETE, TSEC_STORE_ANY, "old", true, 0, "" },
    { THEIR_DELETE, "COMMIT", TSEC_STORE_DELETE, TSEC_STORE_ABSENT, "old", true, 0, "" },
    { THEIR_UPDATE, "COMMIT", TSEC_STORE_DELETE, TSEC_STORE_PRESENT, "old", true, 0, "" },
    { THEIR_UPDATE, "COMMIT", TSEC_STORE_PUT, TSEC_STORE_PRESENT, "old", true, 0, "ours" },
    { THEIR_UPDATE, "COMMIT", TSEC_STORE_PUT, TSEC_STORE_ANY, "old", true, 0, "ours" },
    { THEIR_UPDATE, "COMMIT", TSEC_STORE_DELETE, TSEC_STORE_ANY, "old", true, 0, "" },
    { THEIR_UPDATE, "COMMIT", TSEC_STORE_PUT, TSEC_STORE_ABSENT, "old", true, TSEC_E_CONFLICT,
      "theirs" },
    { THEIR_INSERT, "COMMIT", TSEC_STORE_PUT, TSEC_STORE_ABSENT, "new", true, TSEC_E_CONFLICT,
      "theirs" },
    { THEIR_INSERT, "ROLLBACK", TSEC_STORE_PUT, TSEC_STORE_ABSENT, "new", true, 0, "ours" },
    { THEIR_INSERT, "COMMIT", TSEC_STORE_PUT, TSEC_STORE_ANY, "new", true, 0, "ours" },
    { THEIR_INSERT, "COMMIT", TSEC_STORE_DELETE, TSEC_STORE_ABSENT, "new", true, TSEC_E_CONFLICT,
      "theirs" },
    { THEIR_INSERT, "ROLLBACK", TSEC_STORE_DELETE, TSEC_STORE_ABSENT, "new", true, 0, "" },
    /* A plain DELETE would not see the row, nor wait, and leave it there. */
    { THEIR_INSERT, "COMMIT", TSEC_STORE_DELETE, TSEC_STORE_ANY, "new", true, 0, "" },
    /* Absent as far as committed: true at that moment. */
    { THEIR_INSERT, "COMMIT", TSEC_STORE_DELETE, TSEC_STORE_PRESENT, "new", false, TSEC_E_CONFLICT,
      "theirs" },
    { THEIR_RENEW, "COMMIT", TSEC_STORE_PUT, TSEC_STORE_ANY, "old", true, 0, "ours" },
};

static bool
waits_for_a_lock(const struct pg_trial *t, const struct pg_conn *conn)
{
    char sql[128];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM pg_stat_activity WHERE pid = %d AND wait_event_type = "
                   "'Lock'",
                   PQbackendPID(conn->pg));
    for (int i = 0; i < 100; i++) {
        if (strcmp(pg_trial_sql(t, sql), "1") == 0) {
            return true;
        }
        (void)usleep(2000);
    }
    return false;
}

static void
run_sql(PGconn *conn, const struct pg_trial *t, const char *sql)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(PG_SQL_MAX);
    PGresult *result;

    CU_ASSERT_EQUAL_FATAL(pg_sql_expand(sql, t->schema, &text, NULL).code, 0);
    result = PQexec(conn, (const char *)text.ptr);
    CU_ASSERT_EQUAL(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
}

static void
meet(const struct meeting *m)
{
    struct late ours = { .n = 1 };
    struct pg_trial first;
    char uri[512];
    PGconn *theirs;

    pg_trial_init(&first, NULL, 0);
    pg_trial_open(&first);
    CU_ASSERT_EQUAL(commit_one(&first, OP(TSEC_STORE_PUT, TSEC_STORE_ANY, "old", "theirs first")),
                    0);
    join_schema(&ours, &first);
    pg_rig_uri(&pg_trial_rig, false, "", uri, sizeof(uri));
    theirs = PQconnectdb(uri);
    run_sql(theirs, &first, "BEGIN");
    run_sql(theirs, &first, m->held);
    ours.ops[0] = OP(m->verb, m->expect, m->key, "ours");
    CU_ASSERT_EQUAL_FATAL(pthread_create(&ours.thread, NULL, commit_later, &ours), 0);
    if (m->waits) {
        CU_ASSERT_TRUE(waits_for_a_lock(&first, &ours.trial.conn));
        run_sql(theirs, &first, m->end);
        (void)pthread_join(ours.thread, NULL);
    } else {
        (void)pthread_join(ours.thread, NULL);
        run_sql(theirs, &first, m->end);
    }
    CU_ASSERT_EQUAL(ours.code, m->code);
    CU_ASSERT_STRING_EQUAL(value_of(&first, m->key), m->after);
    if (ours.code != m->code || strcmp(value_of(&first, m->key), m->after) != 0) {
        (void)fprintf(stderr, "%s; %s; verb %u expect %u: %d %s\n", m->held, m->end, m->verb,
                      m->expect, ours.code, value_of(&first, m->key));
    }
    PQfinish(theirs);
    pg_trial_done(&ours.trial);
    pg_trial_done(&first);
}

static void
what_meets_another_transaction_waits_and_is_right(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(meetings); i++) {
        meet(&meetings[i]);
    }
}

static void
a_lock_that_is_kept_is_a_definite_answer(void)
{
    static const char *const set[] = { "call_timeout_ms", "400", NULL };
    struct pg_trial t;
    char uri[512];
    PGconn *theirs;
    struct tsec_err err = { 0 };

    pg_trial_init(&t, set, 0);
    pg_trial_open(&t);
    CU_ASSERT_EQUAL(commit_one(&t, OP(TSEC_STORE_PUT, TSEC_STORE_ANY, "old", "1")), 0);
    pg_rig_uri(&pg_trial_rig, false, "", uri, sizeof(uri));
    theirs = PQconnectdb(uri);
    run_sql(theirs, &t, "BEGIN");
    run_sql(theirs, &t, THEIR_UPDATE);
    const struct tsec_store_op op = OP(TSEC_STORE_PUT, TSEC_STORE_ANY, "old", "2");
    CU_ASSERT_EQUAL(commit(&t, &op, 1, &err), TSEC_E_UNAVAILABLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "held a lock"));
    CU_ASSERT_TRUE(pg_conn_settle(&t.conn));
    run_sql(theirs, &t, "ROLLBACK");
    CU_ASSERT_EQUAL(commit_one(&t, OP(TSEC_STORE_PUT, TSEC_STORE_ANY, "old", "2")), 0);
    PQfinish(theirs);
    pg_trial_done(&t);
}

/* ---- the outcome ---- */

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
        code = commit(&t, ops, 2, NULL);
        atomic_store(&relay.cut_at, 0);
        if (code != 0) {
            CU_ASSERT_TRUE(t.conn.broken);
            pg_conn_close(&t.conn);
            pg_trial_open(&t); /* the old session has ended when it holds no lock any more */
            CU_ASSERT_EQUAL(commit_one(&t, OP(TSEC_STORE_PUT, TSEC_STORE_ANY, "last", "x")), 0);
        }
        there = value_of(&t, key)[0] != '\0';
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
    CU_ASSERT_STRING_EQUAL(value_of(&t, "k"), "v"); /* it was applied, and nobody was told */
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
    struct late ours = { .n = 1 };
    struct pg_trial first;
    char sql[128];

    pg_trial_init(&first, NULL, 0);
    pg_trial_open(&first);
    join_schema(&ours, &first);
    CU_ASSERT_PTR_NOT_NULL(
        pg_trial_sql(&first, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"));
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&first, "SELECT pg_reload_conf()"));
    (void)usleep(300000);
    ours.ops[0] = OP(TSEC_STORE_PUT, TSEC_STORE_ABSENT, "k", "v");
    CU_ASSERT_EQUAL_FATAL(pthread_create(&ours.thread, NULL, commit_later, &ours), 0);
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
    for (int i = 0; i < 500 && value_of(&t, "k")[0] == '\0'; i++) {
        (void)usleep(2000);
    }
    CU_ASSERT_STRING_EQUAL(value_of(&t, "k"), "v"); /* whoever asks PostgreSQL sees it */
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
    { "every verb and expectation", every_verb_and_expectation },
    { "a large commit goes in several statements", a_large_commit_goes_in_several_statements },
    { "what meets another transaction waits, and is right",
      what_meets_another_transaction_waits_and_is_right },
    { "a lock that is kept is a definite answer", a_lock_that_is_kept_is_a_definite_answer },
    { "a cut at any byte is never a wrong answer", a_cut_at_any_byte_is_never_a_wrong_answer },
    { "an answer that is lost leaves the outcome unknown",
      an_answer_that_is_lost_leaves_the_outcome_unknown },
    { "a commit that cannot be sent is surely not applied",
      a_commit_that_cannot_be_sent_is_surely_not_applied },
    { "a cancelled wait for the standby is not done",
      a_cancelled_wait_for_the_standby_is_not_done },
    { "what no standby has is not shown", what_no_standby_has_is_not_shown },
};

PG_TRIAL_MAIN("store-pg/pg_commit", cases, "synchronous_commit = on\n")
