/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file state/staging_internal.h
 * @brief What the files of the staging share; nobody else includes it.
 */
#ifndef TSEC_STATE_STAGING_INTERNAL_H
#define TSEC_STATE_STAGING_INTERNAL_H

#include "state/state_internal.h"

struct staged {
    struct tsec_span key; /* of the slot's own memory */
    struct row *row;      /* a reference; NULL: deleted */
    struct row *before;   /* a reference to what the store has; NULL: nothing */
    uint8_t store_key[1 + ROW_KEY_LEN];
};

/* What the transaction added last replaced, so that it can be taken back without memory. */
struct undo_slot {
    struct tsec_span key; /* of the transaction */
    struct row *row;      /* a reference */
    bool known;           /* the overlay had the slot */
};

struct undo_row {
    size_t at; /* in rows */
    struct row *row;
};

struct undo {
    struct undo_slot *slots;
    size_t slots_len;
    struct undo_row *rows;
    size_t rows_len;
    size_t cap; /* rows; twice as many slots */
    size_t staged_len;
    size_t bytes;
    bool shape;
    bool keys;               /* the keyring was changed */
    struct keyring *keyring; /* what it was; NULL: the published one */
};

struct staging {
    struct state *state;
    const uint8_t *root;
    struct table *overlay;
    struct keyring *keyring; /* NULL: unchanged */
    struct staged *rows;     /* one per key of the overlay that stands for a store row */
    size_t rows_len;
    size_t rows_cap;
    size_t bytes;
    struct tsec_store_op *ops;
    size_t ops_cap;
    struct tsec_buf keyring_blob;
    uint8_t keyring_new[KEYRING_KEY_LEN];
    uint8_t keyring_old[KEYRING_KEY_LEN];
    bool shape;
    bool doubted; /* others may see it before it is published */
    struct undo undo;
};

/** Makes the key changes of the transaction in a copy of the keyring, which takes its place. */
TSEC_MUST_CHECK tsec_rc staging_keys(struct staging *staging, const struct txn *txn,
                                     struct tsec_err *err);
/** Once the writes are staged: every row that there will be has its key. */
TSEC_MUST_CHECK tsec_rc staging_keys_check(const struct staging *staging, const struct txn *txn,
                                           struct tsec_err *err);

#endif
