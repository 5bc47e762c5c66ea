/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/transit_meter.h
 * @brief How often a key was used of late, on this server: the rate that its settings allow.
 *
 * One second's worth may come at once.  A request of several items is let through when there is
 * room for its first, and what it takes beyond is owed: so a batch may be larger than the rate, and
 * the mean holds.  In memory only and bounded: where more keys with a rate are in use at once than
 * it has room for, the one idle for longest is forgotten.  Any thread.
 */
#ifndef TSEC_API_TRANSIT_METER_H
#define TSEC_API_TRANSIT_METER_H

#include <pthread.h>

#include "base/cleanup.h"
#include "core/transit_key.h"

enum { TRANSIT_METER_SETS = 512, TRANSIT_METER_WAYS = 8, TRANSIT_METER_LOCKS = 16 };

struct transit_meter_key {
    char id[TRANSIT_ID_LEN]; /* all zero: free */
    int64_t paid_ns;         /* until when what was used is paid for, monotonic time */
};

struct transit_meter {
    pthread_mutex_t locks[TRANSIT_METER_LOCKS];
    struct transit_meter_key *keys; /* made when the first key with a rate is used */
    pthread_mutex_t making;
};

void transit_meter_init(struct transit_meter *meter);
void transit_meter_done(struct transit_meter *meter);

/** Takes `n` operations of a key that allows `rate` a second.  False: there was no room, nothing
 * was taken, and *wait_ns says when there will be. */
bool transit_meter_take(struct transit_meter *meter, const char *id, int64_t rate, int64_t n,
                        int64_t now_ns, int64_t *wait_ns);

#endif
