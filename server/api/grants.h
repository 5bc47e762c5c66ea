/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/grants.h
 * @brief How often evidence led to something, by role, and how often it was refused, by reason: for
 * figures.
 *
 * In memory only and bounded: past GRANTS_MAX different counts the rest share one per kind, with
 * the role "other".  A name that a stranger chose is never kept: refusals have a reason and no
 * role.  Any thread.
 */
#ifndef TSEC_API_GRANTS_H
#define TSEC_API_GRANTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/call.h"

enum { GRANTS_MAX = 256, GRANTS_LABEL_MAX = 128 };

enum grant_kind { GRANT_LOGIN = 0, GRANT_RELEASE, GRANT_CHANNEL, GRANT_KINDS };
const char *grant_kind_name(enum grant_kind kind); /* "login", "release", "channel" */

struct grant_count {
    enum grant_kind kind;
    bool refused;
    char label[GRANTS_LABEL_MAX + 1]; /* the role ("": none), or the reason's slug */
    uint64_t count;
};

struct grants {
    pthread_mutex_t lock;
    size_t len;
    struct grant_count items[GRANTS_MAX + 2 * GRANT_KINDS];
};

void grants_init(struct grants *grants);
void grants_done(struct grants *grants);

void grants_count(struct grants *grants, enum grant_kind kind, const char *role);
void grants_refuse(struct grants *grants, enum grant_kind kind, const char *reason);

/** What a handler that grants something ends with: it is counted when its answer is durable.
 *  Whatever effect the call has already comes first.  TSEC_E_NO_MEMORY. */
TSEC_MUST_CHECK tsec_rc api_count_grant(struct api_call *call, enum grant_kind kind,
                                        const char *role, struct tsec_err *err);

/** A copy of all; how many. */
size_t grants_copy(struct grants *grants, struct grant_count out[GRANTS_MAX + 2 * GRANT_KINDS]);

#endif
