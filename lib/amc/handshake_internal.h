/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file amc/handshake_internal.h
 * @brief What both roles of the handshake share, and what is drawn given instead: for known answers
 * and tests.  Nothing outside lib/amc and its tests includes it.
 */
#ifndef TSEC_AMC_HANDSHAKE_INTERNAL_H
#define TSEC_AMC_HANDSHAKE_INTERNAL_H

#include "amc/handshake.h"

/** NULL members are drawn at random. */
struct amc_drawn {
    const struct tsec_key *eph;
    const uint8_t *nonce;
    const uint8_t *cid; /* responder */
};

TSEC_MUST_CHECK tsec_rc amc_responder_begin_with(const struct amc_responder_options *options,
                                                 const struct amc_drawn *drawn,
                                                 const struct amc_b1 *b1, struct tsec_span text,
                                                 struct amc_responder **out, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc amc_initiator_begin_with(const struct amc_initiator_options *options,
                                                 const struct amc_drawn *drawn,
                                                 struct amc_initiator **out, struct tsec_err *err);

/** Where a side is.  A step that fails leaves AMC_STEP_FAILED, and no secret. */
enum amc_step {
    AMC_STEP_FAILED = 0,
    AMC_STEP_HELLO,    /* R: may reply(); I: awaits the reply */
    AMC_STEP_EVIDENCE, /* R: awaits finish; I: may finish() */
    AMC_STEP_FIN,      /* R: may accept(); I: awaits the last reply */
    AMC_STEP_DONE,
};

/** The transcript and its secret, of either side. */
struct amc_state {
    enum amc_step step;
    uint8_t *prk; /* locked memory, AMC_HASH_LEN; NULL: wiped */
    uint8_t th1[AMC_HASH_LEN];
    uint8_t th2[AMC_HASH_LEN];
    uint8_t th3[AMC_HASH_LEN];
    uint8_t fin_i[AMC_HASH_LEN];
    uint8_t bind_r[AMC_HASH_LEN];
    uint8_t bind_i[AMC_HASH_LEN];
};

/** Takes the step `from`; TSEC_E_INTERNAL when it is another's turn.  Until amc_state_leave() says
 *  how it went the state is a failed one. */
TSEC_MUST_CHECK tsec_rc amc_state_enter(struct amc_state *state, enum amc_step from,
                                        struct tsec_err *err);
/** `rc` as it is; the step is `to`, or everything is wiped. */
TSEC_MUST_CHECK tsec_rc amc_state_leave(struct amc_state *state, enum amc_step to, tsec_rc rc);
void amc_state_done(struct amc_state *state);

/** prk from the shared secret, which the caller wipes; with that, th1 and bind_r. */
TSEC_MUST_CHECK tsec_rc amc_state_derive(struct amc_state *state, const struct amc_b1 *b1,
                                         const struct amc_b2 *b2, struct tsec_span b1_text,
                                         struct tsec_span b2_text, struct tsec_span ss,
                                         struct tsec_span psk, struct tsec_err *err);
/** th2, and with it bind_i. */
TSEC_MUST_CHECK tsec_rc amc_state_evidence(struct amc_state *state, const struct amc_b1 *b1,
                                           struct tsec_span er, struct tsec_err *err);
/** The session of master_0. */
TSEC_MUST_CHECK tsec_rc amc_state_session(struct amc_state *state, enum amc_role role,
                                          const uint8_t cid[AMC_CID_LEN],
                                          struct amc_session **session, struct tsec_err *err);

#endif
