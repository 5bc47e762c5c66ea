/* SPDX-License-Identifier: Apache-2.0 */
/* Hello: the first of a handshake's two round trips.  Anybody may ask, so a worker does it, within
 * bounds, and nothing of it is written down. */
#include "api/tee_channel.h"

#include "api/api.h"
#include "api/envelope.h"
#include "api/evidence.h"
#include "base/base64.h"

enum { ER_MAX = AMC_EVIDENCE_MAX, TAKES_MAX = AMC_FORMATS_MAX };

bool
api_channel_cid(struct api_call *call, uint8_t out[AMC_CID_LEN])
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(AMC_CID_LEN);
    const struct tsec_span text = call->vars[0];

    if (text.len > TSEC_BASE64_LEN(AMC_CID_LEN)
        || tsec_failed(tsec_base64_decode(&bytes, TSEC_BASE64_URL, text, NULL))
        || bytes.len != AMC_CID_LEN) {
        return false;
    }
    memcpy(out, bytes.ptr, AMC_CID_LEN);
    return true;
}

tsec_rc
api_channel_refuse(struct api_call *call, enum tsec_code code, const char *reason,
                   const char *sentence)
{
    node_stranger(call->api->options.node, call->req->remote, reason);
    return api_refuse(call, code, sentence);
}

/* ---- evidence of this side ---- */

const char *
api_channel_format(struct api_call *call)
{
    struct node_info info = { 0 };

    node_info(call->api->options.node, &info);
    return info.tee.makes == NULL || info.tee.makes[0] == NULL ? "" : info.tee.makes[0];
}

tsec_rc
api_channel_evidence(struct api_call *call, const struct api_channel_bound *bound,
                     struct tsec_buf *er, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(API_EVIDENCE_MAX);
    const enum amc_layout layout = amc_layout_of(api_channel_format(call));
    struct tsec_evidence_request request = { .struct_size = sizeof(request) };
    struct amc_evidence evidence = { .mode = AMC_FRESH };
    const char *format = NULL;

    amc_request_binding(layout, bound->binding, request.binding);
    request.nonce = bound->nonce;
    request.public_key = bound->own_spki;
    TSEC_TRY(api_evidence(call->api->options.node, &request, &format, &bytes, err));
    if (strcmp(format, api_channel_format(call)) != 0 || strlen(format) > AMC_FORMAT_LEN) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN, "evidence of another format than was said: %s",
                         format);
    }
    memcpy(evidence.format, format, strlen(format) + 1);
    evidence.evidence = tsec_buf_span(&bytes);
    evidence.made_at_s = tsec_clock_real_ns(call->api->options.clock) / TSEC_NS_PER_S;
    amc_evidence_write(&evidence, er);
    return tsec_buf_check(er, err);
}

/* ---- hello ---- */

static bool
accepts(const struct amc_b1 *b1, const char *format)
{
    for (size_t i = 0; i < b1->accept_len; i++) {
        if (strcmp(b1->accept[i], format) == 0) {
            return true;
        }
    }
    return false;
}

/* Exactly: what was meant for another must not be answered here. */
static bool
is_meant(struct api_call *call, const char *aud, struct tsec_span id)
{
    TSEC_AUTO_BUF struct tsec_buf own = TSEC_BUF_INIT(AMC_NAME_MAX);
    struct node_info info = { 0 };

    node_info(call->api->options.node, &info);
    tsec_base64_append(&own, TSEC_BASE64_URL, id);
    return strcmp(aud, info.origin) == 0
           || (!own.failed && tsec_span_equal(tsec_buf_span(&own), tsec_span_str(aud)));
}

static tsec_rc
check_hello(struct api_call *call, const struct amc_b1 *b1, struct tsec_span id)
{
    if (!accepts(b1, api_channel_format(call))) {
        return api_refusef(call, TSEC_E_INVALID, "\"accept\" has not the format made here, %s",
                           api_channel_format(call));
    }
    if (!is_meant(call, b1->aud, id)) {
        return api_channel_refuse(call, TSEC_E_DENIED, "channel-aud",
                                  "\"aud\" is not this cluster's identity or ledger");
    }
    return TSEC_OK;
}

struct hello {
    struct amc_b1 b1;
    struct tsec_buf id;
    const char *takes[TAKES_MAX + 1];
    uint8_t psk[AMC_HASH_LEN];
    struct channel_half half;
};

static tsec_rc
sign(void *ctx, struct tsec_span message, struct tsec_buf *sig, struct tsec_err *err)
{
    return node_identity_sign(ctx, message, sig, err);
}

static void
fill_takes(struct api_call *call, const char *takes[TAKES_MAX + 1])
{
    const struct appraiser *appraiser = call->api->options.appraiser;
    const struct verifiers *set = appraiser == NULL ? NULL : appraiser_verifiers(appraiser);
    const size_t known = set == NULL ? 0 : verifiers_formats_len(set);
    size_t n = 0;

    for (size_t i = 0; i < known && n < TAKES_MAX; i++) {
        if (strlen(verifiers_formats(set)[i]) <= AMC_FORMAT_LEN) {
            takes[n++] = verifiers_formats(set)[i];
        }
    }
    takes[n] = NULL;
}

static tsec_rc
begin(struct api_call *call, struct hello *hello, struct tsec_err *err)
{
    struct node_info info = { 0 };
    struct amc_responder_options options = {
        .id = tsec_buf_span(&hello->id),
        .sign = sign,
        .sign_ctx = call->api->options.node,
        .bind = amc_layout_of(api_channel_format(call)),
        .accept = hello->takes,
        .exp_s = CHANNEL_HALF_OPEN_S,
    };
    tsec_rc rc;

    node_info(call->api->options.node, &info);
    memcpy(options.policy, info.config_digest, sizeof(options.policy));
    fill_takes(call, hello->takes);
    if (hello->b1.has_ticket
        && channels_redeem(call->api->options.channels, hello->b1.ticket, hello->psk,
                           &hello->half.resumes)) {
        options.psk = tsec_span(hello->psk, sizeof(hello->psk));
    }
    rc = amc_responder_begin(&options, &hello->b1, call->req->body, &hello->half.responder, err);
    if (rc.code == TSEC_E_DENIED) {
        return api_channel_refuse(call, TSEC_E_DENIED, "channel-hello",
                                  "\"eph\" or \"nonce\" is not one to go on with");
    }
    return rc;
}

static tsec_rc
make_er(struct api_call *call, const struct amc_responder *r, struct tsec_buf *er,
        struct tsec_err *err)
{
    const struct amc_evidence none = { .format = "none", .mode = AMC_RESUMED };
    const struct api_channel_bound bound = { amc_responder_binding(r), amc_responder_peer_nonce(r),
                                             amc_responder_spki(r) };

    if (!amc_responder_resumed(r)) {
        return api_channel_evidence(call, &bound, er, err);
    }
    amc_evidence_write(&none, er);
    return tsec_buf_check(er, err);
}

static tsec_rc
answer(struct api_call *call, struct hello *hello, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf er = TSEC_BUF_INIT(ER_MAX);
    struct tsec_err why = { 0 };
    tsec_rc rc = amc_b1_parse(call->req->body, &hello->b1, &why);

    if (rc.code == TSEC_E_INVALID) {
        return api_refusef(call, TSEC_E_INVALID, "not a hello of amc-v1: %s", why.detail);
    }
    TSEC_TRY(rc);
    TSEC_TRY(node_identity(call->api->options.node, &hello->id, err));
    TSEC_TRY(check_hello(call, &hello->b1, tsec_buf_span(&hello->id)));
    TSEC_TRY(begin(call, hello, err));
    TSEC_TRY(make_er(call, hello->half.responder, &er, err));
    api_reply_reset(call->reply);
    TSEC_TRY(
        amc_responder_reply(hello->half.responder, tsec_buf_span(&er), &call->reply->body, err));
    call->reply->status = 200;
    return channels_park(call->api->options.channels, &hello->half, call->req->remote, err);
}

tsec_rc
api_op_teeChannelOpen(struct api_call *call, struct tsec_err *err)
{
    struct hello *hello;
    tsec_rc rc;

    if (call->api->options.channels == NULL) {
        return api_refuse(call, TSEC_E_UNAVAILABLE, "there are no channels here");
    }
    hello = tsec_arena_alloc(api_arena(call), sizeof(*hello));
    if (hello == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a hello");
    }
    tsec_buf_init(&hello->id, 4096);
    rc = answer(call, hello, err);
    if (tsec_failed(rc)) {
        channels_refused(call->api->options.channels);
    }
    channel_half_done(&hello->half);
    tsec_buf_done(&hello->id);
    explicit_bzero(hello->psk, sizeof(hello->psk));
    return rc;
}
