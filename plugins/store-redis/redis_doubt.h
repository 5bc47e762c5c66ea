/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file redis_doubt.h
 * @brief What has to happen after a commit of unknown outcome, before anybody looks for it.
 *
 * A look has to be final.  Two things could change it afterwards:
 *
 *  - The commit is still on its way, in a buffer of the network or of a paused server, and is
 * carried out later.  So the connection that it went over is killed at the server first: from then
 * on it was carried out, or never will be.
 *  - With wait_replicas: the commit is on the master and not on its replicas, and a failover takes
 * it away.  So a write that changes nothing goes through first and is waited for.  Replication is
 * one stream in order: who has this write has all before it.  A new connection does the same, for
 * what another server left behind.
 *
 * Until both went well the connection is not used, and calls are TSEC_E_UNAVAILABLE.
 */
#ifndef STORE_REDIS_DOUBT_H
#define STORE_REDIS_DOUBT_H

#include <pthread.h>

#include "redis_link.h"

struct redis_doubt {
    char run_id[REDIS_RUN_ID + 1];
    int64_t client_id;
    unsigned epoch;
};

struct redis_doubts {
    const struct redis_access *access;
    pthread_mutex_t lock;
    unsigned epoch; /* a link is settled that was settled in this one */
    size_t len;
    struct redis_doubt at[REDIS_LINKS_MAX];
};

void redis_doubts_init(struct redis_doubts *doubts, const struct redis_access *access);
void redis_doubts_done(struct redis_doubts *doubts);

/** A commit over this link may or may not happen. */
void redis_doubts_add(struct redis_doubts *doubts, const struct redis_link *link);
/** OK at once when there is nothing to settle.  A failure that is no answer of the server leaves
 * the link to be closed, and so does every other, to be simple. */
TSEC_MUST_CHECK tsec_rc redis_doubts_settle(struct redis_doubts *doubts, struct redis_link *link,
                                            int64_t deadline_ns, struct tsec_err *err);

/** Appends WAIT for the replicas, for nearly as long as the deadline leaves. */
void redis_put_wait(struct tsec_buf *out, const struct redis_access *access, int64_t deadline_ns);
/** Whether as many replicas as wanted have it. */
bool redis_wait_is_enough(const struct redis_reply *reply, const struct redis_access *access);

#endif
