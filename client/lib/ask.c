/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "client/lib/tees.h"

static const struct tsec_json_limits limits = { .depth_max = 32, .members_max = 65536 };

enum { WORDS_MAX = 1024, CODE_MAX = 64, TEXT_MAX = 2 * 1024 * 1024 };

struct tsec_span
tees_reply_object(const struct cli_reply *reply)
{
    return tsec_json_trim(tsec_buf_span(&reply->body));
}

struct tsec_span
tees_reply_data(const struct cli_reply *reply)
{
    const struct tsec_span whole = tees_reply_object(reply);
    struct tsec_span data = { NULL, 0 };

    if (tsec_json_type_of(whole) == TSEC_JSON_OBJECT) {
        (void)tsec_json_member(whole, "data", &data);
    }
    return data;
}

tsec_rc
tees_json_check(struct tsec_span text)
{
    return tsec_json_check(text, &limits, NULL);
}

/** The server's first sentence, and its word for programs. */
static enum tees_result
refused(const struct cli_reply *reply, bool is_json, struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf words = TSEC_BUF_INIT(WORDS_MAX);
    TSEC_AUTO_BUF struct tsec_buf code = TSEC_BUF_INIT(CODE_MAX);
    struct tsec_span errors = { NULL, 0 };
    struct tsec_json_member first = { 0 };

    if (is_json) {
        const struct tsec_span whole = tees_reply_object(reply);

        (void)tees_text(whole, "code", &code, NULL);
        if (tsec_json_member(whole, "errors", &errors) == TSEC_JSON_ARRAY) {
            struct tsec_json_walk walk = tsec_json_walk(errors);

            if (tsec_json_next(&walk, &first)
                && tsec_json_type_of(first.value) == TSEC_JSON_STRING) {
                tsec_json_unescape(&words, first.value);
            }
        }
    }
    tsec_buf_put_byte(&words, '\0');
    (void)tees_fail(error, TEES_REFUSED, code.len > 1 ? (const char *)code.ptr : NULL,
                    "the server refuses (HTTP %d)%s%.180s", reply->status,
                    words.len > 1 ? ": " : "", words.failed ? "" : (const char *)words.ptr);
    if (error != NULL) {
        error->http_status = reply->status;
    }
    return TEES_REFUSED;
}

enum tees_result
tees_ask_locked(struct tees *tees, const char *method, const char *path, struct tsec_span body,
                struct cli_reply *reply, struct tees_error *error)
{
    const struct cli_request request = { .method = method, .path = path, .body = body };
    struct tsec_err err = { 0 };
    const tsec_rc rc = cli_http_do(tees->http, &request, reply, &err);
    bool is_json;

    if (rc.code == TSEC_E_DENIED) {
        return tees_fail_err(error, TEES_UNTRUSTED, "tls-key", &err);
    }
    if (tsec_failed(rc)) {
        return tees_fail_err(error, TEES_UNAVAILABLE, NULL, &err);
    }
    is_json = reply->body.len > 0
              && !tsec_failed(tsec_json_check(tsec_buf_span(&reply->body), &limits, NULL))
              && tsec_json_type_of(tees_reply_object(reply)) == TSEC_JSON_OBJECT;
    if (reply->status < 200 || reply->status > 299) {
        return refused(reply, is_json, error);
    }
    if (!is_json && reply->body.len > 0) {
        return tees_fail(error, TEES_PROTOCOL, NULL, "the server's answer is no JSON object");
    }
    return TEES_OK;
}

enum tees_result
tees_ask(struct tees *tees, const char *method, const char *path, struct tsec_span body,
         struct cli_reply *reply, struct tees_error *error)
{
    enum tees_result result;

    (void)pthread_mutex_lock(&tees->lock);
    result = tees_ask_locked(tees, method, path, body, reply, error);
    (void)pthread_mutex_unlock(&tees->lock);
    return result;
}

enum tees_result
tees_text(struct tsec_span object, const char *name, struct tsec_buf *out, struct tees_error *error)
{
    struct tsec_span value = { NULL, 0 };

    if (tsec_json_type_of(object) != TSEC_JSON_OBJECT
        || tsec_json_member(object, name, &value) != TSEC_JSON_STRING) {
        return tees_fail(error, TEES_PROTOCOL, NULL, "the server's answer has no %s", name);
    }
    tsec_json_unescape(out, value);
    tsec_buf_put_byte(out, '\0');
    return out->failed ? tees_fail(error, TEES_PROTOCOL, NULL, "the server's %s is too long", name)
                       : TEES_OK;
}

enum tees_result
tees_base64(struct tsec_span object, const char *name, struct tsec_buf *out,
            struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TEXT_MAX);
    const enum tees_result result = tees_text(object, name, &text, error);

    if (result != TEES_OK) {
        return result;
    }
    tsec_buf_truncate(&text, text.len - 1);
    if (tsec_failed(tsec_base64_decode(out, TSEC_BASE64_STD, tsec_buf_span(&text), NULL))
        && tsec_failed(tsec_base64_decode(out, TSEC_BASE64_URL, tsec_buf_span(&text), NULL))) {
        return tees_fail(error, TEES_PROTOCOL, NULL, "the server's %s is no base64", name);
    }
    return TEES_OK;
}
