/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/pack.h"
#include "crypto/note.h"
#include "ledger/ledger_internal.h"
#include "tests/ledger/bench.h"

static void
expect_tile(struct ledger_bench *b, unsigned level, uint64_t n, unsigned width)
{
    TSEC_AUTO_BUF struct tsec_buf got = TSEC_BUF_INIT(1 << 16);
    const uint64_t each = (uint64_t)1 << (TSEC_TILE_HEIGHT * level);

    OK(ledger_tile(b->ledger, level, n, width, &got, NULL));
    CU_ASSERT_EQUAL_FATAL(got.len, (size_t)width * TSEC_SHA256_LEN);
    /* The two ends tell: a tile that is read whole is compared whole. */
    for (unsigned i = 0; i<width; i += width> 2 ? width - 1 : 1) {
        uint8_t expect[TSEC_SHA256_LEN];

        bench_root((n * TSEC_TILE_WIDTH + i) * each, each, expect);
        CU_ASSERT_NSTRING_EQUAL(got.ptr + (size_t)i * TSEC_SHA256_LEN, expect, TSEC_SHA256_LEN);
    }
}

static void
no_tile(struct ledger_bench *b, unsigned level, uint64_t n, unsigned width)
{
    TSEC_AUTO_BUF struct tsec_buf got = TSEC_BUF_INIT(1 << 16);

    FAILS(ledger_tile(b->ledger, level, n, width, &got, NULL), TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(got.len, 0);
}

static void
expect_entries(struct ledger_bench *b, uint64_t n, unsigned width)
{
    TSEC_AUTO_BUF struct tsec_buf got = TSEC_BUF_INIT(1 << 20);
    TSEC_AUTO_BUF struct tsec_buf expect = TSEC_BUF_INIT(1 << 20);

    for (uint64_t i = n * TSEC_TILE_WIDTH; i < n * TSEC_TILE_WIDTH + width; i++) {
        TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(256);

        bench_leaf(i, &leaf);
        tsec_pack_u16(&expect, (uint16_t)leaf.len);
        tsec_buf_put_span(&expect, tsec_buf_span(&leaf));
    }
    OK(ledger_entries(b->ledger, n, width, &got, NULL));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&got), tsec_buf_span(&expect)));
}

static void
no_entries(struct ledger_bench *b, uint64_t n, unsigned width)
{
    TSEC_AUTO_BUF struct tsec_buf got = TSEC_BUF_INIT(1 << 20);

    FAILS(ledger_entries(b->ledger, n, width, &got, NULL), TSEC_E_NOT_FOUND);
}

static void
tiles_and_entries_are_there_as_far_as_the_log_is(void)
{
    static const uint64_t sizes[] = { 1, 255, 256, 257, 511, 512, 513, 1025 };
    struct ledger_bench b;

    bench_init(&b);
    OK(bench_open(&b, "mem:sizes", NULL));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(sizes); i++) {
        bench_append(&b, sizes[i] - ledger_size(b.ledger), 100);

        const uint64_t last = (sizes[i] - 1) / TSEC_TILE_WIDTH;
        const unsigned width = (unsigned)((sizes[i] - 1) % TSEC_TILE_WIDTH) + 1;

        for (uint64_t n = 0; n <= last; n++) {
            expect_tile(&b, 0, n, n < last ? TSEC_TILE_WIDTH : width);
            expect_tile(&b, 0, n, 1);
            expect_entries(&b, n, n < last ? TSEC_TILE_WIDTH : width);
            expect_entries(&b, n, 1);
        }
        if (width < TSEC_TILE_WIDTH) {
            no_tile(&b, 0, last, width + 1);
            no_entries(&b, last, width + 1);
        }
        no_tile(&b, 0, last + 1, 1);
        no_entries(&b, last + 1, 1);
        if (sizes[i] >= TSEC_TILE_WIDTH) {
            expect_tile(&b, 1, 0, (unsigned)(sizes[i] / TSEC_TILE_WIDTH));
        }
        no_tile(&b, 1, 0, (unsigned)(sizes[i] / TSEC_TILE_WIDTH) + 1);
    }
    bench_done(&b);
}

static void
what_is_no_tile_is_not_found(void)
{
    struct ledger_bench b;

    bench_init(&b);
    OK(bench_open(&b, "mem:none", NULL));
    no_tile(&b, 0, 0, 1);
    no_entries(&b, 0, 1);
    bench_append(&b, 300, 300);
    no_tile(&b, 0, 0, 0);
    no_tile(&b, 0, 0, TSEC_TILE_WIDTH + 1);
    no_tile(&b, TILES_LEVELS, 0, 1);
    no_tile(&b, 63, 0, 1);
    no_tile(&b, 0, UINT64_MAX, 1);
    no_tile(&b, 5, UINT64_MAX, 256);
    no_entries(&b, 0, 0);
    no_entries(&b, 0, TSEC_TILE_WIDTH + 1);
    no_entries(&b, UINT64_MAX, 256);
    no_entries(&b, UINT64_MAX / 256, 256);
    no_entries(&b, UINT64_MAX / 256 - 1, 256);
    bench_done(&b);
}

static void
a_log_with_a_third_level_is_served_and_replayed(void)
{
    struct ledger_bench b;

    bench_init(&b);
    OK(bench_open(&b, "mem:large", NULL));
    bench_append(&b, 66000, 1000);
    for (int again = 0; again < 2; again++) {
        CU_ASSERT_EQUAL(ledger_size(b.ledger), 66000);
        expect_tile(&b, 0, 0, 256);
        expect_tile(&b, 0, 200, 256);
        expect_tile(&b, 0, 257, 208);
        no_tile(&b, 0, 257, 209);
        expect_tile(&b, 1, 0, 256);
        expect_tile(&b, 1, 1, 1);
        no_tile(&b, 1, 1, 2);
        expect_tile(&b, 2, 0, 1);
        no_tile(&b, 2, 0, 2);
        expect_entries(&b, 0, 256);
        expect_entries(&b, 255, 256);
        expect_entries(&b, 256, 256);
        expect_entries(&b, 257, 208);
        bench_close(&b);
        OK(bench_open(&b, "mem:large", NULL));
        CU_ASSERT_EQUAL(b.seen, 66000);
    }
    bench_done(&b);
}

/* ---- tampering while it runs ---- */

static void
an_altered_tile_is_not_served(void)
{
    TSEC_AUTO_BUF struct tsec_buf tile = TSEC_BUF_INIT(1 << 16);
    TSEC_AUTO_BUF struct tsec_buf got = TSEC_BUF_INIT(1 << 20);
    struct ledger_bench b;
    uint8_t key[TILE_KEY_LEN];

    bench_init(&b);
    OK(bench_open(&b, "mem:tile", NULL));
    bench_append(&b, 600, 600);
    tile_key(0, 1, key);
    bench_get(&b, tsec_span(key, sizeof(key)), &tile);
    for (size_t i = 0; i < tile.len; i += 97) {
        tile.ptr[i] ^= 1;
        bench_set(&b, tsec_span(key, sizeof(key)), tsec_buf_span(&tile));
        FAILS(ledger_tile(b.ledger, 0, 1, 256, &got, NULL), TSEC_E_TAMPERED);
        FAILS(ledger_entries(b.ledger, 1, 256, &got, NULL), TSEC_E_TAMPERED);
        tile.ptr[i] ^= 1;
    }
    bench_set(&b, tsec_span(key, sizeof(key)), tsec_span(tile.ptr, tile.len - 1));
    FAILS(ledger_tile(b.ledger, 0, 1, 256, &got, NULL), TSEC_E_TAMPERED);
    /* the tile beside it, well made, in its place */
    tile_key(0, 0, key);
    bench_set(&b, tsec_span(key, sizeof(key)), tsec_buf_span(&tile));
    FAILS(ledger_tile(b.ledger, 0, 0, 1, &got, NULL), TSEC_E_TAMPERED);
    CU_ASSERT_EQUAL(got.len, 0);
    bench_remove(&b, tsec_span(key, sizeof(key)));
    CU_ASSERT_TRUE(tsec_failed(ledger_tile(b.ledger, 0, 0, 1, &got, NULL)));
    bench_done(&b);
}

static void
an_altered_leaf_is_not_served(void)
{
    TSEC_AUTO_BUF struct tsec_buf segment = TSEC_BUF_INIT(1 << 20);
    struct ledger_bench b;
    uint8_t key[SEGMENT_KEY_LEN];

    bench_init(&b);
    OK(bench_open(&b, "mem:leaf", NULL));
    bench_append(&b, 300, 100);
    segment_key(100, key);
    bench_get(&b, tsec_span(key, sizeof(key)), &segment);
    for (size_t i = 0; i < segment.len - SEGMENT_TAG; i += 11) {
        TSEC_AUTO_BUF struct tsec_buf got = TSEC_BUF_INIT(1 << 20);

        segment.ptr[i] ^= 1;
        bench_set(&b, tsec_span(key, sizeof(key)), tsec_buf_span(&segment));
        FAILS(ledger_entries(b.ledger, 0, 256, &got, NULL), TSEC_E_TAMPERED);
        segment.ptr[i] ^= 1;
    }
    bench_remove(&b, tsec_span(key, sizeof(key)));

    TSEC_AUTO_BUF struct tsec_buf got = TSEC_BUF_INIT(1 << 20);

    FAILS(ledger_entries(b.ledger, 0, 256, &got, NULL), TSEC_E_TAMPERED);
    expect_entries(&b, 1, 44);
    bench_done(&b);
}

/* ---- checkpoints ---- */

static void
expect_checkpoint(struct ledger_bench *b)
{
    TSEC_AUTO_BUF struct tsec_buf vkey = TSEC_BUF_INIT(512);
    TSEC_AUTO_BUF struct tsec_buf note = TSEC_BUF_INIT(TSEC_NOTE_MAX);
    struct tsec_note_verifier verifier;
    struct tsec_checkpoint cp;
    struct tsec_span text;
    uint8_t root[TSEC_SHA256_LEN];

    OK(tsec_note_vkey(BENCH_ORIGIN, b->signing_key, &vkey, NULL));
    OK(tsec_note_verifier_parse(tsec_buf_span(&vkey), &verifier, NULL));
    OK(ledger_checkpoint(b->ledger, &note, NULL));
    OK(tsec_note_open(tsec_buf_span(&note), &verifier, &text, NULL));
    OK(tsec_checkpoint_parse(text, &cp, NULL));
    CU_ASSERT_STRING_EQUAL(cp.origin, BENCH_ORIGIN);
    CU_ASSERT_EQUAL(cp.size, ledger_size(b->ledger));
    bench_root(0, cp.size, root);
    CU_ASSERT_NSTRING_EQUAL(cp.root, root, sizeof(root));
}

static void
a_checkpoint_verifies_and_follows_the_log(void)
{
    struct ledger_bench b;

    bench_init(&b);
    OK(bench_open(&b, "mem:note", NULL));
    bench_append(&b, 1, 1);
    expect_checkpoint(&b);
    expect_checkpoint(&b);
    bench_append(&b, 254, 254);
    expect_checkpoint(&b);
    bench_append(&b, 3, 1);
    expect_checkpoint(&b);
    bench_done(&b);
}

static void
the_same_size_has_the_same_note(void)
{
    TSEC_AUTO_BUF struct tsec_buf a = TSEC_BUF_INIT(TSEC_NOTE_MAX);
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(TSEC_NOTE_MAX);
    struct ledger_bench bench;

    bench_init(&bench);
    OK(bench_open(&bench, "mem:same", NULL));
    bench_append(&bench, 5, 5);
    OK(ledger_checkpoint(bench.ledger, &a, NULL));
    OK(ledger_checkpoint(bench.ledger, &b, NULL));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&a), tsec_buf_span(&b)));
    bench_done(&bench);
}

static const struct test_case cases[] = {
    { "tiles and entries are there as far as the log is",
      tiles_and_entries_are_there_as_far_as_the_log_is },
    { "what is no tile is not found", what_is_no_tile_is_not_found },
    { "a log with a third level is served and replayed",
      a_log_with_a_third_level_is_served_and_replayed },
    { "an altered tile is not served", an_altered_tile_is_not_served },
    { "an altered leaf is not served", an_altered_leaf_is_not_served },
    { "a checkpoint verifies and follows the log", a_checkpoint_verifies_and_follows_the_log },
    { "the same size has the same note", the_same_size_has_the_same_note },
};

TEST_MAIN("ledger/publish", cases)
