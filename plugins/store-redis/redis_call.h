/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file redis_call.h
 * @brief One question to the master, with one answer of the store contract.
 *
 * Takes a connection, settles what is in doubt, asks, and gives the connection back.  A question is
 * asked a second time, over another connection, only when the first surely did nothing, or reads.
 */
#ifndef STORE_REDIS_CALL_H
#define STORE_REDIS_CALL_H

#include "redis_doubt.h"
#include "redis_pool.h"

struct redis_caller {
    const struct redis_access *access;
    struct redis_pool pool;
    struct redis_doubts doubts;
};

void redis_caller_init(struct redis_caller *caller, const struct redis_access *access);
void redis_caller_done(struct redis_caller *caller);

/** The answer of a server that was the master when it gave it; the caller looks at its type.
 *  `run`: tail and deadline are filled in here. */
TSEC_MUST_CHECK tsec_rc redis_call_read(struct redis_caller *caller, const struct redis_run *run,
                                        struct redis_answer *out, struct tsec_err *err);
/** The commit script with `args` words.  TSEC_E_CONFLICT; TSEC_E_OUTCOME_UNKNOWN; any other
 * failure: surely not applied. */
TSEC_MUST_CHECK tsec_rc redis_call_commit(struct redis_caller *caller, struct tsec_span words,
                                          size_t args, struct tsec_err *err);
/** Looks at role and settings of the server again, if a connection can be had within `ms`. */
TSEC_MUST_CHECK tsec_rc redis_call_check(struct redis_caller *caller, unsigned ms,
                                         struct tsec_err *err);

#endif
