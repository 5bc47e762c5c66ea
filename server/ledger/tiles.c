/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/tiles.h"

#include "codec/pack.h"

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

void
tiles_pack(const struct tiles *tiles, struct tsec_buf *out)
{
    tsec_pack_u64(out, tiles->frontier.size);
    for (unsigned k = 0; k < TSEC_MERKLE_LEVELS; k++) {
        if ((tiles->frontier.size >> k & 1) != 0) {
            tsec_buf_put(out, tiles->frontier.node[k], TSEC_SHA256_LEN);
        }
    }
    for (unsigned k = 0; k < TILES_LEVELS; k++) {
        tsec_buf_put(out, tiles->hash[k], (size_t)tiles->count[k] * TSEC_SHA256_LEN);
    }
}

tsec_rc
tiles_unpack(struct tsec_span bytes, struct tiles *out, struct tsec_err *err)
{
    struct tsec_reader in = tsec_reader(bytes);

    tiles_init(out);
    out->frontier.size = tsec_read_u64(&in);
    for (unsigned k = 0; k < TSEC_MERKLE_LEVELS && !in.failed; k++) {
        if ((out->frontier.size >> k & 1) != 0) {
            const struct tsec_span node = tsec_read_fixed(&in, TSEC_SHA256_LEN);

            if (node.len > 0) {
                memcpy(out->frontier.node[k], node.ptr, node.len);
            }
        }
    }
    for (unsigned k = 0; k < TILES_LEVELS && !in.failed; k++) {
        const uint64_t hashes = out->frontier.size >> (TSEC_TILE_HEIGHT * k);

        out->done[k] = hashes / TSEC_TILE_WIDTH;
        out->count[k] = (unsigned)(hashes % TSEC_TILE_WIDTH);

        const struct tsec_span part = tsec_read_fixed(&in, (size_t)out->count[k] * TSEC_SHA256_LEN);

        if (part.len > 0) {
            memcpy(out->hash[k], part.ptr, part.len);
        }
    }
    return tsec_failed(tsec_reader_end(&in, "tree", err))
               ? TSEC_FAIL(err, TSEC_E_TAMPERED, "a snapshot's tree is not one")
               : TSEC_OK;
}
