/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/tiles.h"

struct push {
    struct tiles *tiles;
    tiles_full_fn full;
    void *ctx;
};

void
tiles_init(struct tiles *tiles)
{
    memset(tiles, 0, sizeof(*tiles));
    tsec_frontier_init(&tiles->frontier);
}

/* Level k of the tiles holds the roots of perfect subtrees of height 8k. */
static void
completed(void *ctx, unsigned level, uint64_t index, const uint8_t hash[TSEC_SHA256_LEN])
{
    struct push *push = ctx;
    struct tiles *t = push->tiles;
    const unsigned k = level / TSEC_TILE_HEIGHT;

    (void)index;
    if (level % TSEC_TILE_HEIGHT != 0 || k >= TILES_LEVELS) {
        return;
    }
    memcpy(t->hash[k][t->count[k]], hash, TSEC_SHA256_LEN);
    if (++t->count[k] == TSEC_TILE_WIDTH) {
        if (push->full != NULL) {
            push->full(push->ctx, k, t->done[k], t->hash[k][0]);
        }
        t->done[k]++;
        t->count[k] = 0;
    }
}

void
tiles_push(struct tiles *tiles, const uint8_t leaf_hash[TSEC_SHA256_LEN], tiles_full_fn full,
           void *ctx)
{
    struct push push = { tiles, full, ctx };

    tsec_frontier_push(&tiles->frontier, leaf_hash, completed, &push);
}

void
tiles_root(const uint8_t *hashes, uint8_t out[TSEC_SHA256_LEN])
{
    struct tsec_frontier f;

    tsec_frontier_init(&f);
    for (size_t i = 0; i < TSEC_TILE_WIDTH; i++) {
        tsec_frontier_push(&f, hashes + i * TSEC_SHA256_LEN, NULL, NULL);
    }
    tsec_frontier_root(&f, out);
}
