/* SPDX-License-Identifier: Apache-2.0 */
/* Handshakes between their two round trips.  Anybody may begin one, so there are never more than so
 * many; and who begins many only crowds out himself: when there is no room, the oldest from the
 * place where most came from gives way. */
#include <arpa/inet.h>
#include <stdlib.h>

#include "base/siphash.h"
#include "channel/channels_internal.h"
#include "crypto/rand.h"

void
half_table_init(struct half_table *table, size_t max)
{
    TAILQ_INIT(&table->all);
    table->max = max;
    for (size_t i = 0; i < HALF_ORIGINS; i++) {
        TAILQ_INIT(&table->origins[i].list);
        LIST_INIT(&table->buckets[i]);
    }
    tsec_rand_bytes((uint8_t *)table->key, sizeof(table->key));
}

void
channel_half_done(struct channel_half *half)
{
    amc_responder_free(half->responder);
    channel_release(half->resumes);
    *half = (struct channel_half){ .responder = NULL };
}

static void
half_free(struct half_open *half)
{
    if (half != NULL) {
        channel_half_done(&half->half);
        free(half);
    }
}

void
half_list_free(struct half_list *list)
{
    struct half_open *half;

    while ((half = TAILQ_FIRST(list)) != NULL) {
        TAILQ_REMOVE(list, half, by_age);
        half_free(half);
    }
}

static void
take_out(struct half_table *table, struct half_open *half)
{
    struct half_origin *origin = &table->origins[half->origin];

    TAILQ_REMOVE(&table->all, half, by_age);
    TAILQ_REMOVE(&origin->list, half, of_origin);
    LIST_REMOVE(half, in_bucket);
    origin->len--;
    table->len--;
}

void
half_take_older(struct half_table *table, int64_t than_mono_ns, struct half_list *out)
{
    struct half_open *half;

    while ((half = TAILQ_FIRST(&table->all)) != NULL && half->half.parked_mono_ns < than_mono_ns) {
        take_out(table, half);
        TAILQ_INSERT_TAIL(out, half, by_age);
    }
}

static void
give_way(struct half_table *table, struct half_list *out)
{
    struct half_origin *most = &table->origins[0];
    struct half_open *half;

    for (size_t i = 1; i < HALF_ORIGINS; i++) {
        most = table->origins[i].len > most->len ? &table->origins[i] : most;
    }
    half = TAILQ_FIRST(&most->list);
    take_out(table, half);
    TAILQ_INSERT_TAIL(out, half, by_age);
}

static struct half_bucket *
bucket_of(struct half_table *table, const uint8_t cid[AMC_CID_LEN])
{
    return &table->buckets[channel_hash(cid) % HALF_ORIGINS];
}

static void
put_in(struct half_table *table, struct half_open *half)
{
    struct half_origin *origin = &table->origins[half->origin];

    TAILQ_INSERT_TAIL(&table->all, half, by_age);
    TAILQ_INSERT_TAIL(&origin->list, half, of_origin);
    LIST_INSERT_HEAD(bucket_of(table, half->cid), half, in_bucket);
    origin->len++;
    table->len++;
}

static int64_t
oldest_valid(int64_t now)
{
    return now - CHANNEL_HALF_OPEN_S * TSEC_NS_PER_S;
}

/* An IPv6 client commands its whole /64. */
static size_t
origin_of(const struct half_table *table, const char *remote)
{
    struct in6_addr ip;
    const struct tsec_span place = inet_pton(AF_INET6, remote, &ip) == 1
                                       ? tsec_span(ip.s6_addr, sizeof(ip.s6_addr) / 2)
                                       : tsec_span_str(remote);

    return tsec_siphash(table->key, place) % HALF_ORIGINS;
}

tsec_rc
channels_park(struct channels *channels, struct channel_half *half, const char *remote,
              struct tsec_err *err)
{
    struct half_table *table = &channels->half;
    struct half_list out = TAILQ_HEAD_INITIALIZER(out);
    struct half_open *parked = calloc(1, sizeof(*parked));

    if (parked == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a handshake");
    }
    memcpy(parked->cid, amc_responder_cid(half->responder), sizeof(parked->cid));
    parked->origin = origin_of(table, remote);
    parked->half = *half;
    *half = (struct channel_half){ .responder = NULL };
    (void)pthread_mutex_lock(&channels->lock);
    parked->half.parked_mono_ns = channels_now(channels);
    half_take_older(table, oldest_valid(parked->half.parked_mono_ns), &out);
    if (table->len >= table->max) {
        give_way(table, &out);
        channels->counts.given_way_total++;
    }
    put_in(table, parked);
    (void)pthread_mutex_unlock(&channels->lock);
    half_list_free(&out);
    return TSEC_OK;
}

bool
channels_unpark(struct channels *channels, const uint8_t cid[AMC_CID_LEN], struct channel_half *out)
{
    struct half_open *found;

    *out = (struct channel_half){ .responder = NULL };
    (void)pthread_mutex_lock(&channels->lock);
    LIST_FOREACH(found, bucket_of(&channels->half, cid), in_bucket)
    {
        if (tsec_span_equal(tsec_span(found->cid, AMC_CID_LEN), tsec_span(cid, AMC_CID_LEN))) {
            break;
        }
    }
    if (found != NULL) {
        take_out(&channels->half, found);
    }

    const int64_t oldest = oldest_valid(channels_now(channels));

    (void)pthread_mutex_unlock(&channels->lock);
    if (found != NULL && found->half.parked_mono_ns >= oldest) {
        *out = found->half;
        found->half = (struct channel_half){ .responder = NULL };
    }
    half_free(found);
    return out->responder != NULL;
}
