/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file channel/channel.h
 * @brief The open channels of this server, and those half open: bounded, counted, closed at once
 * when what they rest on goes.
 *
 * It knows no request and no row.  Any thread.  A channel lives as long as somebody holds it; one
 * that was closed opens no further message.
 */
#ifndef TSEC_CHANNEL_CHANNEL_H
#define TSEC_CHANNEL_CHANNEL_H

#include "amc/handshake.h"
#include "attest/appraiser.h"
#include "base/clock.h"
#include "base/strings.h"

enum {
    CHANNEL_HALF_OPEN_S = 30,
    CHANNEL_HALF_OPEN_MAX = 1024,
    CHANNEL_HALF_OPEN_PER_PEER = 64, /* of one address */
    CHANNEL_OPEN_MAX = 16384,
    CHANNEL_TICKETS_MAX = 16384,
    CHANNEL_REMOTE_MAX = 63,
};

struct channels;

struct channels_options {
    const struct tsec_clock *clock;
    size_t half_open_max;  /* 0: CHANNEL_HALF_OPEN_MAX */
    size_t open_max;       /* 0: CHANNEL_OPEN_MAX */
    int64_t ttl_s;         /* of a channel, rekeyed or not; 0: 8 hours */
    int64_t rekey_after_s; /* 0: 3600 */
};

TSEC_MUST_CHECK tsec_rc channels_new(const struct channels_options *options, struct channels **out,
                                     struct tsec_err *err);
/** Closes all. */
void channels_free(struct channels *channels);
TSEC_DEFINE_AUTO(struct channels, channels_free)
void channels_set_rekey_after(struct channels *channels, int64_t seconds);
int64_t channels_rekey_after_s(const struct channels *channels);
int64_t channels_ttl_s(const struct channels *channels);

/* ---- half open ---- */

/** Takes the responder until its initiator finishes, or 30 s.  Full: the oldest of the address that
 *  has most gives way.  TSEC_E_BUSY: this address has its share. */
TSEC_MUST_CHECK tsec_rc channels_park(struct channels *channels, struct amc_responder **responder,
                                      const char *remote, struct tsec_err *err);
/** Gives it out, once.  NULL: unknown, used or over. */
struct amc_responder *channels_unpark(struct channels *channels, const uint8_t cid[AMC_CID_LEN]);

/* ---- open ---- */

/** Who is at the other end. */
struct channel_peer {
    const struct appraisal *appraisal; /* copied; NULL: an operator, who has a token */
    struct tsec_string_map attest;     /* as struct token has it; copied */
    const char *role;                  /* "" : none */
    struct tsec_span token;            /* the role's, for messages that bring none; copied, wiped */
    const char *remote;
};

struct channel;
/** Takes the session; it is open from now on.  TSEC_E_BUSY: too many. */
TSEC_MUST_CHECK tsec_rc channels_open(struct channels *channels, struct amc_session **session,
                                      const struct channel_peer *peer, struct channel **out,
                                      struct tsec_err *err);
/** NULL: unknown, closed or over.  One holder more. */
struct channel *channels_find(struct channels *channels, const uint8_t cid[AMC_CID_LEN]);
void channel_release(struct channel *channel);
TSEC_DEFINE_AUTO(struct channel, channel_release)
/** `reason`: static.  False: it was closed already. */
bool channels_close(struct channels *channels, struct channel *channel, const char *reason);
bool channel_is_open(const struct channel *channel);

struct amc_session *channel_session(struct channel *channel);
/** Immutable but for appraisal and attest, which a rekey renews. */
const struct channel_peer *channel_peer(const struct channel *channel);
/** Whether it is past its rekey interval, and only a rekey may come. */
bool channel_must_rekey(struct channels *channels, const struct channel *channel);

/** Asks of every open channel whether it may stay, and closes those that may not; returns how many.
 *  `may` may be called from here only, with no lock held that it could want. */
size_t channels_review(struct channels *channels,
                       bool (*may)(void *ctx, const struct channel *channel, const char **reason),
                       void *ctx);

/* ---- resumption ---- */

/** A ticket for the channel's peer: single use, dropped with the policy and with the server. */
TSEC_MUST_CHECK tsec_rc channels_ticket(struct channels *channels, struct channel *channel,
                                        uint8_t ticket[AMC_TICKET_LEN], uint32_t *n,
                                        int64_t *expires_s, struct tsec_err *err);
/** Uses it up.  False: unknown, used, over.  The psk, and the peer it was given to (*peer is the
 *  channel that asked for it, held). */
bool channels_redeem(struct channels *channels, const uint8_t ticket[AMC_TICKET_LEN],
                     uint8_t psk[AMC_HASH_LEN], struct channel **peer);
void channels_forget_tickets(struct channels *channels);

struct channels_counts {
    size_t open, half_open, tickets;
    uint64_t opened_total, refused_total, closed_total, resumed_total, rekeyed_total;
    uint64_t messages_total, message_refused_total;
};
struct channels_counts channels_counts(struct channels *channels);

#endif
