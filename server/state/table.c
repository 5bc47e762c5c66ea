/* SPDX-License-Identifier: Apache-2.0 */
#include "state/table.h"

#include <stdlib.h>

#include "base/siphash.h"
#include "crypto/rand.h"
#include "state/txn.h"

enum { BUCKETS_MIN = 64 };

/* In a hash chain for finding, and in a treap for order. */
struct node {
    struct node *chain;
    struct node *left;
    struct node *right;
    uint64_t hash;
    struct row *row;
    uint32_t priority;
    uint32_t key_len;
    uint8_t key[];
};

struct table {
    struct node **buckets;
    size_t buckets_len; /* a power of two */
    size_t len;
    struct node *root;
    uint64_t seed[2];
    uint64_t draw; /* state of the priorities' generator: balance, not security */
};

/* ---- rows ---- */

tsec_rc
row_new(struct tsec_span key, size_t blob_len, struct row **out, struct tsec_err *err)
{
    struct row *row = calloc(1, sizeof(*row) + key.len + blob_len);

    if (row == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "row");
    }
    atomic_init(&row->refs, 1);
    row->key_len = key.len;
    row->blob_len = blob_len;
    memcpy(row->bytes, key.ptr, key.len);
    *out = row;
    return TSEC_OK;
}

struct row *
row_ref(struct row *row)
{
    if (row != NULL) {
        atomic_fetch_add_explicit(&row->refs, 1, memory_order_relaxed);
    }
    return row;
}

void
row_unref(struct row *row)
{
    if (row == NULL || atomic_fetch_sub_explicit(&row->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }

    void *object = atomic_load(&row->object);

    if (object != NULL) {
        atomic_load(&row->type)->free(object);
    }
    free(row);
}

/* ---- treap ---- */

static struct tsec_span
node_key(const struct node *node)
{
    return tsec_span(node->key, node->key_len);
}

/* Those below `key` to the left, the others to the right. */
static void
split(struct node *node, struct tsec_span key, struct node **left, struct node **right)
{
    while (node != NULL) {
        if (tsec_span_compare(node_key(node), key) < 0) {
            *left = node;
            left = &node->right;
            node = node->right;
        } else {
            *right = node;
            right = &node->left;
            node = node->left;
        }
    }
    *left = NULL;
    *right = NULL;
}

static struct node *
merge(struct node *left, struct node *right)
{
    struct node *root = NULL;
    struct node **at = &root;

    while (left != NULL && right != NULL) {
        if (left->priority > right->priority) {
            *at = left;
            at = &left->right;
            left = left->right;
        } else {
            *at = right;
            at = &right->left;
            right = right->left;
        }
    }
    *at = left != NULL ? left : right;
    return root;
}

static void
treap_insert(struct table *table, struct node *node)
{
    struct node **at = &table->root;

    while (*at != NULL && (*at)->priority >= node->priority) {
        at = tsec_span_compare(node_key(*at), node_key(node)) < 0 ? &(*at)->right : &(*at)->left;
    }
    split(*at, node_key(node), &node->left, &node->right);
    *at = node;
}

static void
treap_remove(struct table *table, struct node *node)
{
    struct node **at = &table->root;

    while (*at != node) {
        at = tsec_span_compare(node_key(*at), node_key(node)) < 0 ? &(*at)->right : &(*at)->left;
    }
    *at = merge(node->left, node->right);
}

/* ---- the table ---- */

tsec_rc
table_new(struct table **out, struct tsec_err *err)
{
    struct table *table = calloc(1, sizeof(*table));

    if (table != NULL) {
        table->buckets = calloc(BUCKETS_MIN, sizeof(*table->buckets));
    }
    if (table == NULL || table->buckets == NULL) {
        free(table);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "table");
    }
    table->buckets_len = BUCKETS_MIN;
    tsec_rand_bytes((uint8_t *)table->seed, sizeof(table->seed));
    table->draw = table->seed[0] | 1;
    *out = table;
    return TSEC_OK;
}

void
table_clear(struct table *table)
{
    for (size_t i = 0; i < table->buckets_len; i++) {
        struct node *node = table->buckets[i];

        while (node != NULL) {
            struct node *next = node->chain;

            row_unref(node->row);
            free(node);
            node = next;
        }
        table->buckets[i] = NULL;
    }
    table->root = NULL;
    table->len = 0;
}

void
table_free(struct table *table)
{
    if (table != NULL) {
        table_clear(table);
        free(table->buckets);
        free(table);
    }
}

size_t
table_len(const struct table *table)
{
    return table->len;
}

static struct node **
bucket_of(const struct table *table, uint64_t hash)
{
    return &table->buckets[hash & (table->buckets_len - 1)];
}

static struct node *
node_find(const struct table *table, struct tsec_span key, uint64_t hash)
{
    struct node *node = *bucket_of(table, hash);

    while (node != NULL && (node->hash != hash || !tsec_span_equal(node_key(node), key))) {
        node = node->chain;
    }
    return node;
}

bool
table_find(const struct table *table, struct tsec_span key, struct slot_entry *out)
{
    if (table->len == 0) {
        return false;
    }

    const struct node *node = node_find(table, key, tsec_siphash(table->seed, key));

    if (node != NULL) {
        *out = (struct slot_entry){ node_key(node), node->row };
    }
    return node != NULL;
}

/* Twice as many buckets; when there is no memory for them the chains grow instead. */
static void
table_grow(struct table *table)
{
    const size_t len = table->buckets_len * 2;
    struct node **old = table->buckets;
    struct node **fresh = calloc(len, sizeof(*fresh));

    if (fresh == NULL) {
        return;
    }
    table->buckets = fresh;
    for (size_t i = 0; i < len / 2; i++) {
        struct node *node = old[i];

        while (node != NULL) {
            struct node *next = node->chain;
            struct node **bucket = &fresh[node->hash & (len - 1)];

            node->chain = *bucket;
            *bucket = node;
            node = next;
        }
    }
    table->buckets_len = len;
    free(old);
}

static uint32_t
draw_priority(struct table *table)
{
    table->draw ^= table->draw << 13;
    table->draw ^= table->draw >> 7;
    table->draw ^= table->draw << 17;
    return (uint32_t)(table->draw >> 32);
}

tsec_rc
table_set(struct table *table, struct tsec_span key, struct row *row, struct tsec_err *err)
{
    const uint64_t hash = tsec_siphash(table->seed, key);
    struct node *node = node_find(table, key, hash);

    if (node != NULL) {
        struct row *old = node->row;

        node->row = row_ref(row);
        row_unref(old);
        return TSEC_OK;
    }
    node = calloc(1, sizeof(*node) + key.len);
    if (node == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "table");
    }
    if (table->len >= table->buckets_len) {
        table_grow(table);
    }
    node->hash = hash;
    node->row = row_ref(row);
    node->priority = draw_priority(table);
    node->key_len = (uint32_t)key.len;
    memcpy(node->key, key.ptr, key.len);
    node->chain = *bucket_of(table, hash);
    *bucket_of(table, hash) = node;
    treap_insert(table, node);
    table->len++;
    return TSEC_OK;
}

void
table_remove(struct table *table, struct tsec_span key)
{
    const uint64_t hash = tsec_siphash(table->seed, key);
    struct node *node = node_find(table, key, hash);
    struct node **at = bucket_of(table, hash);

    if (node == NULL) {
        return;
    }
    while (*at != node) {
        at = &(*at)->chain;
    }
    *at = node->chain;
    treap_remove(table, node);
    row_unref(node->row);
    free(node);
    table->len--;
}

bool
table_next(const struct table *table, struct tsec_span after, bool or_equal, struct slot_entry *out)
{
    const struct node *node = table->root;
    const struct node *best = NULL;

    while (node != NULL) {
        const int order = tsec_span_compare(node_key(node), after);

        if (order > 0 || (or_equal && order == 0)) {
            best = node;
            node = node->left;
        } else {
            node = node->right;
        }
    }
    if (best != NULL) {
        *out = (struct slot_entry){ node_key(best), best->row };
    }
    return best != NULL;
}
