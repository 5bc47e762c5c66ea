/* SPDX-License-Identifier: Apache-2.0 */
#include "appraisal/binding.h"
#include "base/base64.h"
#include "base/hex.h"
#include "client/lib/tees.h"
#include "codec/json_out.h"
#include "crypto/hash.h"
#include "crypto/rand.h"

enum { NONCE_LEN = 32, KEY_MAX = 8192, SMALL_MAX = 1024 };

/** The server's statement about itself, as it is before anything of it is believed. */
struct statement {
    uint8_t nonce[NONCE_LEN];
    uint8_t config_digest[TSEC_SHA384_LEN];
    uint8_t binding[TSEC_BINDING_LEN];
    struct tsec_buf format;
    struct tsec_buf evidence;
    struct tsec_buf vkey;
    struct tsec_buf identity;
    struct tsec_buf tls; /* with https: as this side sees it */
};

static void
statement_init(struct statement *s)
{
    *s = (struct statement){ .nonce = { 0 } };
    tsec_rand_bytes(s->nonce, sizeof(s->nonce));
    tsec_buf_init(&s->format, sizeof(((struct tees_server *)NULL)->format));
    tsec_buf_init(&s->evidence, TSEC_EVIDENCE_MAX);
    tsec_buf_init(&s->vkey, sizeof(((struct tees_server *)NULL)->ledger_vkey));
    tsec_buf_init(&s->identity, KEY_MAX);
    tsec_buf_init(&s->tls, KEY_MAX);
}

static void
statement_done(struct statement *s)
{
    tsec_buf_done(&s->format);
    tsec_buf_done(&s->evidence);
    tsec_buf_done(&s->vkey);
    tsec_buf_done(&s->identity);
    tsec_buf_done(&s->tls);
}

static enum tees_result
ask(struct tees *tees, const struct statement *s, struct cli_reply *reply, struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(SMALL_MAX);

    tsec_buf_put_str(&body, "{\"nonce\":\"");
    tsec_base64_append(&body, TSEC_BASE64_STD, tsec_span(s->nonce, sizeof(s->nonce)));
    tsec_buf_put_str(&body, "\"}");
    return tees_ask_locked(tees, "POST", "tee/attestation", tsec_buf_span(&body), reply, error);
}

static enum tees_result
read_config_digest(struct tsec_span object, struct statement *s, struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf hex = TSEC_BUF_INIT(SMALL_MAX);
    const enum tees_result result = tees_text(object, "config_digest", &hex, error);

    if (result == TEES_OK
        && (hex.len != 2 * TSEC_SHA384_LEN + 1
            || !tsec_hex_decode(tsec_span(hex.ptr, hex.len - 1), s->config_digest,
                                sizeof(s->config_digest)))) {
        return tees_fail(error, TEES_PROTOCOL, NULL, "the server's config_digest is no SHA-384");
    }
    return result;
}

/** With https the key is the one that this connection was made with, whatever the server says. */
static enum tees_result
read_tls_key(struct tees *tees, struct tsec_span object, struct statement *s,
             struct tees_error *error)
{
    struct tsec_span claimed;
    struct tsec_err err = { 0 };

    if (tees->config.https) {
        return tsec_failed(cli_http_peer_key(tees->http, &s->tls, &err))
                   ? tees_fail_err(error, TEES_UNTRUSTED, "tls-key", &err)
                   : TEES_OK;
    }
    return tsec_json_member(object, "tls_key", &claimed) == TSEC_JSON_STRING
               ? tees_base64(object, "tls_key", &s->tls, error)
               : TEES_OK;
}

static enum tees_result
read_statement(struct tees *tees, struct statement *s, const struct cli_reply *reply,
               struct tees_error *error)
{
    const struct tsec_span object = tees_reply_object(reply);
    enum tees_result result = tees_text(object, "format", &s->format, error);

    result = result == TEES_OK ? tees_base64(object, "evidence", &s->evidence, error) : result;
    result = result == TEES_OK ? tees_text(object, "ledger_vkey", &s->vkey, error) : result;
    result = result == TEES_OK ? tees_base64(object, "identity_key", &s->identity, error) : result;
    result = result == TEES_OK ? read_config_digest(object, s, error) : result;
    return result == TEES_OK ? read_tls_key(tees, object, s, error) : result;
}

/** Everything that the server says is in the binding, so that genuine evidence makes it true. */
static enum tees_result
appraise(struct tees *tees, struct statement *s, struct tees_server *server,
         struct tees_error *error)
{
    const struct tsec_server_binding parts = {
        .nonce = tsec_span(s->nonce, sizeof(s->nonce)),
        .config_digest = tsec_span(s->config_digest, sizeof(s->config_digest)),
        .vkey = tsec_span(s->vkey.ptr, s->vkey.len - 1),
        .identity = tsec_buf_span(&s->identity),
        .tls = tsec_buf_span(&s->tls),
    };
    const struct tees_proof proof = {
        .format = (const char *)s->format.ptr,
        .evidence = tsec_buf_span(&s->evidence),
        .binding = tsec_span(s->binding, sizeof(s->binding)),
    };
    enum tees_result result;

    tsec_binding_server(&parts, s->binding);
    result = tees_peer_appraise(&tees->config, &proof, server, error);
    if (result == TEES_OK) {
        result = tees_peer_identity(&tees->config, parts.identity, server, error);
    }
    if (result == TEES_OK) {
        tsec_hex_encode(parts.config_digest, server->config_digest);
        memcpy(server->ledger_vkey, s->vkey.ptr, s->vkey.len); /* with its NUL */
        server->tls_bound = tees->config.https ? 1 : 0;
    }
    return result;
}

static enum tees_result
prove(struct tees *tees, struct statement *s, struct tees_server *server, struct tees_error *error)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_err err = { 0 };
    enum tees_result result;

    cli_reply_init(&reply);
    /* Only of a connection that is made now does libcurl tell the certificate. */
    if (tsec_failed(cli_http_pin(tees->http, tsec_span(NULL, 0), &err))
        || tsec_failed(cli_http_fresh(tees->http, true, &err))) {
        return tees_fail_err(error, TEES_INTERNAL, NULL, &err);
    }
    result = ask(tees, s, &reply, error);
    if (tsec_failed(cli_http_fresh(tees->http, false, &err)) && result == TEES_OK) {
        return tees_fail_err(error, TEES_INTERNAL, NULL, &err);
    }
    result = result == TEES_OK ? read_statement(tees, s, &reply, error) : result;
    result = result == TEES_OK ? appraise(tees, s, server, error) : result;
    if (result == TEES_OK && server->tls_bound != 0
        && tsec_failed(cli_http_pin(tees->http, tsec_buf_span(&s->tls), &err))) {
        return tees_fail_err(error, TEES_INTERNAL, NULL, &err);
    }
    return result;
}

static enum tees_result
verify_locked(struct tees *tees, struct tees_error *error)
{
    struct tees_server server = { .struct_size = (uint32_t)sizeof(server) };
    struct statement s;
    enum tees_result result;

    /* What was pinned is let go for this: a server may have a new certificate. */
    tees->verified = false;
    statement_init(&s);
    result = prove(tees, &s, &server, error);
    statement_done(&s);
    if (result == TEES_OK) {
        tees->server = server;
        tees->verified = true;
    }
    return result;
}

enum tees_result
tees_verify(struct tees *tees, struct tees_server *server, struct tees_error *error)
{
    enum tees_result result;

    (void)pthread_mutex_lock(&tees->lock);
    result = verify_locked(tees, error);
    if (result == TEES_OK && server != NULL) {
        result = tees_peer_give(&tees->server, server, error);
    }
    (void)pthread_mutex_unlock(&tees->lock);
    return result;
}

enum tees_result
tees_need_proven(struct tees *tees, struct tees_error *error)
{
    enum tees_result result = TEES_OK;

    (void)pthread_mutex_lock(&tees->lock);
    if (!tees->verified) {
        result = verify_locked(tees, error);
    }
    if (result == TEES_OK && tees->server.tls_bound == 0) {
        result = tees_fail(error, TEES_UNTRUSTED, "tls-key",
                           "without https nothing shows that this server is the proven one: use a "
                           "channel");
    }
    (void)pthread_mutex_unlock(&tees->lock);
    return result;
}
