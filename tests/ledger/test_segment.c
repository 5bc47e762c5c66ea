/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/pack.h"
#include "ledger/ledger_internal.h"
#include "tests/ledger/bench.h"

static tsec_rc
count_leaf(void *ctx, uint64_t index, struct tsec_span leaf, struct tsec_err *err)
{
    (void)index;
    (void)leaf;
    (void)err;
    ++*(unsigned *)ctx;
    return TSEC_OK;
}

static void
make_segment(uint64_t first, uint32_t count, uint32_t said, struct tsec_buf *out)
{
    static const uint8_t tag[SEGMENT_TAG] = { 1 };

    tsec_buf_put_str(out, "TSG1");
    tsec_pack_u32(out, said);
    for (uint32_t i = 0; i < count; i++) {
        TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(256);

        bench_leaf(first + i, &leaf);
        tsec_pack_u16(out, (uint16_t)leaf.len);
        tsec_buf_put_span(out, tsec_buf_span(&leaf));
    }
    tsec_buf_put(out, tag, sizeof(tag));
}

static tsec_rc
walk(struct tsec_span segment, uint64_t first, unsigned *seen)
{
    *seen = 0;
    return segment_leaves(segment, first, count_leaf, seen, NULL);
}

static void
a_segment_gives_its_leaves(void)
{
    TSEC_AUTO_BUF struct tsec_buf s = TSEC_BUF_INIT(1 << 20);
    unsigned seen = 0;

    make_segment(5, 1024, 1024, &s);
    OK(walk(tsec_buf_span(&s), 5, &seen));
    CU_ASSERT_EQUAL(seen, 1024);
    FAILS(walk(tsec_buf_span(&s), 4, &seen), TSEC_E_TAMPERED);
}

static void
a_wrong_count_is_refused(void)
{
    static const uint32_t said[] = { 0, 2, 4, 0xffffffff };
    unsigned seen = 0;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(said); i++) {
        TSEC_AUTO_BUF struct tsec_buf s = TSEC_BUF_INIT(1 << 20);

        make_segment(0, 3, said[i], &s);
        FAILS(walk(tsec_buf_span(&s), 0, &seen), TSEC_E_TAMPERED);
    }

    TSEC_AUTO_BUF struct tsec_buf many = TSEC_BUF_INIT(1 << 20);

    make_segment(0, LEDGER_BATCH_LEAVES + 1, LEDGER_BATCH_LEAVES + 1, &many);
    FAILS(walk(tsec_buf_span(&many), 0, &seen), TSEC_E_TAMPERED);
    CU_ASSERT_EQUAL(seen, 0);
}

static void
a_segment_that_is_cut_or_longer_is_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf s = TSEC_BUF_INIT(1 << 20);
    unsigned seen = 0;

    make_segment(0, 3, 3, &s);
    for (size_t len = 0; len < s.len; len++) {
        FAILS(walk(tsec_span(s.ptr, len), 0, &seen), TSEC_E_TAMPERED);
    }
    tsec_buf_put_byte(&s, 0);
    FAILS(walk(tsec_buf_span(&s), 0, &seen), TSEC_E_TAMPERED);
}

static void
keys_sort_as_their_numbers(void)
{
    static const uint64_t n[] = { 0, 1, 255, 256, 65535, 65536, UINT64_MAX };
    uint8_t before[SEGMENT_KEY_LEN] = { 0 };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(n); i++) {
        uint8_t key[SEGMENT_KEY_LEN];
        uint8_t tile[TILE_KEY_LEN];

        segment_key(n[i], key);
        CU_ASSERT_TRUE(
            tsec_span_compare(tsec_span(before, sizeof(before)), tsec_span(key, sizeof(key))) < 0);
        memcpy(before, key, sizeof(before));
        tile_key(3, n[i], tile);
        CU_ASSERT_EQUAL(tile[0], 't');
        CU_ASSERT_EQUAL(tile[1], 3);
        CU_ASSERT_NSTRING_EQUAL(tile + 2, key + 1, 8);
    }
}

static void
a_batch_takes_leaves_until_it_is_full(void)
{
    static uint8_t bytes[LEDGER_LEAF_MAX + 1];
    struct ledger_bench b;
    struct ledger_batch batch;
    size_t n = 0;

    bench_init(&b);
    OK(bench_open(&b, "mem:full", NULL));
    ledger_batch_begin(b.ledger, &batch);
    bench_add(&batch, LEDGER_BATCH_LEAVES);
    FAILS(ledger_batch_add(&batch, tsec_span(bytes, 16), NULL), TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(batch.count, LEDGER_BATCH_LEAVES);
    ledger_batch_done(&batch);
    ledger_batch_begin(b.ledger, &batch);
    FAILS(ledger_batch_add(&batch, tsec_span(bytes, sizeof(bytes)), NULL), TSEC_E_TOO_LARGE);
    while (!tsec_failed(ledger_batch_add(&batch, tsec_span(bytes, LEDGER_LEAF_MAX), NULL))) {
        n++;
    }
    CU_ASSERT_EQUAL(n, LEDGER_BATCH_BYTES / (LEDGER_LEAF_MAX + 2));
    CU_ASSERT_TRUE(batch.segment.len + SEGMENT_TAG <= TSEC_STORE_VALUE_MAX);
    ledger_batch_done(&batch);
    bench_done(&b);
}

/* A leaf that finds no room for its hash is not in the segment either: else the segment would hold
 * bytes that its count does not know, and the log could never be read again. */
static void
a_leaf_that_does_not_fit_leaves_no_trace(void)
{
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(256);
    struct ledger_bench b;
    struct ledger_batch batch;

    bench_init(&b);
    OK(bench_open(&b, "mem:trace", NULL));
    ledger_batch_begin(b.ledger, &batch);
    batch.hashes.max = 2 * TSEC_SHA256_LEN;
    bench_add(&batch, 2);
    bench_leaf(2, &leaf);
    FAILS(ledger_batch_add(&batch, tsec_buf_span(&leaf), NULL), TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(batch.count, 2);
    OK(ledger_commit(b.ledger, &batch, NULL, 0, NULL));
    ledger_batch_done(&batch);
    bench_close(&b);
    OK(bench_open(&b, "mem:trace", NULL));
    CU_ASSERT_EQUAL(b.seen, 2);
    bench_done(&b);
}

static const struct test_case cases[] = {
    { "a segment gives its leaves", a_segment_gives_its_leaves },
    { "a wrong count is refused", a_wrong_count_is_refused },
    { "a segment that is cut or longer is refused", a_segment_that_is_cut_or_longer_is_refused },
    { "keys sort as their numbers", keys_sort_as_their_numbers },
    { "a batch takes leaves until it is full", a_batch_takes_leaves_until_it_is_full },
    { "a leaf that does not fit leaves no trace", a_leaf_that_does_not_fit_leaves_no_trace },
};

TEST_MAIN("ledger/segment", cases)
