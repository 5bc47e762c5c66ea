/* SPDX-License-Identifier: Apache-2.0 */
/* Tickets.  No key is kept with one: it is derived again from the channel it was given in, and only
 * as long as that is open and in the same epoch. */
#include <stdlib.h>

#include "channel/channels_internal.h"
#include "crypto/rand.h"

static struct ticket_list *
bucket_of(struct channels *channels, const uint8_t *bytes)
{
    return &channels
                ->ticket_buckets[channel_hash(bytes) % TSEC_ARRAY_LEN(channels->ticket_buckets)];
}

static void
drop(struct channels *channels, struct ticket *ticket)
{
    LIST_REMOVE(ticket, in_bucket);
    LIST_REMOVE(ticket, of_channel);
    ticket->channel->tickets_len--;
    channels->tickets_len--;
    explicit_bzero(ticket, sizeof(*ticket));
    free(ticket);
}

void
tickets_drop(struct channels *channels, struct channel *channel)
{
    struct ticket *ticket;

    while ((ticket = LIST_FIRST(&channel->tickets)) != NULL) {
        drop(channels, ticket);
    }
}

static int64_t
left_s(const struct channels *channels, const struct channel *channel)
{
    const int64_t now = channels_now(channels);
    const int64_t rekey =
        atomic_load(&channel->attested_mono_ns) + channels_rekey_after_s(channels) * TSEC_NS_PER_S;
    const int64_t end = channel->opened_mono_ns + channels->ttl_s * TSEC_NS_PER_S;
    const int64_t first = rekey < end ? rekey : end;

    return first <= now ? 0 : (first - now) / TSEC_NS_PER_S;
}

/* Under the lock. */
static tsec_rc
may_have_one(const struct channels *channels, const struct channel *channel, struct tsec_err *err)
{
    if (channel->peer->peer.appraisal == NULL) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "there is no evidence that a ticket could stand for");
    }
    if (!atomic_load(&channel->open) || atomic_load(&channel->awaited) != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFLICT, "the channel is closed, or waits for evidence");
    }
    if (channel->tickets_len >= CHANNEL_TICKETS_EACH
        || channels->tickets_len >= CHANNEL_TICKETS_MAX) {
        return TSEC_FAIL(err, TSEC_E_BUSY, "there are tickets enough");
    }
    return TSEC_OK;
}

tsec_rc
channels_ticket(struct channels *channels, struct channel *channel, uint8_t ticket[AMC_TICKET_LEN],
                uint32_t *n, int64_t *left, struct tsec_err *err)
{
    struct ticket *made = calloc(1, sizeof(*made));
    tsec_rc rc;

    if (made == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a ticket");
    }
    tsec_rand_bytes(made->bytes, sizeof(made->bytes));
    made->channel = channel;
    (void)pthread_mutex_lock(&channels->lock);
    rc = may_have_one(channels, channel, err);
    if (!tsec_failed(rc)) {
        memcpy(ticket, made->bytes, AMC_TICKET_LEN);
        made->epoch = amc_session_epoch(channel->session);
        *n = made->n = channel->tickets_given++;
        *left = left_s(channels, channel);
        LIST_INSERT_HEAD(bucket_of(channels, made->bytes), made, in_bucket);
        LIST_INSERT_HEAD(&channel->tickets, made, of_channel);
        channel->tickets_len++;
        channels->tickets_len++;
        made = NULL;
    }
    (void)pthread_mutex_unlock(&channels->lock);
    free(made);
    return rc;
}

/* Under the lock.  The channel, held, when it is still good for it. */
static struct channel *
use_up(struct channels *channels, const uint8_t *bytes, uint32_t *epoch, uint32_t *n)
{
    struct channel *channel;
    struct ticket *found;

    LIST_FOREACH(found, bucket_of(channels, bytes), in_bucket)
    {
        if (tsec_ct_equal(tsec_span(found->bytes, AMC_TICKET_LEN),
                          tsec_span(bytes, AMC_TICKET_LEN))) {
            break;
        }
    }
    if (found == NULL) {
        return NULL;
    }
    channel = found->channel;
    *epoch = found->epoch;
    *n = found->n;
    drop(channels, found);
    if (left_s(channels, channel) <= 0) {
        return NULL;
    }
    (void)atomic_fetch_add(&channel->holders, 1);
    return channel;
}

bool
channels_redeem(struct channels *channels, const uint8_t ticket[AMC_TICKET_LEN],
                uint8_t psk[AMC_HASH_LEN], struct channel **from)
{
    struct channel *channel;
    uint32_t epoch = 0;
    uint32_t n = 0;

    *from = NULL;
    (void)pthread_mutex_lock(&channels->lock);
    channel = use_up(channels, ticket, &epoch, &n);
    (void)pthread_mutex_unlock(&channels->lock);
    if (channel == NULL) {
        return false;
    }
    if (amc_session_epoch(channel->session) != epoch
        || tsec_failed(amc_session_psk(channel->session, n, psk, NULL))) {
        channel_release(channel);
        return false;
    }
    *from = channel;
    return true;
}

void
channels_forget_tickets(struct channels *channels)
{
    (void)pthread_mutex_lock(&channels->lock);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(channels->ticket_buckets); i++) {
        struct ticket *ticket;

        while ((ticket = LIST_FIRST(&channels->ticket_buckets[i])) != NULL) {
            drop(channels, ticket);
        }
    }
    (void)pthread_mutex_unlock(&channels->lock);
}
