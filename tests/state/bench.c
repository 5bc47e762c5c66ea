/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/state/bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "codec/leaf.h"

static const uint8_t root[32] = { 9 };

static tsec_rc
visit(void *ctx, uint64_t index, struct tsec_span leaf, struct tsec_err *err)
{
    const struct state_bench *b = ctx;

    return index < b->gathered ? TSEC_OK : state_replay(b->state, index, leaf, err);
}

static tsec_rc
open_log(struct state_bench *b, struct ledger **out, struct tsec_err *err)
{
    const struct ledger_options options = {
        .ops = &store_fault_ops,
        .store = b->store,
        .origin = BENCH_ORIGIN,
        .segment_key = keyring_segment_key(b->fixed),
        .signing_key = keyring_signing_key(b->fixed),
    };

    TSEC_TRY(ledger_open(&options, visit, b, out, err));
    b->gathered = ledger_size(*out);
    return TSEC_OK;
}

static tsec_rc
open_parts(struct state_bench *b, struct keyring **keyring, struct tsec_err *err)
{
    OK(keyring_copy(*keyring, &b->fixed, NULL));
    OK(state_new(keyring, &b->state, NULL));
    TSEC_TRY(open_log(b, &b->ledger, err));
    OK(staging_new(b->state, root, &b->staging, NULL));
    ledger_batch_begin(b->ledger, &b->batch);
    return TSEC_OK;
}

static void
open_store(struct state_bench *b, const char *name)
{
    char uri[64];

    memset(b, 0, sizeof(*b));
    (void)snprintf(uri, sizeof(uri), "fault:mem:%s", name);
    OK(store_fault_ops.open(NULL, uri, &b->store, NULL));
}

void
bench_new(struct state_bench *bench, const char *name)
{
    TSEC_AUTO(keyring_free) struct keyring *keyring = NULL;
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(1 << 20);
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(256);
    uint8_t key[KEYRING_KEY_LEN];

    open_store(bench, name);
    OK(keyring_new(BENCH_ORIGIN, 1, &keyring, NULL));
    OK(keyring_seal(keyring, root, &blob, NULL));
    OK(open_parts(bench, &keyring, NULL));
    state_keyring_key(1, key);
    state_rotation_leaf(0, 1, tsec_buf_span(&blob), &leaf);
    OK(ledger_batch_add(&bench->batch, tsec_buf_span(&leaf), NULL));

    const struct tsec_store_op op = { .verb = TSEC_STORE_PUT,
                                      .key = tsec_span(key, sizeof(key)),
                                      .value = tsec_buf_span(&blob) };

    OK(ledger_commit(bench->ledger, &bench->batch, &op, 1, NULL));
    ledger_batch_done(&bench->batch);
    ledger_batch_begin(bench->ledger, &bench->batch);
    state_keyring_blob(bench->state, tsec_buf_span(&blob));
    bench->gathered = bench->published = ledger_size(bench->ledger);
}

void
bench_close(struct state_bench *bench)
{
    ledger_batch_done(&bench->batch);
    staging_free(bench->staging);
    ledger_free(bench->ledger);
    state_free(bench->state);
    keyring_free(bench->fixed);
    store_fault_ops.close(bench->store);
    memset(bench, 0, sizeof(*bench));
}

static struct state_source
source_of(const struct state_bench *b)
{
    return (struct state_source){ .ops = &store_fault_ops, .store = b->store, .root = root };
}

tsec_rc
bench_begin(struct state_bench *bench, const char *name, void (*between)(void *ctx), void *ctx,
            struct tsec_err *err)
{
    TSEC_AUTO(keyring_free) struct keyring *keyring = NULL;
    struct state_source source;
    tsec_rc rc;

    open_store(bench, name);
    source = source_of(bench);
    rc = state_keyring_open(&source, BENCH_ORIGIN, &keyring, err);
    if (tsec_failed(rc)) {
        bench_close(bench);
        return rc;
    }
    if (between != NULL) {
        between(ctx);
    }

    rc = open_parts(bench, &keyring, err);
    if (tsec_failed(rc)) {
        bench_close(bench);
    }
    return rc;
}

tsec_rc
bench_load(struct state_bench *bench, bool *behind, struct tsec_err *err)
{
    const struct state_source source = source_of(bench);

    bench->published = bench->gathered;
    return state_load(bench->state, &source, behind, err);
}

tsec_rc
bench_reopen(struct state_bench *bench, const char *name, struct tsec_err *err)
{
    bool behind = false;

    TSEC_TRY(bench_begin(bench, name, NULL, NULL, err));

    tsec_rc rc = bench_load(bench, &behind, err);

    if (!tsec_failed(rc) && behind) {
        rc = state_behind(bench->state, err);
    }
    if (tsec_failed(rc)) {
        bench_close(bench);
    }
    return rc;
}

void
bench_end(struct state_bench *bench, const char *name)
{
    bench_close(bench);
    OK(bench_reopen(bench, name, NULL));
    bench_close(bench);
    store_mem_forget();
}

void
bench_run(struct state_bench *bench, struct bench_txn *t, state_run_fn run, void *ctx)
{
    t->run = run;
    t->ctx = ctx;
    t->txn = NULL;
    OK(tsec_arena_new((size_t)64 << 20, &t->arena, NULL));
    t->rc = state_run(bench->state, t->arena, 5, run, ctx, &t->txn, NULL);
}

void
bench_txn_done(struct bench_txn *t)
{
    txn_free(t->txn);
    tsec_arena_free(t->arena);
}

tsec_rc
bench_commit(struct state_bench *bench)
{
    const struct tsec_store_op *ops = NULL;
    size_t n = 0;
    tsec_rc rc = staging_seal(bench->staging, &bench->batch, &ops, &n, NULL);

    if (!tsec_failed(rc)) {
        rc = ledger_commit(bench->ledger, &bench->batch, ops, n, NULL);
    }
    if (tsec_failed(rc)) {
        staging_drop(bench->staging);
    } else {
        staging_publish(bench->staging);
        bench->gathered = bench->published = ledger_size(bench->ledger);
    }
    ledger_batch_done(&bench->batch);
    ledger_batch_begin(bench->ledger, &bench->batch);
    return rc;
}

tsec_rc
bench_do(struct state_bench *bench, state_run_fn run, void *ctx)
{
    struct bench_txn t;
    tsec_rc rc;

    bench_run(bench, &t, run, ctx);
    rc = t.rc;
    if (!tsec_failed(rc)) {
        rc = staging_add(bench->staging, t.txn, NULL);
    }
    bench_txn_done(&t);
    return tsec_failed(rc) ? rc : bench_commit(bench);
}

/* ---- several ---- */

void
bench_read_on(struct state_bench *bench)
{
    struct ledger *longer = NULL;

    OK(open_log(bench, &longer, NULL));
    ledger_batch_done(&bench->batch);
    ledger_free(bench->ledger);
    bench->ledger = longer;
    ledger_batch_begin(bench->ledger, &bench->batch);
}

tsec_rc
bench_fetch(struct state_bench *bench, bool *behind, struct tsec_err *err)
{
    const struct state_source source = source_of(bench);

    return state_fetch(bench->state, &source, behind, err);
}

void
bench_publish(struct state_bench *bench)
{
    state_follow_publish(bench->state);
    bench->published = bench->gathered;
}

void
bench_drop(struct state_bench *bench)
{
    state_follow_drop(bench->state);
    bench->gathered = bench->published;
}

void
bench_follow(struct state_bench *bench)
{
    bool behind = true;

    bench_read_on(bench);
    OK(bench_fetch(bench, &behind, NULL));
    CU_ASSERT_FALSE_FATAL(behind);
    bench_publish(bench);
}

/* ---- scripts ---- */

static tsec_rc
ignore_name(void *ctx, struct tsec_span name)
{
    (void)ctx;
    (void)name;
    return TSEC_OK;
}

static tsec_rc
one_command(struct txn *txn, char *line, struct tsec_err *err)
{
    char *rest = line;
    const char *verb = strsep(&rest, " ");
    const char *a = rest == NULL ? "" : strsep(&rest, " ");
    const char *b = rest == NULL ? "" : strsep(&rest, " ");
    const struct tsec_span key = txn_key2(txn, a, tsec_span("", 0));
    const struct tsec_span value = tsec_span_str(b);
    struct tsec_span got;

    switch (verb[0] == 'r' || verb[0] == 'd' || verb[0] == 'm' ? verb[2] : verb[0]) {
    case 'p': /* put */
        return txn_put(txn, key, value, err);
    case 'l': /* del; list */
        return verb[0] == 'd'
                   ? txn_delete(txn, key, err)
                   : txn_list(txn, key, tsec_span(NULL, 0), 0, true, ignore_name, NULL, err);
    case 'h': /* head GROUP SLOT VALUE */
        return txn_put_head(txn, key, (uint16_t)strtoul(b, NULL, 10),
                            tsec_span_str(rest == NULL ? "" : rest), err);
    case 'm': /* member GROUP SLOT */
        return txn_delete_member(txn, key, (uint16_t)strtoul(b, NULL, 10), err);
    case 'g': /* group; get */
        return verb[1] == 'r' ? txn_delete_group(txn, key, err) : txn_get(txn, key, &got, err);
    case 's': /* reseal; destroy */
        return verb[0] == 'r' ? txn_reseal(txn, key, err) : txn_dek(txn, TXN_DEK_DESTROY, a, err);
    case 'c': /* create */
        return txn_dek(txn, TXN_DEK_CREATE, a, err);
    case 't': /* rotate; retire */
        return txn_dek(txn, verb[1] == 'o' ? TXN_DEK_ROTATE : TXN_DEK_RETIRE, a, err);
    case 'k': /* mek */
        return txn_dek(txn, TXN_MEK_ROTATE, "", err);
    default:
        CU_FAIL_FATAL("no such command");
        return TSEC_OK;
    }
}

tsec_rc
bench_script(void *ctx, struct txn *txn, struct tsec_err *err)
{
    char *text = tsec_arena_dup(txn_arena(txn), tsec_span_str(ctx));

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    for (char *line = strsep(&text, ";"); line != NULL; line = strsep(&text, ";")) {
        TSEC_TRY(one_command(txn, line, err));
    }
    return TSEC_OK;
}

tsec_rc
bench_text(struct state_bench *bench, const char *script)
{
    char copy[512];

    (void)snprintf(copy, sizeof(copy), "%s", script);
    return bench_do(bench, bench_script, copy);
}

struct reading {
    const char *key;
    bool deep;
    struct tsec_buf text;
};

static tsec_rc
read_value(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct reading *r = ctx;
    struct tsec_span got = tsec_span(NULL, 0);
    const tsec_rc rc = txn_get(txn, tsec_span_str(r->key), &got, err);

    if (rc.code == TSEC_E_NOT_FOUND) {
        tsec_buf_put_str(&r->text, "-");
        return TSEC_OK;
    }
    tsec_buf_put_span(&r->text, got);
    return rc;
}

static tsec_rc
put_name(void *ctx, struct tsec_span name)
{
    tsec_buf_put_span(ctx, name);
    tsec_buf_put_str(ctx, " ");
    return TSEC_OK;
}

static tsec_rc
read_list(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct reading *r = ctx;

    return txn_list(txn, tsec_span_str(r->key), tsec_span(NULL, 0), 0, r->deep, put_name, &r->text,
                    err);
}

static void
expect(struct state_bench *bench, struct reading *r, state_run_fn run, const char *wanted)
{
    struct bench_txn t;

    tsec_buf_init(&r->text, 1 << 16);
    bench_run(bench, &t, run, r);
    OK(t.rc);
    tsec_buf_put_byte(&r->text, 0);
    CU_ASSERT_STRING_EQUAL((const char *)r->text.ptr, wanted);
    tsec_buf_done(&r->text);
    bench_txn_done(&t);
}

void
bench_expect(struct state_bench *bench, const char *key, const char *value)
{
    struct reading r = { .key = key };

    expect(bench, &r, read_value, value);
}

void
bench_expect_list(struct state_bench *bench, const char *prefix, bool deep, const char *names)
{
    struct reading r = { .key = prefix, .deep = deep };

    expect(bench, &r, read_list, names);
}
