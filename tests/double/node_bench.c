/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/double/node_bench.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "crypto/age.h"
#include "crypto/crypto.h"
#include "tests/double/attest_fixed.h"
#include "tests/double/store_fault.h"

struct waiting {
    struct node_op op;
    bench_run_fn run;
    void *ctx;
    tsec_rc run_rc;
    tsec_rc rc;
    uint64_t index;
    struct tsec_err err;
    bool done;
    pthread_mutex_t lock;
    pthread_cond_t cond;
};

static tsec_rc
waiting_run(struct node_op *op, struct txn *txn, struct tsec_buf *audit, struct tsec_err *err)
{
    struct waiting *w = (struct waiting *)(void *)op;
    const struct audit_entry entry = { .ts_ns = op->now_ns, .operation = "test", .allow = true };

    w->run_rc = w->run == NULL ? (tsec_rc){ 0 } : w->run(w->ctx, txn, err);
    audit_entry_json(&entry, node_keys(op->node)->pseudonym, audit);
    return w->run_rc;
}

static void
waiting_done(struct node_op *op, tsec_rc rc, uint64_t index, const struct tsec_err *err)
{
    struct waiting *w = (struct waiting *)(void *)op;

    (void)pthread_mutex_lock(&w->lock);
    w->rc = rc;
    w->index = index;
    w->err = *err;
    w->done = true;
    (void)pthread_cond_signal(&w->cond);
    (void)pthread_mutex_unlock(&w->lock);
}

static tsec_rc
waiting_init(struct waiting *w, const struct node_bench *bench)
{
    memset(w, 0, sizeof(*w));
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_cond_init(&w->cond, NULL);
    w->op.run = waiting_run;
    w->op.done = waiting_done;
    w->op.now_ns = bench->clock.real;
    return tsec_arena_new((size_t)64 << 20, &w->op.arena, NULL);
}

tsec_rc
node_bench_do(struct node_bench *bench, bench_run_fn run, void *ctx, tsec_rc *run_rc,
              uint64_t *index, struct tsec_err *err)
{
    struct waiting w;
    bool pending = false;
    tsec_rc rc = waiting_init(&w, bench);

    if (tsec_failed(rc)) {
        return rc;
    }
    w.run = run;
    w.ctx = ctx;
    rc = node_submit(bench->node, &w.op, &pending, err);
    while (bench->stepped && !tsec_failed(rc) && pending && !w.done) {
        tsec_clock_fake_advance(&bench->clock, TSEC_NS_PER_S / 100);
        (void)node_step(bench->node);
    }
    if (!tsec_failed(rc) && pending) {
        (void)pthread_mutex_lock(&w.lock);
        while (!w.done) {
            (void)pthread_cond_wait(&w.cond, &w.lock);
        }
        (void)pthread_mutex_unlock(&w.lock);
        rc = w.rc;
        if (err != NULL) {
            *err = w.err;
        }
    }
    if (run_rc != NULL) {
        *run_rc = w.run_rc;
    }
    if (index != NULL) {
        *index = w.index;
    }
    tsec_arena_free(w.op.arena);
    return rc;
}

static tsec_rc
watch_store(struct node_bench *bench, struct tsec_err *err)
{
    const struct store_watch_options options = { .ops = &store_fault_ops,
                                                 .store = bench->store,
                                                 .clock = &bench->clock.clock };

    return store_watch_new(&options, &bench->watch, err);
}

tsec_rc
node_bench_open(struct node_bench *bench, const char *uri, bool init, struct tsec_err *err)
{
    char fault_uri[128];
    struct node_options options = { .attest_ops = &attest_fixed_ops,
                                    .origin = "test.example/ledger/1",
                                    .build = "test" };
    struct waiting genesis;

    TSEC_TRY(tsec_crypto_setup(err));
    if (bench->identity[0] == '\0') {
        TSEC_TRY(tsec_age_identity_new(bench->identity, bench->recipient, err));
        tsec_clock_fake_init(&bench->clock, INT64_C(1790000000) * TSEC_NS_PER_S);
    }
    TSEC_TRY(tsec_age_recipient_parse(tsec_span_str(bench->recipient), options.audit.recipients[0],
                                      err));
    options.audit.recipients_len = 1;
    options.clock = &bench->clock.clock;
    options.stepped = bench->stepped;
    options.snapshot_every = bench->snapshot_every;
    options.seen = bench->seen;
    options.notice = bench->notice;
    (void)snprintf(fault_uri, sizeof(fault_uri), "fault:%s", uri);
    bench->node = NULL;
    bench->store = NULL;
    bench->watch = NULL;
    TSEC_TRY(store_fault_ops.open(NULL, fault_uri, &bench->store, err));
    TSEC_TRY(watch_store(bench, err));
    options.store_ops = store_watch_ops(bench->watch);
    options.store = store_watch_store(bench->watch);
    TSEC_TRY(attest_fixed_ops.open(NULL, &options.attest, err));
    TSEC_TRY(node_open(&options, &bench->node, err));
    if (!init) {
        return TSEC_OK;
    }
    TSEC_TRY(waiting_init(&genesis, bench));

    const tsec_rc rc = node_init(bench->node, &genesis.op, err);

    tsec_arena_free(genesis.op.arena);
    return rc;
}

void
node_bench_close(struct node_bench *bench)
{
    node_close(bench->node);
    bench->node = NULL;
    store_watch_free(bench->watch);
    bench->watch = NULL;
    if (bench->store != NULL) {
        store_fault_ops.close(bench->store);
        bench->store = NULL;
    }
}

struct one_row {
    const char *key;
    const char *value;
    char *out;
    size_t size;
};

static tsec_rc
put_one(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct one_row *r = ctx;

    return txn_put(txn, tsec_span_str(r->key), tsec_span_str(r->value), err);
}

static tsec_rc
get_one(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct one_row *r = ctx;
    struct tsec_span payload;

    TSEC_TRY(txn_get(txn, tsec_span_str(r->key), &payload, err));
    (void)snprintf(r->out, r->size, "%.*s", (int)payload.len, (const char *)payload.ptr);
    return TSEC_OK;
}

tsec_rc
node_bench_put(struct node_bench *bench, const char *key, const char *value)
{
    struct one_row row = { .key = key, .value = value };
    tsec_rc run_rc = { 0 };

    TSEC_TRY(node_bench_do(bench, put_one, &row, &run_rc, NULL, NULL));
    return run_rc;
}

tsec_rc
node_bench_get(struct node_bench *bench, const char *key, char *out, size_t size,
               struct tsec_err *err)
{
    struct one_row row = { .key = key, .out = out, .size = size };
    tsec_rc run_rc = { 0 };

    out[0] = '\0';
    TSEC_TRY(node_bench_do(bench, get_one, &row, &run_rc, NULL, err));
    return run_rc;
}
