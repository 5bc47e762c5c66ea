/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/base64.h"
#include "client/lib/channel.h"
#include "codec/json_out.h"

enum { MESSAGE_MAX = 16 * 1024 * 1024, PATH_LEN_MAX = 64, HTTP_CONFLICT = 409 };

/** {"e":…,"s":…,"m":…,"p":…,"c":…} */
static void
put_message(const struct amc_envelope *env, struct tsec_span sealed, struct tsec_buf *out)
{
    struct tsec_json_out json = tsec_json_out(out);

    tsec_json_object(&json);
    tsec_json_put_int(&json, "e", (int64_t)env->epoch);
    tsec_json_put_int(&json, "s", (int64_t)env->seq);
    tsec_json_put_str(&json, "m", env->method);
    tsec_json_put_str(&json, "p", env->path);
    tsec_buf_put_str(out, ",\"c\":\"");
    tsec_base64_append(out, TSEC_BASE64_URL, sealed);
    tsec_buf_put_str(out, "\"}");
}

static enum tees_result
seal(struct tees_channel *channel, struct amc_envelope *env,
     const struct amc_inner_request *request, struct tsec_buf *out, struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf inner = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(AMC_PLAIN_MAX + AMC_TAG_LEN);
    struct tsec_err err = { 0 };
    tsec_rc rc;

    amc_inner_request_write(request, &inner);
    if (inner.failed) {
        return tees_fail(error, TEES_INVALID, NULL, "the request is too large for one message");
    }
    rc = amc_seal_request(channel->session, env, tsec_buf_span(&inner), &sealed, &err);
    if (rc.code == TSEC_E_CONFLICT) {
        (void)tees_fail(error, TEES_REFUSED, "rekey_required", "the channel's key is used up");
        if (error != NULL) {
            error->http_status = HTTP_CONFLICT;
        }
        return TEES_REFUSED;
    }
    if (tsec_failed(rc)) {
        return tees_fail_err(error, TEES_INTERNAL, NULL, &err);
    }
    put_message(env, tsec_buf_span(&sealed), out);
    return out->failed ? tees_fail(error, TEES_NO_MEMORY, NULL, "no memory") : TEES_OK;
}

static enum tees_result
open_reply(struct tees_channel *channel, const struct amc_envelope *env,
           const struct cli_reply *reply, struct tsec_buf *plain, struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(AMC_PLAIN_MAX + AMC_TAG_LEN);
    const struct tsec_span object = tees_reply_object(reply);
    struct tsec_span text = { NULL, 0 };
    struct tsec_err err = { 0 };

    /* Base64 has nothing to unescape, and what is no base64 does not decode. */
    if (tsec_json_type_of(object) != TSEC_JSON_OBJECT
        || tsec_json_member(object, "c", &text) != TSEC_JSON_STRING
        || tsec_failed(tsec_base64_decode(&sealed, TSEC_BASE64_URL,
                                          tsec_span(text.ptr + 1, text.len - 2), &err))) {
        return tees_fail(error, TEES_PROTOCOL, NULL, "the answer is no message of the channel");
    }
    return tsec_failed(amc_open_reply(channel->session, env, tsec_buf_span(&sealed), plain, &err))
               ? tees_fail(error, TEES_PROTOCOL, "message",
                           "the answer was altered, or is not to this request")
               : TEES_OK;
}

enum tees_result
tees_channel_exchange(struct tees_channel *channel, const char *method, const char *path,
                      const struct amc_inner_request *request, struct tsec_buf *plain,
                      struct tsec_buf *bytes, struct amc_inner_reply *reply,
                      struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf message = TSEC_BUF_INIT(MESSAGE_MAX);
    struct amc_envelope env = { .method = method, .path = path };
    struct tees_error local = { .result = TEES_OK };
    CLI_AUTO_REPLY struct cli_reply outer;
    struct tsec_err err = { 0 };
    char where[PATH_LEN_MAX];
    enum tees_result result;

    error = error == NULL ? &local : error;
    cli_reply_init(&outer);
    if (channel->closed) {
        return tees_fail(error, TEES_CLOSED, NULL, "the channel is over");
    }
    result = seal(channel, &env, request, &message, error);
    if (result != TEES_OK) {
        return result;
    }
    (void)snprintf(where, sizeof(where), "tee/channel/%s/msg", channel->cid);
    result = tees_ask(channel->tees, "POST", where, tsec_buf_span(&message), &outer, error);
    if (result == TEES_REFUSED && error->http_status == 404) {
        channel->closed = true;
        return tees_fail(error, TEES_CLOSED, NULL, "the server knows this channel no more");
    }
    result = result == TEES_OK ? open_reply(channel, &env, &outer, plain, error) : result;
    if (result == TEES_OK
        && tsec_failed(amc_inner_reply_parse(tsec_buf_span(plain), bytes, reply, &err))) {
        return tees_fail_err(error, TEES_PROTOCOL, NULL, &err);
    }
    return result;
}

enum tees_result
tees_channel_control(struct tees_channel *channel, const char *path, struct tsec_span body,
                     struct tsec_buf *plain, struct tsec_span *answer, struct tees_error *error)
{
    const struct amc_inner_request request = { .body = body };
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    struct amc_inner_reply reply = { .status = 0 };
    enum tees_result result =
        tees_channel_exchange(channel, "POST", path, &request, plain, &bytes, &reply, error);

    if (result != TEES_OK) {
        return result;
    }
    if (reply.status < 200 || reply.status > 299) {
        (void)tees_fail(error, TEES_REFUSED, NULL, "the server refuses %s (HTTP %d)", path,
                        reply.status);
        if (error != NULL) {
            error->http_status = reply.status;
        }
        return TEES_REFUSED;
    }
    *answer = tsec_json_trim(reply.body);
    return TEES_OK;
}
