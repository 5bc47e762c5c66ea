/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/handshake.h"

#include "amc/handshake_internal.h"
#include "amc/proof.h"
#include "amc/schedule.h"
#include "crypto/locked.h"

void
amc_state_done(struct amc_state *state)
{
    tsec_locked_free(state->prk, AMC_HASH_LEN);
    state->prk = NULL;
}

tsec_rc
amc_state_enter(struct amc_state *state, enum amc_step from, struct tsec_err *err)
{
    const enum amc_step at = state->step;

    state->step = AMC_STEP_FAILED;
    if (at != from) {
        amc_state_done(state);
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "step %d of a handshake that is at %d", (int)from,
                         (int)at);
    }
    return TSEC_OK;
}

tsec_rc
amc_state_leave(struct amc_state *state, enum amc_step to, tsec_rc rc)
{
    state->step = tsec_failed(rc) ? AMC_STEP_FAILED : to;
    if (tsec_failed(rc) || to == AMC_STEP_DONE) {
        amc_state_done(state);
    }
    return rc;
}

tsec_rc
amc_state_derive(struct amc_state *state, const struct amc_b1 *b1, const struct amc_b2 *b2,
                 struct tsec_span b1_text, struct tsec_span b2_text, struct tsec_span ss,
                 struct tsec_span psk, struct tsec_err *err)
{
    TSEC_TRY(tsec_locked_new(AMC_HASH_LEN, &state->prk, err));
    TSEC_TRY(amc_prk(b1->nonce, b2->nonce, ss, psk, state->prk, err));
    amc_th1(b1_text, b2_text, state->th1);
    return amc_proof_binding(state->prk, AMC_RESPONDER, state->th1, b2->eph,
                             tsec_span(b2->id, b2->id_len), state->bind_r, err);
}

tsec_rc
amc_state_evidence(struct amc_state *state, const struct amc_b1 *b1, struct tsec_span er,
                   struct tsec_err *err)
{
    amc_th2(state->th1, er, state->th2);
    return amc_proof_binding(state->prk, AMC_INITIATOR, state->th2, b1->eph,
                             tsec_span(b1->id, b1->id_len), state->bind_i, err);
}

tsec_rc
amc_state_session(struct amc_state *state, enum amc_role role, const uint8_t cid[AMC_CID_LEN],
                  struct amc_session **session, struct tsec_err *err)
{
    uint8_t master[AMC_HASH_LEN];

    TSEC_TRY(amc_expand(state->prk, "master", tsec_span(state->th3, AMC_HASH_LEN), master,
                        sizeof(master), err));

    const tsec_rc rc = amc_session_new(role, cid, master, session, err);

    explicit_bzero(master, sizeof(master));
    return rc;
}
