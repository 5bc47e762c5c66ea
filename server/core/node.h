/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/node.h
 * @brief One server over one store: initialised once, unsealed by its TEE, and then the only way to
 * the rows: an operation goes in, and comes out when the ledger has it.
 *
 * The node holds the root key, the keyring, the resident state, the ledger and the sequencer.  It
 * knows no secret, token or policy by meaning: what is written at initialisation and in the
 * background is given to it.
 *
 * Threads.  node_open() and node_close() from one; everything else from any.  What asks for the
 * log, for information or for health may also be called from inside a run.
 */
#ifndef TSEC_CORE_NODE_H
#define TSEC_CORE_NODE_H

#include <tsec/attest.h>
#include <tsec/store.h>

#include "audit/entry.h"
#include "audit/epoch.h"
#include "core/keys.h"
#include "ledger/sequencer.h"
#include "state/state.h"

enum node_status {
    NODE_UNINITIALIZED = 1, /* the store holds no cluster yet */
    NODE_SEALED,            /* by an operator, until unsealed */
    NODE_ACTIVE,
    NODE_FAILED, /* cannot go on; node_failure() says why */
};

struct node;
struct node_op;

/** Remembers outside the store how far this server saw the log, so that a later start notices an
 *  older copy of it. */
struct node_seen {
    void *ctx;
    /** Calls back once for each place where something was kept, by this server or another of this
     *  machine, with the two newest records (an empty span: none). `where` lives as long as the
     *  node. */
    tsec_rc (*recall)(void *ctx,
                      void (*each)(void *each_ctx, const struct tsec_span records[2],
                                   const char *where),
                      void *each_ctx, struct tsec_err *err);
    /** After each change of the log, before its answers leave; does not wait for a disk. */
    void (*keep)(void *ctx, struct tsec_span record);
    /** About once a second, and at the end: what was kept survives a power cut. */
    void (*settle)(void *ctx);
};

struct node_options {
    const struct tsec_store_ops *store_ops;
    struct tsec_store *store;
    const struct tsec_attest_ops *attest_ops;
    struct tsec_attest *attest;
    const struct tsec_clock *clock;
    const char *origin; /* of the ledger: "secrets.example.com/prod/ledger/1" */
    const char *build;  /* version of this server, for the boot leaf */
    uint8_t config_digest[TSEC_SHA384_LEN];
    struct audit_options audit; /* recipients and epoch; the rest is filled in */
    size_t queue_max;           /* 0: 8192 */
    int64_t patience_ns;        /* how long an operation may wait for the store; 0: 5 s */
    bool stepped;               /* no thread of its own: the caller calls node_step() */
    uint64_t snapshot_every;    /* leaves between two snapshots; 0: 131,072, or more of many rows */
    const struct node_seen *seen; /* NULL: nothing is remembered */
    /** Called about once a second while active, from the sequencer's thread; may submit. */
    void (*background)(void *ctx, struct node *node);
    void *background_ctx;
    /** Keys and rows were forgotten, for the node seals: what was derived from them must go too.
     *  May be NULL. */
    void (*sealed)(void *ctx);
    void *sealed_ctx;
    /** The store does not hold the log that this server saw (`err` says what it has), or does again
     *  (NULL).  From the sequencer's thread; may be NULL. */
    void (*rollback)(const struct tsec_err *err);
    /** Something went wrong that no operation is told of; any thread.  May be NULL. */
    void (*notice)(const char *what, const struct tsec_err *err);
};

/** Opens what is in the store: verifies all of it, and appends a boot leaf.  TSEC_E_TAMPERED: the
 *  store was altered; the detail names what.  TSEC_E_ROLLBACK: it is older than what was seen, or
 *  another.  A store without a cluster gives an uninitialised
 *  node. */
TSEC_MUST_CHECK tsec_rc node_open(const struct node_options *options, struct node **out,
                                  struct tsec_err *err);
/** Finishes what was accepted. */
void node_close(struct node *node);

/** For a node that is `stepped`: as sequencer_step(). */
int64_t node_step(struct node *node);

enum node_status node_status(struct node *node);
/** Why it failed; false when it has not. */
bool node_failure(struct node *node, struct tsec_err *out);

/** Creates the cluster: root key, keyring, first rows.  `genesis` writes them; its audit entry is
 *  the first.  TSEC_E_CONFLICT: there is one already. */
TSEC_MUST_CHECK tsec_rc node_init(struct node *node, struct node_op *genesis, struct tsec_err *err);

/** Forgets every key and row once what was accepted has been answered. */
TSEC_MUST_CHECK tsec_rc node_seal(struct node *node, struct tsec_err *err);
/** The same from a thread of its own: for the operation that asks for it, whose answer must leave
 *  first. */
TSEC_MUST_CHECK tsec_rc node_seal_soon(struct node *node, struct tsec_err *err);
/** Has the TEE open the root key again. */
TSEC_MUST_CHECK tsec_rc node_unseal(struct node *node, struct tsec_err *err);
/** The same if `may` says so, which is asked only of a sealed node, after that seal is complete and
 *  while no other can begin.  TSEC_E_DENIED. */
TSEC_MUST_CHECK tsec_rc node_unseal_if(struct node *node, bool (*may)(void *ctx), void *ctx,
                                       struct tsec_err *err);

/* ---- operations ---- */

struct node_op {
    struct sequencer_op queued; /* first */
    struct tsec_arena *arena;
    int64_t now_ns;
    /** Fills the caller's reply and, when the operation is to be audited, one entry's JSON.  May be
     *  called again on newer rows; a failure takes back what it wrote, and is audited all the same.
     */
    tsec_rc (*run)(struct node_op *op, struct txn *txn, struct tsec_buf *audit,
                   struct tsec_err *err);
    /** OK: durable, and `index` is its entry's leaf; 0: there is none, and what it read still held
     *  at the end of the log.  Otherwise nothing it wrote has happened (or, with
     *  TSEC_E_OUTCOME_UNKNOWN, it may yet).  From the sequencer's thread; must not block. */
    void (*done)(struct node_op *op, tsec_rc rc, uint64_t index, const struct tsec_err *err);

    /* the node's own */
    struct node *node;
    bool snapshot; /* it is that of a snapshot */
    struct txn *txn;
    struct tsec_buf audit;
    uint64_t index;
    struct tsec_err err;
};

/**
 * Runs an operation.  *pending false on OK: it had nothing to write and nothing to audit, nobody
 * else writes to the store, and it is complete; done is not called.  *pending true: done will be
 * called once.  A failure: TSEC_E_SEALED, TSEC_E_NOT_INITIALIZED, TSEC_E_BUSY, TSEC_E_UNAVAILABLE;
 * it did not run or left nothing.
 */
TSEC_MUST_CHECK tsec_rc node_submit(struct node *node, struct node_op *op, bool *pending,
                                    struct tsec_err *err);

/** A read that is not audited. */
TSEC_MUST_CHECK tsec_rc node_view(struct node *node, struct tsec_arena *arena, int64_t now_ns,
                                  state_run_fn run, void *ctx, struct tsec_err *err);

/** Counts a refused caller without a valid token; audited in aggregate. */
void node_stranger(struct node *node, const char *remote, const char *reason);

/* ---- what may be asked ---- */

/** The keys nouns need; only while the node is active, inside a run. */
const struct core_keys *node_keys(struct node *node);

TSEC_MUST_CHECK tsec_rc node_checkpoint(struct node *node, struct tsec_buf *note,
                                        struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc node_tile(struct node *node, unsigned level, uint64_t n, unsigned width,
                                  struct tsec_buf *out, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc node_entries(struct node *node, uint64_t n, unsigned width,
                                     struct tsec_buf *out, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc node_vkey(struct node *node, struct tsec_buf *out, struct tsec_err *err);
/** SPKI DER of the cluster's identity key (P-384). */
TSEC_MUST_CHECK tsec_rc node_identity(struct node *node, struct tsec_buf *spki,
                                      struct tsec_err *err);
/** Appends r ‖ s of that key over the message, with SHA-384.  What is signed must say itself what
 *  it is: the key signs more than one kind of statement. */
TSEC_MUST_CHECK tsec_rc node_identity_sign(struct node *node, struct tsec_span message,
                                           struct tsec_buf *sig, struct tsec_err *err);

struct node_key_status {
    uint64_t keyring_version;
    uint32_t generation;
    uint32_t mek_version;
    int64_t mek_created_ns;
    size_t deks;
    size_t old_deks;        /* decrypt-only: rows are still being moved away from them */
    int64_t dek_created_ns; /* newest of the system mount */
    uint64_t encryptions;   /* seals since this process started */
};
/** Inside a run. */
void node_key_status(const struct txn *txn, struct node_key_status *out);
/** Re-seals up to `max` rows that are under an old DEK, and retires DEKs that no row needs any
 * more. Submits operations of its own; from the background callback only. */
void node_reseal(struct node *node, size_t max);

struct node_info {
    struct tsec_attest_info tee;
    const char *origin;
    const uint8_t *config_digest; /* TSEC_SHA384_LEN */
    int64_t opened_ns;
};
void node_info(struct node *node, struct node_info *out);
const struct node_options *node_options(const struct node *node);

/** Health by part. */
struct node_health {
    enum node_status status;
    struct sequencer_stats ledger;
    struct state_stats state;
    uint64_t ledger_size;
    uint32_t audit_epoch;
    tsec_rc store;
    tsec_rc attest;
    struct tsec_err store_err;
    struct tsec_err attest_err;
};
void node_health(struct node *node, struct node_health *out);

#endif
