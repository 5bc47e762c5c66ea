/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/merkle.h
 * @brief RFC 6962 section 2.1 tree hashing: the frontier of a growing log, its root, and checks of
 * inclusion and consistency proofs; C2SP tlog-tiles numbering.
 */
#ifndef TSEC_CRYPTO_MERKLE_H
#define TSEC_CRYPTO_MERKLE_H

#include "base/buf.h"
#include "crypto/hash.h"

enum { TSEC_TILE_HEIGHT = 8, TSEC_TILE_WIDTH = 256, TSEC_MERKLE_LEVELS = 64 };

void tsec_merkle_leaf(struct tsec_span leaf, uint8_t out[TSEC_SHA256_LEN]);
void tsec_merkle_node(const uint8_t left[TSEC_SHA256_LEN], const uint8_t right[TSEC_SHA256_LEN],
                      uint8_t out[TSEC_SHA256_LEN]);

/** The roots of the perfect subtrees that make up the first `size` leaves; node[k] is in use when
 *  bit k of size is set. */
struct tsec_frontier {
    uint64_t size;
    uint8_t node[TSEC_MERKLE_LEVELS][TSEC_SHA256_LEN];
};

void tsec_frontier_init(struct tsec_frontier *frontier);
/** Appends one leaf hash.  `completed`, when not NULL, is called for every perfect subtree that the
 *  leaf completes, lowest first (level 0 is the leaf itself); tiles are made from levels 0, 8, 16…
 */
void tsec_frontier_push(struct tsec_frontier *frontier, const uint8_t leaf_hash[TSEC_SHA256_LEN],
                        void (*completed)(void *ctx, unsigned level, uint64_t index,
                                          const uint8_t hash[TSEC_SHA256_LEN]),
                        void *ctx);
/** Root of the tree; of the empty tree, SHA-256 of nothing. */
void tsec_frontier_root(const struct tsec_frontier *frontier, uint8_t out[TSEC_SHA256_LEN]);

/** RFC 9162 section 2.1.3.2 / 2.1.4.2.  TSEC_E_DENIED: the proof does not hold. */
TSEC_MUST_CHECK tsec_rc tsec_merkle_check_inclusion(uint64_t index, uint64_t size,
                                                    const uint8_t leaf_hash[TSEC_SHA256_LEN],
                                                    const uint8_t (*proof)[TSEC_SHA256_LEN],
                                                    size_t n, const uint8_t root[TSEC_SHA256_LEN],
                                                    struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc tsec_merkle_check_consistency(uint64_t old_size, uint64_t new_size,
                                                      const uint8_t old_root[TSEC_SHA256_LEN],
                                                      const uint8_t new_root[TSEC_SHA256_LEN],
                                                      const uint8_t (*proof)[TSEC_SHA256_LEN],
                                                      size_t n, struct tsec_err *err);

/** Appends the tlog-tiles path of tile number n: "x001/x234/067". */
void tsec_tile_path(struct tsec_buf *out, uint64_t n);
/** The inverse; false when it is not the canonical form. */
bool tsec_tile_path_parse(struct tsec_span text, uint64_t *n);

#endif
