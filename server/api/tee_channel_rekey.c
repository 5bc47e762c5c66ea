/* SPDX-License-Identifier: Apache-2.0 */
/* What only the other end of a channel may ask for: new keys, the evidence that completes them, a
 * ticket, the end. */
#include "api/ahead.h"
#include "api/api.h"
#include "api/envelope.h"
#include "api/tee_channel_proof.h"
#include "base/base64.h"
#include "core/strings.h"

enum { REATTEST_US = 2500 };

static void
put_b64u(struct tsec_json_out *out, const char *key, struct tsec_span bytes, struct tsec_buf *text)
{
    tsec_buf_reset(text);
    tsec_base64_append(text, TSEC_BASE64_URL, bytes);
    tsec_json_put_span(out, key, tsec_buf_span(text));
}

/* ---- rekey ---- */

static tsec_rc
make_er(struct api_call *call, const struct amc_rekey *rekey, struct tsec_buf *er,
        struct tsec_err *err)
{
    uint8_t binding[AMC_HASH_LEN];
    const struct api_channel_bound bound = {
        .binding = binding,
        .nonce = amc_rekey_nonce(rekey, AMC_INITIATOR),
        .own_spki = amc_rekey_spki(rekey, AMC_RESPONDER),
    };

    amc_rekey_binding(rekey, AMC_RESPONDER, binding);
    return api_channel_evidence(call, &bound, er, err);
}

static tsec_rc
answer_rekey(struct api_call *call, struct tsec_span r2, struct tsec_span er, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TSEC_BASE64_LEN(AMC_EVIDENCE_MAX));
    struct tsec_json_out out = api_bare(call);

    put_b64u(&out, "rekey", r2, &text);
    put_b64u(&out, "evidence", er, &text);
    TSEC_TRY(tsec_buf_check(&text, err));
    return api_bare_end(call, &out, 200, err);
}

tsec_rc
api_op_teeChannelRekey(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *rekey = NULL;
    TSEC_AUTO_BUF struct tsec_buf r2 = TSEC_BUF_INIT(AMC_HELLO_MAX);
    TSEC_AUTO_BUF struct tsec_buf er = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    struct channel *channel = call->req->channel;
    tsec_rc rc = amc_rekey_answer(channel_session(channel), call->req->body, &rekey, &r2, err);

    if (rc.code == TSEC_E_INVALID || rc.code == TSEC_E_DENIED) {
        return api_refuse(call, TSEC_E_INVALID, "not the share of a rekey");
    }
    TSEC_TRY(rc);
    TSEC_TRY(make_er(call, rekey, &er, err));
    TSEC_TRY(answer_rekey(call, tsec_buf_span(&r2), tsec_buf_span(&er), err));
    rc = channels_rekey(call->api->options.channels, channel, &rekey, err);
    if (rc.code == TSEC_E_CONFLICT) {
        return api_refuse(call, TSEC_E_CONFLICT, "another rekey is under way");
    }
    return rc;
}

/* ---- the evidence that completes it ---- */

struct reattest {
    struct api_work work; /* first */
    struct api *api;
    struct channel *channel;
    struct tsec_span text; /* Ei' */
    int64_t now_s;
    struct amc_rekey *rekey; /* NULL: none is awaited */
    struct channel_proof proof;
};

static void
drop(struct api_work *work)
{
    struct reattest *r = (struct reattest *)(void *)work;

    amc_rekey_free(r->rekey);
    channel_proof_done(&r->proof);
}

static void
run(struct api_work *work)
{
    struct reattest *r = (struct reattest *)(void *)work;
    uint8_t binding[AMC_HASH_LEN];

    r->rekey = channel_take_rekey(r->channel);
    if (r->rekey == NULL) {
        return;
    }

    const struct channel_bound bound = {
        .binding = binding,
        .nonce = amc_rekey_nonce(r->rekey, AMC_RESPONDER),
        .spki = amc_rekey_spki(r->rekey, AMC_INITIATOR),
    };

    amc_rekey_binding(r->rekey, AMC_INITIATOR, binding);
    channel_proof_read(&r->proof, r->text);
    if (r->proof.refused == NULL && r->proof.evidence.mode != AMC_FRESH) {
        r->proof.refused = "channel-mode";
    }
    if (r->proof.refused == NULL) {
        channel_proof_appraise(&r->proof, r->api->options.appraiser, &bound, r->now_s);
    }
}

static tsec_rc
read_body(struct api_call *call, struct tsec_span *out, struct tsec_err *err)
{
    const char *text = NULL;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR_REQ("evidence", &text, TSEC_BASE64_LEN(AMC_EVIDENCE_MAX)),
    };

    TSEC_TRY(api_fields_strictly(call, fields, TSEC_ARRAY_LEN(fields), err));
    return api_base64(call, "evidence", text, AMC_EVIDENCE_MAX, API_BASE64_EITHER, out);
}

static tsec_rc
reattest_once(struct api_call *call, struct reattest **out, struct tsec_err *err)
{
    struct reattest *r = tsec_arena_alloc(api_arena(call), sizeof(*r));
    struct api_work *work;

    if (r == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "evidence");
    }
    TSEC_TRY(read_body(call, &r->text, err));
    r->work = (struct api_work){ .identity = tsec_span_str("tee-channel-reattest"),
                                 .cost_us = REATTEST_US,
                                 .run = run,
                                 .drop = drop };
    r->api = call->api;
    r->channel = call->req->channel;
    r->now_s = call->req->received_ns / TSEC_NS_PER_S;
    channel_proof_init(&r->proof);
    work = &r->work;
    TSEC_TRY(api_work(call, &work, err));
    *out = (struct reattest *)(void *)work;
    return TSEC_OK;
}

struct renewal {
    struct api_effect effect; /* first */
    struct api_call *call;
    struct channel_peer peer;
};

static void
renew(struct api_effect *effect)
{
    struct renewal *renewal = (struct renewal *)(void *)effect;
    const struct api_call *call = renewal->call;
    struct channels *channels = call->api->options.channels;
    struct tsec_err err = { 0 };

    if (tsec_failed(channels_renew(channels, call->req->channel, &renewal->peer, &err))) {
        (void)channels_close(channels, call->req->channel, "memory");
        api_problem(call->reply, call->req->id, TSEC_E_NO_MEMORY, NULL);
    }
}

/* The code that opened the channel, and not other code that its role would admit too: the token and
 * what policies made of its measurement are the first one's. */
static bool
is_same_code(const struct channel_peer *was, const struct tsec_string_map *now)
{
    static const char *const keys[] = { "tee", "measurement" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(keys); i++) {
        const char *before = string_map_get(&was->attest, keys[i]);
        const char *after = string_map_get(now, keys[i]);

        if (before == NULL || after == NULL || strcmp(before, after) != 0) {
            return false;
        }
    }
    return true;
}

static tsec_rc
decide(struct api_call *call, struct renewal *renewal, struct tsec_err *err)
{
    const struct channel_peer *was = channel_peer(call->req->channel);
    struct reattest *r = NULL;
    struct api_admitted who;

    TSEC_TRY(reattest_once(call, &r, err));
    if (r->rekey == NULL) {
        return api_refuse(call, TSEC_E_CONFLICT, "no evidence is awaited");
    }
    if (r->proof.refused != NULL) {
        return api_channel_unproven(call, r->proof.refused, r->proof.detail);
    }
    TSEC_TRY(api_channel_admit(call, &r->proof.appraisal, "fresh", was->role, &who, err));
    if (!is_same_code(was, &who.attest)) {
        return api_channel_unproven(call, "channel-peer", "other code than opened the channel");
    }
    renewal->call = call;
    renewal->peer = (struct channel_peer){ .appraisal = &r->proof.appraisal,
                                           .appraised_s = r->now_s,
                                           .attest = who.attest };
    return TSEC_OK;
}

tsec_rc
api_op_teeChannelReattest(struct api_call *call, struct tsec_err *err)
{
    struct channels *channels = call->api->options.channels;
    struct renewal *renewal = tsec_arena_alloc(api_arena(call), sizeof(*renewal));
    struct tsec_json_out out;
    tsec_rc rc;

    if (renewal == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "evidence");
    }
    rc = decide(call, renewal, err);
    if (rc.code == TSEC_E_DENIED) {
        api_channel_count_refusal(call);
        (void)channels_close(channels, call->req->channel, "reattest");
    }
    TSEC_TRY(rc);
    renewal->effect.run = renew;
    call->effect = &renewal->effect;
    out = api_bare(call);
    tsec_json_put_int(&out, "rekey_after", channels_rekey_after_s(channels));
    return api_bare_end(call, &out, 200, err);
}

/* ---- a ticket, the end ---- */

tsec_rc
api_op_teeChannelTicket(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TSEC_BASE64_LEN(AMC_TICKET_LEN));
    uint8_t ticket[AMC_TICKET_LEN];
    struct tsec_json_out out;
    int64_t left_s = 0;
    uint32_t n = 0;
    tsec_rc rc =
        channels_ticket(call->api->options.channels, call->req->channel, ticket, &n, &left_s, err);

    if (rc.code == TSEC_E_DENIED) {
        return api_refuse(call, TSEC_E_INVALID, "without evidence there is nothing to resume");
    }
    TSEC_TRY(rc);
    out = api_bare(call);
    put_b64u(&out, "ticket", tsec_span(ticket, sizeof(ticket)), &text);
    tsec_json_put_int(&out, "n", (int64_t)n);
    tsec_json_put_int(&out, "expires_in", left_s);
    explicit_bzero(ticket, sizeof(ticket));
    return api_bare_end(call, &out, 200, err);
}

tsec_rc
api_op_teeChannelClose(struct api_call *call, struct tsec_err *err)
{
    (void)err;
    (void)channels_close(call->api->options.channels, call->req->channel, "asked for");
    return api_no_content(call);
}
