/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/merkle.h"

void
tsec_merkle_leaf(struct tsec_span leaf, uint8_t out[TSEC_SHA256_LEN])
{
    static const uint8_t prefix = 0x00;
    const struct tsec_span parts[] = { { &prefix, 1 }, leaf };

    tsec_hash_parts(TSEC_SHA256, parts, TSEC_ARRAY_LEN(parts), out);
}

void
tsec_merkle_node(const uint8_t left[TSEC_SHA256_LEN], const uint8_t right[TSEC_SHA256_LEN],
                 uint8_t out[TSEC_SHA256_LEN])
{
    static const uint8_t prefix = 0x01;
    const struct tsec_span parts[] = { { &prefix, 1 },
                                       { left, TSEC_SHA256_LEN },
                                       { right, TSEC_SHA256_LEN } };

    tsec_hash_parts(TSEC_SHA256, parts, TSEC_ARRAY_LEN(parts), out);
}

void
tsec_frontier_init(struct tsec_frontier *frontier)
{
    memset(frontier, 0, sizeof(*frontier));
}

void
tsec_frontier_push(struct tsec_frontier *frontier, const uint8_t leaf_hash[TSEC_SHA256_LEN],
                   void (*completed)(void *ctx, unsigned level, uint64_t index,
                                     const uint8_t hash[TSEC_SHA256_LEN]),
                   void *ctx)
{
    const uint64_t index = frontier->size;
    uint8_t hash[TSEC_SHA256_LEN];
    unsigned level = 0;

    memcpy(hash, leaf_hash, sizeof(hash));
    if (completed != NULL) {
        completed(ctx, 0, index, hash);
    }
    /* Adding one carries through the set bits: every carry joins two equal subtrees. */
    for (; level < TSEC_MERKLE_LEVELS - 1 && (index >> level & 1) != 0; level++) {
        tsec_merkle_node(frontier->node[level], hash, hash);
        if (completed != NULL) {
            completed(ctx, level + 1, index >> (level + 1), hash);
        }
    }
    memcpy(frontier->node[level], hash, sizeof(hash));
    frontier->size++;
}

void
tsec_frontier_root(const struct tsec_frontier *frontier, uint8_t out[TSEC_SHA256_LEN])
{
    bool any = false;

    for (unsigned level = 0; level < TSEC_MERKLE_LEVELS; level++) {
        if ((frontier->size >> level & 1) == 0) {
            continue;
        }
        if (any) {
            tsec_merkle_node(frontier->node[level], out, out);
        } else {
            memcpy(out, frontier->node[level], TSEC_SHA256_LEN);
            any = true;
        }
    }
    if (!any) {
        tsec_sha256(tsec_span(NULL, 0), out);
    }
}

static bool
same(const uint8_t a[TSEC_SHA256_LEN], const uint8_t b[TSEC_SHA256_LEN])
{
    return tsec_span_equal(tsec_span(a, TSEC_SHA256_LEN), tsec_span(b, TSEC_SHA256_LEN));
}

/* RFC 9162 section 2.1.3.2, steps 4 to 6. */
static bool
inclusion_holds(uint64_t fn, uint64_t sn, const uint8_t leaf_hash[TSEC_SHA256_LEN],
                const uint8_t (*proof)[TSEC_SHA256_LEN], size_t n,
                const uint8_t root[TSEC_SHA256_LEN])
{
    uint8_t r[TSEC_SHA256_LEN];

    memcpy(r, leaf_hash, sizeof(r));
    for (size_t i = 0; i < n; i++) {
        if (sn == 0) {
            return false;
        }
        if ((fn & 1) != 0 || fn == sn) {
            tsec_merkle_node(proof[i], r, r);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            tsec_merkle_node(r, proof[i], r);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && same(r, root);
}

tsec_rc
tsec_merkle_check_inclusion(uint64_t index, uint64_t size, const uint8_t leaf_hash[TSEC_SHA256_LEN],
                            const uint8_t (*proof)[TSEC_SHA256_LEN], size_t n,
                            const uint8_t root[TSEC_SHA256_LEN], struct tsec_err *err)
{
    if (index >= size || !inclusion_holds(index, size - 1, leaf_hash, proof, n, root)) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "inclusion proof does not hold");
    }
    return TSEC_OK;
}

/* RFC 9162 section 2.1.4.2, steps 4 to 7; 0 < old size < new size. */
static bool
consistency_holds(uint64_t old_size, uint64_t new_size, const uint8_t old_root[TSEC_SHA256_LEN],
                  const uint8_t new_root[TSEC_SHA256_LEN], const uint8_t (*proof)[TSEC_SHA256_LEN],
                  size_t n)
{
    uint64_t fn = old_size - 1;
    uint64_t sn = new_size - 1;
    const bool whole =
        (old_size & (old_size - 1)) == 0; /* the old root is a node of the new tree */
    uint8_t fr[TSEC_SHA256_LEN];
    uint8_t sr[TSEC_SHA256_LEN];

    if (n == 0 && !whole) {
        return false;
    }
    for (; (fn & 1) != 0; fn >>= 1) {
        sn >>= 1;
    }
    memcpy(fr, whole ? old_root : proof[0], sizeof(fr));
    memcpy(sr, fr, sizeof(sr));
    for (size_t i = whole ? 0 : 1; i < n; i++) {
        if (sn == 0) {
            return false;
        }
        if ((fn & 1) != 0 || fn == sn) {
            tsec_merkle_node(proof[i], fr, fr);
            tsec_merkle_node(proof[i], sr, sr);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            tsec_merkle_node(sr, proof[i], sr);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && same(fr, old_root) && same(sr, new_root);
}

tsec_rc
tsec_merkle_check_consistency(uint64_t old_size, uint64_t new_size,
                              const uint8_t old_root[TSEC_SHA256_LEN],
                              const uint8_t new_root[TSEC_SHA256_LEN],
                              const uint8_t (*proof)[TSEC_SHA256_LEN], size_t n,
                              struct tsec_err *err)
{
    bool holds = false;

    if (old_size == new_size) {
        holds = n == 0 && same(old_root, new_root);
    } else if (old_size == 0) { /* everything extends the empty tree */
        uint8_t empty[TSEC_SHA256_LEN];

        tsec_sha256(tsec_span(NULL, 0), empty);
        holds = n == 0 && same(old_root, empty);
    } else if (old_size < new_size) {
        holds = consistency_holds(old_size, new_size, old_root, new_root, proof, n);
    }
    if (!holds) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "consistency proof does not hold");
    }
    return TSEC_OK;
}
