/* SPDX-License-Identifier: Apache-2.0 */
/* Finish: the second round trip.  The handshake is taken out and its evidence appraised once, by a
 * worker; what it leads to is decided in the transaction; and the channel opens when that is
 * durable.  Whatever fails, the handshake is gone. */
#include "api/ahead.h"
#include "api/api.h"
#include "api/channel_review.h"
#include "api/envelope.h"
#include "api/op.h"
#include "api/tee_channel_proof.h"
#include "base/hex.h"
#include "core/strings.h"

enum { FINISH_US = 3000 };

/** Done once in the life of a request. */
struct finish {
    struct api_work work; /* first */
    struct api *api;
    uint8_t cid[AMC_CID_LEN];
    struct tsec_span body;
    int64_t now_s;

    struct channel_half half; /* no responder: there was none of that cid */
    bool malformed;
    struct tsec_buf ei;
    struct channel_proof proof;
};

static void
drop(struct api_work *work)
{
    struct finish *finish = (struct finish *)(void *)work;

    channel_half_done(&finish->half);
    channel_proof_done(&finish->proof);
    tsec_buf_done(&finish->ei);
}

static void
read_proof(struct finish *finish)
{
    const struct amc_responder *r = finish->half.responder;
    const struct amc_b1 *b1 = amc_responder_b1(r);
    const struct channel_bound bound = {
        .binding = amc_responder_peer_binding(r),
        .nonce = amc_responder_nonce(r),
        .spki = amc_responder_peer_spki(r),
        .id = tsec_span(b1->id, b1->id_len),
    };
    struct channel_proof *proof = &finish->proof;

    channel_proof_read(proof, tsec_buf_span(&finish->ei));
    if (proof->refused == NULL
        && (proof->evidence.mode == AMC_FRESH || proof->evidence.mode == AMC_IDENTITY)) {
        channel_proof_appraise(proof, finish->api->options.appraiser, &bound, finish->now_s);
    }
}

static void
run(struct api_work *work)
{
    struct finish *finish = (struct finish *)(void *)work;
    struct tsec_err err = { 0 };
    tsec_rc rc;

    if (!channels_unpark(finish->api->options.channels, finish->cid, &finish->half)) {
        return;
    }
    rc = amc_responder_finish(finish->half.responder, finish->body, &finish->ei, &err);
    finish->malformed = rc.code == TSEC_E_INVALID;
    if (tsec_failed(rc)) {
        finish->proof.refused = "channel-fin";
        return;
    }
    read_proof(finish);
}

static tsec_rc
finish_once(struct api_call *call, struct finish **out, struct tsec_err *err)
{
    struct finish *finish = tsec_arena_alloc(api_arena(call), sizeof(*finish));
    struct api_work *work;

    if (finish == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a handshake");
    }
    finish->work = (struct api_work){ .identity = tsec_span_str("tee-channel-finish"),
                                      .cost_us = FINISH_US,
                                      .run = run,
                                      .drop = drop };
    finish->api = call->api;
    finish->body = call->req->body;
    finish->now_s = call->req->received_ns / TSEC_NS_PER_S;
    tsec_buf_init(&finish->ei, AMC_EVIDENCE_MAX);
    channel_proof_init(&finish->proof);
    if (!api_channel_cid(call, finish->cid)) {
        return api_channel_gone(call);
    }
    work = &finish->work;
    TSEC_TRY(api_work(call, &work, err));
    *out = (struct finish *)(void *)work;
    return TSEC_OK;
}

/* ---- who it is ---- */

struct opening {
    struct api_effect effect; /* first */
    struct api_call *call;
    struct finish *finish;
    struct tsec_span s;
    struct channel_peer peer;
};

static bool
came_without(const struct amc_b1 *b1)
{
    for (size_t i = 0; i < b1->accept_len; i++) {
        if (strcmp(b1->accept[i], "none") == 0) {
            return true;
        }
    }
    return false;
}

/* The appraisal that counts: its own, that of the channel whose ticket was taken, or none. */
static tsec_rc
pick_appraisal(struct api_call *call, struct finish *finish, struct channel_peer *peer)
{
    const struct amc_evidence *e = &finish->proof.evidence;
    struct channel *resumes = finish->half.resumes;

    *peer = (struct channel_peer){ .remote = call->req->remote, .role = e->role };
    switch (e->mode) {
    case AMC_FRESH:
    case AMC_IDENTITY:
        peer->appraisal = &finish->proof.appraisal;
        peer->appraised_s = finish->now_s;
        return TSEC_OK;
    case AMC_RESUMED:
        if (resumes == NULL || !amc_responder_resumed(finish->half.responder)
            || !channel_is_open(resumes) || !api_channel_fits(call->api, resumes)) {
            return api_channel_unproven(call, "channel-resume", "nothing is resumed");
        }
        *peer = *channel_peer(resumes);
        peer->token = tsec_span(NULL, 0);
        peer->remote = call->req->remote;
        peer->resumed = true;
        return TSEC_OK;
    case AMC_NONE:
    default:
        return came_without(amc_responder_b1(finish->half.responder)) && e->role[0] == '\0'
                   ? TSEC_OK
                   : api_channel_unproven(call, "channel-mode", "no evidence");
    }
}

static const char *
mode_of(const struct channel_peer *peer, const struct amc_evidence *e)
{
    return peer->resumed ? string_map_get(&peer->attest, "mode") : amc_mode_name(e->mode);
}

/* A token that lives no longer than the channel may. */
static tsec_rc
log_in(struct api_call *call, const struct api_admitted *who, struct channel_peer *peer,
       struct tsec_err *err)
{
    const int64_t most = channels_ttl_s(call->api->options.channels);
    struct token_spec spec = { .id = NULL };
    struct token_made made;
    const char *text;

    TSEC_TRY(api_admitted_token(call, who, &spec.token, err));
    if (spec.token.ttl_s == 0 || spec.token.ttl_s > most) {
        spec.token.ttl_s = most;
    }
    if (spec.token.explicit_max_ttl_s == 0 || spec.token.explicit_max_ttl_s > most) {
        spec.token.explicit_max_ttl_s = most;
    }
    TSEC_TRY(token_make(call->txn, api_keys_of(call), &spec, &made, err));
    call->made = made.token;
    text = tsec_arena_dup(api_arena(call), tsec_span_str(made.text));
    peer->token = tsec_span_str(text);
    explicit_bzero(made.text, sizeof(made.text));
    return text == NULL ? TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a token") : TSEC_OK;
}

static tsec_rc
admit(struct api_call *call, struct finish *finish, struct channel_peer *peer, struct tsec_err *err)
{
    struct api_admitted who;

    TSEC_TRY(pick_appraisal(call, finish, peer));
    if (peer->appraisal == NULL) {
        return TSEC_OK;
    }
    TSEC_TRY(api_channel_admit(call, peer->appraisal, mode_of(peer, &finish->proof.evidence),
                               peer->role, &who, err));
    peer->attest = who.attest;
    return who.role == NULL ? TSEC_OK : log_in(call, &who, peer, err);
}

/* ---- what it is told ---- */

static void
put_peer(struct tsec_json_out *out, const struct channel_peer *peer)
{
    static const char *const keys[] = { "tee", "format", "measurement", "mode", "instance" };

    tsec_json_key(out, "peer");
    tsec_json_object(out);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(keys) && peer->appraisal != NULL; i++) {
        tsec_json_put_str(out, keys[i], string_map_get(&peer->attest, keys[i]));
    }
    if (peer->appraisal != NULL && peer->role[0] != '\0') {
        tsec_json_put_str(out, "role", peer->role);
    }
    tsec_json_object_end(out);
}

static tsec_rc
write_session(struct api_call *call, const struct channel_peer *peer, struct tsec_span *s,
              struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(AMC_SESSION_MAX);
    const struct channels *channels = call->api->options.channels;
    const struct tsec_strings none = { NULL, 0 };
    struct tsec_json_out out = tsec_json_out(&text);
    const char *copy;

    tsec_json_object(&out);
    tsec_json_put_int(&out, "rekey_after", channels_rekey_after_s(channels));
    tsec_json_put_int(&out, "ttl", channels_ttl_s(channels));
    put_peer(&out, peer);
    api_put_strings(&out, "policies", call->made == NULL ? none : call->made->policies);
    tsec_json_object_end(&out);
    TSEC_TRY(tsec_buf_check(&text, err));
    copy = tsec_arena_dup(api_arena(call), tsec_buf_span(&text));
    *s = tsec_span(copy, text.len);
    return copy == NULL ? TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a session") : TSEC_OK;
}

/* ---- opened ---- */

static tsec_rc
open_channel(struct opening *opening, struct tsec_err *err)
{
    TSEC_AUTO(amc_session_free) struct amc_session *session = NULL;
    TSEC_AUTO(channel_release) struct channel *channel = NULL;
    const struct api_call *call = opening->call;
    struct channels *channels = call->api->options.channels;
    const struct channel_half *half = &opening->finish->half;

    TSEC_TRY(amc_responder_accept(half->responder, opening->s, &call->reply->body, &session, err));
    TSEC_TRY(tsec_buf_check(&call->reply->body, err));
    TSEC_TRY(channels_open(channels, &session, &opening->peer, &channel, err));
    call->reply->status = 200;
    channels_took(channels, tsec_clock_mono_ns(call->api->options.clock) - half->parked_mono_ns);
    return TSEC_OK;
}

static void
take_effect(struct api_effect *effect)
{
    struct opening *opening = (struct opening *)(void *)effect;
    const struct api_call *call = opening->call;
    struct tsec_err err = { 0 };
    tsec_rc rc = open_channel(opening, &err);

    if (tsec_failed(rc)) {
        api_reply_reset(call->reply);
        api_problem(call->reply, call->req->id, tsec_error_info(rc.code)->code, NULL);
        channels_refused(call->api->options.channels);
    }
}

static tsec_rc
decide(struct api_call *call, struct opening *opening, struct tsec_err *err)
{
    struct finish *finish = NULL;

    TSEC_TRY(finish_once(call, &finish, err));
    if (finish->half.responder == NULL) {
        return api_channel_gone(call);
    }
    if (finish->malformed) {
        return api_refuse(call, TSEC_E_INVALID, "not a finish of amc-v1");
    }
    if (finish->proof.refused != NULL) {
        return api_channel_unproven(call, finish->proof.refused, finish->proof.detail);
    }
    opening->call = call;
    opening->finish = finish;
    TSEC_TRY(admit(call, finish, &opening->peer, err));
    return write_session(call, &opening->peer, &opening->s, err);
}

tsec_rc
api_op_teeChannelFinish(struct api_call *call, struct tsec_err *err)
{
    struct opening *opening = tsec_arena_alloc(api_arena(call), sizeof(*opening));
    tsec_rc rc;

    if (call->api->options.channels == NULL) {
        return api_refuse(call, TSEC_E_UNAVAILABLE, "there are no channels here");
    }
    if (opening == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a handshake");
    }
    if (call->req->wrap_ttl.len > 0) {
        return api_refuse(call, TSEC_E_INVALID, "the reply is for who began the handshake only");
    }
    rc = decide(call, opening, err);
    if (tsec_failed(rc)) {
        api_channel_count_refusal(call);
        return rc;
    }
    opening->effect.run = take_effect;
    call->effect = &opening->effect;
    call->reply->status = 200; /* the body is made when it is durable */
    return api_count_grant(call, GRANT_CHANNEL, opening->peer.role, err);
}
