/* SPDX-License-Identifier: Apache-2.0 */
/* One channel: its keys, its peer, and the rekey under way. */
#include <stdlib.h>

#include "channel/channels_internal.h"

static void
former_free(struct peer_list *list)
{
    struct peer_copy *copy;

    while ((copy = SLIST_FIRST(list)) != NULL) {
        SLIST_REMOVE_HEAD(list, former);
        peer_copy_free(copy);
    }
}

static void
channel_free(struct channel *channel)
{
    former_free(&channel->former);
    peer_copy_free(channel->peer);
    amc_rekey_free(channel->rekey);
    amc_session_free(channel->session);
    free(channel);
}

/* Nobody but the table and the caller has the channel, so nobody reads what was before a rekey. */
static void
forget_former(struct channel *channel)
{
    struct peer_list former = SLIST_HEAD_INITIALIZER(former);

    (void)pthread_mutex_lock(&channel->channels->lock);
    if (atomic_load(&channel->open) && atomic_load(&channel->holders) == 2) {
        former = channel->former;
        SLIST_INIT(&channel->former);
        channel->former_len = 0;
        atomic_store(&channel->has_former, false);
    }
    (void)pthread_mutex_unlock(&channel->channels->lock);
    former_free(&former);
}

void
channel_release(struct channel *channel)
{
    if (channel == NULL) {
        return;
    }
    if (atomic_load(&channel->has_former)) {
        forget_former(channel);
    }
    if (atomic_fetch_sub(&channel->holders, 1) == 1) {
        channel_free(channel);
    }
}

bool
channel_is_open(const struct channel *channel)
{
    return atomic_load(&channel->open);
}

struct amc_session *
channel_session(struct channel *channel)
{
    return channel->session;
}

const uint8_t *
channel_cid(const struct channel *channel)
{
    return amc_session_cid(channel->session);
}

const struct channel_peer *
channel_peer(struct channel *channel)
{
    const struct channel_peer *peer;

    (void)pthread_mutex_lock(&channel->channels->lock);
    peer = &channel->peer->peer;
    (void)pthread_mutex_unlock(&channel->channels->lock);
    return peer;
}

bool
channel_is_strangers(const struct channel *channel)
{
    return atomic_load(&channel->stranger);
}

uint64_t
channel_reviewed(const struct channel *channel)
{
    return atomic_load(&channel->reviewed);
}

void
channel_set_reviewed(struct channel *channel, uint64_t generation)
{
    atomic_store(&channel->reviewed, generation);
}

void
channel_message(struct channels *channels, struct channel *channel, bool refused)
{
    if (refused) {
        (void)atomic_fetch_add(&channels->message_refused_total, 1);
        return;
    }
    (void)atomic_fetch_add(&channels->messages_total, 1);
    (void)atomic_fetch_add(&channel->messages, 1);
    atomic_store(&channel->used_mono_ns, channels_now(channels));
}

void
channel_account(struct channels *channels, struct channel *channel, struct channel_account *out)
{
    const int64_t idle = channels_now(channels) - atomic_load(&channel->used_mono_ns);

    memcpy(out->cid, channel_cid(channel), sizeof(out->cid));
    out->opened_ns = channel->opened_ns;
    out->used_ns = tsec_clock_real_ns(channels->clock) - idle;
    out->messages = atomic_load(&channel->messages);
    out->epoch = amc_session_epoch(channel->session);
}

/* ---- rekey ---- */

bool
channel_must_rekey(struct channels *channels, const struct channel *channel)
{
    return channels_now(channels) - atomic_load(&channel->attested_mono_ns)
           >= channels_rekey_after_s(channels) * TSEC_NS_PER_S;
}

bool
channel_awaits_evidence(const struct channel *channel, uint32_t epoch)
{
    return atomic_load(&channel->awaited) == (uint64_t)epoch + 1;
}

/* Under the lock. */
static tsec_rc
go_on(struct channels *channels, struct channel *channel, struct amc_rekey **rekey,
      struct tsec_err *err)
{
    const int64_t now = channels_now(channels);

    if (atomic_load(&channel->awaited) != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFLICT, "a rekey waits for its evidence");
    }
    if (channel->former_len >= CHANNEL_FORMER_MAX) {
        return TSEC_FAIL(err, TSEC_E_BUSY, "too many rekeys in too short a time");
    }
    TSEC_TRY(amc_rekey_commit(channel->session, *rekey, now, err));
    channel->rekeyed_mono_ns = now;
    channels->counts.rekeyed_total++;
    tickets_drop(channels, channel);
    if (channel->peer->peer.appraisal == NULL) {
        atomic_store(&channel->attested_mono_ns, now);
    } else {
        atomic_store(&channel->awaited, (uint64_t)amc_session_epoch(channel->session) + 1);
        channel->rekey = TSEC_TAKE(*rekey);
    }
    return TSEC_OK;
}

tsec_rc
channels_rekey(struct channels *channels, struct channel *channel, struct amc_rekey **rekey,
               struct tsec_err *err)
{
    tsec_rc rc;

    (void)pthread_mutex_lock(&channels->lock);
    rc = go_on(channels, channel, rekey, err);
    (void)pthread_mutex_unlock(&channels->lock);
    return rc;
}

struct amc_rekey *
channel_take_rekey(struct channel *channel)
{
    struct amc_rekey *rekey;

    (void)pthread_mutex_lock(&channel->channels->lock);
    rekey = TSEC_TAKE(channel->rekey);
    (void)pthread_mutex_unlock(&channel->channels->lock);
    return rekey;
}

tsec_rc
channels_renew(struct channels *channels, struct channel *channel, const struct channel_peer *peer,
               struct tsec_err *err)
{
    const struct channel_peer *was = channel_peer(channel);
    struct channel_peer next = *peer;
    struct peer_copy *copy = NULL;

    next.role = was->role;
    next.token = was->token;
    next.remote = was->remote;
    next.attested_mono_ns = channels_now(channels);
    TSEC_TRY(peer_copy_new(&next, &copy, err));
    (void)pthread_mutex_lock(&channels->lock);
    SLIST_INSERT_HEAD(&channel->former, channel->peer, former);
    channel->former_len++;
    atomic_store(&channel->has_former, true);
    channel->peer = copy;
    atomic_store(&channel->reviewed, peer->appraisal == NULL ? 0 : peer->appraisal->generation);
    atomic_store(&channel->attested_mono_ns, next.attested_mono_ns);
    atomic_store(&channel->awaited, 0);
    (void)pthread_mutex_unlock(&channels->lock);
    return TSEC_OK;
}
