/* SPDX-License-Identifier: Apache-2.0 */
/* What is counted of channels. */
#include "channel/channels_internal.h"

const unsigned channel_seconds_ms[CHANNEL_SECONDS_LEN] = { 5, 10, 25, 50, 100, 500, 2000, 10000 };

void
channels_refused(struct channels *channels)
{
    (void)atomic_fetch_add(&channels->refused_total, 1);
}

void
channels_took(struct channels *channels, int64_t ns)
{
    size_t i = 0;

    while (i < CHANNEL_SECONDS_LEN && ns > (int64_t)channel_seconds_ms[i] * TSEC_NS_PER_MS) {
        i++;
    }
    (void)pthread_mutex_lock(&channels->lock);
    channels->counts.handshakes[i]++;
    channels->counts.handshakes_ns += ns;
    (void)pthread_mutex_unlock(&channels->lock);
}

struct channels_counts
channels_counts(struct channels *channels)
{
    struct channels_counts counts;

    (void)pthread_mutex_lock(&channels->lock);
    counts = channels->counts;
    counts.half_open = channels->half.len;
    counts.tickets = channels->tickets_len;
    (void)pthread_mutex_unlock(&channels->lock);
    counts.refused_total = atomic_load(&channels->refused_total);
    counts.messages_total = atomic_load(&channels->messages_total);
    counts.message_refused_total = atomic_load(&channels->message_refused_total);
    return counts;
}
