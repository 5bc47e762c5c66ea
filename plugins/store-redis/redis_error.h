/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file redis_error.h
 * @brief The one place where what Redis refuses becomes a result of the store contract.
 *
 * Redis' errors begin with a word in capitals.  Those in the table are given before a command, or
 * our commit script, has changed anything.  Of any other nobody here knows when it was given: after
 * a commit it reads as TSEC_E_OUTCOME_UNKNOWN.
 */
#ifndef STORE_REDIS_ERROR_H
#define STORE_REDIS_ERROR_H

#include "redis_reply.h"

#include "base/err.h"

enum redis_asked {
    REDIS_ASKED_LOGIN,  /* at the start: what a person has to mend is TSEC_E_CONFIG */
    REDIS_ASKED_READ,   /* nothing could change */
    REDIS_ASKED_COMMIT, /* a word that is not known: it may have happened */
};

/** `reply` is an error, or of a type that was not asked for. */
TSEC_MUST_CHECK tsec_rc redis_fail(const struct redis_reply *reply, enum redis_asked asked,
                                   struct tsec_err *err);
/** Whether the connection is of no more use after this error: no master's, or not logged in. */
bool redis_error_ends_link(const struct redis_reply *reply);
/** Whether the error begins with this word. */
bool redis_error_is(const struct redis_reply *reply, const char *word);

#endif
