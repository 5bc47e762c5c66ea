/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/clock.h"
#include "client/lib/channel.h"

enum { AUD_MAX = 256, FINISH_MAX = 1024 * 1024, PATH_LEN_MAX = 64, REKEY_DEFAULT_S = 3600 };

/** One handshake, as far as it went. */
struct opening {
    struct tees *tees;
    const char *role;
    const struct tees_bytes *ticket; /* NULL: none */
    struct amc_initiator *initiator;
};

static enum tees_result
protocol_failed(const struct tsec_err *err, struct tees_error *error)
{
    return err->code == TSEC_E_DENIED ? tees_fail_err(error, TEES_UNTRUSTED, "handshake", err)
                                      : tees_fail_err(error, TEES_PROTOCOL, NULL, err);
}

static enum tees_result
begin(struct opening *o, struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf aud = TSEC_BUF_INIT(AUD_MAX);
    const char *accept[TEES_FORMATS_MAX + 1] = { NULL };
    struct amc_initiator_options options = { .accept = accept };
    struct tsec_err err = { 0 };
    enum tees_result result = tees_channel_aud(o->tees, &aud, error);
    size_t n = 0;

    if (result != TEES_OK) {
        return result;
    }
    for (; o->tees->formats[n] != NULL; n++) {
        accept[n] = o->tees->formats[n];
    }
    accept[n] = o->tees->own == NULL ? "none" : NULL;
    options.aud = (const char *)aud.ptr;
    if (o->ticket != NULL) {
        options.ticket = o->ticket->data;
        options.psk = tsec_span(o->ticket->data + AMC_TICKET_LEN, AMC_HASH_LEN);
    }
    return tsec_failed(amc_initiator_begin(&options, &o->initiator, &err))
               ? tees_fail_err(error, TEES_INTERNAL, NULL, &err)
               : TEES_OK;
}

/** The server's half: its identity signs, and its evidence is of this handshake.  A ticket that it
 *  took stands for evidence: whoever has its key is the one that proved itself when it was made. */
static enum tees_result
check_responder(struct opening *o, const struct cli_reply *reply, struct tees_server *server,
                struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf er = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    const struct amc_b2 *b2 = amc_initiator_b2(o->initiator);
    struct tsec_err err = { 0 };
    enum tees_result result;

    if (tsec_failed(amc_initiator_reply(o->initiator, tsec_buf_span(&reply->body), &er, &err))) {
        return protocol_failed(&err, error);
    }
    result = tees_peer_identity(&o->tees->config, tsec_span(b2->id, b2->id_len), server, error);
    if (result != TEES_OK || b2->resumed) {
        return result;
    }
    return tees_channel_appraise(
        o->tees, tsec_buf_span(&er), amc_initiator_peer_binding(o->initiator),
        amc_initiator_nonce(o->initiator), amc_initiator_peer_spki(o->initiator), server, error);
}

static enum tees_result
make_evidence(struct opening *o, struct tsec_buf *ei, struct tees_error *error)
{
    if (amc_initiator_b2(o->initiator)->resumed) {
        const struct amc_evidence none = { .format = "none", .mode = AMC_RESUMED };

        amc_evidence_write(&none, ei);
        return ei->failed ? tees_fail(error, TEES_NO_MEMORY, NULL, "no memory") : TEES_OK;
    }
    return tees_channel_attest(o->tees, o->role, amc_initiator_binding(o->initiator),
                               amc_initiator_peer_nonce(o->initiator),
                               amc_initiator_spki(o->initiator), ei, error);
}

static enum tees_result
finish(struct opening *o, struct tees_channel *channel, struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf ei = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(FINISH_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    char path[PATH_LEN_MAX];
    struct tsec_err err = { 0 };
    enum tees_result result = make_evidence(o, &ei, error);

    cli_reply_init(&reply);
    if (result != TEES_OK) {
        return result;
    }
    if (tsec_failed(amc_initiator_finish(o->initiator, tsec_buf_span(&ei), &body, &err))) {
        return protocol_failed(&err, error);
    }
    (void)snprintf(path, sizeof(path), "tee/channel/%s/finish", channel->cid);
    result = tees_ask(o->tees, "POST", path, tsec_buf_span(&body), &reply, error);
    if (result != TEES_OK) {
        return result;
    }
    return tsec_failed(amc_initiator_done(o->initiator, tsec_buf_span(&reply.body), &channel->said,
                                          &channel->session, &err))
               ? protocol_failed(&err, error)
               : TEES_OK;
}

/** S is authentic now; of it only what is needed here is read. */
static enum tees_result
read_session(struct tees_channel *channel, struct tees_error *error)
{
    const struct tsec_span whole = tsec_json_trim(tsec_buf_span(&channel->said));
    struct tsec_span after = { NULL, 0 };
    int64_t seconds = REKEY_DEFAULT_S;

    if (tsec_failed(tees_json_check(whole)) || tsec_json_type_of(whole) != TSEC_JSON_OBJECT) {
        return tees_fail(error, TEES_PROTOCOL, NULL, "the session is no JSON object");
    }
    if (tsec_json_member(whole, "rekey_after", &after) == TSEC_JSON_NUMBER) {
        (void)tsec_json_to_i64(after, &seconds);
    }
    if (seconds < 1 || seconds > INT64_MAX / TSEC_NS_PER_S) {
        return tees_fail(error, TEES_PROTOCOL, NULL, "the session's rekey_after is out of range");
    }
    channel->rekey_after_ns = seconds * TSEC_NS_PER_S;
    channel->rekeyed_ns = tsec_clock_mono_ns(&tsec_clock_system);
    return TEES_OK;
}

static enum tees_result
shake_hands(struct opening *o, struct tees_channel *channel, struct tees_error *error)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    enum tees_result result = begin(o, error);

    cli_reply_init(&reply);
    if (result == TEES_OK) {
        result =
            tees_ask(o->tees, "POST", "tee/channel", amc_initiator_b1(o->initiator), &reply, error);
    }
    result = result == TEES_OK ? check_responder(o, &reply, &channel->server, error) : result;
    if (result != TEES_OK) {
        return result;
    }
    tsec_base64_encode(TSEC_BASE64_URL, tsec_span(amc_initiator_b2(o->initiator)->cid, AMC_CID_LEN),
                       channel->cid);
    result = finish(o, channel, error);
    return result == TEES_OK ? read_session(channel, error) : result;
}

static void
channel_free(struct tees_channel *channel)
{
    amc_session_free(channel->session);
    tsec_buf_done(&channel->said);
    (void)pthread_rwlock_destroy(&channel->keys);
    explicit_bzero(channel, sizeof(*channel));
    free(channel);
}

static enum tees_result
open_channel(struct opening *o, struct tees_channel **out, struct tees_error *error)
{
    struct tees_channel *channel = NULL;
    enum tees_result result;

    if (o->role != NULL && (o->role[0] == '\0' || strlen(o->role) > AMC_NAME_MAX)) {
        return tees_fail(error, TEES_INVALID, NULL, "a role's name has 1 to %d bytes",
                         AMC_NAME_MAX);
    }
    if (o->role != NULL && o->tees->own == NULL) {
        return tees_fail(error, TEES_INVALID, NULL,
                         "a role needs an own TEE: set the plugin that makes its evidence");
    }
    channel = calloc(1, sizeof(*channel));
    if (channel == NULL) {
        return tees_fail(error, TEES_NO_MEMORY, NULL, "no memory for a channel");
    }
    channel->tees = o->tees;
    channel->server.struct_size = (uint32_t)sizeof(channel->server);
    tsec_buf_init(&channel->said, AMC_SESSION_MAX);
    (void)pthread_rwlock_init(&channel->keys, NULL);
    tsec_crypto_enter();
    result = shake_hands(o, channel, error);
    amc_initiator_free(o->initiator);
    tsec_crypto_leave();
    if (result != TEES_OK) {
        channel_free(channel);
        return result;
    }
    *out = channel;
    return TEES_OK;
}

enum tees_result
tees_channel_open(struct tees *tees, const char *role, struct tees_channel **out,
                  struct tees_error *error)
{
    struct opening o = { .tees = tees, .role = role };

    return open_channel(&o, out, error);
}

enum tees_result
tees_channel_resume(struct tees *tees, const struct tees_bytes *ticket, const char *role,
                    struct tees_channel **out, struct tees_error *error)
{
    struct opening o = { .tees = tees, .role = role, .ticket = ticket };

    if (ticket == NULL || ticket->len != TEES_TICKET_LEN) {
        return tees_fail(error, TEES_INVALID, NULL, "not a ticket of tees_channel_ticket()");
    }
    return open_channel(&o, out, error);
}

enum tees_result
tees_channel_session(struct tees_channel *channel, struct tees_bytes *out, struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf copy = TSEC_BUF_INIT(AMC_SESSION_MAX);

    tsec_buf_put_span(&copy, tsec_buf_span(&channel->said));
    return tees_give(&copy, out, error);
}

enum tees_result
tees_channel_server(struct tees_channel *channel, struct tees_server *server,
                    struct tees_error *error)
{
    enum tees_result result;

    (void)pthread_rwlock_rdlock(&channel->keys);
    result = tees_peer_give(&channel->server, server, error);
    (void)pthread_rwlock_unlock(&channel->keys);
    return result;
}

void
tees_channel_close(struct tees_channel *channel)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    struct tsec_span answer;

    if (channel == NULL) {
        return;
    }
    tsec_crypto_enter();
    if (!channel->closed) {
        (void)tees_channel_control(channel, "/v1/tee/channel/close", tsec_span_str("{}"), &plain,
                                   &answer, NULL);
    }
    channel_free(channel);
    tsec_crypto_leave();
}
