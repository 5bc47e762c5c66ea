/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/tiles.h"

#include "tests/ledger/bench.h"

struct filled {
    uint64_t n[TILES_LEVELS]; /* tiles of the level that became full */
    struct tiles *tiles;
};

/* Span of leaves that one hash of the level stands for. */
static uint64_t
leaves_of(unsigned level)
{
    return (uint64_t)1 << (TSEC_TILE_HEIGHT * level);
}

static void
check_tile(unsigned level, uint64_t n, unsigned width, const uint8_t *hashes)
{
    const uint64_t each = leaves_of(level);

    for (unsigned i = 0; i < width; i++) {
        uint8_t expect[TSEC_SHA256_LEN];

        bench_root((n * TSEC_TILE_WIDTH + i) * each, each, expect);
        CU_ASSERT_NSTRING_EQUAL(hashes + (size_t)i * TSEC_SHA256_LEN, expect, TSEC_SHA256_LEN);
    }
}

static void
full(void *ctx, unsigned level, uint64_t n, const uint8_t *hashes)
{
    struct filled *f = ctx;

    CU_ASSERT_EQUAL(n, f->n[level]);
    if (level > 0 || n < 3) {
        check_tile(level, n, TSEC_TILE_WIDTH, hashes);
    }
    f->n[level]++;
}

static void
push_to(struct tiles *tiles, struct filled *f, uint64_t size)
{
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(256);

    while (tiles->frontier.size < size) {
        uint8_t hash[TSEC_SHA256_LEN];

        tsec_buf_reset(&leaf);
        bench_leaf(tiles->frontier.size, &leaf);
        tsec_merkle_leaf(tsec_buf_span(&leaf), hash);
        tiles_push(tiles, hash, full, f);
    }
}

static void
the_edge_is_right_at_every_size(void)
{
    static const uint64_t sizes[] = { 1,   2,   3,    255,   256,   257,   511,
                                      512, 513, 1000, 65535, 65536, 65537, 66000 };
    static struct tiles tiles;
    struct filled f = { .tiles = &tiles };

    tiles_init(&tiles);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(sizes); i++) {
        uint8_t root[TSEC_SHA256_LEN];
        uint8_t expect[TSEC_SHA256_LEN];
        uint64_t hashes = sizes[i];

        push_to(&tiles, &f, sizes[i]);
        tsec_frontier_root(&tiles.frontier, root);
        bench_root(0, sizes[i], expect);
        CU_ASSERT_NSTRING_EQUAL(root, expect, TSEC_SHA256_LEN);
        for (unsigned level = 0; level < TILES_LEVELS; level++) {
            CU_ASSERT_EQUAL(tiles.done[level], hashes / TSEC_TILE_WIDTH);
            CU_ASSERT_EQUAL(tiles.count[level], hashes % TSEC_TILE_WIDTH);
            CU_ASSERT_EQUAL(f.n[level], tiles.done[level]);
            check_tile(level, tiles.done[level], tiles.count[level], tiles.hash[level][0]);
            hashes /= TSEC_TILE_WIDTH;
        }
    }
}

static void
a_copy_grows_apart_from_the_original(void)
{
    static struct tiles a;
    static struct tiles b;
    struct filled f = { .tiles = &a };

    tiles_init(&a);
    push_to(&a, &f, 255);
    b = a;
    push_to(&b, &f, 300);
    CU_ASSERT_EQUAL(a.frontier.size, 255);
    CU_ASSERT_EQUAL(a.count[0], 255);
    CU_ASSERT_EQUAL(a.done[0], 0);
    CU_ASSERT_EQUAL(b.done[0], 1);
    CU_ASSERT_EQUAL(b.count[1], 1);
}

static void
the_root_of_a_tile_is_the_hash_in_its_parent(void)
{
    static struct tiles tiles;
    struct filled f = { .tiles = &tiles };
    uint8_t hashes[TSEC_TILE_WIDTH * TSEC_SHA256_LEN];
    uint8_t root[TSEC_SHA256_LEN];

    tiles_init(&tiles);
    push_to(&tiles, &f, 255);
    memcpy(hashes, tiles.hash[0], sizeof(hashes));
    push_to(&tiles, &f, 256);
    memcpy(hashes + sizeof(hashes) - TSEC_SHA256_LEN, tiles.hash[0][255], TSEC_SHA256_LEN);
    tiles_root(hashes, root);
    CU_ASSERT_NSTRING_EQUAL(root, tiles.hash[1][0], TSEC_SHA256_LEN);
}

static const struct test_case cases[] = {
    { "the edge is right at every size", the_edge_is_right_at_every_size },
    { "a copy grows apart from the original", a_copy_grows_apart_from_the_original },
    { "the root of a tile is the hash in its parent",
      the_root_of_a_tile_is_the_hash_in_its_parent },
};

TEST_MAIN("ledger/tiles", cases)
