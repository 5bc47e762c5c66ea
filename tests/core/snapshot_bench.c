/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/core/snapshot_bench.h"

#include <stdio.h>

/* More rows than the replay has room for at first, and than one part of a snapshot holds. */
enum { ROWS_EACH = 100, ROWS = 14000 };

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

void
snapshot_bench_lengthen(struct node_bench *b)
{
    const uint64_t until = ledger_size(b->node->active.ledger) + NODE_SNAPSHOT_MIN + 16;

    while (ledger_size(b->node->active.ledger) < until) {
        OK(node_bench_do(b, nothing, NULL, NULL, NULL, NULL));
    }
}

void
snapshot_bench_copy(struct node_bench *b, const char *uri)
{
    static bool grown;

    if (!grown) {
        OK(node_bench_open(b, "mem:grown", true, NULL));
        for (int n = 0; n < ROWS / ROWS_EACH; n++) {
            OK(node_bench_do(b, put_some, &n, NULL, NULL, NULL));
        }
        snapshot_bench_lengthen(b);
        OK(node_bench_put(b, "sys/last", "word"));
        node_bench_close(b);
        grown = true;
    }
    CU_ASSERT_TRUE_FATAL(store_mem_copy("grown", uri + strlen("mem:")));
}

/* What a visitor saw last, or all of it as operations on another store. */
struct records {
    struct tsec_store *to; /* NULL: keep the last */
    enum tsec_store_verb verb;
    uint8_t key[TSEC_STORE_KEY_MAX];
    size_t key_len;
    struct tsec_buf value;
};

static tsec_rc
take_record(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct records *r = ctx;

    memcpy(r->key, key.ptr, key.len);
    r->key_len = key.len;
    tsec_buf_reset(&r->value);
    tsec_buf_put_span(&r->value, value);
    return TSEC_OK;
}

void
snapshot_bench_spoil(const char *uri, const char *prefix, size_t nth, bool gone)
{
    struct records r = { .value = TSEC_BUF_INIT(TSEC_STORE_VALUE_MAX) };
    struct tsec_store *store = NULL;
    struct tsec_store_op op = { .verb = gone ? TSEC_STORE_DELETE : TSEC_STORE_PUT };

    OK(store_mem_ops.open(NULL, uri, &store, NULL));
    OK(store_mem_ops.scan(store, tsec_span_str(prefix), tsec_span(NULL, 0), nth, take_record, &r,
                          NULL));
    CU_ASSERT_TRUE_FATAL(r.value.len > 0);
    r.value.ptr[r.value.len / 2] ^= 1;
    op.key = tsec_span(r.key, r.key_len);
    op.value = gone ? tsec_span(NULL, 0) : tsec_buf_span(&r.value);
    OK(store_mem_ops.commit(store, &op, 1, NULL));
    store_mem_ops.close(store);
    tsec_buf_done(&r.value);
}

static tsec_rc
pass_record(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct records *r = ctx;
    const struct tsec_store_op op = { .verb = r->verb, .key = key, .value = value };

    return store_mem_ops.commit(r->to, &op, 1, NULL);
}

void
snapshot_bench_transplant(const char *from, const char *to, const char *prefix, bool beside)
{
    char spare[] = "mem:spare";
    struct records r = { .verb = TSEC_STORE_DELETE };
    struct tsec_store *source = NULL;
    struct tsec_store *spare_store = NULL;

    /* Scanned in a copy: a scan and a commit do not share a store. */
    CU_ASSERT_TRUE_FATAL(store_mem_copy(to + strlen("mem:"), spare + strlen("mem:")));
    OK(store_mem_ops.open(NULL, to, &r.to, NULL));
    OK(store_mem_ops.open(NULL, from, &source, NULL));
    OK(store_mem_ops.open(NULL, spare, &spare_store, NULL));
    if (!beside) {
        OK(store_mem_ops.scan(spare_store, tsec_span_str(prefix), tsec_span(NULL, 0), SIZE_MAX,
                              pass_record, &r, NULL));
    }
    r.verb = TSEC_STORE_PUT;
    OK(store_mem_ops.scan(source, tsec_span_str(prefix), tsec_span(NULL, 0), SIZE_MAX, pass_record,
                          &r, NULL));
    store_mem_ops.close(spare_store);
    store_mem_ops.close(source);
    store_mem_ops.close(r.to);
}

void
snapshot_bench_refused(const char *uri, const char *words)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };

    CU_ASSERT_EQUAL(node_bench_open(&b, uri, false, &err).code, TSEC_E_TAMPERED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, words));
    node_bench_close(&b);
}
