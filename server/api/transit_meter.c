/* SPDX-License-Identifier: Apache-2.0 */
#include "api/transit_meter.h"

#include <stdlib.h>

#include "base/clock.h"

void
transit_meter_init(struct transit_meter *meter)
{
    *meter = (struct transit_meter){ .keys = NULL };
    (void)pthread_mutex_init(&meter->making, NULL);
    for (size_t i = 0; i < TRANSIT_METER_LOCKS; i++) {
        (void)pthread_mutex_init(&meter->locks[i], NULL);
    }
}

void
transit_meter_done(struct transit_meter *meter)
{
    free(meter->keys);
    meter->keys = NULL;
    (void)pthread_mutex_destroy(&meter->making);
    for (size_t i = 0; i < TRANSIT_METER_LOCKS; i++) {
        (void)pthread_mutex_destroy(&meter->locks[i]);
    }
}

/* NULL: out of memory. */
static struct transit_meter_key *
keys_of(struct transit_meter *meter)
{
    struct transit_meter_key *keys;

    (void)pthread_mutex_lock(&meter->making);
    if (meter->keys == NULL) {
        meter->keys = calloc((size_t)TRANSIT_METER_SETS * TRANSIT_METER_WAYS, sizeof(*meter->keys));
    }
    keys = meter->keys;
    (void)pthread_mutex_unlock(&meter->making);
    return keys;
}

/* Ids are random: any mixing will do. */
static size_t
set_of(const char *id)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < TRANSIT_ID_LEN; i++) {
        h = (h ^ (uint8_t)id[i]) * 16777619u;
    }
    return (h ^ h >> 16) % TRANSIT_METER_SETS;
}

/* The key's place; when it has none, that of the one idle for longest. */
static struct transit_meter_key *
place_of(struct transit_meter_key *set, const char *id)
{
    const struct tsec_span wanted = tsec_span(id, TRANSIT_ID_LEN);
    struct transit_meter_key *idle = &set[0];

    for (size_t i = 0; i < TRANSIT_METER_WAYS; i++) {
        if (tsec_span_equal(tsec_span(set[i].id, TRANSIT_ID_LEN), wanted)) {
            return &set[i];
        }
        idle = set[i].paid_ns < idle->paid_ns ? &set[i] : idle;
    }
    memcpy(idle->id, id, TRANSIT_ID_LEN);
    idle->paid_ns = INT64_MIN;
    return idle;
}

/* What n operations cost in time, never so much that sums overflow. */
static int64_t
price(int64_t rate, int64_t n)
{
    const int64_t each = TSEC_NS_PER_S / rate;

    return each == 0 || n <= INT64_MAX / 8 / each ? n * each : INT64_MAX / 8;
}

static bool
take(struct transit_meter_key *key, int64_t rate, int64_t n, int64_t now_ns, int64_t *wait_ns)
{
    const int64_t paid = key->paid_ns > now_ns ? key->paid_ns : now_ns;
    const int64_t ahead = paid - now_ns;
    const int64_t full = TSEC_NS_PER_S - price(rate, 1); /* room for one is left */

    if (ahead > full) {
        *wait_ns = ahead - full;
        return false;
    }
    key->paid_ns = paid + price(rate, n);
    return true;
}

bool
transit_meter_take(struct transit_meter *meter, const char *id, int64_t rate, int64_t n,
                   int64_t now_ns, int64_t *wait_ns)
{
    struct transit_meter_key *keys = keys_of(meter);
    const size_t set = set_of(id);
    pthread_mutex_t *lock = &meter->locks[set % TRANSIT_METER_LOCKS];
    bool taken;

    *wait_ns = TSEC_NS_PER_S;
    if (keys == NULL) {
        return false;
    }
    (void)pthread_mutex_lock(lock);
    taken = take(place_of(keys + set * TRANSIT_METER_WAYS, id), rate, n, now_ns, wait_ns);
    (void)pthread_mutex_unlock(lock);
    return taken;
}
