/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/ledger/bench.h"

#include <stdio.h>

void
bench_init(struct ledger_bench *bench)
{
    memset(bench, 0, sizeof(*bench));
    OK(tsec_hmac_key_new(tsec_span_str("thirty-two bytes of segment key!"), &bench->segment_key,
                         NULL));
    OK(tsec_key_generate(TSEC_KEY_ED25519, &bench->signing_key, NULL));
}

void
bench_close(struct ledger_bench *bench)
{
    ledger_free(bench->ledger);
    bench->ledger = NULL;
    if (bench->store != NULL) {
        store_fault_ops.close(bench->store);
        bench->store = NULL;
    }
}

void
bench_done(struct ledger_bench *bench)
{
    bench_close(bench);
    tsec_hmac_key_free(bench->segment_key);
    tsec_key_free(bench->signing_key);
    store_mem_forget();
}

static tsec_rc
visit(void *ctx, uint64_t index, struct tsec_span leaf, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf expect = TSEC_BUF_INIT(256);
    struct ledger_bench *bench = ctx;

    (void)err;
    bench_leaf(index, &expect);
    CU_ASSERT_EQUAL(index, bench->seen);
    CU_ASSERT_TRUE(bench->any_leaves || tsec_span_equal(leaf, tsec_buf_span(&expect)));
    bench->seen++;
    return TSEC_OK;
}

tsec_rc
bench_open(struct ledger_bench *bench, const char *uri, struct tsec_err *err)
{
    struct ledger_options options = { .ops = &store_fault_ops,
                                      .origin = BENCH_ORIGIN,
                                      .segment_key = bench->segment_key,
                                      .signing_key = bench->signing_key };
    char fault_uri[128];

    (void)snprintf(fault_uri, sizeof(fault_uri), "fault:%s", uri);
    TSEC_TRY(store_fault_ops.open(NULL, fault_uri, &bench->store, err));
    options.store = bench->store;
    bench->seen = 0;

    const tsec_rc rc = ledger_open(&options, visit, bench, &bench->ledger, err);

    if (tsec_failed(rc)) {
        bench_close(bench);
    }
    return rc;
}

void
bench_leaf(uint64_t index, struct tsec_buf *leaf)
{
    tsec_leaf_header(leaf, TSEC_LEAF_DUMMY, index);
    for (uint64_t i = 0; i < 1 + index % 7; i++) {
        tsec_buf_put_byte(leaf, (uint8_t)(index * 31 + i));
    }
}

void
bench_add(struct ledger_batch *batch, size_t n)
{
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(256);

    for (size_t i = 0; i < n; i++) {
        tsec_buf_reset(&leaf);
        bench_leaf(ledger_batch_next(batch), &leaf);
        OK(ledger_batch_add(batch, tsec_buf_span(&leaf), NULL));
    }
}

void
bench_append(struct ledger_bench *bench, size_t n, size_t step)
{
    while (n > 0) {
        const size_t now = n < step ? n : step;
        struct ledger_batch batch;

        ledger_batch_begin(bench->ledger, &batch);
        bench_add(&batch, now);
        OK(ledger_commit(bench->ledger, &batch, NULL, 0, NULL));
        ledger_batch_done(&batch);
        n -= now;
    }
}

void
bench_get(struct ledger_bench *bench, struct tsec_span key, struct tsec_buf *value)
{
    const struct tsec_sink sink = tsec_buf_sink(value);

    tsec_buf_reset(value);
    OK(store_fault_ops.get(bench->store, key, &sink, NULL));
}

static void
commit_one(struct ledger_bench *bench, const struct tsec_store_op *op)
{
    OK(store_fault_ops.commit(bench->store, op, 1, NULL));
}

void
bench_set(struct ledger_bench *bench, struct tsec_span key, struct tsec_span value)
{
    commit_one(bench,
               &(struct tsec_store_op){ .verb = TSEC_STORE_PUT, .key = key, .value = value });
}

void
bench_remove(struct ledger_bench *bench, struct tsec_span key)
{
    commit_one(bench, &(struct tsec_store_op){ .verb = TSEC_STORE_DELETE, .key = key });
}

void
bench_root(uint64_t from, uint64_t size, uint8_t out[TSEC_SHA256_LEN])
{
    uint8_t left[TSEC_SHA256_LEN];
    uint8_t right[TSEC_SHA256_LEN];
    uint64_t k = 1;

    if (size == 1) {
        TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(256);

        bench_leaf(from, &leaf);
        tsec_merkle_leaf(tsec_buf_span(&leaf), out);
        return;
    }
    while (k * 2 < size) {
        k *= 2;
    }
    bench_root(from, k, left);
    bench_root(from + k, size - k, right);
    tsec_merkle_node(left, right, out);
}
