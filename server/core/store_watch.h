/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/store_watch.h
 * @brief Stands before the store and remembers what came of its calls: whether the database is away
 * or refuses, since when, and with what words.
 *
 * Every call is passed on as it is, and its answer as it was; nothing is tried again or kept back.
 * Any thread.
 */
#ifndef TSEC_CORE_STORE_WATCH_H
#define TSEC_CORE_STORE_WATCH_H

#include <tsec/store.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"

struct store_watch;

struct store_watch_status {
    bool failing;
    int64_t since_ns;    /* wall clock: since when it fails, or works */
    struct tsec_err why; /* of the latest failure */
    uint64_t failures;   /* calls that failed, ever */
    uint64_t outages;    /* times it began to fail */
};

struct store_watch_options {
    const struct tsec_store_ops *ops;
    struct tsec_store *store; /* the caller's; outlives the watch */
    const struct tsec_clock *clock;
    /** The database went away, or came back after so long.  From the thread whose call showed it;
     *  must not call the store.  May be NULL. */
    void (*changed)(void *ctx, const struct store_watch_status *now, int64_t lasted_ns);
    void *ctx;
};

TSEC_MUST_CHECK tsec_rc store_watch_new(const struct store_watch_options *options,
                                        struct store_watch **out, struct tsec_err *err);
/** NULL is harmless. */
void store_watch_free(struct store_watch *watch);
TSEC_DEFINE_AUTO(struct store_watch, store_watch_free)

/** These two are what the node is given instead of the store; without open() and close(). */
const struct tsec_store_ops *store_watch_ops(const struct store_watch *watch);
struct tsec_store *store_watch_store(struct store_watch *watch);

/** While the database fails: one small question, so that its return is seen when nobody asks. */
void store_watch_probe(struct store_watch *watch);

void store_watch_status(struct store_watch *watch, struct store_watch_status *out);

#endif
