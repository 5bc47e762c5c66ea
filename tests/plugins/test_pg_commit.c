/* SPDX-License-Identifier: Apache-2.0 */
#include "store-pg/pg_commit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/plugins/pg_trial.h"

#define OP pg_trial_op

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
            CU_ASSERT_EQUAL(pg_trial_commit_one(&t, OP(TSEC_STORE_PUT, TSEC_STORE_ANY, key, "old")),
                            0);
        }
        ops[0] = OP(rows[i].verb, rows[i].expect, key, "new");
        ops[1] = OP(TSEC_STORE_PUT, TSEC_STORE_ANY, "beside", key);
        CU_ASSERT_EQUAL(pg_trial_commit(&t, ops, 2, NULL), rows[i].code);
        CU_ASSERT_STRING_EQUAL(pg_trial_value(&t, key), rows[i].after);
        CU_ASSERT_EQUAL(strcmp(pg_trial_value(&t, "beside"), key) == 0, rows[i].code == 0);
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
    struct pg_late ours = { .n = 1 };
    struct pg_trial first;
    char uri[512];
    PGconn *theirs;

    pg_trial_init(&first, NULL, 0);
    pg_trial_open(&first);
    CU_ASSERT_EQUAL(
        pg_trial_commit_one(&first, OP(TSEC_STORE_PUT, TSEC_STORE_ANY, "old", "theirs first")), 0);
    pg_late_join(&ours, &first);
    pg_rig_uri(&pg_trial_rig, false, "", uri, sizeof(uri));
    theirs = PQconnectdb(uri);
    run_sql(theirs, &first, "BEGIN");
    run_sql(theirs, &first, m->held);
    ours.ops[0] = OP(m->verb, m->expect, m->key, "ours");
    CU_ASSERT_EQUAL_FATAL(pthread_create(&ours.thread, NULL, pg_late_commit, &ours), 0);
    if (m->waits) {
        CU_ASSERT_TRUE(waits_for_a_lock(&first, &ours.trial.conn));
        run_sql(theirs, &first, m->end);
        (void)pthread_join(ours.thread, NULL);
    } else {
        (void)pthread_join(ours.thread, NULL);
        run_sql(theirs, &first, m->end);
    }
    CU_ASSERT_EQUAL(ours.code, m->code);
    CU_ASSERT_STRING_EQUAL(pg_trial_value(&first, m->key), m->after);
    if (ours.code != m->code || strcmp(pg_trial_value(&first, m->key), m->after) != 0) {
        (void)fprintf(stderr, "%s; %s; verb %u expect %u: %d %s\n", m->held, m->end, m->verb,
                      m->expect, ours.code, pg_trial_value(&first, m->key));
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
    CU_ASSERT_EQUAL(pg_trial_commit_one(&t, OP(TSEC_STORE_PUT, TSEC_STORE_ANY, "old", "1")), 0);
    pg_rig_uri(&pg_trial_rig, false, "", uri, sizeof(uri));
    theirs = PQconnectdb(uri);
    run_sql(theirs, &t, "BEGIN");
    run_sql(theirs, &t, THEIR_UPDATE);
    const struct tsec_store_op op = OP(TSEC_STORE_PUT, TSEC_STORE_ANY, "old", "2");
    CU_ASSERT_EQUAL(pg_trial_commit(&t, &op, 1, &err), TSEC_E_UNAVAILABLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "held a lock"));
    CU_ASSERT_TRUE(pg_conn_settle(&t.conn));
    run_sql(theirs, &t, "ROLLBACK");
    CU_ASSERT_EQUAL(pg_trial_commit_one(&t, OP(TSEC_STORE_PUT, TSEC_STORE_ANY, "old", "2")), 0);
    PQfinish(theirs);
    pg_trial_done(&t);
}

static const struct test_case cases[] = {
    { "every verb and expectation", every_verb_and_expectation },
    { "a large commit goes in several statements", a_large_commit_goes_in_several_statements },
    { "what meets another transaction waits, and is right",
      what_meets_another_transaction_waits_and_is_right },
    { "a lock that is kept is a definite answer", a_lock_that_is_kept_is_a_definite_answer },
};

PG_TRIAL_MAIN("store-pg/pg_commit", cases, NULL)
