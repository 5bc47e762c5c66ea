/* SPDX-License-Identifier: Apache-2.0 */
/* A commit is one explicit transaction in one pipeline:
 *
 *   BEGIN
 *   take     DELETE what is expected PRESENT,  counting   fewer than asked: 22012
 *   replace  UPDATE what is expected PRESENT,  counting   fewer than asked: 22012
 *   insert   INSERT what is expected ABSENT                one there already: 23505
 *   upsert   INSERT .. ON CONFLICT DO UPDATE the others
 *   delete   DELETE what insert and upsert made of keys that are to go
 *   COMMIT
 *
 * An error has the server skip whatever follows, COMMIT included.
 *
 * Why this is right when others commit at the same time, at READ COMMITTED.  Every key that a
 * commit names is locked by it until its end, present or not:
 *
 *  - take and replace lock rows.  One that another transaction is about to remove is waited for;
 * when that commits, the row is gone and not counted: CONFLICT.  When it changes the row instead,
 * the new version is looked at again, and taken.  A row that appears only after the statement began
 * is not counted either: at that moment it was absent, and CONFLICT was the true answer then.
 *  - insert and upsert lock the key's place in the unique index.  One that another transaction is
 *    inserting is waited for: when that commits, insert fails with 23505 and upsert takes the new
 *    row.  One that another is removing is waited for likewise.
 *  - That is why a DELETE that expects ABSENT, or anything, first inserts the key with an empty
 *    value: a plain DELETE, or a question, of an absent key locks nothing, and two transactions
 *    could each pass before the other's insert.  The delete that follows is another statement: it
 *    sees the row, which is ours.
 *
 * So at the moment of COMMIT all expectations hold at once and nobody can change that: commits are
 * as if one after the other (strict two-phase locking).  SERIALIZABLE engines say 40001 where this
 * one waits; the caller tries again.
 *
 * Two commits that name the same keys take them in one order, sorted by key within a step, so they
 * wait for and do not deadlock each other; across steps they may, and one of them is told 40P01.
 *
 * Outcome.  COMMIT is handed to libpq only when all before it is in the kernel's hands.  A
 * connection that is lost before that point leaves a transaction without COMMIT, which the server
 * rolls back.  After it, until COMMIT's own answer came, the outcome is not known; an error of an
 * earlier statement is an answer too, since then COMMIT is skipped. */
#include "pg_commit.h"

#include <stdlib.h>
#include <string.h>

#include "pg_error.h"

/* Statements are cut so that neither side holds much at once. */
enum { CHUNK_BYTES = 4 * 1024 * 1024, CHUNK_MAX = CHUNK_BYTES + TSEC_STORE_VALUE_MAX + 65536 };

struct pg_try {
    struct pg_conn *conn;
    const struct tsec_store_op **ops; /* sorted by key */
    size_t n;
    size_t sent;    /* statements that will be answered */
    bool asked;     /* COMMIT may reach the server */
    bool refused;   /* an earlier statement failed: COMMIT is skipped */
    bool retry;     /* that failure may not come again */
    bool committed; /* the answer to COMMIT */
};

/* ---- steps ---- */

static bool
is_take(const struct tsec_store_op *op)
{
    return op->expect == TSEC_STORE_PRESENT && op->verb == TSEC_STORE_DELETE;
}

static bool
is_replace(const struct tsec_store_op *op)
{
    return op->expect == TSEC_STORE_PRESENT && op->verb == TSEC_STORE_PUT;
}

static bool
is_insert(const struct tsec_store_op *op)
{
    return op->expect == TSEC_STORE_ABSENT;
}

static bool
is_upsert(const struct tsec_store_op *op)
{
    return op->expect == TSEC_STORE_ANY;
}

static bool
is_delete(const struct tsec_store_op *op)
{
    return op->expect != TSEC_STORE_PRESENT && op->verb == TSEC_STORE_DELETE;
}

static const struct step {
    enum pg_sql sql;
    bool (*takes)(const struct tsec_store_op *op);
    bool values;
    bool counted;
} steps[] = {
    { PG_TAKE, is_take, false, true },      { PG_REPLACE, is_replace, true, true },
    { PG_INSERT, is_insert, true, false },  { PG_UPSERT, is_upsert, true, false },
    { PG_DELETE, is_delete, false, false },
};

static tsec_rc
send_arrays(struct pg_try *t, const struct step *step, struct pg_array *keys,
            struct pg_array *values, struct tsec_err *err)
{
    struct pg_params params = { .n = 0 };

    TSEC_TRY(pg_array_end(keys, err));
    TSEC_TRY(pg_array_end(values, err));
    pg_params_bytes(&params, tsec_buf_span(&keys->bytes));
    if (step->values) {
        pg_params_bytes(&params, tsec_buf_span(&values->bytes));
    }
    if (step->counted) {
        pg_params_int64(&params, keys->len);
    }
    TSEC_TRY(pg_conn_send(t->conn, step->sql, &params, err));
    t->sent++;
    return TSEC_OK;
}

/* At once, rather than growing by steps. */
static void
make_room(const struct pg_try *t, const struct step *step, size_t at, struct pg_array *keys,
          struct pg_array *values)
{
    size_t of_keys = 0;
    size_t of_values = 0;

    for (size_t i = at; i < t->n && of_values < CHUNK_BYTES; i++) {
        if (step->takes(t->ops[i])) {
            of_keys += 4 + t->ops[i]->key.len;
            of_values += 4 + (t->ops[i]->verb == TSEC_STORE_PUT ? t->ops[i]->value.len : 0);
        }
    }
    if (of_keys > 0) {
        tsec_buf_reserve(&keys->bytes, of_keys);
        tsec_buf_reserve(&values->bytes, of_values);
    }
}

/* One statement of a step, from operation `at` on; says where the next begins. */
static tsec_rc
send_chunk(struct pg_try *t, const struct step *step, size_t *at, struct tsec_err *err)
{
    struct pg_array keys;
    struct pg_array values;
    size_t i = *at;
    tsec_rc rc = TSEC_OK;

    pg_array_begin(&keys, CHUNK_MAX);
    pg_array_begin(&values, CHUNK_MAX);
    make_room(t, step, i, &keys, &values);
    for (; i < t->n && values.bytes.len < CHUNK_BYTES; i++) {
        const struct tsec_store_op *op = t->ops[i];

        if (step->takes(op)) {
            pg_array_put(&keys, op->key);
            pg_array_put(&values, op->verb == TSEC_STORE_PUT ? op->value : tsec_span("", 0));
        }
    }
    *at = i;
    if (keys.len > 0) {
        rc = send_arrays(t, step, &keys, &values, err);
    }
    pg_array_done(&keys);
    pg_array_done(&values);
    return rc;
}

static tsec_rc
send_plain(struct pg_try *t, enum pg_sql sql, struct tsec_err *err)
{
    const struct pg_params none = { .n = 0 };

    TSEC_TRY(pg_conn_send(t->conn, sql, &none, err));
    t->sent++;
    return TSEC_OK;
}

static tsec_rc
send_all(struct pg_try *t, struct tsec_err *err)
{
    TSEC_TRY(send_plain(t, PG_BEGIN, err));
    for (size_t s = 0; s < TSEC_ARRAY_LEN(steps); s++) {
        for (size_t at = 0; at < t->n;) {
            TSEC_TRY(send_chunk(t, &steps[s], &at, err));
            if (at < t->n) {
                TSEC_TRY(pg_conn_flush(t->conn, err));
            }
        }
    }
    TSEC_TRY(pg_conn_flush(t->conn, err));
    t->asked = true;
    TSEC_TRY(send_plain(t, PG_COMMIT, err));
    return pg_conn_sync(t->conn, err);
}

/* ---- answers ---- */

/* An answer to one statement; `last`: to COMMIT. */
static tsec_rc
take_answer(struct pg_try *t, const PGresult *result, bool last, struct tsec_err *err)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const struct pg_meaning *m = pg_meaning(state);
    tsec_rc rc;

    switch ((int)PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
        /* Of a transaction that had failed COMMIT would say ROLLBACK. */
        t->committed = last && strcmp(PQcmdStatus((PGresult *)(uintptr_t)result), "COMMIT") == 0;
        t->refused = last && !t->committed;
        return t->refused ? TSEC_FAIL(err, TSEC_E_INTERNAL, "COMMIT was answered by ROLLBACK")
                          : TSEC_OK;
    case PGRES_PIPELINE_ABORTED:
        return TSEC_OK;
    default:
        break;
    }
    rc = pg_fail(result, "commit", err);
    t->conn->broken = t->conn->broken || m->drop;
    t->refused = !pg_commit_in_doubt(state, pg_ended(result), last);
    t->retry = t->refused && m->retry;
    return rc;
}

static tsec_rc
take_answers(struct pg_try *t, struct tsec_err *err)
{
    tsec_rc rc = TSEC_OK;

    for (size_t i = 0; i < t->sent && !tsec_failed(rc); i++) {
        TSEC_AUTO(pg_result_free) PGresult *result = NULL;

        TSEC_TRY(pg_conn_next(t->conn, &result, err));
        rc = take_answer(t, result, i + 1 == t->sent, err);
    }
    /* What the rest says changes nothing: COMMIT was answered, or will be skipped. */
    if (!t->conn->broken && tsec_failed(pg_conn_drain(t->conn, NULL))) {
        t->conn->broken = true;
    }
    return rc;
}

static tsec_rc
judge(struct pg_try *t, tsec_rc rc, struct tsec_err *err)
{
    if (t->committed && !t->conn->unreplicated) {
        return TSEC_OK;
    }
    if (t->committed) {
        t->conn->broken = true; /* the next session waits for the standbys first */
        return TSEC_FAIL(err, TSEC_E_OUTCOME_UNKNOWN,
                         "the commit is in the database, but its wait for the standbys was "
                         "cancelled there: %s",
                         t->conn->env->place.label);
    }
    if (t->refused || !t->asked) {
        return rc;
    }
    t->conn->broken = true;
    t->conn->doubtful = true;
    if (err != NULL) {
        err->code = TSEC_E_OUTCOME_UNKNOWN; /* where and why stays as it was found */
    }
    return tsec_rc_of(TSEC_E_OUTCOME_UNKNOWN);
}

/* ---- one try ---- */

static int
compare_ops(const void *a, const void *b)
{
    return tsec_span_compare((*(const struct tsec_store_op *const *)a)->key,
                             (*(const struct tsec_store_op *const *)b)->key);
}

tsec_rc
pg_commit(struct pg_conn *conn, const struct tsec_store_op *ops, size_t n, bool *retry,
          struct tsec_err *err)
{
    struct pg_try t = { .conn = conn, .ops = malloc(n * sizeof(*t.ops)), .n = n };
    tsec_rc rc;

    *retry = false;
    if (t.ops == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a commit of %zu", n);
    }
    for (size_t i = 0; i < n; i++) {
        t.ops[i] = &ops[i];
    }
    qsort(t.ops, n, sizeof(*t.ops), compare_ops);
    conn->unreplicated = false;
    rc = send_all(&t, err);
    free(t.ops);
    if (!tsec_failed(rc)) {
        rc = take_answers(&t, err);
    } else if (!t.asked) {
        conn->broken = true; /* a transaction without an end, or none at all */
    }
    *retry = t.refused ? t.retry : !t.asked && rc.code == TSEC_E_UNAVAILABLE;
    return judge(&t, rc, err);
}

tsec_rc
pg_commit_fence(struct pg_conn *conn, struct tsec_err *err)
{
    /* Of no key that a server makes: those begin with a letter. */
    static const char key[] = "\xff fence";
    const struct tsec_store_op op = {
        TSEC_STORE_DELETE, TSEC_STORE_ANY, tsec_span_str(key), { NULL, 0 }
    };
    struct tsec_err why = { 0 };
    bool retry;

    if (!tsec_failed(pg_commit(conn, &op, 1, &retry, &why))) {
        return TSEC_OK;
    }
    conn->broken = true;
    return TSEC_FAIL(err, TSEC_E_UNAVAILABLE,
                     "the standbys do not confirm what can be read: %.110s", why.detail);
}
