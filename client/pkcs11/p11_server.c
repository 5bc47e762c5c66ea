/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_server.h"

#include <pthread.h>
#include <stdlib.h>

#include "client/pkcs11/p11_say.h"
#include "codec/json_scan.h"
#include "crypto/crypto.h"

enum { IDLE_MAX = 8, SAID_MAX = 300 };

struct p11_server {
    const struct p11_settings *settings;
    bool trusted;
    pthread_mutex_t lock; /* what follows */
    bool own;             /* the token is that of the settings */
    struct tsec_buf token;
    struct cli_http *idle[IDLE_MAX];
    size_t idle_len;
};

tsec_rc
p11_server_new(const struct p11_settings *settings, struct p11_server **out, struct tsec_err *err)
{
    TSEC_AUTO(p11_server_free) struct p11_server *server = calloc(1, sizeof(*server));

    if (server == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory");
    }
    server->settings = settings;
    (void)pthread_mutex_init(&server->lock, NULL);
    tsec_buf_init(&server->token, CLI_TOKEN_MAX + 1);
    TSEC_TRY(p11_settings_token(settings, &server->token, err));
    server->trusted = server->token.len > 0;
    server->own = true;
    *out = TSEC_TAKE(server);
    return TSEC_OK;
}

void
p11_server_free(struct p11_server *server)
{
    if (server == NULL) {
        return;
    }
    for (size_t i = 0; i < server->idle_len; i++) {
        cli_http_free(server->idle[i]);
    }
    tsec_buf_done(&server->token);
    (void)pthread_mutex_destroy(&server->lock);
    free(server);
}

bool
p11_server_is_trusted(const struct p11_server *server)
{
    return server->trusted;
}

bool
p11_server_has_token(struct p11_server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    const bool has = server->token.len > 0;

    (void)pthread_mutex_unlock(&server->lock);
    return has;
}

/** Reads the token of the settings.  Whether it is another than `old`. */
static bool
look_again(struct p11_server *server, struct tsec_span old)
{
    TSEC_AUTO_BUF struct tsec_buf fresh = TSEC_BUF_INIT(CLI_TOKEN_MAX + 1);
    bool other = false;

    if (tsec_failed(p11_settings_token(server->settings, &fresh, NULL)) || fresh.len == 0) {
        return false;
    }
    (void)pthread_mutex_lock(&server->lock);
    if (server->own) {
        other = !tsec_ct_equal(tsec_buf_span(&fresh), old);
        tsec_buf_reset(&server->token);
        tsec_buf_put_span(&server->token, tsec_buf_span(&fresh));
    }
    (void)pthread_mutex_unlock(&server->lock);
    return other;
}

ck_rv_t
p11_server_use(struct p11_server *server, struct tsec_span token)
{
    if (!cli_token_valid(token)) {
        return CKR_PIN_INVALID;
    }
    (void)pthread_mutex_lock(&server->lock);
    server->own = false;
    tsec_buf_reset(&server->token);
    tsec_buf_put_span(&server->token, token);
    const bool failed = server->token.failed;

    (void)pthread_mutex_unlock(&server->lock);
    return failed ? CKR_HOST_MEMORY : CKR_OK;
}

void
p11_server_renew(struct p11_server *server)
{
    (void)look_again(server, tsec_span(NULL, 0));
}

void
p11_server_use_own(struct p11_server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    if (!server->own) {
        server->own = true;
        tsec_buf_reset(&server->token);
    }
    (void)pthread_mutex_unlock(&server->lock);
    p11_server_renew(server);
}

void
p11_server_forked(struct p11_server *server)
{
    /* Closing a connection of TLS would say so to the server, in the parent's name. */
    server->idle_len = 0;
    (void)pthread_mutex_init(&server->lock, NULL);
    if (!server->own) {
        p11_server_use_own(server);
    }
}

static struct cli_http *
take_connection(struct p11_server *server, struct tsec_buf *token, bool *own)
{
    struct cli_http *http = NULL;
    struct tsec_err err = { 0 };

    (void)pthread_mutex_lock(&server->lock);
    if (server->idle_len > 0) {
        http = server->idle[--server->idle_len];
    }
    tsec_buf_reset(token);
    tsec_buf_put_span(token, tsec_buf_span(&server->token));
    *own = server->own;
    (void)pthread_mutex_unlock(&server->lock);
    if (http == NULL) {
        (void)p11_rv_of(cli_http_new(p11_settings_server(server->settings), &http, &err), &err);
    }
    return http;
}

static void
give_back(struct p11_server *server, struct cli_http *http)
{
    (void)pthread_mutex_lock(&server->lock);
    if (server->idle_len < IDLE_MAX) {
        server->idle[server->idle_len++] = TSEC_TAKE(http);
    }
    (void)pthread_mutex_unlock(&server->lock);
    cli_http_free(http);
}

static void
say_status(const char *method, const char *path, const struct cli_reply *reply)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SAID_MAX);
    const struct tsec_span body = tsec_buf_span(&reply->body);
    struct tsec_span errors;
    struct tsec_json_member first = { .value = tsec_span(NULL, 0) };

    if (!tsec_failed(tsec_json_check(body, &TSEC_JSON_LIMITS_DEFAULT, NULL))
        && tsec_json_member(body, "errors", &errors) == TSEC_JSON_ARRAY) {
        struct tsec_json_walk walk = tsec_json_walk(errors);

        if (tsec_json_next(&walk, &first) && tsec_json_type_of(first.value) == TSEC_JSON_STRING) {
            tsec_json_unescape(&text, first.value);
        }
    }
    p11_say("%s %s: status %d: %.*s", method, path, reply->status, (int)text.len,
            text.ptr == NULL ? "" : (const char *)text.ptr);
}

static ck_rv_t
rv_of_status(int status)
{
    if (status >= 200 && status < 300) {
        return CKR_OK;
    }
    switch (status) {
    case 403:
        return CKR_USER_NOT_LOGGED_IN;
    case 404:
        return CKR_KEY_HANDLE_INVALID;
    case 413:
        return CKR_DATA_LEN_RANGE;
    case 400:
    case 405:
    case 409:
    case 415:
        return CKR_FUNCTION_FAILED;
    default:
        return CKR_DEVICE_ERROR;
    }
}

static ck_rv_t
ask_once(struct p11_server *server, struct cli_request *request, struct tsec_buf *token, bool *own,
         struct cli_reply *reply)
{
    struct tsec_err err = { 0 };
    struct cli_http *http = take_connection(server, token, own);

    if (http == NULL || token->failed) {
        cli_http_free(http);
        return CKR_HOST_MEMORY;
    }
    request->token = tsec_buf_span(token);
    tsec_crypto_enter();
    const tsec_rc rc = cli_http_do(http, request, reply, &err);

    tsec_crypto_leave();
    if (tsec_failed(rc)) {
        p11_say("%s %s:", request->method, request->path);
        cli_http_free(http);
        return p11_rv_of(rc, &err);
    }
    give_back(server, http);
    return CKR_OK;
}

ck_rv_t
p11_server_ask(struct p11_server *server, const char *method, const char *path,
               struct tsec_span body, struct cli_reply *reply)
{
    struct cli_request request = { .method = method, .path = path, .body = body };
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(CLI_TOKEN_MAX + 1);
    bool own = false;
    ck_rv_t rv = ask_once(server, &request, &token, &own, reply);

    if (rv == CKR_OK && reply->status == 403 && own && look_again(server, tsec_buf_span(&token))) {
        rv = ask_once(server, &request, &token, &own, reply);
    }
    if (rv == CKR_OK) {
        rv = rv_of_status(reply->status);
        if (rv != CKR_OK) {
            say_status(method, path, reply);
        }
    }
    return rv;
}
