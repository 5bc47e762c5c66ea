/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/sim/store_sim.h
 * @brief A store as the network and its host may make it: several handles on databases in memory,
 * with every fault that tsec/store.h allows, drawn from a seed.
 *
 * Without faults it keeps the whole contract but durability.  With them it is still linearizable:
 * each call takes effect at once, at some moment of it, or fails; a commit whose outcome is not
 * known may take effect at any later moment, if what it expects is so by then.  What a test asks
 * for besides (an older image, an altered record) and the planted bugs are outside the contract.
 *
 * While a call is under way others may run: `meanwhile` is called before and after a call takes
 * effect.  But for the contract test, one thread.
 */
#ifndef TSEC_TESTS_SIM_STORE_SIM_H
#define TSEC_TESTS_SIM_STORE_SIM_H

#include <tsec/store.h>

#include "base/clock.h"
#include "tests/sim/database.h"
#include "tests/sim/lie.h"
#include "tests/sim/random.h"
#include "tests/sim/trace.h"

/** open() takes "sim:NAME": a database without faults, which outlives its handles. */
extern const struct tsec_store_ops store_sim_ops;
/** The same, and says that nobody else can write. */
extern const struct tsec_store_ops store_sim_alone_ops;
/** Forgets those; none may be open. */
void store_sim_forget(void);

/** Per mille of calls. */
struct store_sim_rates {
    unsigned refuse;          /* UNAVAILABLE, and nothing was done */
    unsigned read_only;       /* of commits */
    unsigned unknown_never;   /* of commits: OUTCOME_UNKNOWN, and nothing will be done */
    unsigned unknown_applied; /* it was done */
    unsigned unknown_later;   /* it will be tried, some time */
    unsigned slow;            /* time passes, before or after */
    unsigned meanwhile;
};

/** Stores that break the contract: what the simulation must notice. */
enum store_sim_bug {
    STORE_SIM_SOUND = 0,
    STORE_SIM_DROPS,        /* says OK, and did nothing */
    STORE_SIM_HALF,         /* does the first half of a commit */
    STORE_SIM_NO_ABSENT,    /* puts what is there already */
    STORE_SIM_NO_PRESENT,   /* deletes what is not there any more */
    STORE_SIM_DENIES,       /* says UNAVAILABLE, and did it */
    STORE_SIM_STALE,        /* answers questions from an earlier moment */
    STORE_SIM_BLIND_ZOMBIE, /* a late commit does not look */
    STORE_SIM_BUGS
};
const char *store_sim_bug_name(enum store_sim_bug bug);

struct store_sim_database;

struct store_sim {
    struct sim_random *random; /* NULL: no faults at all */
    struct tsec_clock_fake *clock;
    struct sim_trace *trace;
    struct store_sim_rates rates;
    enum store_sim_bug bug;
    const char *canary; /* plaintext that may stand in no record */
    void (*meanwhile)(void *ctx);
    void (*pass)(void *ctx, int64_t ns); /* time passes in a call */
    void *ctx;

    const char *wrong; /* the first thing a server did that it may never do; or NULL */
    uint64_t calls;
    uint64_t unsettled; /* commits that were left under way */
    uint64_t zombies;   /* those of them that came through */
    struct store_sim_database *databases;
    struct tsec_store *handles;
};

void store_sim_done(struct store_sim *sim);

/** Takes the image. */
struct store_sim_database *store_sim_database(struct store_sim *sim, struct database *image);
/** What it holds now; borrowed. */
struct database *store_sim_image(struct store_sim_database *db);
/** From now on questions are answered as if that were so; NULL: with the truth.  Commits go by the
 *  truth. */
void store_sim_lie(struct store_sim_database *db, const struct lie *lie);
/** All open connections end: each commit that is still under way is done now, or never. */
void store_sim_restart(struct store_sim *sim, struct store_sim_database *db);
/** No faults any more, and nothing is under way. */
void store_sim_calm(struct store_sim *sim);

/** A handle; closed as any store. */
struct tsec_store *store_sim_attach(struct store_sim *sim, struct store_sim_database *db,
                                    unsigned id);
/** From now on the handle is one of that database. */
void store_sim_point(struct tsec_store *store, struct store_sim_database *db);
struct store_sim_database *store_sim_pointed(const struct tsec_store *store);
/** Every call fails, until that time. */
void store_sim_cut(struct tsec_store *store, int64_t until_mono_ns);

#endif
