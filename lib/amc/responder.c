/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "amc/handshake_internal.h"
#include "amc/proof.h"
#include "amc/schedule.h"
#include "amc/share.h"
#include "crypto/rand.h"

struct amc_responder {
    struct amc_state state;
    struct amc_b1 b1;
    struct amc_b2 b2;
    struct tsec_buf b2_text;
    struct amc_share_own own;
    uint8_t peer_spki[AMC_SPKI_LEN];
    amc_sign_fn sign;
    void *sign_ctx;
};

void
amc_responder_free(struct amc_responder *r)
{
    if (r != NULL) {
        amc_state_done(&r->state);
        amc_share_own_done(&r->own);
        tsec_buf_done(&r->b2_text);
        explicit_bzero(r, sizeof(*r));
        free(r);
    }
}

/* ---- begin ---- */

static bool
put_formats(struct amc_b2 *b2, const char *const *accept)
{
    for (; accept != NULL && *accept != NULL; accept++) {
        if (b2->accept_len == AMC_FORMATS_MAX || strlen(*accept) > AMC_FORMAT_LEN) {
            return false;
        }
        memcpy(b2->accept[b2->accept_len++], *accept, strlen(*accept) + 1);
    }
    return true;
}

static tsec_rc
make_b2(struct amc_responder *r, const struct amc_responder_options *options,
        const struct amc_drawn *drawn, struct tsec_err *err)
{
    struct amc_b2 *b2 = &r->b2;

    if (options->id.len != AMC_SPKI_LEN || !put_formats(b2, options->accept)) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "an identity key or formats that no hello can have");
    }
    if (drawn->cid == NULL) {
        tsec_rand_nonce(b2->cid, AMC_CID_LEN);
    } else {
        memcpy(b2->cid, drawn->cid, AMC_CID_LEN);
    }
    memcpy(b2->nonce, r->own.nonce, AMC_NONCE_LEN);
    memcpy(b2->eph, r->own.eph, AMC_POINT_LEN);
    memcpy(b2->id, options->id.ptr, AMC_SPKI_LEN);
    b2->id_len = AMC_SPKI_LEN;
    memcpy(b2->policy, options->policy, AMC_HASH_LEN);
    b2->bind = options->bind;
    b2->exp_s = options->exp_s;
    b2->resumed = options->psk.len > 0;
    amc_b2_write(b2, &r->b2_text);
    return tsec_buf_check(&r->b2_text, err);
}

static tsec_rc
begin(struct amc_responder *r, const struct amc_responder_options *options,
      const struct amc_drawn *drawn, struct tsec_span text, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf ss = TSEC_BUF_INIT(AMC_HASH_LEN);

    if (options->psk.len > 0 && (options->psk.len != AMC_HASH_LEN || !r->b1.has_ticket)) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "a key of a ticket that was not shown");
    }
    if (!amc_aud_is(r->b1.aud, options->id)) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "the hello is for another identity");
    }
    TSEC_TRY(amc_share_own_draw(&r->own, drawn->eph, drawn->nonce, err));
    TSEC_TRY(make_b2(r, options, drawn, err));
    TSEC_TRY(amc_share_own_agree(&r->own, r->b1.eph, r->b1.nonce, &ss, err));
    return amc_state_derive(&r->state, &r->b1, &r->b2, text, tsec_buf_span(&r->b2_text),
                            tsec_buf_span(&ss), options->psk, err);
}

tsec_rc
amc_responder_begin_with(const struct amc_responder_options *options, const struct amc_drawn *drawn,
                         const struct amc_b1 *b1, struct tsec_span text, struct amc_responder **out,
                         struct tsec_err *err)
{
    TSEC_AUTO(amc_responder_free) struct amc_responder *r = calloc(1, sizeof(*r));

    if (r == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "handshake");
    }
    r->b1 = *b1;
    r->sign = options->sign;
    r->sign_ctx = options->sign_ctx;
    tsec_buf_init(&r->b2_text, AMC_HELLO_MAX);
    amc_share_spki(b1->eph, r->peer_spki);
    TSEC_TRY(begin(r, options, drawn, text, err));
    r->state.step = AMC_STEP_HELLO;
    *out = TSEC_TAKE(r);
    return TSEC_OK;
}

tsec_rc
amc_responder_begin(const struct amc_responder_options *options, const struct amc_b1 *b1,
                    struct tsec_span text, struct amc_responder **out, struct tsec_err *err)
{
    const struct amc_drawn drawn = { .eph = NULL };

    return amc_responder_begin_with(options, &drawn, b1, text, out, err);
}

/* ---- reply ---- */

static tsec_rc
reply(struct amc_responder *r, struct tsec_span er, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(AMC_EVIDENCE_MAX + AMC_TAG_LEN);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(AMC_HELLO_MAX);
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(AMC_SIG_LEN);

    TSEC_TRY(amc_proof_seal(r->state.prk, AMC_RESPONDER, r->state.th1, er, &sealed, err));
    TSEC_TRY(amc_state_evidence(&r->state, &r->b1, er, err));
    amc_proof_text(AMC_RESPONDER, r->state.th2, &text);
    TSEC_TRY(tsec_buf_check(&text, err));
    TSEC_TRY(r->sign(r->sign_ctx, tsec_buf_span(&text), &sig, err));
    if (sig.len != AMC_SIG_LEN) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "a signature of %zu bytes", sig.len);
    }
    amc_flight_put(out, true, "hello", tsec_buf_span(&r->b2_text));
    amc_flight_put(out, false, "evidence", tsec_buf_span(&sealed));
    amc_flight_put(out, false, "sig", tsec_buf_span(&sig));
    tsec_buf_put_str(out, "}");
    return tsec_buf_check(out, err);
}

tsec_rc
amc_responder_reply(struct amc_responder *r, struct tsec_span er, struct tsec_buf *out,
                    struct tsec_err *err)
{
    TSEC_TRY(amc_state_enter(&r->state, AMC_STEP_HELLO, err));
    return amc_state_leave(&r->state, AMC_STEP_EVIDENCE, reply(r, er, out, err));
}

/* ---- finish ---- */

/* In this order: what is cheap comes first, and evidence is nobody's to look at before. */
static tsec_rc
prove(struct amc_responder *r, struct tsec_span sealed, struct tsec_span sig,
      const uint8_t fin[AMC_HASH_LEN], struct tsec_buf *ei, struct tsec_err *err)
{
    struct amc_state *s = &r->state;

    TSEC_TRY(amc_proof_open(s->prk, AMC_INITIATOR, s->th2, sealed, ei, err));
    amc_th3(s->th2, tsec_buf_span(ei), s->th3);
    TSEC_TRY(amc_proof_fin_i(s->prk, s->th3, s->fin_i, err));
    if (!tsec_ct_equal(tsec_span(fin, AMC_HASH_LEN), tsec_span(s->fin_i, AMC_HASH_LEN))) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "fin does not hold");
    }
    if (r->b1.id_len == 0) {
        return TSEC_OK;
    }
    return amc_proof_verify(AMC_INITIATOR, s->th3, tsec_span(r->b1.id, r->b1.id_len), sig, err);
}

static tsec_rc
finish(struct amc_responder *r, struct tsec_span body, struct tsec_buf *ei, struct tsec_err *err)
{
    struct amc_member m[] = { { .name = "evidence" }, { .name = "fin" }, { .name = "sig" } };
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(AMC_FLIGHT_MAX);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    struct tsec_span evidence;
    uint8_t fin[AMC_HASH_LEN];
    uint8_t sig[AMC_SIG_LEN];

    TSEC_TRY(amc_flight_read(body, m, TSEC_ARRAY_LEN(m), err));
    if (!amc_member_bytes(&m[0], &sealed, &evidence) || !amc_member_fixed(&m[1], fin, sizeof(fin))
        || amc_member_there(&m[2]) != (r->b1.id_len > 0)
        || (amc_member_there(&m[2]) && !amc_member_fixed(&m[2], sig, sizeof(sig)))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "finish: evidence, fin or sig");
    }
    TSEC_TRY(prove(r, evidence, tsec_span(sig, sizeof(sig)), fin, &plain, err));
    tsec_buf_put_span(ei, tsec_buf_span(&plain));
    return tsec_buf_check(ei, err);
}

tsec_rc
amc_responder_finish(struct amc_responder *r, struct tsec_span body, struct tsec_buf *ei,
                     struct tsec_err *err)
{
    TSEC_TRY(amc_state_enter(&r->state, AMC_STEP_EVIDENCE, err));
    return amc_state_leave(&r->state, AMC_STEP_FIN, finish(r, body, ei, err));
}

/* ---- accept ---- */

static tsec_rc
answer(struct amc_responder *r, struct tsec_span s, struct tsec_buf *out,
       struct amc_session **session, struct tsec_err *err)
{
    TSEC_AUTO(amc_session_free) struct amc_session *made = NULL;
    uint8_t fin[AMC_HASH_LEN];

    if (s.len > AMC_SESSION_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "a session of %zu bytes", s.len);
    }
    TSEC_TRY(amc_proof_fin_r(r->state.prk, r->state.th3, r->state.fin_i, s, fin, err));
    TSEC_TRY(amc_state_session(&r->state, AMC_RESPONDER, r->b2.cid, &made, err));
    amc_flight_put(out, true, "session", s);
    amc_flight_put(out, false, "fin", tsec_span(fin, sizeof(fin)));
    tsec_buf_put_str(out, "}");
    TSEC_TRY(tsec_buf_check(out, err));
    *session = TSEC_TAKE(made);
    return TSEC_OK;
}

tsec_rc
amc_responder_accept(struct amc_responder *r, struct tsec_span s, struct tsec_buf *out,
                     struct amc_session **session, struct tsec_err *err)
{
    TSEC_TRY(amc_state_enter(&r->state, AMC_STEP_FIN, err));
    return amc_state_leave(&r->state, AMC_STEP_DONE, answer(r, s, out, session, err));
}

/* ---- what the caller needs between the steps ---- */

const uint8_t *
amc_responder_cid(const struct amc_responder *r)
{
    return r->b2.cid;
}

const struct amc_b1 *
amc_responder_b1(const struct amc_responder *r)
{
    return &r->b1;
}

bool
amc_responder_resumed(const struct amc_responder *r)
{
    return r->b2.resumed;
}

const uint8_t *
amc_responder_binding(const struct amc_responder *r)
{
    return r->state.bind_r;
}

struct tsec_span
amc_responder_spki(const struct amc_responder *r)
{
    return tsec_span(r->own.spki, AMC_SPKI_LEN);
}

struct tsec_span
amc_responder_peer_nonce(const struct amc_responder *r)
{
    return tsec_span(r->b1.nonce, AMC_NONCE_LEN);
}

const uint8_t *
amc_responder_peer_binding(const struct amc_responder *r)
{
    return r->state.bind_i;
}

struct tsec_span
amc_responder_nonce(const struct amc_responder *r)
{
    return tsec_span(r->own.nonce, AMC_NONCE_LEN);
}

struct tsec_span
amc_responder_peer_spki(const struct amc_responder *r)
{
    return tsec_span(r->peer_spki, AMC_SPKI_LEN);
}
