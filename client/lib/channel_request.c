/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "base/clock.h"
#include "client/lib/channel.h"
#include "crypto/rand.h"

enum { PATH_LEN_MAX = 16384, UUID_LEN = 37, HTTP_CONFLICT = 409 };

static bool
is_due(struct tees_channel *channel)
{
    const int64_t now = tsec_clock_mono_ns(&tsec_clock_system);
    /* A tenth earlier than the server says: its clock began a little before this one. */
    const int64_t after = channel->rekey_after_ns - channel->rekey_after_ns / 10;
    bool due;

    (void)pthread_rwlock_rdlock(&channel->keys);
    due = !channel->closed && now - channel->rekeyed_ns >= after;
    (void)pthread_rwlock_unlock(&channel->keys);
    return due;
}

static enum tees_result
check(const struct tees_request *request, struct tsec_buf *path, struct tees_error *error)
{
    static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE", "LIST" };
    const char *at = request->path;
    bool known = false;

    for (size_t i = 0; request->method != NULL && i < TSEC_ARRAY_LEN(methods); i++) {
        known = known || strcmp(request->method, methods[i]) == 0;
    }
    if (!known || at == NULL) {
        return tees_fail(error, TEES_INVALID, NULL,
                         "a request has a method, GET, POST, PUT, PATCH, DELETE or LIST, and a "
                         "path");
    }
    at += strncmp(at, "/v1/", 4) == 0 ? 4 : 0;
    at += at[0] == '/' ? 1 : 0;
    if (strncmp(at, "tee/channel", 11) == 0) {
        return tees_fail(error, TEES_INVALID, NULL, "the channel's own routes are not asked for");
    }
    tsec_buf_put_str(path, "/v1/");
    tsec_buf_put_str(path, at);
    tsec_buf_put_byte(path, '\0');
    return path->failed ? tees_fail(error, TEES_INVALID, NULL, "the path is too long") : TEES_OK;
}

static struct tsec_span
text_or_none(const char *text)
{
    return text == NULL ? tsec_span(NULL, 0) : tsec_span_str(text);
}

/** Inside, where no proxy can say it: the interval is over. */
static bool
wants_rekey(const struct amc_inner_reply *reply)
{
    const struct tsec_span object = tsec_json_trim(reply->body);
    struct tsec_span code = { NULL, 0 };

    return reply->status == HTTP_CONFLICT && !tsec_failed(tees_json_check(object))
           && tsec_json_type_of(object) == TSEC_JSON_OBJECT
           && tsec_json_member(object, "code", &code) == TSEC_JSON_STRING
           && tsec_json_string_is(code, tsec_span_str("rekey_required"));
}

/** By who holds `keys`. */
static enum tees_result
ask(struct tees_channel *channel, const struct tees_request *request, const char *path,
    const char *idempotency_key, int *status, struct tees_bytes *body, struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    TSEC_AUTO_BUF struct tsec_buf given = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    struct amc_inner_request inner = {
        .token = text_or_none(request->token),
        .idempotency_key = text_or_none(idempotency_key),
        .body = tsec_span(request->body, request->body == NULL ? 0 : request->body_len),
    };
    const bool hidden = request->hide_path != 0;
    struct amc_inner_reply reply = { .status = 0 };
    enum tees_result result;

    if (hidden) {
        inner.method = tsec_span_str(request->method);
        inner.path = tsec_span_str(path);
    }
    result = tees_channel_exchange(channel, hidden ? "POST" : request->method,
                                   hidden ? AMC_INNER_PATH : path, &inner, &plain, &bytes, &reply,
                                   error);
    if (result == TEES_OK && wants_rekey(&reply)) {
        return tees_fail(error, TEES_REFUSED, "rekey_required", "the channel needs new keys");
    }
    if (result == TEES_OK && body != NULL) {
        tsec_buf_put_span(&given, reply.body);
        result = tees_give(&given, body, error);
    }
    if (result == TEES_OK && status != NULL) {
        *status = reply.status;
    }
    return result;
}

enum tees_result
tees_channel_request(struct tees_channel *channel, const struct tees_request *request, int *status,
                     struct tees_bytes *reply, struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(PATH_LEN_MAX);
    struct tees_error local = { .result = TEES_OK };
    char uuid[UUID_LEN];
    const char *key = request->idempotency_key;
    enum tees_result result;

    error = error == NULL ? &local : error;
    result = check(request, &path, error);
    if (result == TEES_OK && is_due(channel)) {
        result = tees_channel_rekey(channel, error);
    }
    if (result != TEES_OK) {
        return result;
    }
    tsec_crypto_enter();
    if (key == NULL && strcmp(request->method, "GET") != 0
        && strcmp(request->method, "LIST") != 0) {
        tsec_rand_uuid(uuid);
        key = uuid;
    }
    for (int tries = 0; tries < 2; tries++) {
        (void)pthread_rwlock_rdlock(&channel->keys);
        result = ask(channel, request, (const char *)path.ptr, key, status, reply, error);
        (void)pthread_rwlock_unlock(&channel->keys);
        if (tries > 0 || result != TEES_REFUSED || strcmp(error->reason, "rekey_required") != 0) {
            break;
        }
        result = tees_channel_rekey(channel, error);
        if (result != TEES_OK) {
            break;
        }
    }
    tsec_crypto_leave();
    return result;
}

/* ---- tickets ---- */

static enum tees_result
put_ticket(struct tees_channel *channel, struct tsec_buf *out, struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    struct tsec_span answer = { NULL, 0 };
    struct tsec_span number = { NULL, 0 };
    struct tsec_err err = { 0 };
    int64_t n = -1;
    enum tees_result result = tees_channel_control(channel, "/v1/tee/channel/ticket",
                                                   tsec_span_str("{}"), &plain, &answer, error);

    result = result == TEES_OK ? tees_base64(answer, "ticket", out, error) : result;
    if (result != TEES_OK) {
        return result;
    }
    if (out->len != AMC_TICKET_LEN || tsec_json_member(answer, "n", &number) != TSEC_JSON_NUMBER
        || !tsec_json_to_i64(number, &n) || n < 0 || n > UINT32_MAX) {
        return tees_fail(error, TEES_PROTOCOL, NULL, "the server's ticket is none");
    }
    tsec_buf_extend(out, AMC_HASH_LEN);
    if (out->failed
        || tsec_failed(
            amc_session_psk(channel->session, (uint32_t)n, out->ptr + AMC_TICKET_LEN, &err))) {
        return tees_fail(error, TEES_INTERNAL, NULL, "the ticket's key cannot be derived");
    }
    return TEES_OK;
}

enum tees_result
tees_channel_ticket(struct tees_channel *channel, struct tees_bytes *out, struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf ticket = TSEC_BUF_INIT(TEES_TICKET_LEN);
    enum tees_result result;

    tsec_crypto_enter();
    (void)pthread_rwlock_rdlock(&channel->keys);
    result = put_ticket(channel, &ticket, error);
    (void)pthread_rwlock_unlock(&channel->keys);
    result = result == TEES_OK ? tees_give(&ticket, out, error) : result;
    tsec_crypto_leave();
    return result;
}
