/* SPDX-License-Identifier: Apache-2.0 */
/* Several nodes over one store. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "tests/double/node_bench.h"
#include "tests/double/store_fault.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

#define OK(expr)         CU_ASSERT_FALSE_FATAL(tsec_failed(expr))
#define FAILS(expr, why) CU_ASSERT_EQUAL((expr).code, (why))

enum { NODES = 3, ROUNDS = 60 };

static void
open_nodes(struct node_bench *b, size_t n, const char *uri)
{
    memset(b, 0, n * sizeof(*b));
    for (size_t i = 0; i < n; i++) {
        OK(node_bench_open(&b[i], uri, i == 0, NULL));
    }
}

static void
close_nodes(struct node_bench *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        node_bench_close(&b[i]);
    }
    store_mem_forget();
}

static bool
holds(struct node_bench *b, const char *key, const char *value)
{
    char out[64];
    struct tsec_err err = { 0 };
    const tsec_rc rc = node_bench_get(b, key, out, sizeof(out), &err);

    return value == NULL ? rc.code == TSEC_E_NOT_FOUND
                         : !tsec_failed(rc) && strcmp(out, value) == 0;
}

static tsec_rc
delete_a(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)ctx;
    return txn_delete(txn, tsec_span_str("sys/a"), err);
}

static void
what_one_writes_the_others_read_at_once(void)
{
    struct node_bench b[NODES];

    open_nodes(b, NODES, "mem:shared");
    for (int i = 0; i < 30; i++) {
        char value[16];

        (void)snprintf(value, sizeof(value), "%d", i);
        OK(node_bench_put(&b[i % NODES], "sys/a", value));
        CU_ASSERT_TRUE(holds(&b[(i + 1) % NODES], "sys/a", value));
        CU_ASSERT_TRUE(holds(&b[(i + 2) % NODES], "sys/a", value));
    }
    OK(node_bench_do(&b[0], delete_a, NULL, NULL, NULL, NULL));
    CU_ASSERT_TRUE(holds(&b[1], "sys/a", NULL));
    CU_ASSERT_TRUE(holds(&b[2], "sys/a", NULL));
    close_nodes(b, NODES);
}

/* ---- many at once ---- */

static tsec_rc
count_up(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct tsec_span key = tsec_span_str("sys/counter");
    struct tsec_span payload = tsec_span(NULL, 0);
    uint32_t n = 0;

    if (!tsec_failed(txn_get(txn, key, &payload, err))) {
        memcpy(&n, payload.ptr, sizeof(n));
    }
    n++;
    *(uint32_t *)ctx = n;
    return txn_put(txn, key, tsec_span(&n, sizeof(n)), err);
}

static void *
count_many(void *arg)
{
    uint32_t last = 0;

    for (int i = 0; i < ROUNDS; i++) {
        uint32_t n = 0;

        CU_ASSERT_FALSE(tsec_failed(node_bench_do(arg, count_up, &n, NULL, NULL, NULL)));
        CU_ASSERT_TRUE(n > last); /* nobody sees the past again */
        last = n;
    }
    return NULL;
}

static void
nothing_is_lost_where_all_write_the_same(void)
{
    struct node_bench b[NODES];
    pthread_t threads[2 * NODES];
    uint32_t n = 0;

    open_nodes(b, NODES, "mem:count");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(threads); i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, count_many, &b[i % NODES]), 0);
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(threads); i++) {
        (void)pthread_join(threads[i], NULL);
    }
    for (size_t i = 0; i < NODES; i++) {
        OK(node_bench_do(&b[i], count_up, &n, NULL, NULL, NULL));
        CU_ASSERT_EQUAL(n, TSEC_ARRAY_LEN(threads) * ROUNDS + i + 1);
    }
    close_nodes(b, NODES);
}

/* ---- keys ---- */

static tsec_rc
rotate_all(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)ctx;
    TSEC_TRY(txn_dek(txn, TXN_MEK_ROTATE, "", err));
    return txn_dek(txn, TXN_DEK_ROTATE, "*", err);
}

static tsec_rc
key_version(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct node_key_status status;

    (void)err;
    node_key_status(txn, &status);
    *(uint64_t *)ctx = status.keyring_version;
    return TSEC_OK;
}

static void *
rotate_many(void *arg)
{
    for (int i = 0; i < 10; i++) {
        CU_ASSERT_FALSE(tsec_failed(node_bench_do(arg, rotate_all, NULL, NULL, NULL, NULL)));
        CU_ASSERT_FALSE(tsec_failed(node_bench_put(arg, "sys/row", "value")));
    }
    return NULL;
}

static void
rotations_at_once_follow_each_other(void)
{
    struct node_bench b[NODES];
    pthread_t threads[NODES];
    uint64_t version[NODES] = { 0 };

    open_nodes(b, NODES, "mem:rotate");
    for (size_t i = 0; i < NODES; i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, rotate_many, &b[i]), 0);
    }
    for (size_t i = 0; i < NODES; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    for (size_t i = 0; i < NODES; i++) {
        OK(node_bench_do(&b[i], key_version, &version[i], NULL, NULL, NULL));
        CU_ASSERT_TRUE(holds(&b[i], "sys/row", "value"));
    }
    CU_ASSERT_EQUAL(version[0], version[1]);
    CU_ASSERT_EQUAL(version[0], version[2]);
    close_nodes(b, NODES);
}

/* ---- what leaves nothing behind ---- */

struct quiet {
    struct node_op op;
    bool found;
    bool done;
    uint64_t index;
    pthread_mutex_t lock;
    pthread_cond_t cond;
};

static tsec_rc
quiet_run(struct node_op *op, struct txn *txn, struct tsec_buf *audit, struct tsec_err *err)
{
    (void)audit;
    (void)err;
    ((struct quiet *)(void *)op)->found = txn_has(txn, tsec_span_str("sys/token"));
    return TSEC_OK;
}

static void
quiet_done(struct node_op *op, tsec_rc rc, uint64_t index, const struct tsec_err *err)
{
    struct quiet *q = (struct quiet *)(void *)op;

    (void)err;
    CU_ASSERT_FALSE(tsec_failed(rc));
    (void)pthread_mutex_lock(&q->lock);
    q->done = true;
    q->index = index;
    (void)pthread_cond_signal(&q->cond);
    (void)pthread_mutex_unlock(&q->lock);
}

/* Neither written nor audited, and yet not from old memory. */
static void
a_quiet_read_is_as_new_as_any(void)
{
    struct node_bench b[2];
    struct quiet q = { .op = { .run = quiet_run, .done = quiet_done } };
    bool pending = false;

    open_nodes(b, 2, "mem:quiet");
    (void)pthread_mutex_init(&q.lock, NULL);
    (void)pthread_cond_init(&q.cond, NULL);
    OK(tsec_arena_new(1 << 20, &q.op.arena, NULL));
    OK(node_bench_put(&b[0], "sys/token", "fresh"));
    q.op.now_ns = b[1].clock.real;
    OK(node_submit(b[1].node, &q.op, &pending, NULL));
    CU_ASSERT_TRUE_FATAL(pending);
    (void)pthread_mutex_lock(&q.lock);
    while (!q.done) {
        (void)pthread_cond_wait(&q.cond, &q.lock);
    }
    (void)pthread_mutex_unlock(&q.lock);
    CU_ASSERT_TRUE(q.found);
    CU_ASSERT_EQUAL(q.index, 0);
    tsec_arena_free(q.op.arena);
    (void)pthread_mutex_destroy(&q.lock);
    (void)pthread_cond_destroy(&q.cond);
    close_nodes(b, 2);
}

/* ---- other copies of the database ---- */

static void
an_older_copy_is_refused_until_it_is_gone(void)
{
    struct node_bench b[2];
    struct tsec_err err = { 0 };
    char out[64];

    open_nodes(b, 2, "mem:live");
    OK(node_bench_put(&b[0], "sys/a", "old"));
    CU_ASSERT_TRUE(holds(&b[1], "sys/a", "old"));
    CU_ASSERT_TRUE(store_mem_copy("live", "backup"));
    OK(node_bench_put(&b[0], "sys/a", "new"));
    CU_ASSERT_TRUE(holds(&b[1], "sys/a", "new"));
    CU_ASSERT_TRUE(store_mem_copy("live", "newest"));
    CU_ASSERT_TRUE(store_mem_copy("backup", "live"));
    for (size_t i = 0; i < 2; i++) {
        FAILS(node_bench_put(&b[i], "sys/a", "lost"), TSEC_E_ROLLBACK);
        FAILS(node_bench_get(&b[i], "sys/a", out, sizeof(out), &err), TSEC_E_ROLLBACK);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "rollback detected"));
    }
    CU_ASSERT_TRUE(store_mem_copy("newest", "live"));
    for (unsigned tries = 0; tries < 100 && !holds(&b[0], "sys/a", "new"); tries++) {
    }
    CU_ASSERT_TRUE(holds(&b[1], "sys/a", "new") || holds(&b[1], "sys/a", "new"));
    OK(node_bench_put(&b[1], "sys/a", "newer"));
    CU_ASSERT_TRUE(holds(&b[0], "sys/a", "newer"));
    close_nodes(b, 2);
}

/* Both copies continued for as long, with other leaves. */
static void
a_forked_copy_is_refused(void)
{
    struct node_bench one = { .node = NULL };
    struct node_bench two = { .node = NULL };
    struct tsec_err err = { 0 };
    char out[64];

    OK(node_bench_open(&one, "mem:fork1", true, NULL));
    OK(node_bench_put(&one, "sys/a", "both"));
    CU_ASSERT_TRUE(store_mem_copy("fork1", "fork2"));
    OK(node_bench_open(&two, "mem:fork2", false, NULL));
    OK(node_bench_put(&two, "sys/a", "two"));
    OK(node_bench_put(&one, "sys/a", "one"));
    OK(node_bench_put(&one, "sys/a", "one again"));
    CU_ASSERT_TRUE(store_mem_copy("fork2", "fork1"));
    FAILS(node_bench_get(&one, "sys/a", out, sizeof(out), &err), TSEC_E_ROLLBACK);
    FAILS(node_bench_put(&one, "sys/a", "lost"), TSEC_E_ROLLBACK);
    CU_ASSERT_TRUE(holds(&two, "sys/a", "two"));
    node_bench_close(&one);
    node_bench_close(&two);
    store_mem_forget();
}

/* ---- a row altered while it is followed ---- */

static tsec_rc
spoil(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct tsec_buf *out = ctx;

    if (out->len == 0) {
        tsec_buf_put_span(out, key);
        tsec_buf_put_span(out, value);
        out->ptr[out->len - 1] ^= 1;
    }
    return TSEC_OK;
}

static void
an_altered_row_stops_whoever_follows(void)
{
    TSEC_AUTO_BUF struct tsec_buf row = TSEC_BUF_INIT(1 << 16);
    struct node_bench b[2];
    char out[64];

    open_nodes(b, 2, "mem:altered");
    OK(node_bench_put(&b[0], "sys/a", "1"));
    for (char prefix = 'r'; prefix == 'r'; prefix++) {
        OK(store_fault_ops.scan(b[0].store, tsec_span(&prefix, 1), tsec_span(NULL, 0), SIZE_MAX,
                                spoil, &row, NULL));
    }

    const struct tsec_store_op op = { .verb = TSEC_STORE_PUT,
                                      .key = tsec_span(row.ptr, 33),
                                      .value = tsec_span(row.ptr + 33, row.len - 33) };

    OK(store_fault_ops.commit(b[0].store, &op, 1, NULL));
    /* Whether this very row is among those that are fetched is the store's order; one that is not
     * is found at the next start. */
    const tsec_rc rc = node_bench_get(&b[1], "sys/a", out, sizeof(out), NULL);

    CU_ASSERT_TRUE(rc.code == TSEC_E_TAMPERED || strcmp(out, "1") == 0);
    node_bench_close(&b[1]);
    FAILS(node_bench_open(&b[1], "mem:altered", false, NULL), TSEC_E_TAMPERED);
    close_nodes(b, 2);
}

/* ---- others who write while rows are fetched ---- */

enum { MANY_MORE = 16 }; /* as many segments as are read at once, and then the log ends */

static _Atomic(struct node_bench *) writes_meanwhile;
static atomic_uint more;

static tsec_rc
slow_get_many(struct tsec_store *store, const struct tsec_span *keys, size_t n,
              tsec_store_visit_fn visit, void *ctx, struct tsec_err *err)
{
    for (; writes_meanwhile != NULL && more > 0; more--) {
        CU_ASSERT_FALSE(tsec_failed(node_bench_put(writes_meanwhile, "sys/a", "newer")));
    }
    return store_mem_ops.get_many(store, keys, n, visit, ctx, err);
}

static void
rows_that_became_newer_while_they_were_fetched_are_no_tampering(void)
{
    struct tsec_store_ops slow = store_mem_ops;

    slow.get_many = slow_get_many;
    for (unsigned n = 1; n <= 3 * MANY_MORE; n += n < MANY_MORE - 2 ? 5 : 1) {
        struct node_bench b[2];

        store_fault_behind(&slow);
        open_nodes(b, 2, "mem:slow");
        more = n;
        writes_meanwhile = &b[0];
        OK(node_bench_put(&b[0], "sys/a", "new"));
        CU_ASSERT_TRUE(holds(&b[1], "sys/a", "newer"));
        CU_ASSERT_EQUAL(node_status(b[1].node), NODE_ACTIVE);
        CU_ASSERT_EQUAL(more, 0);
        writes_meanwhile = NULL;
        close_nodes(b, 2);
        store_fault_behind(&store_mem_ops);
    }
}

/* ---- a store that fails at any call ---- */

static void
a_failure_while_following_costs_time_only(void)
{
    static const enum store_call calls[] = { STORE_CALL_GET, STORE_CALL_SCAN, STORE_CALL_COMMIT };

    for (size_t c = 0; c < TSEC_ARRAY_LEN(calls); c++) {
        for (unsigned nth = 1; nth <= 6; nth++) {
            struct node_bench b[2];
            char out[64];
            tsec_rc rc = { TSEC_E_UNAVAILABLE };

            open_nodes(b, 2, "mem:failing");
            OK(node_bench_put(&b[0], "sys/a", "1"));
            OK(node_bench_put(&b[0], "sys/b", "1"));
            store_fault_at(b[1].store, calls[c], nth, STORE_FAULT_REFUSE, TSEC_E_UNAVAILABLE);
            for (unsigned tries = 0; tries < 20 && tsec_failed(rc); tries++) {
                rc = node_bench_get(&b[1], "sys/a", out, sizeof(out), NULL);
                CU_ASSERT_TRUE(!tsec_failed(rc) || rc.code == TSEC_E_UNAVAILABLE);
            }
            CU_ASSERT_STRING_EQUAL(out, "1");
            store_fault_clear(b[1].store); /* perhaps it never came so far */
            OK(node_bench_put(&b[1], "sys/a", "2"));
            CU_ASSERT_TRUE(holds(&b[0], "sys/a", "2"));
            close_nodes(b, 2);
        }
    }
}

static const struct test_case cases[] = {
    { "what one writes the others read at once", what_one_writes_the_others_read_at_once },
    { "nothing is lost where all write the same", nothing_is_lost_where_all_write_the_same },
    { "rotations at once follow each other", rotations_at_once_follow_each_other },
    { "a quiet read is as new as any", a_quiet_read_is_as_new_as_any },
    { "an older copy is refused until it is gone", an_older_copy_is_refused_until_it_is_gone },
    { "a forked copy is refused", a_forked_copy_is_refused },
    { "an altered row stops whoever follows", an_altered_row_stops_whoever_follows },
    { "rows that became newer while they were fetched are no tampering",
      rows_that_became_newer_while_they_were_fetched_are_no_tampering },
    { "a failure while following costs time only", a_failure_while_following_costs_time_only },
};

TEST_MAIN("core/node_follow", cases)
