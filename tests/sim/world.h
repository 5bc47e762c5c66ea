/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/sim/world.h
 * @brief One run: a few real nodes, the databases they stand on, a clock that is told, and
 * everything that was asked and answered.
 *
 * Every decision comes from the seed.  Keys and nonces are as random as ever, but nothing depends
 * on them: that two runs of a seed leave one trace is what shows it.
 */
#ifndef TSEC_TESTS_SIM_WORLD_H
#define TSEC_TESTS_SIM_WORLD_H

#include "core/node.h"
#include "tests/sim/auditor.h"
#include "tests/sim/history.h"
#include "tests/sim/store_sim.h"

enum { WORLD_NODES = 3, WORLD_QUEUE = 24 };
#define WORLD_CANARY   "canary"
#define WORLD_PATIENCE (5 * TSEC_NS_PER_S)

/** What every run begins with, made once: a cluster of no rows. */
struct genesis_image {
    struct auditor auditor;
    struct database *image;
    struct tsec_attest *attest;
};

struct world;

struct sim_node {
    struct world *world;
    unsigned id;       /* from 1 */
    struct node *node; /* NULL: it does not run */
    struct tsec_store *store;
    struct store_sim_database *db; /* where it stands */
    int64_t due_ns;
    int64_t paused_until; /* its machine stands still */
    int64_t still_until;  /* likewise, and is not forgotten */
    bool within;          /* it is in a call of ours, which may not be entered twice */
    bool opening;         /* and may not even be asked */
    bool condemned;       /* it saw a log that was thrown away: it need not serve again */
    bool deceived;        /* it was shown altered records, and may have given up */
};

/** What a host may do to its databases, one at a time. */
enum world_scene {
    SCENE_NONE,
    SCENE_OLD,    /* an older image, for all */
    SCENE_FORK,   /* a copy, for some */
    SCENE_ALTERED /* a record that is shown otherwise than it is */
};

struct world {
    uint64_t seed;
    const struct genesis_image *genesis;
    struct sim_random random;       /* of the driver */
    struct sim_random store_random; /* of the store */
    struct tsec_clock_fake clock;
    struct sim_trace trace;
    struct store_sim sim;
    struct store_sim_database *main; /* the true one */
    struct sim_node nodes[WORLD_NODES];
    unsigned nodes_len;
    struct history history;
    struct database *earlier; /* an image to go back to */

    bool stormy;
    bool racing;     /* the store began empty */
    bool alone;      /* the one node has the store for itself, and knows it */
    unsigned scenes; /* that may happen: bits */
    uint64_t snapshots_every;
    int64_t jumped_ns; /* time that passed without anybody being called in it */
    enum world_scene scene;
    struct store_sim_database *other; /* of the scene */
    unsigned branch;                  /* its number; the true one is 0 */
    uint64_t fork_size;
    uint64_t scene_moment;

    unsigned depth;  /* of what happens within calls to the store */
    unsigned asking; /* calls without an answer */
    uint64_t steps;
    uint64_t worked;  /* calls answered OK */
    uint64_t unknown; /* calls answered that it is not known */
    uint64_t opens;
    char wrong[320]; /* the first thing that may not be; empty */
};

/** Once; what it makes is kept until the end. */
TSEC_MUST_CHECK tsec_rc genesis_image_make(struct genesis_image *genesis, struct tsec_err *err);
void genesis_image_done(struct genesis_image *genesis);

void world_init(struct world *world, const struct genesis_image *genesis, uint64_t seed, bool loud);
void world_done(struct world *world);
/** Time passes: to where somebody is called, or past it. */
void world_pass(struct world *world, int64_t ns, bool jump);
void world_wrong(struct world *world, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* world_node.c */
/** False: it did not open, and does not run; `err` says why. */
bool sim_node_open(struct sim_node *n, struct tsec_err *err);
/** It ends as it should. */
void sim_node_close(struct sim_node *n);
/** Its store fails from now on, and it ends. */
void sim_node_crash(struct sim_node *n);
void sim_node_step(struct sim_node *n);
bool sim_node_active(const struct sim_node *n);
/** Whether it may be stepped now. */
bool sim_node_steps(const struct sim_node *n);
/** Of a store that began empty. */
void sim_node_init(struct sim_node *n);
/** The one that wants to be stepped first; NULL: none runs. */
struct sim_node *world_next(struct world *world);

/* world_call.c */
struct call_plan {
    enum call_verb verb;
    unsigned key;
    unsigned other;
};
/** Asks a node that runs. */
void world_ask(struct sim_node *n, const struct call_plan *plan);
/** What the keys are there, without the ledger. */
bool sim_node_values(struct sim_node *n, struct history_state *out);

/* world_event.c */
/** One thing happens. */
void world_event(struct world *world);
/** Something that may happen while a store is at work. */
void world_meanwhile(void *ctx);
/** How faulty the store and the network are from now on. */
void world_weather(struct world *world);

/* world_scene.c */
void world_scene_begin(struct world *world);
void world_scene_end(struct world *world);
/** A copy of the database with one record altered: no node may open it and be wrong. */
void world_probe(struct world *world);

/* world_verdict.c */
/** Faults end; every call is answered, and everything is held against the log. */
void world_verdict(struct world *world);
/** Whether what was answered on that database follows from its log. */
bool world_explained(struct world *world, struct store_sim_database *db, struct history_log *log);

#endif
