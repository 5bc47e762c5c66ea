/* SPDX-License-Identifier: Apache-2.0 */
#include "core/node.h"

#include <pthread.h>
#include <stdio.h>

#include "tests/double/attest_fixed.h"
#include "tests/double/node_bench.h"
#include "tests/double/store_fault.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

static void
expect_value(struct node_bench *b, const char *key, const char *want)
{
    char got[64];
    const tsec_rc rc = node_bench_get(b, key, got, sizeof(got), NULL);

    CU_ASSERT_EQUAL(rc.code, 0);
    CU_ASSERT_STRING_EQUAL(got, want);
}

static void
what_was_committed_reads_back_after_a_restart(void)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };
    char got[64];

    OK(node_bench_open(&b, "mem:restart", true, &err));
    OK(node_bench_put(&b, "sys/a", "one"));
    OK(node_bench_put(&b, "sys/a", "two"));
    OK(node_bench_put(&b, "sys/b", "three"));
    expect_value(&b, "sys/a", "two");
    node_bench_close(&b);
    OK(node_bench_open(&b, "mem:restart", false, &err));
    CU_ASSERT_EQUAL(node_status(b.node), NODE_ACTIVE);
    expect_value(&b, "sys/a", "two");
    expect_value(&b, "sys/b", "three");
    CU_ASSERT_EQUAL(node_bench_get(&b, "sys/c", got, sizeof(got), NULL).code, TSEC_E_NOT_FOUND);
    node_bench_close(&b);
    store_mem_forget();
}

static void
an_uninitialised_node_takes_no_operation(void)
{
    struct node_bench b = { .node = NULL };
    char got[8];

    OK(node_bench_open(&b, "mem:empty", false, NULL));
    CU_ASSERT_EQUAL(node_status(b.node), NODE_UNINITIALIZED);
    CU_ASSERT_EQUAL(node_bench_get(&b, "sys/a", got, sizeof(got), NULL).code,
                    TSEC_E_NOT_INITIALIZED);
    node_bench_close(&b);
    store_mem_forget();
}

static void
sealing_forgets_and_unsealing_reads_again(void)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };
    char got[8];

    OK(node_bench_open(&b, "mem:seal", true, &err));
    OK(node_bench_put(&b, "sys/a", "one"));
    OK(node_seal(b.node, &err));
    CU_ASSERT_EQUAL(node_bench_get(&b, "sys/a", got, sizeof(got), NULL).code, TSEC_E_SEALED);
    CU_ASSERT_EQUAL(node_seal(b.node, &err).code, TSEC_E_SEALED);
    OK(node_unseal(b.node, &err));
    expect_value(&b, "sys/a", "one");
    node_bench_close(&b);
    store_mem_forget();
}

static void
another_tee_does_not_open_the_store(void)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };

    OK(node_bench_open(&b, "mem:tee", true, NULL));
    node_bench_close(&b);
    attest_fixed_be_another(true);
    CU_ASSERT_EQUAL(node_bench_open(&b, "mem:tee", false, &err).code, TSEC_E_TAMPERED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "check value"));
    attest_fixed_be_another(false);
    node_bench_close(&b);
    store_mem_forget();
}

/* ---- tampering: every record of the store, in every way ---- */

struct record {
    uint8_t key[TSEC_STORE_KEY_MAX];
    size_t key_len;
    uint8_t value[4096];
    size_t value_len;
};

struct records {
    struct record list[128];
    size_t n;
};

static tsec_rc
collect(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct records *r = ctx;
    struct record *at = &r->list[r->n++];

    CU_ASSERT_TRUE_FATAL(r->n <= TSEC_ARRAY_LEN(r->list) && value.len <= sizeof(at->value));
    memcpy(at->key, key.ptr, key.len);
    at->key_len = key.len;
    memcpy(at->value, value.ptr, value.len);
    at->value_len = value.len;
    return TSEC_OK;
}

static void
store_write(const char *uri, const struct tsec_store_op *op)
{
    struct tsec_store *store = NULL;

    OK(store_mem_ops.open(NULL, uri, &store, NULL));
    OK(store_mem_ops.commit(store, op, 1, NULL));
    store_mem_ops.close(store);
}

static tsec_rc
open_altered(const char *what, const struct record *r, struct tsec_span value, bool gone)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };
    const struct tsec_store_op op = { .verb = gone ? TSEC_STORE_DELETE : TSEC_STORE_PUT,
                                      .key = tsec_span(r->key, r->key_len),
                                      .value = value };

    CU_ASSERT_TRUE_FATAL(store_mem_copy("good", "bad"));
    store_write("mem:bad", &op);

    const tsec_rc rc = node_bench_open(&b, "mem:bad", false, &err);

    if (!tsec_failed(rc)) {
        (void)fprintf(stderr, "not noticed: %s of a record '%c'\n", what, r->key[0]);
    } else {
        CU_ASSERT_TRUE(err.detail[0] != '\0');
    }
    node_bench_close(&b);
    return rc;
}

static void
any_altered_record_stops_the_start(void)
{
    static struct records all;
    struct node_bench b = { .node = NULL };
    uint8_t value[4096];

    OK(node_bench_open(&b, "mem:good", true, NULL));
    OK(node_bench_put(&b, "sys/a", "one"));
    OK(node_bench_put(&b, "sys/b", "two"));
    OK(node_bench_put(&b, "sys/a", "three"));
    node_bench_close(&b);

    struct tsec_store *store = NULL;

    OK(store_mem_ops.open(NULL, "mem:good", &store, NULL));
    all.n = 0;
    OK(store_mem_ops.scan(store, tsec_span(NULL, 0), tsec_span(NULL, 0), 1000, collect, &all,
                          NULL));
    store_mem_ops.close(store);
    CU_ASSERT_TRUE(all.n >= 7);
    for (size_t i = 0; i < all.n; i++) {
        const struct record *r = &all.list[i];
        const struct record *other = &all.list[(i + 1) % all.n];

        for (size_t at = 0; at < r->value_len; at += 1 + r->value_len / 40) {
            memcpy(value, r->value, r->value_len);
            value[at] ^= 1;
            CU_ASSERT_TRUE(
                tsec_failed(open_altered("a flip", r, tsec_span(value, r->value_len), false)));
        }
        CU_ASSERT_TRUE(
            tsec_failed(open_altered("a cut", r, tsec_span(r->value, r->value_len - 1), false)));
        CU_ASSERT_TRUE(tsec_failed(
            open_altered("a swap", r, tsec_span(other->value, other->value_len), false)));
        /* The last segment alone may go unseen: that is rollback, which witnesses are for. */
        if (r->key[0] != 'e' || i + 1 < all.n) {
            if (!(r->key[0] == 'e' && all.list[i + 1].key[0] != 'e')) {
                CU_ASSERT_TRUE(tsec_failed(open_altered("a loss", r, tsec_span(NULL, 0), true)));
            }
        }
    }
    store_mem_forget();
}

static void
an_older_row_put_back_is_refused(void)
{
    static struct records before;
    struct node_bench b = { .node = NULL };
    struct tsec_store *store = NULL;

    OK(node_bench_open(&b, "mem:good", true, NULL));
    OK(node_bench_put(&b, "sys/a", "one"));
    before.n = 0;
    OK(b.store != NULL ? store_fault_ops.scan(b.store, tsec_span("r", 1), tsec_span(NULL, 0), 10,
                                              collect, &before, NULL)
                       : (tsec_rc){ 1 });
    OK(node_bench_put(&b, "sys/a", "two"));
    node_bench_close(&b);
    OK(store_mem_ops.open(NULL, "mem:good", &store, NULL));
    store_mem_ops.close(store);
    CU_ASSERT_EQUAL_FATAL(before.n, 1);
    CU_ASSERT_EQUAL(open_altered("a replay", &before.list[0],
                                 tsec_span(before.list[0].value, before.list[0].value_len), false)
                        .code,
                    TSEC_E_TAMPERED);
    store_mem_forget();
}

/* ---- a store that fails ---- */

static void
a_store_that_is_down_costs_the_operation_and_no_more(void)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };
    char got[8];

    OK(node_bench_open(&b, "mem:down", true, NULL));
    OK(node_bench_put(&b, "sys/a", "one"));
    store_fault_down(b.store, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(node_bench_put(&b, "sys/a", "two").code, TSEC_E_UNAVAILABLE);
    /* A read is audited too: without the ledger nothing is released. */
    CU_ASSERT_EQUAL(node_bench_get(&b, "sys/a", got, sizeof(got), &err).code, TSEC_E_UNAVAILABLE);
    store_fault_clear(b.store);
    expect_value(&b, "sys/a", "one");
    OK(node_bench_put(&b, "sys/a", "three"));
    node_bench_close(&b);
    OK(node_bench_open(&b, "mem:down", false, &err));
    expect_value(&b, "sys/a", "three");
    node_bench_close(&b);
    store_mem_forget();
}

static void
a_lost_answer_is_looked_up(void)
{
    static const enum store_fault faults[] = { STORE_FAULT_REFUSE, STORE_FAULT_LOSE_APPLIED };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(faults); i++) {
        struct node_bench b = { .node = NULL };

        OK(node_bench_open(&b, "mem:lost", true, NULL));
        store_fault_at(b.store, STORE_CALL_COMMIT, 1, faults[i], TSEC_E_OUTCOME_UNKNOWN);
        OK(node_bench_put(&b, "sys/a", "one"));
        expect_value(&b, "sys/a", "one");
        OK(node_bench_put(&b, "sys/a", "two"));
        node_bench_close(&b);
        OK(node_bench_open(&b, "mem:lost", false, NULL));
        expect_value(&b, "sys/a", "two");
        node_bench_close(&b);
        store_mem_forget();
    }
}

/* ---- many at once ---- */

enum { THREADS = 4, ROUNDS = 100 };

static tsec_rc
count_up(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct tsec_span key = tsec_span_str("sys/counter");
    struct tsec_span payload = tsec_span(NULL, 0);
    uint32_t n = 0;

    (void)ctx;
    if (!tsec_failed(txn_get(txn, key, &payload, err))) {
        memcpy(&n, payload.ptr, sizeof(n));
    }
    n++;
    return txn_put(txn, key, tsec_span(&n, sizeof(n)), err);
}

static void *
count_many(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        CU_ASSERT_FALSE(tsec_failed(node_bench_do(arg, count_up, NULL, NULL, NULL, NULL)));
    }
    return NULL;
}

static tsec_rc
read_counter(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct tsec_span payload;

    TSEC_TRY(txn_get(txn, tsec_span_str("sys/counter"), &payload, err));
    memcpy(ctx, payload.ptr, sizeof(uint32_t));
    return TSEC_OK;
}

static void
operations_that_meet_are_run_again(void)
{
    struct node_bench b = { .node = NULL };
    pthread_t threads[THREADS];
    uint32_t n = 0;

    OK(node_bench_open(&b, "mem:count", true, NULL));
    for (int i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, count_many, &b), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    OK(node_bench_do(&b, read_counter, &n, NULL, NULL, NULL));
    CU_ASSERT_EQUAL(n, THREADS * ROUNDS);
    node_bench_close(&b);
    OK(node_bench_open(&b, "mem:count", false, NULL));
    OK(node_bench_do(&b, read_counter, &n, NULL, NULL, NULL));
    CU_ASSERT_EQUAL(n, THREADS * ROUNDS);
    node_bench_close(&b);
    store_mem_forget();
}

/* ---- keys ---- */

static tsec_rc
rotate_all(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)ctx;
    TSEC_TRY(txn_dek(txn, TXN_DEK_ROTATE, "*", err));
    return txn_dek(txn, TXN_MEK_ROTATE, "", err);
}

static tsec_rc
read_status(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)err;
    node_key_status(txn, ctx);
    return TSEC_OK;
}

static tsec_rc
reseal_both(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)ctx;
    TSEC_TRY(txn_reseal(txn, tsec_span_str("sys/a"), err));
    return txn_reseal(txn, tsec_span_str("sys/b"), err);
}

static tsec_rc
retire(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)ctx;
    return txn_dek(txn, TXN_DEK_RETIRE, "", err);
}

static void
rotated_keys_still_open_and_go_when_nothing_needs_them(void)
{
    struct node_bench b = { .node = NULL };
    struct node_key_status status;

    OK(node_bench_open(&b, "mem:rotate", true, NULL));
    OK(node_bench_put(&b, "sys/a", "one"));
    OK(node_bench_put(&b, "sys/b", "two"));
    OK(node_bench_do(&b, rotate_all, NULL, NULL, NULL, NULL));
    expect_value(&b, "sys/a", "one");
    OK(node_bench_do(&b, retire, NULL, NULL, NULL, NULL));
    OK(node_bench_do(&b, read_status, &status, NULL, NULL, NULL));
    CU_ASSERT_EQUAL(status.old_deks, 1);
    CU_ASSERT_EQUAL(status.mek_version, 2);
    OK(node_bench_do(&b, reseal_both, NULL, NULL, NULL, NULL));
    OK(node_bench_do(&b, retire, NULL, NULL, NULL, NULL));
    OK(node_bench_do(&b, read_status, &status, NULL, NULL, NULL));
    CU_ASSERT_EQUAL(status.old_deks, 0);
    node_bench_close(&b);
    OK(node_bench_open(&b, "mem:rotate", false, NULL));
    expect_value(&b, "sys/a", "one");
    expect_value(&b, "sys/b", "two");
    node_bench_close(&b);
    store_mem_forget();
}

static const struct test_case cases[] = {
    { "what was committed reads back after a restart",
      what_was_committed_reads_back_after_a_restart },
    { "an uninitialised node takes no operation", an_uninitialised_node_takes_no_operation },
    { "sealing forgets and unsealing reads again", sealing_forgets_and_unsealing_reads_again },
    { "another TEE does not open the store", another_tee_does_not_open_the_store },
    { "any altered record stops the start", any_altered_record_stops_the_start },
    { "an older row put back is refused", an_older_row_put_back_is_refused },
    { "a store that is down costs the operation and no more",
      a_store_that_is_down_costs_the_operation_and_no_more },
    { "a lost answer is looked up", a_lost_answer_is_looked_up },
    { "operations that meet are run again", operations_that_meet_are_run_again },
    { "rotated keys still open and go when nothing needs them",
      rotated_keys_still_open_and_go_when_nothing_needs_them },
};

TEST_MAIN("core/node", cases)
