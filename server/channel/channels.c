/* SPDX-License-Identifier: Apache-2.0 */
/* The table of open channels: who finds them, who must give way, what ends them. */
#include <stdlib.h>

#include "channel/channels_internal.h"

static size_t
buckets_for(size_t channels)
{
    size_t n = 16;

    while (n < channels / 2) {
        n *= 2;
    }
    return n;
}

tsec_rc
channels_new(const struct channels_options *options, struct channels **out, struct tsec_err *err)
{
    struct channels *c = calloc(1, sizeof(*c));

    if (c == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "channels");
    }
    c->clock = options->clock;
    c->ttl_s = options->ttl_s == 0 ? CHANNEL_TTL_S : options->ttl_s;
    c->open_max = options->open_max == 0 ? CHANNEL_OPEN_MAX : options->open_max;
    c->buckets_len = buckets_for(c->open_max);
    c->buckets = calloc(c->buckets_len, sizeof(*c->buckets));
    if (c->buckets == NULL) {
        free(c);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "channels");
    }
    channels_set_rekey_after(c, options->rekey_after_s);
    TAILQ_INIT(&c->known);
    TAILQ_INIT(&c->strangers);
    half_table_init(&c->half,
                    options->half_open_max == 0 ? CHANNEL_HALF_OPEN_MAX : options->half_open_max);
    (void)pthread_mutex_init(&c->lock, NULL);
    *out = c;
    return TSEC_OK;
}

void
channels_free(struct channels *channels)
{
    if (channels != NULL) {
        channels_close_all(channels, "stopped");
        (void)pthread_mutex_destroy(&channels->lock);
        free(channels->buckets);
        free(channels);
    }
}

void
channels_set_rekey_after(struct channels *channels, int64_t seconds)
{
    atomic_store(&channels->rekey_after_s, seconds == 0 ? CHANNEL_REKEY_AFTER_S : seconds);
}

int64_t
channels_rekey_after_s(const struct channels *channels)
{
    return atomic_load(&channels->rekey_after_s);
}

int64_t
channels_ttl_s(const struct channels *channels)
{
    return channels->ttl_s;
}

/* ---- in and out, under the lock ---- */

static struct channel_bucket *
bucket_of(struct channels *channels, const uint8_t cid[AMC_CID_LEN])
{
    return &channels->buckets[channel_hash(cid) & (channels->buckets_len - 1)];
}

static struct channel_list *
list_of(struct channels *channels, const struct channel *channel)
{
    return channel->stranger ? &channels->strangers : &channels->known;
}

static void
list_in(struct channels *channels, struct channel *channel)
{
    TAILQ_INSERT_TAIL(list_of(channels, channel), channel, by_age);
    channels->counts.open++;
    channels->counts.strangers += channel->stranger ? 1 : 0;
}

static void
list_out(struct channels *channels, struct channel *channel)
{
    TAILQ_REMOVE(list_of(channels, channel), channel, by_age);
    channels->counts.open--;
    channels->counts.strangers -= channel->stranger ? 1 : 0;
}

void
channel_remove(struct channels *channels, struct channel *channel)
{
    atomic_store(&channel->open, false);
    tickets_drop(channels, channel);
    LIST_REMOVE(channel, in_bucket);
    list_out(channels, channel);
    channels->counts.closed_total++;
}

static size_t
strangers_max(const struct channels *channels)
{
    const size_t share = channels->open_max / CHANNEL_STRANGERS_SHARE;

    return share == 0 ? 1 : share;
}

static bool
known_are_full(const struct channels *channels)
{
    return channels->counts.open - channels->counts.strangers
           >= channels->open_max - strangers_max(channels);
}

/* *out: who gave way, for the caller to release. */
static bool
make_room(struct channels *channels, const struct channel *comer, struct channel **out)
{
    *out = NULL;
    if (!comer->stranger) {
        return !known_are_full(channels);
    }
    if (channels->counts.strangers >= strangers_max(channels)) {
        *out = TAILQ_FIRST(&channels->strangers);
        channel_remove(channels, *out);
        channels->counts.given_way_total++;
    }
    return true;
}

/* ---- open ---- */

static struct channel *
channel_alloc(struct channels *channels, const struct channel_peer *peer, struct tsec_err *err)
{
    const int64_t now = channels_now(channels);
    struct channel *channel = calloc(1, sizeof(*channel));

    if (channel == NULL || tsec_failed(peer_copy_new(peer, &channel->peer, err))) {
        free(channel);
        return NULL;
    }
    channel->channels = channels;
    atomic_store(&channel->holders, 2); /* the table and the caller */
    atomic_store(&channel->open, true);
    channel->opened_mono_ns = now;
    atomic_store(&channel->reviewed,
                 peer->appraisal == NULL || peer->resumed ? 0 : peer->appraisal->generation);
    channel->opened_ns = tsec_clock_real_ns(channels->clock);
    atomic_store(&channel->used_mono_ns, now);
    if (!peer->resumed) {
        channel->peer->peer.attested_mono_ns = now;
    }
    atomic_store(&channel->attested_mono_ns, channel->peer->peer.attested_mono_ns);
    atomic_store(&channel->stranger, peer->appraisal == NULL);
    SLIST_INIT(&channel->former);
    LIST_INIT(&channel->tickets);
    return channel;
}

tsec_rc
channels_open(struct channels *channels, struct amc_session **session,
              const struct channel_peer *peer, struct channel **out, struct tsec_err *err)
{
    struct channel *channel = channel_alloc(channels, peer, err);
    struct channel *gone = NULL;
    bool room;

    if (channel == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a channel");
    }
    channel->session = TSEC_TAKE(*session);
    (void)pthread_mutex_lock(&channels->lock);
    room = make_room(channels, channel, &gone);
    if (room) {
        LIST_INSERT_HEAD(bucket_of(channels, channel_cid(channel)), channel, in_bucket);
        list_in(channels, channel);
        channels->counts.opened_total++;
        channels->counts.resumed_total += peer->resumed ? 1 : 0;
    } else {
        atomic_store(&channel->open, false);
        atomic_store(&channel->holders, 1);
    }
    (void)pthread_mutex_unlock(&channels->lock);
    channel_release(gone);
    if (!room) {
        channel_release(channel);
        return TSEC_FAIL(err, TSEC_E_BUSY, "%zu channels are open", channels->open_max);
    }
    *out = channel;
    return TSEC_OK;
}

static bool
is_over(const struct channels *channels, const struct channel *channel, int64_t now)
{
    return now - channel->opened_mono_ns >= channels->ttl_s * TSEC_NS_PER_S;
}

struct channel *
channels_find(struct channels *channels, const uint8_t cid[AMC_CID_LEN])
{
    const struct tsec_span wanted = tsec_span(cid, AMC_CID_LEN);
    struct channel *found;

    (void)pthread_mutex_lock(&channels->lock);
    LIST_FOREACH(found, bucket_of(channels, cid), in_bucket)
    {
        if (tsec_span_equal(tsec_span(channel_cid(found), AMC_CID_LEN), wanted)) {
            break;
        }
    }
    if (found != NULL && is_over(channels, found, channels_now(channels))) {
        found = NULL; /* the sweep takes it away */
    }
    if (found != NULL) {
        (void)atomic_fetch_add(&found->holders, 1);
    }
    (void)pthread_mutex_unlock(&channels->lock);
    return found;
}

bool
channels_close(struct channels *channels, struct channel *channel, const char *reason)
{
    bool was_open;

    (void)reason;
    (void)pthread_mutex_lock(&channels->lock);
    was_open = atomic_load(&channel->open);
    if (was_open) {
        channel_remove(channels, channel);
    }
    (void)pthread_mutex_unlock(&channels->lock);
    if (was_open) {
        channel_release(channel); /* the table's hold */
    }
    return was_open;
}

void
channel_prove(struct channel *channel)
{
    struct channels *channels = channel->channels;

    if (!atomic_load(&channel->stranger)) {
        return;
    }
    (void)pthread_mutex_lock(&channels->lock);
    if (channel->stranger && atomic_load(&channel->open) && !known_are_full(channels)) {
        list_out(channels, channel);
        atomic_store(&channel->stranger, false);
        list_in(channels, channel);
    }
    (void)pthread_mutex_unlock(&channels->lock);
}

/* ---- all of them ---- */

static size_t
hold_all(struct channel_list *list, struct channel **out, size_t at)
{
    struct channel *channel;

    TAILQ_FOREACH(channel, list, by_age)
    {
        (void)atomic_fetch_add(&channel->holders, 1);
        out[at++] = channel;
    }
    return at;
}

tsec_rc
channels_list(struct channels *channels, struct channel ***out, size_t *len, struct tsec_err *err)
{
    struct channel **list;
    size_t n = 0;

    (void)pthread_mutex_lock(&channels->lock);
    list = calloc(channels->counts.open + 1, sizeof(struct channel *));
    if (list != NULL) {
        n = hold_all(&channels->known, list, 0);
        n = hold_all(&channels->strangers, list, n);
    }
    (void)pthread_mutex_unlock(&channels->lock);
    if (list == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a list of channels");
    }
    *out = list;
    *len = n;
    return TSEC_OK;
}

/* Takes out what `ends` says; they are released after the lock. */
static void
take_ending(struct channels *channels, struct channel_list *list,
            bool (*ends)(const struct channels *channels, const struct channel *channel,
                         int64_t now),
            struct channel_list *out)
{
    const int64_t now = channels_now(channels);
    struct channel *next;

    for (struct channel *at = TAILQ_FIRST(list); at != NULL; at = next) {
        next = TAILQ_NEXT(at, by_age);
        if (ends(channels, at, now)) {
            channel_remove(channels, at);
            TAILQ_INSERT_TAIL(out, at, by_age);
        }
    }
}

static void
release_all(struct channel_list *list)
{
    struct channel *channel;

    while ((channel = TAILQ_FIRST(list)) != NULL) {
        TAILQ_REMOVE(list, channel, by_age);
        channel_release(channel);
    }
}

static bool
every_one(const struct channels *channels, const struct channel *channel, int64_t now)
{
    (void)channels;
    (void)channel;
    (void)now;
    return true;
}

static bool
past_its_time(const struct channels *channels, const struct channel *channel, int64_t now)
{
    return is_over(channels, channel, now)
           || (channel->stranger
               && now - channel->opened_mono_ns >= CHANNEL_STRANGER_S * TSEC_NS_PER_S)
           || (atomic_load(&channel->awaited) != 0
               && now - channel->rekeyed_mono_ns >= CHANNEL_REATTEST_S * TSEC_NS_PER_S);
}

static void
end_some(struct channels *channels, int64_t half_older,
         bool (*ends)(const struct channels *channels, const struct channel *channel, int64_t now))
{
    struct channel_list gone = TAILQ_HEAD_INITIALIZER(gone);
    struct half_list half = TAILQ_HEAD_INITIALIZER(half);

    (void)pthread_mutex_lock(&channels->lock);
    half_take_older(&channels->half, half_older, &half);
    take_ending(channels, &channels->known, ends, &gone);
    take_ending(channels, &channels->strangers, ends, &gone);
    (void)pthread_mutex_unlock(&channels->lock);
    half_list_free(&half);
    release_all(&gone);
}

void
channels_close_all(struct channels *channels, const char *reason)
{
    (void)reason;
    end_some(channels, INT64_MAX, every_one);
}

void
channels_sweep(struct channels *channels)
{
    end_some(channels, channels_now(channels) - CHANNEL_HALF_OPEN_S * TSEC_NS_PER_S, past_its_time);
}

size_t
channels_review(struct channels *channels,
                bool (*may)(void *ctx, struct channel *channel, const char **reason), void *ctx)
{
    struct channel **list = NULL;
    size_t len = 0;
    size_t closed = 0;

    if (tsec_failed(channels_list(channels, &list, &len, NULL))) {
        channels_close_all(channels, "memory"); /* what cannot be judged does not stay */
        return 0;
    }
    for (size_t i = 0; i < len; i++) {
        const char *reason = "policy";

        if (!may(ctx, list[i], &reason)) {
            closed += channels_close(channels, list[i], reason) ? 1 : 0;
        }
        channel_release(list[i]);
    }
    free(list);
    return closed;
}
