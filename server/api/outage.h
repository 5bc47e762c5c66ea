/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/outage.h
 * @brief Refusals that repeat while something is away: the first goes to the log, the others are
 * counted and told once a minute.
 *
 * Any thread.
 */
#ifndef TSEC_API_OUTAGE_H
#define TSEC_API_OUTAGE_H

#include <pthread.h>

#include <tsec/plugin.h>

#include "base/err.h"

enum { OUTAGE_KINDS = 8 };

struct outage_kind {
    int32_t code;
    bool told;
    int64_t told_mono_ns;
    uint64_t untold;
};

struct outage {
    pthread_mutex_t lock;
    struct outage_kind kinds[OUTAGE_KINDS];
};

void outage_init(struct outage *outage);
void outage_done(struct outage *outage);

/** Whether to log this failure; *untold is how many of its kind were not since the last that was.
 *  What does not come for every request while something lasts is always logged. */
bool outage_tell(struct outage *outage, int32_t code, int64_t mono_ns, uint64_t *untold);

#endif
