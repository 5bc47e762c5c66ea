/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "core/node_internal.h"
#include "tests/double/node_bench.h"
#include "tests/double/store_fault.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

/* More rows than the replay has room for at first: it must grow on its way. */
enum { ROWS_EACH = 100, ROWS = 9000, WAIT_MS = 5000 };

static tsec_rc
put_some(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const int n = *(const int *)ctx;

    for (int i = 0; i < ROWS_EACH; i++) {
        char key[32];

        (void)snprintf(key, sizeof(key), "sys/row/%d", (n * ROWS_EACH + i) % ROWS);
        TSEC_TRY(
            txn_put(txn, txn_key2(txn, key, tsec_span(NULL, 0)), tsec_span(&n, sizeof(n)), err));
    }
    return TSEC_OK;
}

static tsec_rc
nothing(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)ctx, (void)txn, (void)err;
    return TSEC_OK;
}

/* A log long enough for a snapshot at its close. */
static void
grow_and_close(struct node_bench *b, const char *uri)
{
    OK(node_bench_open(b, uri, true, NULL));
    for (int n = 0; n < ROWS / ROWS_EACH; n++) {
        OK(node_bench_do(b, put_some, &n, NULL, NULL, NULL));
    }
    while (ledger_size(b->node->active.ledger) < NODE_SNAPSHOT_MIN + 16) {
        OK(node_bench_do(b, nothing, NULL, NULL, NULL, NULL));
    }
    OK(node_bench_put(b, "sys/last", "word"));
    node_bench_close(b);
}

static void
a_start_begins_at_the_snapshot_and_knows_everything(void)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };
    char got[16];

    grow_and_close(&b, "mem:snap");
    OK(node_bench_open(&b, "mem:snap", false, &err));
    CU_ASSERT_TRUE(ledger_from(b.node->active.ledger) >= NODE_SNAPSHOT_MIN);
    OK(node_bench_get(&b, "sys/last", got, sizeof(got), &err));
    CU_ASSERT_STRING_EQUAL(got, "word");
    OK(node_bench_get(&b, "sys/row/8999", got, sizeof(got), &err));
    OK(node_bench_put(&b, "sys/last", "more"));
    node_bench_close(&b);
    OK(node_bench_open(&b, "mem:snap", false, &err));
    OK(node_bench_get(&b, "sys/last", got, sizeof(got), &err));
    CU_ASSERT_STRING_EQUAL(got, "more");
    CU_ASSERT_EQUAL(node_status(b.node), NODE_ACTIVE);
    node_bench_close(&b);
    store_mem_forget();
}

struct first_record {
    uint8_t key[TSEC_STORE_KEY_MAX];
    size_t key_len;
    struct tsec_buf value;
};

static tsec_rc
keep_first(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct first_record *r = ctx;

    memcpy(r->key, key.ptr, key.len);
    r->key_len = key.len;
    tsec_buf_put_span(&r->value, value);
    return TSEC_OK;
}

/* The first record under the prefix, altered in its middle or taken away. */
static void
spoil(const char *uri, const char *prefix, bool gone)
{
    struct first_record r = { .value = TSEC_BUF_INIT(TSEC_STORE_VALUE_MAX) };
    struct tsec_store *store = NULL;
    struct tsec_store_op op = { .verb = gone ? TSEC_STORE_DELETE : TSEC_STORE_PUT };

    OK(store_mem_ops.open(NULL, uri, &store, NULL));
    OK(store_mem_ops.scan(store, tsec_span_str(prefix), tsec_span(NULL, 0), 1, keep_first, &r,
                          NULL));
    CU_ASSERT_TRUE_FATAL(r.value.len > 0);
    r.value.ptr[r.value.len / 2] ^= 1;
    op.key = tsec_span(r.key, r.key_len);
    op.value = gone ? tsec_span(NULL, 0) : tsec_buf_span(&r.value);
    OK(store_mem_ops.commit(store, &op, 1, NULL));
    store_mem_ops.close(store);
    tsec_buf_done(&r.value);
}

static void
an_altered_snapshot_stops_the_start(void)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };

    grow_and_close(&b, "mem:snap");
    spoil("mem:snap", "S", false);
    CU_ASSERT_EQUAL(node_bench_open(&b, "mem:snap", false, &err).code, TSEC_E_TAMPERED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "snapshot"));
    node_bench_close(&b);
    store_mem_forget();
}

static void
without_its_snapshot_the_whole_log_is_read(void)
{
    struct node_bench b = { .node = NULL };
    char got[16];

    grow_and_close(&b, "mem:snap");
    spoil("mem:snap", "S", true);
    OK(node_bench_open(&b, "mem:snap", false, NULL));
    CU_ASSERT_EQUAL(ledger_from(b.node->active.ledger), 0);
    OK(node_bench_get(&b, "sys/last", got, sizeof(got), NULL));
    CU_ASSERT_STRING_EQUAL(got, "word");
    node_bench_close(&b);
    store_mem_forget();
}

static void
what_was_altered_before_the_snapshot_stops_the_service(void)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };

    grow_and_close(&b, "mem:snap");
    spoil("mem:snap", "e", false);
    OK(node_bench_open(&b, "mem:snap", false, NULL));
    for (int ms = 0; ms < WAIT_MS && node_status(b.node) == NODE_ACTIVE; ms++) {
        (void)usleep(1000);
    }
    CU_ASSERT_TRUE(node_failure(b.node, &err));
    CU_ASSERT_EQUAL(err.code, TSEC_E_TAMPERED);
    CU_ASSERT_EQUAL(node_bench_put(&b, "sys/a", "b").code, TSEC_E_UNAVAILABLE);
    node_bench_close(&b);
    store_mem_forget();
}

static void
a_snapshot_that_cannot_be_stored_costs_nothing(void)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };
    char got[16];

    OK(node_bench_open(&b, "mem:snap", true, NULL));
    while (ledger_size(b.node->active.ledger) < NODE_SNAPSHOT_MIN + 16) {
        OK(node_bench_do(&b, nothing, NULL, NULL, NULL, NULL));
    }
    OK(node_bench_put(&b, "sys/last", "word"));
    store_fault_down(b.store, TSEC_E_UNAVAILABLE);
    node_bench_close(&b);
    OK(node_bench_open(&b, "mem:snap", false, &err));
    OK(node_bench_get(&b, "sys/last", got, sizeof(got), &err));
    node_bench_close(&b);
    store_mem_forget();
}

static const struct test_case cases[] = {
    { "a start begins at the snapshot and knows everything",
      a_start_begins_at_the_snapshot_and_knows_everything },
    { "an altered snapshot stops the start", an_altered_snapshot_stops_the_start },
    { "without its snapshot the whole log is read", without_its_snapshot_the_whole_log_is_read },
    { "what was altered before the snapshot stops the service",
      what_was_altered_before_the_snapshot_stops_the_service },
    { "a snapshot that cannot be stored costs nothing",
      a_snapshot_that_cannot_be_stored_costs_nothing },
};

TEST_MAIN("core/node_snapshot", cases)
