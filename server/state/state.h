/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file state/state.h
 * @brief The resident, verified view of all rows: built by replaying the ledger, read by
 * transactions, changed only by what the ledger has made durable.
 *
 * Reads never ask the store, so the host learns nothing of them.  Rows stay sealed in memory and
 * are opened by each read.
 *
 * Threads.  Many readers and one writer, the sequencer's thread.  A reader holds the read lock
 * while its handler runs (microseconds, no I/O); the writer takes the write lock to publish a
 * batch.
 */
#ifndef TSEC_STATE_STATE_H
#define TSEC_STATE_STATE_H

#include <tsec/store.h>

#include "ledger/ledger.h"
#include "sealed/keyring.h"
#include "state/txn.h"

struct state;

/** Takes the keyring.  Empty until the ledger has been replayed into it. */
TSEC_MUST_CHECK tsec_rc state_new(struct keyring **keyring, struct state **out,
                                  struct tsec_err *err);
void state_free(struct state *state);
TSEC_DEFINE_AUTO(struct state, state_free)

/** The keyring's blob as it is being stored, in a cluster that is just being made. */
void state_keyring_blob(struct state *state, struct tsec_span blob);

/* ---- start ---- */

/** Where rows come from. */
struct state_source {
    const struct tsec_store_ops *ops;
    struct tsec_store *store;
    const uint8_t *root; /* 32 bytes: opens the keyring */
};

/** The newest keyring of the store, for state_new().  TSEC_E_TAMPERED. */
TSEC_MUST_CHECK tsec_rc state_keyring_open(const struct state_source *source, const char *origin,
                                           struct keyring **out, struct tsec_err *err);
/** One leaf of the replay; leaves that do not change rows or keys are passed over. */
TSEC_MUST_CHECK tsec_rc state_replay(struct state *state, uint64_t index, struct tsec_span leaf,
                                     struct tsec_err *err);
/** What state_pack() gave, instead of the leaves up to then. */
TSEC_MUST_CHECK tsec_rc state_restore(struct state *state, struct tsec_span bytes,
                                      struct tsec_err *err);
/** Streams the rows and checks each against what the log says.  *behind true: a row, or the
 *  keyring, is not what the log says; when others write, the log may only have been read too early:
 *  read on, then state_fetch() until it leaves nothing behind, and state_follow_publish(). */
TSEC_MUST_CHECK tsec_rc state_load(struct state *state, const struct state_source *source,
                                   bool *behind, struct tsec_err *err);

/** Which rows there are and what they must be, for a snapshot; by the committing thread. */
void state_pack(const struct state *state, struct tsec_buf *out);

/* ---- following: what other servers wrote; the sequencer's thread, or the start's ---- */

/* The leaves go to state_replay(), which gathers what they change and shows nobody. */

/** Reads what the gathered leaves name: keyring and rows, each checked.  *behind true: the store is
 *  further than the leaves; read on, and call again: what was found is kept, also after a failure.
 */
TSEC_MUST_CHECK tsec_rc state_fetch(struct state *state, const struct state_source *source,
                                    bool *behind, struct tsec_err *err);
/** After a fetch that left nothing behind, and no leaf since: makes it what is committed. */
void state_follow_publish(struct state *state);
/** Forgets what was gathered and fetched; not during the start. */
void state_follow_drop(struct state *state);
/** TSEC_E_TAMPERED with the first row (by its rk) that is missing, altered or not in the log, or
 * the keyring: when the log has nothing newer that would explain it. */
TSEC_MUST_CHECK tsec_rc state_behind(const struct state *state, struct tsec_err *err);

/* ---- reading ---- */

typedef tsec_rc (*state_run_fn)(void *ctx, struct txn *txn, struct tsec_err *err);

/** Runs `run` in a new transaction over what is committed.  The transaction is owned by the caller
 *  (txn_free) also when run failed, and may be committed by staging it. */
TSEC_MUST_CHECK tsec_rc state_run(struct state *state, struct tsec_arena *arena, int64_t now_ns,
                                  state_run_fn run, void *ctx, struct txn **out,
                                  struct tsec_err *err);
void txn_free(struct txn *txn);
TSEC_DEFINE_AUTO(struct txn, txn_free)

struct state_stats {
    size_t rows;
    size_t bytes; /* of sealed blobs */
    uint64_t commits;
};
void state_stats(struct state *state, struct state_stats *out);

/** Calls back with the published keyring, under the read lock. */
void state_with_keyring(struct state *state, void (*use)(void *ctx, const struct keyring *keyring),
                        void *ctx);

/** Up to `max` keys of rows that are sealed under a DEK that is not its mount's primary; returns
 * how many rows there are in all. Keys are copied into the arena. */
size_t state_stale_rows(struct state *state, struct tsec_arena *arena, struct tsec_span *keys,
                        size_t max);

/* ---- committing: the sequencer's thread ---- */

struct staging;

/** `root`: the root key, to seal a changed keyring; must live as long as the staging. */
TSEC_MUST_CHECK tsec_rc staging_new(struct state *state, const uint8_t root[32],
                                    struct staging **out, struct tsec_err *err);
void staging_free(struct staging *staging);
TSEC_DEFINE_AUTO(struct staging, staging_free)

/** Whether everything the transaction read is still so, counting what is staged.  Never of one that
 *  was run again for another batch. */
bool staging_current(const struct staging *staging, const struct txn *txn);
/** Forgets the transaction's reads and writes and runs it again over what is staged. */
TSEC_MUST_CHECK tsec_rc staging_rerun(struct staging *staging, struct txn *txn, state_run_fn run,
                                      void *ctx, struct tsec_err *err);
/** Adds all of its writes, or fails and adds none.  TSEC_E_TOO_LARGE: they do not fit in this
 * batch; TSEC_E_NOT_FOUND, TSEC_E_CONFLICT: a row would be left without its key. */
TSEC_MUST_CHECK tsec_rc staging_add(struct staging *staging, struct txn *txn, struct tsec_err *err);
/** Takes back what was added last; the transaction must still be there. */
void staging_undo(struct staging *staging);
/** Adds the mutation and rotation leaves and gives the store operations, valid until publish or
 *  drop. */
TSEC_MUST_CHECK tsec_rc staging_seal(struct staging *staging, struct ledger_batch *batch,
                                     const struct tsec_store_op **ops, size_t *n,
                                     struct tsec_err *err);
/** It was not known for a while whether the batch happened: another server may have seen it, and
 *  told of it, before it is published here. */
void staging_doubted(struct staging *staging);
void staging_publish(struct staging *staging);
void staging_drop(struct staging *staging);

/** The rotation leaf that names a keyring: { keyring version, SHA-256 of its blob }. */
void state_rotation_leaf(uint64_t index, uint64_t version, struct tsec_span blob,
                         struct tsec_buf *out);
enum { KEYRING_KEY_LEN = 9 };
void state_keyring_key(uint64_t version, uint8_t key[KEYRING_KEY_LEN]);

#endif
