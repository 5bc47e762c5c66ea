/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ledger/tiles.h
 * @brief The growing edge of the tree: the frontier, and the partial tile of each level.
 *
 * A plain struct that may be copied: a batch works on a copy, which takes the place of the original
 * when the store has the batch.
 */
#ifndef TSEC_LEDGER_TILES_H
#define TSEC_LEDGER_TILES_H

#include "crypto/merkle.h"

enum { TILES_LEVELS = 6 }; /* 256^6 leaves */

struct tiles {
    struct tsec_frontier frontier;
    uint64_t done[TILES_LEVELS]; /* full tiles of the level */
    unsigned count[TILES_LEVELS];
    uint8_t hash[TILES_LEVELS][TSEC_TILE_WIDTH][TSEC_SHA256_LEN];
};

void tiles_init(struct tiles *tiles);

/** A tile became full; the 256 hashes are valid during the call. */
typedef void (*tiles_full_fn)(void *ctx, unsigned level, uint64_t n, const uint8_t *hashes);

void tiles_push(struct tiles *tiles, const uint8_t leaf_hash[TSEC_SHA256_LEN], tiles_full_fn full,
                void *ctx);

/** As bytes, and back.  TSEC_E_TAMPERED: not such bytes. */
void tiles_pack(const struct tiles *tiles, struct tsec_buf *out);
TSEC_MUST_CHECK tsec_rc tiles_unpack(struct tsec_span bytes, struct tiles *out,
                                     struct tsec_err *err);

/** Root of the perfect subtree over one full tile. */
void tiles_root(const uint8_t *hashes, uint8_t out[TSEC_SHA256_LEN]);

#endif
