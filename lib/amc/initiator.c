/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "amc/handshake_internal.h"
#include "amc/proof.h"
#include "amc/schedule.h"
#include "amc/share.h"
#include "crypto/locked.h"

struct amc_initiator {
    struct amc_state state;
    struct amc_b1 b1;
    struct amc_b2 b2;
    struct tsec_buf b1_text;
    struct amc_share_own own;
    struct tsec_key *id; /* or NULL */
    uint8_t *psk;        /* locked memory, AMC_HASH_LEN, or NULL */
    uint8_t peer_spki[AMC_SPKI_LEN];
};

static void
forget_psk(struct amc_initiator *i)
{
    tsec_locked_free(i->psk, AMC_HASH_LEN);
    i->psk = NULL;
}

void
amc_initiator_free(struct amc_initiator *i)
{
    if (i != NULL) {
        amc_state_done(&i->state);
        amc_share_own_done(&i->own);
        forget_psk(i);
        tsec_key_free(i->id);
        tsec_buf_done(&i->b1_text);
        explicit_bzero(i, sizeof(*i));
        free(i);
    }
}

/* ---- begin ---- */

static bool
put_formats(struct amc_b1 *b1, const char *const *accept)
{
    for (; accept != NULL && *accept != NULL; accept++) {
        if (b1->accept_len == AMC_FORMATS_MAX || strlen(*accept) > AMC_FORMAT_LEN) {
            return false;
        }
        memcpy(b1->accept[b1->accept_len++], *accept, strlen(*accept) + 1);
    }
    return b1->accept_len > 0;
}

static tsec_rc
put_identity(struct amc_initiator *i, const struct tsec_key *id, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(AMC_SPKI_LEN);

    if (id == NULL) {
        return TSEC_OK;
    }
    if (tsec_key_kind_of(id) != TSEC_KEY_P384) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "an identity key that is not of P-384");
    }
    TSEC_TRY(tsec_key_share(id, &i->id, err));
    TSEC_TRY(tsec_key_spki(id, &spki, err));
    memcpy(i->b1.id, spki.ptr, AMC_SPKI_LEN);
    i->b1.id_len = AMC_SPKI_LEN;
    return TSEC_OK;
}

static tsec_rc
put_ticket(struct amc_initiator *i, const struct amc_initiator_options *options,
           struct tsec_err *err)
{
    if (options->ticket == NULL) {
        return TSEC_OK;
    }
    if (options->psk.len != AMC_HASH_LEN) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a ticket's key of %zu bytes", options->psk.len);
    }
    TSEC_TRY(tsec_locked_new(AMC_HASH_LEN, &i->psk, err));
    memcpy(i->psk, options->psk.ptr, AMC_HASH_LEN);
    memcpy(i->b1.ticket, options->ticket, AMC_TICKET_LEN);
    i->b1.has_ticket = true;
    return TSEC_OK;
}

static tsec_rc
begin(struct amc_initiator *i, const struct amc_initiator_options *options,
      const struct amc_drawn *drawn, struct tsec_err *err)
{
    const size_t aud_len = options->aud == NULL ? 0 : strlen(options->aud);

    if (aud_len == 0 || aud_len > AMC_NAME_MAX || !put_formats(&i->b1, options->accept)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "whom a hello is for, or what is accepted");
    }
    memcpy(i->b1.aud, options->aud, aud_len + 1);
    TSEC_TRY(put_identity(i, options->id, err));
    TSEC_TRY(put_ticket(i, options, err));
    TSEC_TRY(amc_share_own_draw(&i->own, drawn->eph, drawn->nonce, err));
    memcpy(i->b1.nonce, i->own.nonce, AMC_NONCE_LEN);
    memcpy(i->b1.eph, i->own.eph, AMC_POINT_LEN);
    amc_b1_write(&i->b1, &i->b1_text);
    return tsec_buf_check(&i->b1_text, err);
}

tsec_rc
amc_initiator_begin_with(const struct amc_initiator_options *options, const struct amc_drawn *drawn,
                         struct amc_initiator **out, struct tsec_err *err)
{
    TSEC_AUTO(amc_initiator_free) struct amc_initiator *i = calloc(1, sizeof(*i));

    if (i == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "handshake");
    }
    tsec_buf_init(&i->b1_text, AMC_HELLO_MAX);
    TSEC_TRY(begin(i, options, drawn, err));
    i->state.step = AMC_STEP_HELLO;
    *out = TSEC_TAKE(i);
    return TSEC_OK;
}

tsec_rc
amc_initiator_begin(const struct amc_initiator_options *options, struct amc_initiator **out,
                    struct tsec_err *err)
{
    const struct amc_drawn drawn = { .eph = NULL };

    return amc_initiator_begin_with(options, &drawn, out, err);
}

/* ---- the reply ---- */

static tsec_rc
derive(struct amc_initiator *i, struct tsec_span hello, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf ss = TSEC_BUF_INIT(AMC_HASH_LEN);

    TSEC_TRY(amc_b2_parse(hello, &i->b2, err));
    if (i->b2.resumed && i->psk == NULL) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "a ticket was taken that was not shown");
    }
    if (!amc_aud_is(i->b1.aud, tsec_span(i->b2.id, i->b2.id_len))) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "another identity answers");
    }
    amc_share_spki(i->b2.eph, i->peer_spki);
    TSEC_TRY(amc_share_own_agree(&i->own, i->b2.eph, i->b2.nonce, &ss, err));

    const struct tsec_span psk = tsec_span(i->psk, i->b2.resumed ? AMC_HASH_LEN : 0);

    return amc_state_derive(&i->state, &i->b1, &i->b2, tsec_buf_span(&i->b1_text), hello,
                            tsec_buf_span(&ss), psk, err);
}

static tsec_rc
read_reply(struct amc_initiator *i, struct tsec_span body, struct tsec_buf *er,
           struct tsec_err *err)
{
    struct amc_member m[] = { { .name = "hello" }, { .name = "evidence" }, { .name = "sig" } };
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(AMC_FLIGHT_MAX);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    struct tsec_span hello;
    struct tsec_span sealed;
    uint8_t sig[AMC_SIG_LEN];

    TSEC_TRY(amc_flight_read(body, m, TSEC_ARRAY_LEN(m), err));
    tsec_buf_reserve(&bytes, body.len); /* spans point into it */
    TSEC_TRY(tsec_buf_check(&bytes, err));
    if (!amc_member_bytes(&m[0], &bytes, &hello) || !amc_member_bytes(&m[1], &bytes, &sealed)
        || !amc_member_fixed(&m[2], sig, sizeof(sig))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "reply: hello, evidence or sig");
    }
    TSEC_TRY(derive(i, hello, err));
    TSEC_TRY(amc_proof_open(i->state.prk, AMC_RESPONDER, i->state.th1, sealed, &plain, err));
    TSEC_TRY(amc_state_evidence(&i->state, &i->b1, tsec_buf_span(&plain), err));
    TSEC_TRY(amc_proof_verify(AMC_RESPONDER, i->state.th2, tsec_span(i->b2.id, i->b2.id_len),
                              tsec_span(sig, sizeof(sig)), err));
    tsec_buf_put_span(er, tsec_buf_span(&plain));
    return tsec_buf_check(er, err);
}

tsec_rc
amc_initiator_reply(struct amc_initiator *i, struct tsec_span body, struct tsec_buf *er,
                    struct tsec_err *err)
{
    TSEC_TRY(amc_state_enter(&i->state, AMC_STEP_HELLO, err));

    const tsec_rc rc = read_reply(i, body, er, err);

    amc_share_own_done(&i->own);
    forget_psk(i);
    return amc_state_leave(&i->state, AMC_STEP_EVIDENCE, rc);
}

/* ---- finish ---- */

static tsec_rc
sign(struct amc_initiator *i, struct tsec_buf *sig, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(AMC_HELLO_MAX);

    if (i->id == NULL) {
        return TSEC_OK;
    }
    amc_proof_text(AMC_INITIATOR, i->state.th3, &text);
    TSEC_TRY(tsec_buf_check(&text, err));
    return tsec_sign(i->id, TSEC_SHA384, tsec_buf_span(&text), sig, err);
}

static tsec_rc
finish(struct amc_initiator *i, struct tsec_span ei, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(AMC_EVIDENCE_MAX + AMC_TAG_LEN);
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(AMC_SIG_LEN);
    struct amc_state *s = &i->state;

    TSEC_TRY(amc_proof_seal(s->prk, AMC_INITIATOR, s->th2, ei, &sealed, err));
    amc_th3(s->th2, ei, s->th3);
    TSEC_TRY(sign(i, &sig, err));
    TSEC_TRY(amc_proof_fin_i(s->prk, s->th3, s->fin_i, err));
    amc_flight_put(out, true, "evidence", tsec_buf_span(&sealed));
    if (sig.len > 0) {
        amc_flight_put(out, false, "sig", tsec_buf_span(&sig));
    }
    amc_flight_put(out, false, "fin", tsec_span(s->fin_i, AMC_HASH_LEN));
    tsec_buf_put_str(out, "}");
    return tsec_buf_check(out, err);
}

tsec_rc
amc_initiator_finish(struct amc_initiator *i, struct tsec_span ei, struct tsec_buf *out,
                     struct tsec_err *err)
{
    TSEC_TRY(amc_state_enter(&i->state, AMC_STEP_EVIDENCE, err));
    return amc_state_leave(&i->state, AMC_STEP_FIN, finish(i, ei, out, err));
}

/* ---- done ---- */

static tsec_rc
read_last(struct amc_initiator *i, struct tsec_span body, struct tsec_buf *s,
          struct amc_session **session, struct tsec_err *err)
{
    struct amc_member m[] = { { .name = "session" }, { .name = "fin" } };
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(AMC_FLIGHT_MAX);
    TSEC_AUTO(amc_session_free) struct amc_session *made = NULL;
    struct tsec_span text;
    uint8_t fin[AMC_HASH_LEN];
    uint8_t expected[AMC_HASH_LEN];

    TSEC_TRY(amc_flight_read(body, m, TSEC_ARRAY_LEN(m), err));
    if (!amc_member_bytes(&m[0], &bytes, &text) || text.len > AMC_SESSION_MAX
        || !amc_member_fixed(&m[1], fin, sizeof(fin))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "last reply: session or fin");
    }
    TSEC_TRY(amc_proof_fin_r(i->state.prk, i->state.th3, i->state.fin_i, text, expected, err));
    if (!tsec_ct_equal(tsec_span(fin, sizeof(fin)), tsec_span(expected, sizeof(expected)))) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "fin does not hold");
    }
    TSEC_TRY(amc_state_session(&i->state, AMC_INITIATOR, i->b2.cid, &made, err));
    tsec_buf_put_span(s, text);
    TSEC_TRY(tsec_buf_check(s, err));
    *session = TSEC_TAKE(made);
    return TSEC_OK;
}

tsec_rc
amc_initiator_done(struct amc_initiator *i, struct tsec_span body, struct tsec_buf *s,
                   struct amc_session **session, struct tsec_err *err)
{
    TSEC_TRY(amc_state_enter(&i->state, AMC_STEP_FIN, err));
    return amc_state_leave(&i->state, AMC_STEP_DONE, read_last(i, body, s, session, err));
}

/* ---- what the caller needs between the steps ---- */

struct tsec_span
amc_initiator_b1(const struct amc_initiator *i)
{
    return tsec_buf_span(&i->b1_text);
}

const struct amc_b2 *
amc_initiator_b2(const struct amc_initiator *i)
{
    return &i->b2;
}

const uint8_t *
amc_initiator_peer_binding(const struct amc_initiator *i)
{
    return i->state.bind_r;
}

struct tsec_span
amc_initiator_nonce(const struct amc_initiator *i)
{
    return tsec_span(i->own.nonce, AMC_NONCE_LEN);
}

struct tsec_span
amc_initiator_peer_spki(const struct amc_initiator *i)
{
    return tsec_span(i->peer_spki, AMC_SPKI_LEN);
}

const uint8_t *
amc_initiator_binding(const struct amc_initiator *i)
{
    return i->state.bind_i;
}

struct tsec_span
amc_initiator_peer_nonce(const struct amc_initiator *i)
{
    return tsec_span(i->b2.nonce, AMC_NONCE_LEN);
}

struct tsec_span
amc_initiator_spki(const struct amc_initiator *i)
{
    return tsec_span(i->own.spki, AMC_SPKI_LEN);
}
