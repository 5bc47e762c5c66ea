/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/rate.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "crypto/rand.h"

enum { SETS = 1024, WAYS = 4, SOURCE_MAX = 48 };

struct bucket {
    char source[SOURCE_MAX]; /* padded with NUL; empty: free */
    int64_t full_ns;         /* when the bucket will be full again: what is owed, as a time */
};

struct rate {
    pthread_mutex_t lock; /* of the sets; held for one look-up */
    int64_t gap_ns;       /* one request costs this */
    int64_t burst_ns;
    uint64_t key;
    struct bucket sets[SETS][WAYS];
};

tsec_rc
rate_new(unsigned per_s, unsigned burst, struct rate **out, struct tsec_err *err)
{
    struct rate *rate;

    if (per_s == 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "a rate of none");
    }
    rate = calloc(1, sizeof(*rate));
    if (rate == NULL || pthread_mutex_init(&rate->lock, NULL) != 0) {
        free(rate);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "rate table");
    }
    rate->gap_ns = TSEC_NS_PER_S / per_s;
    rate->burst_ns = rate->gap_ns * (int64_t)(burst == 0 ? per_s : burst);
    tsec_rand_nonce((uint8_t *)&rate->key, sizeof(rate->key));
    *out = rate;
    return TSEC_OK;
}

void
rate_free(struct rate *rate)
{
    if (rate != NULL) {
        (void)pthread_mutex_destroy(&rate->lock);
        free(rate);
    }
}

/* Keyed, so that nobody outside can aim at one set; no more is asked of it. */
static size_t
set_of(const struct rate *rate, struct tsec_span source)
{
    uint64_t h = rate->key;

    for (size_t i = 0; i < source.len; i++) {
        h = (h ^ source.ptr[i]) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    return (size_t)(h % SETS);
}

static struct bucket *
find(struct bucket *set, struct tsec_span source)
{
    struct bucket *least = &set[0];

    for (size_t i = 0; i < WAYS; i++) {
        if (tsec_span_is(source, set[i].source)) {
            return &set[i];
        }
        if (set[i].full_ns < least->full_ns) {
            least = &set[i];
        }
    }
    *least = (struct bucket){ 0 };
    memcpy(least->source, source.ptr, source.len);
    return least;
}

bool
rate_take(struct rate *rate, struct tsec_span source, int64_t now_ns, unsigned *retry_after_s)
{
    struct bucket *bucket;
    int64_t owed_ns;
    bool granted;

    if (source.len == 0 || source.len >= SOURCE_MAX) {
        return true; /* no address of ours is that long */
    }
    (void)pthread_mutex_lock(&rate->lock);
    bucket = find(rate->sets[set_of(rate, source)], source);
    if (bucket->full_ns < now_ns) {
        bucket->full_ns = now_ns;
    }
    owed_ns = bucket->full_ns + rate->gap_ns - now_ns;
    granted = owed_ns <= rate->burst_ns;
    if (granted) {
        bucket->full_ns += rate->gap_ns;
    }
    (void)pthread_mutex_unlock(&rate->lock);
    if (!granted) {
        *retry_after_s = (unsigned)((owed_ns - rate->burst_ns + TSEC_NS_PER_S - 1) / TSEC_NS_PER_S);
    }
    return granted;
}
