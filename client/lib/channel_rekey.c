/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "base/clock.h"
#include "client/lib/channel.h"

enum { REATTEST_MAX = 1024 * 1024 };

/** What the server answered to R1: its share, and evidence for the new epoch. */
static enum tees_result
read_answer(struct tees_channel *channel, struct amc_rekey *rekey, struct tsec_span answer,
            struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf r2 = TSEC_BUF_INIT(AMC_HELLO_MAX);
    TSEC_AUTO_BUF struct tsec_buf er = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    struct tees_server server = channel->server;
    uint8_t binding[AMC_HASH_LEN];
    struct tsec_err err = { 0 };
    enum tees_result result = tees_base64(answer, "rekey", &r2, error);

    result = result == TEES_OK ? tees_base64(answer, "evidence", &er, error) : result;
    if (result != TEES_OK) {
        return result;
    }
    if (tsec_failed(amc_rekey_read(rekey, tsec_buf_span(&r2), &err))) {
        return tees_fail_err(error, TEES_PROTOCOL, NULL, &err);
    }
    amc_rekey_binding(rekey, AMC_RESPONDER, binding);
    result = tees_channel_appraise(channel->tees, tsec_buf_span(&er), binding,
                                   amc_rekey_nonce(rekey, AMC_INITIATOR),
                                   amc_rekey_spki(rekey, AMC_RESPONDER), &server, error);
    if (result == TEES_OK) {
        channel->server = server;
    }
    return result;
}

/** Over the new epoch's secrets, which are there before it begins. */
static enum tees_result
put_reattest(struct tees_channel *channel, const struct amc_rekey *rekey, struct tsec_buf *body,
             struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf ei = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    uint8_t binding[AMC_HASH_LEN];
    enum tees_result result;

    amc_rekey_binding(rekey, AMC_INITIATOR, binding);
    result =
        tees_channel_attest(channel->tees, NULL, binding, amc_rekey_nonce(rekey, AMC_RESPONDER),
                            amc_rekey_spki(rekey, AMC_INITIATOR), &ei, error);
    if (result != TEES_OK) {
        return result;
    }
    tsec_buf_put_str(body, "{\"evidence\":\"");
    tsec_base64_append(body, TSEC_BASE64_URL, tsec_buf_span(&ei));
    tsec_buf_put_str(body, "\"}");
    return body->failed ? tees_fail(error, TEES_NO_MEMORY, NULL, "no memory") : TEES_OK;
}

static enum tees_result
exchange_shares(struct tees_channel *channel, struct amc_rekey **rekey, struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf r1 = TSEC_BUF_INIT(AMC_HELLO_MAX);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    struct tsec_span answer = { NULL, 0 };
    struct tsec_err err = { 0 };
    enum tees_result result;

    if (tsec_failed(amc_rekey_begin(channel->session, rekey, &r1, &err))) {
        return tees_fail_err(error, TEES_INTERNAL, NULL, &err);
    }
    result = tees_channel_control(channel, "/v1/tee/channel/rekey", tsec_buf_span(&r1), &plain,
                                  &answer, error);
    return result == TEES_OK ? read_answer(channel, *rekey, answer, error) : result;
}

static enum tees_result
renew(struct tees_channel *channel, struct tees_error *error)
{
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *rekey = NULL;
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(REATTEST_MAX);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    const int64_t now = tsec_clock_mono_ns(&tsec_clock_system);
    struct tsec_span answer = { NULL, 0 };
    struct tsec_err err = { 0 };
    enum tees_result result = exchange_shares(channel, &rekey, error);

    if (result == TEES_OK && channel->tees->own != NULL) {
        result = put_reattest(channel, rekey, &body, error);
    }
    if (result != TEES_OK) {
        return result;
    }
    if (tsec_failed(amc_rekey_commit(channel->session, rekey, now, &err))) {
        return tees_fail_err(error, TEES_INTERNAL, NULL, &err);
    }
    channel->rekeyed_ns = now;
    return channel->tees->own == NULL
               ? TEES_OK
               : tees_channel_control(channel, "/v1/tee/channel/reattest", tsec_buf_span(&body),
                                      &plain, &answer, error);
}

enum tees_result
tees_channel_rekey(struct tees_channel *channel, struct tees_error *error)
{
    enum tees_result result;

    tsec_crypto_enter();
    (void)pthread_rwlock_wrlock(&channel->keys);
    result = channel->closed ? tees_fail(error, TEES_CLOSED, NULL, "the channel is over")
                             : renew(channel, error);
    /* Half a rekey leaves the two sides with different keys, and an answer that does not hold
     * leaves a server that nothing vouches for. */
    if (result != TEES_OK && result != TEES_CLOSED) {
        channel->closed = true;
    }
    (void)pthread_rwlock_unlock(&channel->keys);
    tsec_crypto_leave();
    return result;
}
