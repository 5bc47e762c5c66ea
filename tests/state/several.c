/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/state/several.h"

#include <stdlib.h>

static void
check_index(const struct state *s)
{
    struct slot_entry at = { .key = tsec_span("", 0) };
    size_t n = 0;
    size_t bytes = 0;

    while (table_next(s->base, at.key, false, &at)) {
        if (tsec_span_equal(at.key, row_key(at.row))) {
            CU_ASSERT_PTR_EQUAL(row_index_find(&s->index, at.row->rk), at.row);
            bytes += at.row->blob_len;
            n++;
        }
    }
    CU_ASSERT_EQUAL(s->index.len, n);
    CU_ASSERT_EQUAL(s->bytes, bytes);
}

static void
check_tables(const struct table *one, const struct table *other)
{
    struct slot_entry a = { .key = tsec_span("", 0) };
    struct slot_entry b = a;

    CU_ASSERT_EQUAL(table_len(one), table_len(other));
    while (table_next(one, a.key, false, &a)) {
        if (!table_next(other, b.key, false, &b) || !tsec_span_equal(a.key, b.key)) {
            CU_FAIL_FATAL("another key");
        }
        CU_ASSERT_TRUE(tsec_span_equal(row_key(a.row), row_key(b.row)));
        CU_ASSERT_TRUE(tsec_span_equal(row_blob(a.row), row_blob(b.row)));
        CU_ASSERT_EQUAL(a.row->group_version, b.row->group_version);
    }
}

enum { PACK_HEAD = 8 + TSEC_SHA256_LEN, PACK_ROW = ROW_KEY_LEN + 8 + 1 + TSEC_SHA256_LEN };

static int
by_bytes(const void *a, const void *b)
{
    return tsec_span_compare(tsec_span(a, PACK_ROW), tsec_span(b, PACK_ROW));
}

/* Rows are packed in any order. */
static void
pack_sorted(const struct state *state, struct tsec_buf *out)
{
    state_pack(state, out);
    CU_ASSERT_TRUE_FATAL(out->len >= PACK_HEAD && (out->len - PACK_HEAD) % PACK_ROW == 0);
    qsort(out->ptr + PACK_HEAD, (out->len - PACK_HEAD) / PACK_ROW, PACK_ROW, by_bytes);
}

void
bench_same(const struct state_bench *one, const struct state_bench *other)
{
    TSEC_AUTO_BUF struct tsec_buf a = TSEC_BUF_INIT(1 << 24);
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(1 << 24);

    check_index(one->state);
    check_index(other->state);
    check_tables(one->state->base, other->state->base);
    pack_sorted(one->state, &a);
    pack_sorted(other->state, &b);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&a), tsec_buf_span(&b)));
    CU_ASSERT_EQUAL(atomic_load(&one->state->shown_rows), atomic_load(&other->state->shown_rows));
    CU_ASSERT_EQUAL(atomic_load(&one->state->shown_bytes), atomic_load(&other->state->shown_bytes));
}

void
bench_same_as_fresh(const struct state_bench *bench, const char *name)
{
    struct state_bench fresh;

    OK(bench_reopen(&fresh, name, NULL));
    bench_same(bench, &fresh);
    bench_close(&fresh);
}

struct tsec_span
bench_store_key(const struct state_bench *bench, const char *key, uint8_t room[1 + ROW_KEY_LEN])
{
    struct slot_entry at = { .row = NULL };

    CU_ASSERT_TRUE_FATAL(table_find(bench->state->base, tsec_span_str(key), &at));
    room[0] = 'r';
    memcpy(room + 1, at.row->rk, ROW_KEY_LEN);
    return tsec_span(room, 1 + ROW_KEY_LEN);
}

void
bench_alter(struct state_bench *bench, struct tsec_span key, struct tsec_span value)
{
    const struct tsec_store_op op = { .verb = value.len > 0 ? TSEC_STORE_PUT : TSEC_STORE_DELETE,
                                      .key = key,
                                      .value = value };

    OK(store_fault_ops.commit(bench->store, &op, 1, NULL));
}

void
bench_leaf(struct state_bench *bench, struct tsec_span leaf)
{
    OK(ledger_batch_add(&bench->batch, leaf, NULL));
    OK(ledger_commit(bench->ledger, &bench->batch, NULL, 0, NULL));
    ledger_batch_done(&bench->batch);
    ledger_batch_begin(bench->ledger, &bench->batch);
}
