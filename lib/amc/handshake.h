/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file amc/handshake.h
 * @brief The handshake of amc-v1, both roles: two messages each way, and a session at the end.
 *
 * Each object is used by one thread at a time, step by step; a step out of order is
 * TSEC_E_INTERNAL. After a failure only freeing is left: one attempt.  Secrets lie in locked memory
 * and are wiped as soon as the next value is derived.  What each side sends as evidence is made,
 * and what it gets is appraised, by the caller between two steps: TSEC_OK here never means that the
 * peer is admitted.
 *
 *     initiator                                 responder
 *     begin()  ── B1 ─────────────────────────▶ begin()
 *                                               [evidence over binding()]  reply()
 *     reply()  ◀── {hello, evidence, sig} ─────
 *     [checks the identity, appraises Er, makes evidence over own_binding()]
 *     finish() ── {evidence, sig?, fin} ──────▶ finish()
 *                                               [appraises Ei over peer_binding(), decides]
 * accept() done()   ◀── {session, fin} ─────────────
 */
#ifndef TSEC_AMC_HANDSHAKE_H
#define TSEC_AMC_HANDSHAKE_H

#include "amc/evidence.h"
#include "amc/hello.h"
#include "amc/session.h"
#include "crypto/sign.h"

/** Appends r ‖ s (96 bytes) of ECDSA P-384 with SHA-384. */
typedef tsec_rc (*amc_sign_fn)(void *ctx, struct tsec_span message, struct tsec_buf *sig,
                               struct tsec_err *err);

/* ---- responder ---- */

struct amc_responder;

struct amc_responder_options {
    struct tsec_span id; /* SPKI DER of the cluster identity key */
    amc_sign_fn sign;
    void *sign_ctx;
    uint8_t policy[AMC_HASH_LEN];
    enum amc_layout bind;      /* of this side's evidence */
    const char *const *accept; /* formats taken from the initiator; NULL-terminated */
    unsigned exp_s;
    struct tsec_span psk; /* of the ticket in B1, when it is taken; empty: none */
};

/** `b1` is what `text` was parsed into.  TSEC_E_DENIED: the point or nonce is not one to go on with
 *  (its own, a reflection). */
TSEC_MUST_CHECK tsec_rc amc_responder_begin(const struct amc_responder_options *options,
                                            const struct amc_b1 *b1, struct tsec_span text,
                                            struct amc_responder **out, struct tsec_err *err);
void amc_responder_free(struct amc_responder *r);
TSEC_DEFINE_AUTO(struct amc_responder, amc_responder_free)

const uint8_t *amc_responder_cid(const struct amc_responder *r);
const struct amc_b1 *amc_responder_b1(const struct amc_responder *r);
bool amc_responder_resumed(const struct amc_responder *r);
/** bind_r; and what evidence that is bound to it is asked with. */
const uint8_t *amc_responder_binding(const struct amc_responder *r);
struct tsec_span amc_responder_spki(const struct amc_responder *r);       /* own ephemeral key */
struct tsec_span amc_responder_peer_nonce(const struct amc_responder *r); /* the initiator's */

/** Appends the JSON reply.  Er as amc_evidence_write() made it. */
TSEC_MUST_CHECK tsec_rc amc_responder_reply(struct amc_responder *r, struct tsec_span er,
                                            struct tsec_buf *out, struct tsec_err *err);
/** The body of finish: `fin` first, then `sig` (needed when B1 has an id), then the evidence, which
 *  is appended to `ei`.  TSEC_E_INVALID: not such a body; TSEC_E_DENIED. */
TSEC_MUST_CHECK tsec_rc amc_responder_finish(struct amc_responder *r, struct tsec_span body,
                                             struct tsec_buf *ei, struct tsec_err *err);
/** bind_i and what belongs to it; after finish(). */
const uint8_t *amc_responder_peer_binding(const struct amc_responder *r);
struct tsec_span amc_responder_nonce(const struct amc_responder *r); /* own */
struct tsec_span amc_responder_peer_spki(const struct amc_responder *r);
/** `s` is the session's JSON; appends the JSON reply. */
TSEC_MUST_CHECK tsec_rc amc_responder_accept(struct amc_responder *r, struct tsec_span s,
                                             struct tsec_buf *out, struct amc_session **session,
                                             struct tsec_err *err);

/* ---- initiator ---- */

struct amc_initiator;

struct amc_initiator_options {
    const char *const *accept; /* formats taken from the responder, and "none" when this side has no
                                  evidence; NULL-terminated */
    const char *aud;           /* b64u SPKI of the identity expected, or a name */
    const struct tsec_key *id; /* own identity key, P-384; NULL: none */
    const uint8_t *ticket;     /* AMC_TICKET_LEN; NULL: none */
    struct tsec_span psk;      /* the ticket's key */
};

TSEC_MUST_CHECK tsec_rc amc_initiator_begin(const struct amc_initiator_options *options,
                                            struct amc_initiator **out, struct tsec_err *err);
void amc_initiator_free(struct amc_initiator *i);
TSEC_DEFINE_AUTO(struct amc_initiator, amc_initiator_free)

struct tsec_span amc_initiator_b1(const struct amc_initiator *i);
/** Reads the reply to B1, verifies `sig` by the identity that B2 names, appends Er. */
TSEC_MUST_CHECK tsec_rc amc_initiator_reply(struct amc_initiator *i, struct tsec_span body,
                                            struct tsec_buf *er, struct tsec_err *err);
const struct amc_b2 *amc_initiator_b2(const struct amc_initiator *i);
const uint8_t *amc_initiator_peer_binding(const struct amc_initiator *i); /* bind_r */
struct tsec_span amc_initiator_nonce(const struct amc_initiator *i);      /* own */
struct tsec_span amc_initiator_peer_spki(const struct amc_initiator *i);
const uint8_t *amc_initiator_binding(const struct amc_initiator *i); /* bind_i */
struct tsec_span amc_initiator_peer_nonce(const struct amc_initiator *i);
struct tsec_span amc_initiator_spki(const struct amc_initiator *i);
/** Appends the JSON body of finish. */
TSEC_MUST_CHECK tsec_rc amc_initiator_finish(struct amc_initiator *i, struct tsec_span ei,
                                             struct tsec_buf *out, struct tsec_err *err);
/** Verifies the last reply; appends S. */
TSEC_MUST_CHECK tsec_rc amc_initiator_done(struct amc_initiator *i, struct tsec_span body,
                                           struct tsec_buf *s, struct amc_session **session,
                                           struct tsec_err *err);

#endif
