/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/merkle.h"

#include "tests/crypto/vector.h"

enum { LEAVES = 70, HASH = TSEC_SHA256_LEN };

typedef uint8_t hash_t[HASH];

/* The definitions of RFC 6962 section 2.1, word by word. */

static size_t
split(size_t n)
{
    size_t k = 1;

    while (k * 2 < n) {
        k *= 2;
    }
    return k;
}

static void
naive_root(const hash_t *leaves, size_t n, hash_t out)
{
    hash_t left;
    hash_t right;

    if (n == 0) {
        tsec_sha256(tsec_span(NULL, 0), out);
    } else if (n == 1) {
        memcpy(out, leaves[0], HASH);
    } else {
        naive_root(leaves, split(n), left);
        naive_root(leaves + split(n), n - split(n), right);
        tsec_merkle_node(left, right, out);
    }
}

static size_t
naive_path(size_t m, const hash_t *leaves, size_t n, hash_t *out)
{
    const size_t k = split(n);
    size_t len = 0;

    if (n == 1) {
        return 0;
    }
    if (m < k) {
        len = naive_path(m, leaves, k, out);
        naive_root(leaves + k, n - k, out[len]);
    } else {
        len = naive_path(m - k, leaves + k, n - k, out);
        naive_root(leaves, k, out[len]);
    }
    return len + 1;
}

static size_t
naive_subproof(size_t m, const hash_t *leaves, size_t n, bool whole, hash_t *out)
{
    const size_t k = split(n);
    size_t len = 0;

    if (m == n) {
        if (!whole) {
            naive_root(leaves, n, out[0]);
        }
        return whole ? 0 : 1;
    }
    if (m <= k) {
        len = naive_subproof(m, leaves, k, whole, out);
        naive_root(leaves + k, n - k, out[len]);
    } else {
        len = naive_subproof(m - k, leaves + k, n - k, false, out);
        naive_root(leaves, k, out[len]);
    }
    return len + 1;
}

static void
make_leaves(hash_t *leaves)
{
    for (uint8_t i = 0; i < LEAVES; i++) {
        tsec_merkle_leaf(tsec_span(&i, 1), leaves[i]);
    }
}

/* The tree that the Certificate Transparency implementations test with. */
static const char *const ct_leaves[] = {
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
};
static const char *const ct_roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static void
published_roots(void)
{
    struct tsec_frontier frontier;
    hash_t hash;

    tsec_frontier_init(&frontier);
    for (size_t i = 0;; i++) {
        tsec_frontier_root(&frontier, hash);
        CU_ASSERT_TRUE(vector_is(tsec_span(hash, HASH), ct_roots[i]));
        if (i == TSEC_ARRAY_LEN(ct_leaves)) {
            break;
        }

        const struct vector leaf = vector(ct_leaves[i]);

        tsec_merkle_leaf(vector_span(&leaf), hash);
        tsec_frontier_push(&frontier, hash, NULL, NULL);
    }
}

static size_t
proof_of(const char *const *hex, size_t n, hash_t *proof)
{
    for (size_t i = 0; i < n; i++) {
        const struct vector v = vector(hex[i]);

        memcpy(proof[i], v.bytes, HASH);
    }
    return n;
}

static void
published_proofs(void)
{
    static const char *const path5[] = {
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    };
    static const char *const from6[] = {
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    };
    const struct vector leaf = vector(ct_leaves[5]);
    const struct vector root6 = vector(ct_roots[6]);
    const struct vector root8 = vector(ct_roots[8]);
    hash_t proof[3];
    hash_t hash;

    tsec_merkle_leaf(vector_span(&leaf), hash);
    (void)proof_of(path5, 3, proof);
    CU_ASSERT_FALSE(tsec_failed(
        tsec_merkle_check_inclusion(5, 8, hash, (const hash_t *)proof, 3, root8.bytes, NULL)));
    CU_ASSERT_EQUAL(
        tsec_merkle_check_inclusion(4, 8, hash, (const hash_t *)proof, 3, root8.bytes, NULL).code,
        TSEC_E_DENIED);
    (void)proof_of(from6, 3, proof);
    CU_ASSERT_FALSE(tsec_failed(tsec_merkle_check_consistency(6, 8, root6.bytes, root8.bytes,
                                                              (const hash_t *)proof, 3, NULL)));
    CU_ASSERT_EQUAL(tsec_merkle_check_consistency(5, 8, root6.bytes, root8.bytes,
                                                  (const hash_t *)proof, 3, NULL)
                        .code,
                    TSEC_E_DENIED);
}

static void
the_frontier_agrees_with_the_definition(void)
{
    static hash_t leaves[LEAVES];
    struct tsec_frontier frontier;
    hash_t expected;
    hash_t root;

    make_leaves(leaves);
    tsec_frontier_init(&frontier);
    for (size_t n = 0; n < LEAVES; n++) {
        naive_root((const hash_t *)leaves, n, expected);
        tsec_frontier_root(&frontier, root);
        CU_ASSERT_EQUAL(frontier.size, n);
        CU_ASSERT_EQUAL(memcmp(root, expected, HASH), 0);
        tsec_frontier_push(&frontier, leaves[n], NULL, NULL);
    }
}

struct seen {
    const hash_t *leaves;
    size_t calls;
    bool right;
    unsigned next_level;
};

static void
check_subtree(void *ctx, unsigned level, uint64_t index, const uint8_t hash[HASH])
{
    struct seen *seen = ctx;
    hash_t expected;

    naive_root(seen->leaves + (index << level), (size_t)1 << level, expected);
    seen->right = seen->right && level == seen->next_level && memcmp(hash, expected, HASH) == 0;
    seen->next_level++;
    seen->calls++;
}

static void
every_completed_subtree_is_told_once_lowest_first(void)
{
    static hash_t leaves[LEAVES];
    struct tsec_frontier frontier;
    struct seen seen = { (const hash_t *)leaves, 0, true, 0 };

    make_leaves(leaves);
    tsec_frontier_init(&frontier);
    for (size_t n = 0; n < 64; n++) {
        seen.next_level = 0;
        tsec_frontier_push(&frontier, leaves[n], check_subtree, &seen);
    }
    CU_ASSERT_TRUE(seen.right);
    CU_ASSERT_EQUAL(seen.calls, 127); /* 64 + 32 + ... + 1 */
}

static bool
included(size_t m, size_t n, const hash_t leaf, hash_t *proof, size_t len, const hash_t root)
{
    return !tsec_failed(
        tsec_merkle_check_inclusion(m, n, leaf, (const hash_t *)proof, len, root, NULL));
}

static void
inclusion_holds_exactly_for_the_right_proof(void)
{
    static hash_t leaves[LEAVES];
    hash_t proof[9] = { { 0 } };
    hash_t root;

    make_leaves(leaves);
    for (size_t n = 1; n <= 40; n++) {
        naive_root((const hash_t *)leaves, n, root);
        for (size_t m = 0; m < n; m++) {
            const size_t len = naive_path(m, (const hash_t *)leaves, n, proof);

            CU_ASSERT_TRUE(included(m, n, leaves[m], proof, len, root));
            CU_ASSERT_FALSE(included(m, n, leaves[m + 1], proof, len, root));
            CU_ASSERT_FALSE(included(m, n, leaves[m], proof, len + 1, root));
            CU_ASSERT_FALSE(len > 0 && included(m, n, leaves[m], proof, len - 1, root));
            CU_ASSERT_FALSE(n > 1 && included((m + 1) % n, n, leaves[m], proof, len, root));
            for (size_t i = 0; i < len; i++) {
                proof[i][i] ^= 1;
                CU_ASSERT_FALSE(included(m, n, leaves[m], proof, len, root));
                proof[i][i] ^= 1;
            }
        }
        CU_ASSERT_FALSE(included(n, n, leaves[n], proof, 0, root));
    }
    CU_ASSERT_FALSE(included(0, 0, leaves[0], proof, 0, root));
}

static bool
consistent(size_t m, size_t n, const hash_t old_root, const hash_t new_root, hash_t *proof,
           size_t len)
{
    return !tsec_failed(
        tsec_merkle_check_consistency(m, n, old_root, new_root, (const hash_t *)proof, len, NULL));
}

static void
consistency_holds_exactly_for_the_right_proof(void)
{
    static hash_t leaves[LEAVES];
    hash_t proof[9] = { { 0 } };
    hash_t old_root;
    hash_t new_root;

    make_leaves(leaves);
    for (size_t n = 1; n <= 40; n++) {
        naive_root((const hash_t *)leaves, n, new_root);
        for (size_t m = 1; m <= n; m++) {
            const size_t len = naive_subproof(m, (const hash_t *)leaves, n, true, proof);

            naive_root((const hash_t *)leaves, m, old_root);
            CU_ASSERT_TRUE(consistent(m, n, old_root, new_root, proof, len));
            CU_ASSERT_FALSE(consistent(m, n, old_root, new_root, proof, len + 1));
            CU_ASSERT_FALSE(len > 0 && consistent(m, n, old_root, new_root, proof, len - 1));
            CU_ASSERT_FALSE(consistent(m, n, old_root, leaves[1], proof, len));
            CU_ASSERT_FALSE(consistent(m, n, leaves[1], new_root, proof, len));
            for (size_t i = 0; i < len; i++) {
                proof[i][i] ^= 1;
                CU_ASSERT_FALSE(consistent(m, n, old_root, new_root, proof, len));
                proof[i][i] ^= 1;
            }
        }
    }
}

static void
trees_of_no_leaf_and_shrinking_trees(void)
{
    static hash_t leaves[LEAVES];
    hash_t empty;
    hash_t root;
    hash_t proof[1] = { { 0 } };

    make_leaves(leaves);
    naive_root((const hash_t *)leaves, 0, empty);
    naive_root((const hash_t *)leaves, 5, root);
    CU_ASSERT_TRUE(consistent(0, 5, empty, root, proof, 0));
    CU_ASSERT_FALSE(consistent(0, 5, root, root, proof, 0));
    CU_ASSERT_FALSE(consistent(0, 5, empty, root, proof, 1));
    CU_ASSERT_TRUE(consistent(0, 0, empty, empty, proof, 0));
    CU_ASSERT_FALSE(consistent(5, 0, root, empty, proof, 0));
    CU_ASSERT_FALSE(consistent(5, 4, root, root, proof, 0));
    CU_ASSERT_FALSE(consistent(5, 5, root, root, proof, 1));
}

static const struct test_case cases[] = {
    { "published roots", published_roots },
    { "published proofs", published_proofs },
    { "the frontier agrees with the definition", the_frontier_agrees_with_the_definition },
    { "every completed subtree is told once, lowest first",
      every_completed_subtree_is_told_once_lowest_first },
    { "inclusion holds exactly for the right proof", inclusion_holds_exactly_for_the_right_proof },
    { "consistency holds exactly for the right proof",
      consistency_holds_exactly_for_the_right_proof },
    { "trees of no leaf and shrinking trees", trees_of_no_leaf_and_shrinking_trees },
};

TEST_MAIN("crypto/merkle", cases)
