/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/state/bench.h"

static tsec_rc
altered(const char *from, const struct tsec_store_op *op)
{
    struct state_bench b;
    struct tsec_store *store = NULL;
    struct tsec_err err = { 0 };

    CU_ASSERT_TRUE_FATAL(store_mem_copy(from, "altered"));
    OK(store_mem_ops.open(NULL, "mem:altered", &store, NULL));
    OK(store_mem_ops.commit(store, op, 1, NULL));
    store_mem_ops.close(store);

    const tsec_rc rc = bench_reopen(&b, "altered", &err);

    if (!tsec_failed(rc)) {
        bench_close(&b);
    } else {
        CU_ASSERT_TRUE(err.detail[0] != '\0');
    }
    return rc;
}

struct rows {
    size_t n;
    uint8_t key[8][33];
    uint8_t value[8][1024];
    size_t len[8];
};

static tsec_rc
collect(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct rows *r = ctx;

    CU_ASSERT_TRUE_FATAL(r->n < 8 && key.len == 33 && value.len <= sizeof(r->value[0]));
    memcpy(r->key[r->n], key.ptr, key.len);
    memcpy(r->value[r->n], value.ptr, value.len);
    r->len[r->n++] = value.len;
    return TSEC_OK;
}

static void
a_row_that_is_not_what_the_log_says_stops_the_start(void)
{
    static struct rows r;
    struct state_bench b;

    r.n = 0;
    bench_new(&b, "rows");
    OK(bench_text(&b, "put sys/a 1;put sys/b 2;head sys/g 1 x"));
    OK(bench_text(&b, "put sys/a 3;del sys/b"));
    OK(store_fault_ops.scan(b.store, tsec_span("r", 1), tsec_span(NULL, 0), 9, collect, &r, NULL));
    bench_close(&b);
    CU_ASSERT_EQUAL_FATAL(r.n, 2);
    for (size_t i = 0; i < r.n; i++) {
        struct tsec_store_op op = { .verb = TSEC_STORE_PUT, .key = tsec_span(r.key[i], 33) };

        for (size_t at = 0; at < r.len[i]; at += 13) {
            r.value[i][at] ^= 1;
            op.value = tsec_span(r.value[i], r.len[i]);
            FAILS(altered("rows", &op), TSEC_E_TAMPERED);
            r.value[i][at] ^= 1;
        }
        op.value = tsec_span(r.value[1 - i], r.len[1 - i]); /* the other's */
        FAILS(altered("rows", &op), TSEC_E_TAMPERED);
        op.verb = TSEC_STORE_DELETE;
        FAILS(altered("rows", &op), TSEC_E_TAMPERED);
        op.verb = TSEC_STORE_PUT;
        r.key[i][5] ^= 1; /* one more */
        FAILS(altered("rows", &op), TSEC_E_TAMPERED);
        op.key.len = 20;
        FAILS(altered("rows", &op), TSEC_E_TAMPERED);
        r.key[i][5] ^= 1;
    }
    store_mem_forget();
}

static void
an_older_keyring_put_back_stops_the_start(void)
{
    TSEC_AUTO_BUF struct tsec_buf old = TSEC_BUF_INIT(1 << 20);
    const struct tsec_sink sink = tsec_buf_sink(&old);
    struct state_bench b;
    uint8_t key[KEYRING_KEY_LEN];

    bench_new(&b, "keyring");
    state_keyring_key(1, key);
    OK(store_fault_ops.get(b.store, tsec_span(key, sizeof(key)), &sink, NULL));
    OK(bench_text(&b, "put sys/a 1;rotate sys"));
    CU_ASSERT_EQUAL(store_fault_ops.get(b.store, tsec_span(key, sizeof(key)), &sink, NULL).code,
                    TSEC_E_NOT_FOUND);
    bench_close(&b);
    state_keyring_key(3, key); /* the last one there is, and authentic, but not of this version */

    const struct tsec_store_op op = { .verb = TSEC_STORE_PUT,
                                      .key = tsec_span(key, sizeof(key)),
                                      .value = tsec_buf_span(&old) };

    CU_ASSERT_TRUE(tsec_failed(altered("keyring", &op)));
    store_mem_forget();
}

static void
everything_that_was_committed_comes_back(void)
{
    struct state_bench b;
    struct state_stats before;
    struct state_stats after;

    bench_new(&b, "back");
    OK(bench_text(&b, "create kv1;put sys/a 1"));
    OK(bench_text(&b, "put kv1/x 1;head kv1/g 1 one;head kv1/g 2 two;rotate kv1"));
    OK(bench_text(&b, "put kv1/y 2;mek"));
    OK(bench_text(&b, "del sys/a;put sys/b 1"));
    OK(bench_text(&b, "put sys/a 2"));
    state_stats(b.state, &before);
    bench_close(&b);
    OK(bench_reopen(&b, "back", NULL));
    state_stats(b.state, &after);
    CU_ASSERT_EQUAL(before.rows, after.rows);
    CU_ASSERT_EQUAL(before.bytes, after.bytes);
    bench_expect(&b, "sys/a", "2");
    bench_expect(&b, "sys/b", "1");
    bench_expect(&b, "kv1/x", "1");
    bench_expect(&b, "kv1/y", "2");
    bench_expect(&b, "kv1/g", "two");
    OK(bench_text(&b, "put kv1/x 9;head kv1/g 3 three"));
    bench_end(&b, "back");
}

static const struct test_case cases[] = {
    { "a row that is not what the log says stops the start",
      a_row_that_is_not_what_the_log_says_stops_the_start },
    { "an older keyring put back stops the start", an_older_keyring_put_back_stops_the_start },
    { "everything that was committed comes back", everything_that_was_committed_comes_back },
};

TEST_MAIN("state/replay", cases)
