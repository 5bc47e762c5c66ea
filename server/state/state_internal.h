/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file state/state_internal.h
 * @brief What the files of the state share; nobody else includes it.
 */
#ifndef TSEC_STATE_STATE_INTERNAL_H
#define TSEC_STATE_STATE_INTERNAL_H

#include <pthread.h>

#include "state/row_index.h"
#include "state/state.h"
#include "state/table.h"

struct gathered;

struct state {
    pthread_rwlock_t lock; /* guards everything below */
    struct table *base;
    struct keyring *keyring;
    uint64_t commits; /* published batches that changed something */
    uint64_t shape;   /* published batches that added or removed a key */
    size_t bytes;
    uint8_t keyring_hash[TSEC_SHA256_LEN]; /* of the committed keyring's blob */
    _Atomic(size_t) shown_rows;            /* these two for whoever may not take the lock */
    _Atomic(size_t) shown_bytes;

    /* Publications of what other servers wrote: that added or removed a key, that changed the
     * keyring.  An operation that ran before saw what was over when it began. */
    uint64_t foreign_shape;
    uint64_t foreign_keys;

    /* The writer's alone, without the lock. */
    struct row_index index; /* every row of the base, once */
    struct gathered *gathered;
};

enum { TXN_READS_INLINE = 12 };

struct txn_read {
    struct tsec_span key; /* in the arena */
    struct row *row;      /* a reference; NULL: it was not there */
};

struct txn_write {
    struct tsec_span key;
    struct tsec_span group;   /* of the key's first bytes; empty: a plain row */
    struct row *row;          /* a reference; NULL: delete */
    struct tsec_span payload; /* in the arena, for the transaction's own reads */
    bool head;                /* the group's key means this row now */
};

struct txn_dek_op {
    enum txn_dek_change change;
    const char *mount;
};

struct txn {
    struct state *state;
    const struct table *overlay; /* NULL but when run again by the sequencer */
    struct tsec_arena *arena;
    int64_t now_ns;
    uint64_t commits;
    uint64_t shape;
    uint64_t foreign_shape;
    uint64_t foreign_keys;
    uint64_t keyring_version; /* that its rows were sealed under */
    bool listed;
    struct txn_read *reads;
    size_t reads_len;
    size_t reads_cap;
    struct txn_write *writes;
    size_t writes_len;
    size_t writes_cap;
    struct txn_dek_op deks[8];
    size_t deks_len;
    struct txn_read reads_room[TXN_READS_INLINE];
};

/** Remembers what is committed as it runs. */
void txn_begins(struct txn *txn);
/** Forgets reads and writes. */
void txn_reset(struct txn *txn);

/** What overlay and base say together. */
bool view_find(const struct table *overlay, const struct table *base, struct tsec_span key,
               struct slot_entry *out);
bool view_next(const struct table *overlay, const struct table *base, struct tsec_span after,
               bool or_equal, struct slot_entry *out);

/** Puts a row, or NULL, into `table` (over `below`, when it is an overlay) and moves its group's
 *  head. `gone` false: a key without a row is taken out of the table instead of remembered. */
TSEC_MUST_CHECK tsec_rc table_apply(struct table *table, const struct table *below,
                                    struct tsec_span key, struct tsec_span group, struct row *row,
                                    struct tsec_err *err);

/** A row that came from the store, whose hash is the one the log names: opened, found to be the one
 *  it should be, and made resident.  `plain`: room for 2^class bytes.  TSEC_E_TAMPERED. */
struct expected;
TSEC_MUST_CHECK tsec_rc row_receive(const struct keyring *keyring, const struct expected *expected,
                                    struct tsec_span blob, uint8_t *plain, struct row **out,
                                    struct tsec_err *err);
/** The keyring's blob of that version, and whether it is there and has that hash. */
TSEC_MUST_CHECK tsec_rc keyring_receive(const struct state_source *source, uint64_t version,
                                        const uint8_t hash[TSEC_SHA256_LEN], struct tsec_buf *blob,
                                        bool *is, struct tsec_err *err);

/** The keyring that the log names becomes the gathered one, or what is behind. */
TSEC_MUST_CHECK tsec_rc gathered_fetch_keyring(struct state *state,
                                               const struct state_source *source,
                                               struct tsec_err *err);

/** Shows the sizes to whoever may not take the lock. */
void state_show(struct state *state);

/** The body of a mutation leaf. */
enum { MUTATION_PUT = 1, MUTATION_DELETE = 2, MUTATION_LEN = 1 + 32 + 8 + 1 + 32 };
struct mutation {
    uint8_t op;
    uint8_t rk[ROW_KEY_LEN];
    uint64_t version;
    uint8_t class;
    uint8_t hash[TSEC_SHA256_LEN];
};
enum { MUTATIONS_PER_LEAF = 800 };
TSEC_MUST_CHECK tsec_rc mutation_leaf(const struct keyring *keyring, uint64_t index,
                                      const struct mutation *list, size_t n, struct tsec_buf *leaf,
                                      struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc mutation_open(const struct keyring *keyring, struct tsec_span leaf,
                                      struct tsec_buf *plain, struct tsec_err *err);
void mutation_at(struct tsec_span plain, size_t i, struct mutation *out);

#endif
