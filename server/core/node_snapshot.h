/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/node_snapshot.h
 * @brief Snapshots in the store: the tree and what every row must be, so that a start need not read
 * the whole log.  What the files of the node share about them; nobody else includes it.
 *
 *     "S" ‖ u64 size ‖ id[16] ‖ u32 parts ‖ u32 i     a part: nonce[24] ‖ XAES-256-GCM(K_ledger,
 * aad, bytes) "S"                                             the pointer: u64 size ‖ id[16] ‖ u32
 * parts aad   = "TSN2" ‖ LP(origin) ‖ u64 size ‖ id[16] ‖ u32 parts ‖ u32 i bytes = LP(tree) ‖ u32
 * epoch ‖ state_pack() leaf  = kind 5: u64 size ‖ SHA-256(SHA-256 of each part) ‖ u64 their length
 *
 * The parts are stored first, one by one, beside the service; then one commit of the ledger has the
 * leaf that vouches for them and the pointer.  The leaf stands behind the snapshot in the log, so
 * that a start from it meets the leaf.  The id is new: no two snapshots share a key, so that a
 * late write of one never spoils another.  Nothing here proves the pointer; the parts name
 * themselves.
 */
#ifndef TSEC_CORE_NODE_SNAPSHOT_H
#define TSEC_CORE_NODE_SNAPSHOT_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/node.h"
#include "crypto/aead.h"

enum {
    SNAPSHOT_ID_LEN = 16,
    SNAPSHOT_POINTER_LEN = 8 + SNAPSHOT_ID_LEN + 4,
    SNAPSHOT_KEY_LEN = 1 + SNAPSHOT_POINTER_LEN + 4,
    SNAPSHOT_PART_BYTES = 960 * 1024,
    SNAPSHOT_PARTS_MAX = 2048,
    SNAPSHOT_TREE_MAX = 1 << 18,
};
#define SNAPSHOT_POINTER_KEY tsec_span("S", 1)

struct snapshot_name {
    uint64_t size; /* of the log */
    uint8_t id[SNAPSHOT_ID_LEN];
    uint32_t parts;
};

void snapshot_key(const struct snapshot_name *name, uint32_t i, uint8_t key[SNAPSHOT_KEY_LEN]);
/** False: no part's key. */
bool snapshot_key_read(struct tsec_span key, struct snapshot_name *out);
void snapshot_pointer(const struct snapshot_name *name, uint8_t value[SNAPSHOT_POINTER_LEN]);
bool snapshot_pointer_read(struct tsec_span value, struct snapshot_name *out);

/** How the parts are sealed. */
struct snapshot_seal {
    const char *origin;
    const struct tsec_aead_key *key;
};

/** Appends the part as it is stored. */
TSEC_MUST_CHECK tsec_rc snapshot_part_seal(const struct snapshot_seal *seal,
                                           const struct snapshot_name *name, uint32_t i,
                                           struct tsec_span plain, struct tsec_buf *out,
                                           struct tsec_err *err);
/** Appends its plaintext.  TSEC_E_TAMPERED. */
TSEC_MUST_CHECK tsec_rc snapshot_part_open(const struct snapshot_seal *seal,
                                           const struct snapshot_name *name, uint32_t i,
                                           struct tsec_span sealed, struct tsec_buf *plain,
                                           struct tsec_err *err);

/** What a leaf says of the parts; they are added in order. */
struct snapshot_sum {
    struct tsec_buf hashes;
    uint64_t length;
};
void snapshot_sum_init(struct snapshot_sum *sum);
void snapshot_sum_done(struct snapshot_sum *sum);
void snapshot_sum_add(struct snapshot_sum *sum, struct tsec_span sealed);
void snapshot_sum_hash(const struct snapshot_sum *sum, uint8_t hash[TSEC_SHA256_LEN]);

/** The body of the leaf. */
struct snapshot_claim {
    uint64_t size;
    uint64_t length;
    uint8_t hash[TSEC_SHA256_LEN];
};
/** A whole leaf for that position in the log. */
void snapshot_leaf(const struct snapshot_claim *claim, uint64_t index, struct tsec_buf *leaf);
/** False: the leaf is of another kind. */
bool snapshot_leaf_read(struct tsec_span leaf, struct snapshot_claim *out);

/** TSEC_E_TAMPERED: the snapshot is not one, and what to do. */
TSEC_MUST_CHECK tsec_rc snapshot_refused(struct tsec_err *err);

/* ---- one that is being stored: node_snapshot_store.c ---- */

enum { SNAPSHOT_OLD_MAX = 64 };

enum snapshot_at {
    SNAPSHOT_STORING = 1, /* its parts */
    SNAPSHOT_LOOKING,     /* for what it will replace */
    SNAPSHOT_COMMITTING,
    SNAPSHOT_WAITING, /* for the sequencer */
    SNAPSHOT_CLEANING,
    SNAPSHOT_ENDED
};

/* Parts of a snapshot that nobody will need, or, with `parts` 0, a key that is none of ours. */
struct snapshot_old {
    uint8_t key[TSEC_STORE_KEY_MAX]; /* of the first part */
    size_t key_len;
    uint32_t parts;
};

struct snapshot {
    struct node_op op; /* first: what the sequencer commits */
    struct node *node;
    struct snapshot_name name;
    unsigned met; /* snapshots of others that were met before it began */
    _Atomic(enum snapshot_at) at;
    struct tsec_buf plain;
    struct tsec_buf part; /* sealed: the same bytes until they are stored */
    uint32_t stored;
    struct snapshot_sum sum;
    uint8_t looked[TSEC_STORE_KEY_MAX]; /* up to there */
    size_t looked_len;
    struct snapshot_old old[SNAPSHOT_OLD_MAX];
    size_t old_len;
    uint32_t cleaned; /* of the last of them */
    unsigned failures;
    bool direct;          /* there is no sequencer any more */
    atomic_bool answered; /* by the sequencer: */
    tsec_rc answer;
    pthread_t thread;
    bool running;
    atomic_bool stop;
};

/** Does one thing, at most one call of the store; returns in how many milliseconds to call again.
 *  Not after SNAPSHOT_ENDED. */
unsigned snapshot_step(struct snapshot *snapshot);
/** Takes the parts back instead of going on; not of one whose leaf may be in the log. */
void snapshot_abandon(struct snapshot *snapshot);
/** Of a node whose sequencer has ended: reads what others wrote.  False: not to the end. */
bool snapshot_catch_up(struct node *node);
/** Another server's snapshot came first. */
bool snapshot_superseded(const struct snapshot *snapshot);
void snapshot_claim(const struct snapshot *snapshot, struct snapshot_claim *out);

#endif
