/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file channel/channels_internal.h
 * @brief What the files of the table of channels share; nobody else but their tests includes it.
 */
#ifndef TSEC_CHANNEL_CHANNELS_INTERNAL_H
#define TSEC_CHANNEL_CHANNELS_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>

#include "channel/channel.h"

enum {
    HALF_ORIGINS = 256,     /* addresses are told apart by a keyed hash, into so many places */
    CHANNEL_FORMER_MAX = 4, /* peers as they were before a rekey, that somebody may still read */
};

/* ---- half open ---- */

struct half_open {
    uint8_t cid[AMC_CID_LEN];
    struct channel_half half;
    size_t origin;
    TAILQ_ENTRY(half_open) by_age;
    TAILQ_ENTRY(half_open) of_origin;
    LIST_ENTRY(half_open) in_bucket;
};
TAILQ_HEAD(half_list, half_open);
LIST_HEAD(half_bucket, half_open);

struct half_origin {
    struct half_list list; /* oldest first */
    size_t len;
};

struct half_table {
    struct half_list all; /* oldest first */
    size_t len;
    size_t max;
    struct half_origin origins[HALF_ORIGINS];
    struct half_bucket buckets[HALF_ORIGINS]; /* by the cid */
    uint64_t key[2];
};

/* ---- open ---- */

struct ticket {
    uint8_t bytes[AMC_TICKET_LEN];
    struct channel *channel; /* which is open as long as this is there */
    uint32_t epoch;
    uint32_t n;
    LIST_ENTRY(ticket) in_bucket;
    LIST_ENTRY(ticket) of_channel;
};
LIST_HEAD(ticket_list, ticket);

/** A peer in memory of its own. */
struct peer_copy {
    struct channel_peer peer;
    char *texts; /* of the map, the role and the address */
    uint8_t *token;
    struct appraisal *appraisal;
    const char **pointers;
    SLIST_ENTRY(peer_copy) former;
};
SLIST_HEAD(peer_list, peer_copy);

struct channel {
    struct channels *channels;
    atomic_size_t holders; /* the table is one while it is open */
    atomic_bool open;
    struct amc_session *session;
    int64_t opened_ns;
    int64_t opened_mono_ns;
    _Atomic int64_t used_mono_ns;
    atomic_uint_fast64_t messages;
    atomic_bool stranger; /* written under the lock */
    _Atomic int64_t attested_mono_ns;
    _Atomic uint64_t reviewed; /* generation of the policy */
    _Atomic uint64_t awaited;  /* the epoch whose first message must be evidence, plus 1; 0: none */

    /* under the table's lock */
    struct peer_copy *peer;
    struct peer_list former; /* freed when nobody but the table holds the channel */
    size_t former_len;
    atomic_bool has_former;
    struct amc_rekey *rekey;
    int64_t rekeyed_mono_ns;
    uint32_t tickets_given;
    struct ticket_list tickets;
    size_t tickets_len;
    TAILQ_ENTRY(channel) by_age; /* among strangers, or among the others */
    LIST_ENTRY(channel) in_bucket;
};
TAILQ_HEAD(channel_list, channel);
LIST_HEAD(channel_bucket, channel);

struct channels {
    const struct tsec_clock *clock;
    int64_t ttl_s;
    _Atomic int64_t rekey_after_s;
    size_t open_max;
    pthread_mutex_t lock; /* guards the tables; held for a look-up, never while keys are made */
    struct half_table half;
    struct channel_list known; /* oldest first */
    struct channel_list strangers;
    struct channel_bucket *buckets; /* by the cid */
    size_t buckets_len;             /* a power of two */
    struct ticket_list ticket_buckets[1024];
    size_t tickets_len;
    struct channels_counts counts;
    atomic_uint_fast64_t messages_total;
    atomic_uint_fast64_t message_refused_total;
    atomic_uint_fast64_t refused_total;
};

/** A cid is random: its bytes are as good a hash as any. */
static inline size_t
channel_hash(const uint8_t *random)
{
    return (size_t)random[0] | (size_t)random[1] << 8 | (size_t)random[2] << 16;
}

static inline int64_t
channels_now(const struct channels *channels)
{
    return tsec_clock_mono_ns(channels->clock);
}

/* half_open.c */
void half_table_init(struct half_table *table, size_t max);
/** Takes out those that were parked before that; under the lock, and they are freed after it. */
void half_take_older(struct half_table *table, int64_t than_mono_ns, struct half_list *out);
void half_list_free(struct half_list *list);

/* peer.c */
TSEC_MUST_CHECK tsec_rc peer_copy_new(const struct channel_peer *peer, struct peer_copy **out,
                                      struct tsec_err *err);
void peer_copy_free(struct peer_copy *copy);
TSEC_DEFINE_AUTO(struct peer_copy, peer_copy_free)

/* channels.c, under the lock */
/** Out of the table; the table's hold is the caller's to release after the lock. */
void channel_remove(struct channels *channels, struct channel *channel);

/* tickets.c, under the lock */
void tickets_drop(struct channels *channels, struct channel *channel);

#endif
