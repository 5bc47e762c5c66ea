/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file redis_link.h
 * @brief One connection to the master, logged in and looked over.
 *
 * It is made to a server whose role is master, whose settings keep what it acknowledges (or that is
 * allowed not to), and whose keys are ours or absent.  All of it is asked anew for every
 * connection: the server may have been restarted with other settings, or be another one.
 */
#ifndef STORE_REDIS_LINK_H
#define STORE_REDIS_LINK_H

#include "redis_access.h"
#include "redis_durable.h"
#include "redis_script.h"
#include "redis_wire.h"

enum {
    REDIS_CONNECT_MS = 1000, /* to one place, with all questions */
    REDIS_RUN_ID = 40,
};

struct redis_link {
    struct redis_wire wire;
    struct redis_durable durable;
    char run_id[REDIS_RUN_ID + 1]; /* of the server's process */
    int64_t client_id;             /* what the server calls this connection */
    unsigned generation;           /* the pool's */
    unsigned settled;              /* the doubts that were laid before this link was used */
};

/** A command, and what stands in the same packet behind it. */
struct redis_run {
    enum redis_script script; /* REDIS_SCRIPT_COUNT: `words` is a command of its own */
    size_t args;              /* words of the script */
    struct tsec_span words;   /* as redis_put() writes them */
    struct tsec_span tail;    /* a further command; empty: none */
    bool by_text;             /* the script itself, not its number, from the start */
    int64_t deadline_ns;
};

/** What came of it; redis_answer_done() frees it. */
struct redis_answer {
    struct redis_reply *reply;
    struct redis_reply *tail; /* NULL: none was asked for */
    bool reached;             /* the command may have been carried out */
};

/** Tries the places in turn, or the masters that the sentinels name.  TSEC_E_CONFIG: a person has
 * to mend it; TSEC_E_UNAVAILABLE: it may come back. */
TSEC_MUST_CHECK tsec_rc redis_link_open(const struct redis_access *access, int64_t deadline_ns,
                                        struct redis_link *link, struct tsec_err *err);
/** Harmless when closed. */
void redis_link_close(struct redis_link *link);

/** Asks.  A script that the server does not have is sent to it.  When it fails there is no reply,
 *  `reached` tells, and the link is to be closed. */
TSEC_MUST_CHECK tsec_rc redis_link_run(struct redis_link *link, const struct redis_access *access,
                                       const struct redis_run *run, struct redis_answer *out,
                                       struct tsec_err *err);
void redis_answer_done(struct redis_answer *answer);

/** Asks for role and settings again, in place. */
TSEC_MUST_CHECK tsec_rc redis_link_check(struct redis_link *link, const struct redis_access *access,
                                         int64_t deadline_ns, struct tsec_err *err);

/** Whether the answer to ROLE is a master's. */
bool redis_role_is_master(const struct redis_reply *role);

#endif
