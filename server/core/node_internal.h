/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/node_internal.h
 * @brief What the files of the node share; nobody else includes it.
 */
#ifndef TSEC_CORE_NODE_INTERNAL_H
#define TSEC_CORE_NODE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "audit/strangers.h"
#include "base/secret.h"
#include "core/node.h"
#include "core/node_snapshot.h"

/** Everything that exists only while the node is unsealed. */
struct active {
    struct tsec_secret *root;
    struct keyring *fixed; /* a copy whose keys the ledger and the nouns point into */
    struct state *state;
    struct ledger *ledger;
    struct audit *audit;
    struct staging *staging;
    struct sequencer *sequencer;
    bool audit_begun; /* the batch under way has its epoch */
    struct core_keys keys;
    uint64_t snapshot_size;         /* of the log at the newest snapshot; 0: there is none */
    uint64_t snapshot_tried;        /* likewise, at the last attempt */
    struct snapshot_claim begun_at; /* what the start began at; no length: at the first leaf */
    bool snapshot_vouched;          /* its leaf was met */
    atomic_uint snapshots_met;      /* of other servers, while following; and rollbacks */
    struct snapshot *snapshot;      /* under way, or just ended */
    bool pointing;                  /* the batch under way has a snapshot's leaf, and: */
    uint64_t pointed_size;
    uint8_t pointer[SNAPSHOT_POINTER_LEN];
    struct tsec_store_op *pointer_ops;
    atomic_bool seen_behind; /* the history has yet to show what was seen: keep that */
    bool following;          /* leaves of others were read that are not visible yet */
    bool rows_behind;        /* rows were seen that are newer than what was read */
    pthread_t history;       /* reads what lies before the snapshot */
    bool history_running;
    bool history_due;
    atomic_bool history_stop;
};

struct node {
    struct node_options options;
    char origin[128];
    /* Held for reading by every operation while it runs, perhaps twice by one thread; for writing
     * to change what is active.  Readers come first, so that reading twice is safe; `closing` turns
     * new ones away, so that a writer's turn comes. */
    pthread_rwlock_t lock;
    atomic_uint closing; /* writers that wait */
    /* Held through the whole of sealing, unsealing and initialising: one of them at a time.  Taken
     * before `lock`, and never by the sequencer's thread. */
    pthread_mutex_t life;
    enum node_status status;
    struct active active;
    struct tsec_err failure;
    int64_t opened_ns;
    int64_t ticked_mono_ns; /* the sequencer's thread */
    struct strangers *strangers;
    pthread_mutex_t pending_lock; /* guards pending */
    pthread_cond_t pending_zero;
    size_t pending;   /* accepted and not yet answered */
    pthread_t sealer; /* of node_seal_soon(); guarded, with the flag, by pending_lock */
    bool sealer_started;
    bool resealing;
    bool rolled_back;  /* as rollback() was told; the sequencer's thread */
    pthread_t watcher; /* while not initialised */
    bool watching;
    atomic_bool watch_stop;
};

/* node_start.c: from the store to an active node, and back */
TSEC_MUST_CHECK tsec_rc node_activate(struct node *node, struct tsec_err *err);
void active_done(struct active *active);
/** Ledger, audit and sequencer of an active that has root, fixed and state; `visit_state` replays
 *  into the state. */
TSEC_MUST_CHECK tsec_rc active_open_log(struct node *node, struct active *active,
                                        struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc active_boot_leaf(struct node *node, struct active *active,
                                         struct ledger_batch *batch, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc active_start(struct node *node, struct active *active,
                                     struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc active_keys(struct active *active, struct keyring *keyring,
                                    struct tsec_err *err);

/* node_follow.c */
/** The sequencer's hook: reads what others wrote and makes it visible.  TSEC_E_BUSY: goes on at the
 *  next call. */
TSEC_MUST_CHECK tsec_rc node_follow(struct node *node, bool *moved, struct tsec_err *err);
/** The same before there is a sequencer, to its end. */
TSEC_MUST_CHECK tsec_rc active_catch_up(struct node *node, struct active *active,
                                        struct tsec_err *err);
/** Nobody else can write to the store. */
bool node_is_alone(const struct node *node);

/* node_snapshot.c */
enum { NODE_SNAPSHOT_MIN = 4096, NODE_SNAPSHOT_EVERY = 131072 };
/** Begins one when enough has happened since the last; the sequencer's thread, while all that is
 *  committed is published. */
void node_snapshot_tick(struct node *node);
/** Goes on with the one under way, of a node that has no threads. */
void node_snapshot_step(struct node *node);
/** After the sequencer's end.  `worth`: the log may be written, so that one may be taken. */
void node_snapshot_end(struct node *node, bool worth);
void node_snapshot_free(struct active *active);
/** A leaf of another server, which may have taken a snapshot. */
void node_snapshot_met(struct active *active, struct tsec_span leaf);
/* The sequencer's hooks, in a batch with the operation of a snapshot. */
TSEC_MUST_CHECK tsec_rc node_snapshot_stage(struct active *active, struct sequencer_batch *batch,
                                            struct node_op *op, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc node_snapshot_seal(struct active *active, struct sequencer_batch *batch,
                                           struct tsec_err *err);
void node_snapshot_publish(struct active *active);
void node_snapshot_drop(struct active *active);

/* node_snapshot_open.c */
/** Reads the snapshot there is into state and audit, and its tree into `tree`; nothing when there
 *  is none.  TSEC_E_TAMPERED. */
TSEC_MUST_CHECK tsec_rc node_restore(struct node *node, struct active *active,
                                     struct tsec_buf *tree, struct tsec_err *err);
/** A leaf of the replay, which may be the one that vouches. */
void node_vouch(struct active *active, struct tsec_span leaf);
TSEC_MUST_CHECK tsec_rc node_vouched(const struct active *active, struct tsec_err *err);

/* node_seen.c: how far this server saw the log, as node_options.seen remembers it */
enum { NODE_SEEN_MAX = 32 };
struct node_seen_list {
    struct ledger_seen list[NODE_SEEN_MAX];
    size_t len;
};
/** What the log must hold. */
TSEC_MUST_CHECK tsec_rc node_seen_recall(struct node *node, const struct ledger_options *log,
                                         struct node_seen_list *out, struct tsec_err *err);
/** After the log was opened with them. */
void node_seen_opened(struct active *active, const struct node_seen_list *list);
/** The log has changed. */
void node_seen_keep(const struct node *node, struct active *active);
void node_seen_settle(const struct node *node);

/* node_history.c: what lies before the snapshot */
void node_history_start(struct node *node);
/** Of a node that has no threads. */
void node_history_step(struct node *node);
void node_history_stop(struct active *active);

/** Commits while there is no sequencer yet, and asks after an outcome that is not known. */
TSEC_MUST_CHECK tsec_rc active_commit(struct node *node, struct active *active,
                                      struct ledger_batch *batch, const struct tsec_store_op *ops,
                                      size_t n, struct tsec_err *err);

static inline void
node_notice(const struct node *node, const char *what, const struct tsec_err *err)
{
    if (node->options.notice != NULL) {
        node->options.notice(what, err);
    }
}

/* node_watch.c: a store without a cluster, in which another server may make one */
TSEC_MUST_CHECK tsec_rc node_store_has(const struct node *node, const char *prefix, bool *has,
                                       struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc node_watch_start(struct node *node, struct tsec_err *err);
void node_watch_stop(struct node *node);
/** Opens the cluster when there is one by now. */
void node_watch_look(struct node *node);

/* node_commit.c: the sequencer's hooks */
/* Kept free in a batch for mutation, rotation and epoch leaves. */
enum { NODE_BATCH_ROOM = 256 * 1024, NODE_BATCH_LEAVES = 8 };
void node_fail(struct node *node, const struct tsec_err *err);
extern const struct sequencer_hooks node_hooks;
void op_release(struct node_op *op);
void node_pending(struct node *node, int change);

/* node_jobs.c: what the node does by itself */
void node_tick(struct node *node);
void node_flush_strangers(struct node *node, bool now);

#endif
