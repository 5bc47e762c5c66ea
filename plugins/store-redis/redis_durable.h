/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file redis_durable.h
 * @brief Whether this Redis keeps what it acknowledges, by its own settings.
 *
 * Asks; never changes a setting.  A server that lies about its settings is not found out here: what
 * it loses is, by the ledger.
 */
#ifndef STORE_REDIS_DURABLE_H
#define STORE_REDIS_DURABLE_H

#include "base/buf.h"
#include "redis_reply.h"

enum { REDIS_DURABLE_REPLIES = 4, REDIS_PROBLEM_MAX = 160 };

struct redis_durable {
    bool safe;    /* no acknowledged write can be lost in a crash */
    bool writing; /* its last write to the log went well */
    /* When not safe: what to set, or to allow, for the person who can. */
    char problem[REDIS_PROBLEM_MAX];
};

/** Appends the questions, which have REDIS_DURABLE_REPLIES replies. */
void redis_durable_ask(struct tsec_buf *out);
/** Never fails: an answer that is missing or strange is not safe. */
void redis_durable_read(struct redis_reply *const *replies, struct redis_durable *out);

/** The value of a field of INFO; empty when it is not there. */
struct tsec_span redis_info_field(const struct redis_reply *info, const char *name);

#endif
