/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/sim/store_sim_internal.h
 * @brief What the files of store_sim share; nobody else includes it.
 */
#ifndef TSEC_TESTS_SIM_STORE_SIM_INTERNAL_H
#define TSEC_TESTS_SIM_STORE_SIM_INTERNAL_H

#include "tests/sim/store_sim.h"

enum { BUG_CHANCE = 60, DOUBTS_MAX = 16 };

enum fate {
    FATE_DONE,
    FATE_READ_ONLY,
    FATE_UNKNOWN_NEVER,
    FATE_UNKNOWN_APPLIED,
    FATE_UNKNOWN_LATER,
    FATE_BUG,
};

/* A commit that is under way, and that nobody waits for any more. */
struct zombie {
    struct zombie *next;
    struct tsec_store_op *ops; /* with their bytes */
    uint8_t *bytes;
    size_t n;
    uint64_t due_calls;
    int64_t due_ns;
    unsigned handle;
};

struct store_sim_database {
    struct store_sim_database *next;
    struct store_sim *sim;
    struct database *now;
    struct database *before; /* for the planted bug that answers from it */
    struct database *shown;  /* what a lie makes of it */
    uint64_t shown_changes;  /* of what was so shown */
    struct lie lie;
    bool lies;
    struct zombie *zombies;
    char name[64]; /* of the contract test */
};

/* A segment that may have been committed: the server may never offer another in its place. */
struct doubt {
    uint64_t first;
    size_t len;
    uint8_t *segment;
};

struct tsec_store {
    struct tsec_store *next;
    struct store_sim *sim;
    struct store_sim_database *db;
    unsigned id;
    int64_t cut_until;
    struct doubt doubts[DOUBTS_MAX];
    size_t doubts_len;
};

struct visitor {
    tsec_store_visit_fn visit;
    void *ctx;
};

/* store_sim.c */
tsec_rc sim_get(struct tsec_store *store, struct tsec_span key, const struct tsec_sink *out,
                struct tsec_err *err);
tsec_rc sim_get_many(struct tsec_store *store, const struct tsec_span *keys, size_t n,
                     tsec_store_visit_fn visit, void *ctx, struct tsec_err *err);
tsec_rc sim_scan(struct tsec_store *store, struct tsec_span prefix, struct tsec_span after,
                 size_t limit, tsec_store_visit_fn visit, void *ctx, struct tsec_err *err);
tsec_rc sim_commit(struct tsec_store *store, const struct tsec_store_op *ops, size_t n,
                   struct tsec_err *err);
tsec_rc sim_health(struct tsec_store *store, struct tsec_err *err);
bool sim_chance(const struct store_sim *sim, unsigned permille);
void sim_pass(struct store_sim *sim, int64_t ns);

/* store_sim_life.c */
void sim_lock(void);
void sim_unlock(void);
tsec_rc sim_apply(struct store_sim *sim, struct store_sim_database *db,
                  const struct tsec_store_op *ops, size_t n, unsigned leave_out,
                  struct tsec_err *err);
void sim_zombie(struct tsec_store *store, const struct tsec_store_op *ops, size_t n);
/** Tries the late commits whose time has come. */
void sim_deliver(struct store_sim *sim);

/* store_sim_watch.c: what a server may never do */
void sim_watch(struct tsec_store *store, const struct tsec_store_op *ops, size_t n);
void sim_tell_question(struct tsec_store *store, const char *what, struct tsec_span key,
                       tsec_rc rc);
void sim_tell_commit(struct tsec_store *store, const struct tsec_store_op *ops, size_t n,
                     tsec_rc rc);
/** The server was shown what stands there. */
void sim_shown(struct tsec_store *store, const struct database_record *record);
void sim_doubts_done(struct tsec_store *store);

#endif
