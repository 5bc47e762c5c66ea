/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file channel/channel.h
 * @brief The open channels of this server, and those half open: bounded, counted, closed at once
 * when what they rest on goes.
 *
 * It knows no request and no row.  Any thread; nothing is called back under its locks.  A channel
 * lives as long as somebody holds it; one that was closed opens no further message.
 *
 * Strangers may open channels in which only this server attests.  Until a token was used in one it
 * counts as a stranger's: those have a share of the table of their own, in which the oldest gives
 * way, so that they can crowd out each other, but nobody who proved anything.
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
    CHANNEL_OPEN_MAX = 8192,     /* each has keys in locked memory */
    CHANNEL_STRANGERS_SHARE = 4, /* a quarter of those */
    CHANNEL_TICKETS_MAX = 8192,
    CHANNEL_TICKETS_EACH = 16, /* of one channel */
    CHANNEL_REMOTE_MAX = 63,
    CHANNEL_TTL_S = 8 * 3600,
    CHANNEL_REKEY_AFTER_S = 3600,
    CHANNEL_STRANGER_S = 300, /* of a channel in which nobody showed a token */
    CHANNEL_REATTEST_S = 60,  /* how long a rekey may wait for the evidence that completes it */
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

struct channel;

/** A handshake between its two round trips. */
struct channel_half {
    struct amc_responder *responder;
    struct channel *resumes; /* whose ticket was taken; a holder; NULL: none */
    int64_t parked_mono_ns;
};
/** Gives back what it has; harmless when that was taken. */
void channel_half_done(struct channel_half *half);

/** Takes what `half` has until its initiator finishes, or 30 s.  Full: the oldest from where most
 *  came gives way, so that a flood from one place cannot keep others out. */
TSEC_MUST_CHECK tsec_rc channels_park(struct channels *channels, struct channel_half *half,
                                      const char *remote, struct tsec_err *err);
/** Gives it out, once.  False: unknown, used or over. */
bool channels_unpark(struct channels *channels, const uint8_t cid[AMC_CID_LEN],
                     struct channel_half *out);

/* ---- open ---- */

/** Who is at the other end. */
struct channel_peer {
    const struct appraisal *appraisal; /* copied, but for its account; NULL: an operator, who has a
                                          token */
    int64_t appraised_s;               /* wall clock: when that evidence was appraised */
    int64_t attested_mono_ns;          /* the same, which resuming does not change; else: now */
    struct tsec_string_map attest;     /* as struct token has it; copied */
    bool resumed;                      /* stands on the evidence of an earlier one */
    const char *role;                  /* "" : none */
    struct tsec_span token;            /* the role's, for messages that bring none; copied, wiped */
    const char *remote;
};

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
const uint8_t *channel_cid(const struct channel *channel);
/** As it was proved last; what was got stays what it is while the caller holds the channel. */
const struct channel_peer *channel_peer(struct channel *channel);
/** By which policy it was last found fit to stay; 0: by none yet. */
uint64_t channel_reviewed(const struct channel *channel);
void channel_set_reviewed(struct channel *channel, uint64_t generation);
/** Somebody with a valid token uses it: it is no stranger's any more. */
void channel_prove(struct channel *channel);
/** Whether nobody has shown evidence or a token in it yet. */
bool channel_is_strangers(const struct channel *channel);
/** One message more; refused or not. */
void channel_message(struct channels *channels, struct channel *channel, bool refused);

/* ---- rekey ---- */

/** Whether it is past its rekey interval, and only a rekey may come. */
bool channel_must_rekey(struct channels *channels, const struct channel *channel);
/** Has the session go on in the next epoch.  One with evidence keeps `rekey` until new evidence
 *  completes it, and takes nothing else in that epoch.  TSEC_E_CONFLICT: one is under way;
 *  TSEC_E_BUSY: too many in too short a time. */
TSEC_MUST_CHECK tsec_rc channels_rekey(struct channels *channels, struct channel *channel,
                                       struct amc_rekey **rekey, struct tsec_err *err);
/** Whether a message of that epoch must be the evidence that completes a rekey. */
bool channel_awaits_evidence(const struct channel *channel, uint32_t epoch);
/** What the evidence must be bound to: once, for there is one attempt.  NULL: nothing is awaited.
 */
struct amc_rekey *channel_take_rekey(struct channel *channel);
/** The evidence was taken: the peer is this one from now on, but for its token and address. */
TSEC_MUST_CHECK tsec_rc channels_renew(struct channels *channels, struct channel *channel,
                                       const struct channel_peer *peer, struct tsec_err *err);

/* ---- all of them ---- */

/** What an operator may know of one. */
struct channel_account {
    uint8_t cid[AMC_CID_LEN];
    int64_t opened_ns; /* wall clock */
    int64_t used_ns;
    uint64_t messages;
    uint32_t epoch;
};
void channel_account(struct channels *channels, struct channel *channel,
                     struct channel_account *out);
/** Those that are open, in the order in which they were opened; each held.  `out` is to be freed.
 */
TSEC_MUST_CHECK tsec_rc channels_list(struct channels *channels, struct channel ***out, size_t *len,
                                      struct tsec_err *err);
/** Closes all that are open and forgets those half open: their keys must go. */
void channels_close_all(struct channels *channels, const char *reason);
/** Ends what is past its time; about once a second. */
void channels_sweep(struct channels *channels);

/** Asks of every open channel whether it may stay, and closes those that may not; returns how many.
 *  `may` may be called from here only, with no lock held that it could want. */
size_t channels_review(struct channels *channels,
                       bool (*may)(void *ctx, struct channel *channel, const char **reason),
                       void *ctx);

/* ---- resumption ---- */

/** A ticket for the channel's peer, for one use: good while the channel is open and in the epoch in
 *  which it was given, so that whatever ends the one ends the other.  TSEC_E_BUSY: there are
 *  enough; TSEC_E_DENIED: a peer without evidence has nothing to resume. */
TSEC_MUST_CHECK tsec_rc channels_ticket(struct channels *channels, struct channel *channel,
                                        uint8_t ticket[AMC_TICKET_LEN], uint32_t *n,
                                        int64_t *left_s, struct tsec_err *err);
/** Uses it up.  False: unknown, used, over.  The psk, and the channel that asked for it, held. */
bool channels_redeem(struct channels *channels, const uint8_t ticket[AMC_TICKET_LEN],
                     uint8_t psk[AMC_HASH_LEN], struct channel **from);
void channels_forget_tickets(struct channels *channels);

/* ---- figures ---- */

/** A handshake that came to nothing; and one that came to an end, and how long it took. */
void channels_refused(struct channels *channels);
void channels_took(struct channels *channels, int64_t ns);

enum { CHANNEL_SECONDS_LEN = 8 };
/** Upper bounds of the histogram of handshakes, in milliseconds. */
extern const unsigned channel_seconds_ms[CHANNEL_SECONDS_LEN];

struct channels_counts {
    size_t open, strangers, half_open, tickets;
    uint64_t opened_total, refused_total, closed_total, resumed_total, rekeyed_total;
    uint64_t messages_total, message_refused_total, given_way_total;
    uint64_t handshakes[CHANNEL_SECONDS_LEN + 1]; /* by how long they took; the last: longer */
    int64_t handshakes_ns;                        /* in all */
};
struct channels_counts channels_counts(struct channels *channels);

#endif
