/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/client/tees_double_channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amc/inner.h"
#include "base/base64.h"
#include "base/clock.h"
#include "codec/json_out.h"
#include "codec/json_scan.h"

enum {
    TEXT_MAX = 1024 * 1024,
    METHOD_MAX = 64,
    HTTP_DENIED = 403,
    HTTP_CONFLICT = 409,
    HTTP_GONE = 404
};

static const uint8_t ticket[AMC_TICKET_LEN] = "a ticket of the double";

static void
must(tsec_rc rc, const char *what, const struct tsec_err *err)
{
    if (tsec_failed(rc)) {
        (void)fprintf(stderr, "the double's %s: %s\n", what, err->detail);
        abort();
    }
}

static tsec_rc
sign(void *ctx, struct tsec_span message, struct tsec_buf *sig, struct tsec_err *err)
{
    const struct tees_double *d = ctx;

    return tsec_sign(d->key, TSEC_SHA384, message, sig, err);
}

/** Er over these; `lie`: the one that spoils it. */
static void
put_er(struct tees_double *d, const uint8_t *binding, struct tsec_span nonce, struct tsec_span spki,
       enum tees_lie lie, struct tsec_buf *er)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(TSEC_EVIDENCE_MAX);
    struct tsec_evidence_request request = { .struct_size = (uint32_t)sizeof(request),
                                             .nonce = nonce,
                                             .public_key = spki };
    struct amc_evidence evidence = { .format = "sim-v1", .mode = AMC_FRESH, .layout = AMC_RAW48 };

    amc_request_binding(AMC_RAW48, binding, request.binding);
    request.binding[0] ^= d->lie == lie ? 1 : 0;
    tees_double_evidence(d, &request, &bytes);
    evidence.evidence = tsec_buf_span(&bytes);
    evidence.made_at_s = d->host.now;
    evidence.mode = d->lie == LIE_MODE ? AMC_IDENTITY : AMC_FRESH;
    amc_evidence_write(&evidence, er);
}

static int
hello(struct tees_double *d, const char *body)
{
    static const char *const accept[] = { "sim-v1", "none", NULL };
    TSEC_AUTO_BUF struct tsec_buf er = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(AMC_SPKI_LEN);
    struct amc_responder_options options = {
        .sign = sign, .sign_ctx = d, .bind = AMC_RAW48, .accept = accept, .exp_s = 30
    };
    struct amc_b1 b1;
    struct tsec_err err = { 0 };

    must(amc_b1_parse(tsec_span_str(body), &b1, &err), "b1", &err);
    must(tsec_key_spki(d->key, &spki, &err), "spki", &err);
    options.id = tsec_buf_span(&spki);
    if (b1.has_ticket && d->takes_tickets && memcmp(b1.ticket, ticket, sizeof(ticket)) == 0) {
        options.psk = tsec_span(d->psk, sizeof(d->psk));
        d->resumed = true;
    }
    amc_responder_free(d->responder);
    d->responder = NULL;
    if (tsec_failed(amc_responder_begin(&options, &b1, tsec_span_str(body), &d->responder, &err))) {
        tsec_buf_put_str(&d->reply, "{\"errors\":[\"denied\"],\"code\":\"denied\"}");
        return HTTP_DENIED;
    }
    if (options.psk.len > 0) {
        const struct amc_evidence none = { .format = "none", .mode = AMC_RESUMED };

        amc_evidence_write(&none, &er);
    } else {
        put_er(d, amc_responder_binding(d->responder), amc_responder_peer_nonce(d->responder),
               amc_responder_spki(d->responder), LIE_BINDING, &er);
    }
    must(amc_responder_reply(d->responder, tsec_buf_span(&er), &d->reply, &err), "reply", &err);
    return 200;
}

static int
finish(struct tees_double *d, const char *body)
{
    TSEC_AUTO_BUF struct tsec_buf ei = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    struct amc_evidence evidence;
    struct tsec_err err = { 0 };
    char s[200];

    must(amc_responder_finish(d->responder, tsec_span_str(body), &ei, &err), "finish", &err);
    must(amc_evidence_parse(tsec_buf_span(&ei), &bytes, &evidence, &err), "ei", &err);
    d->peer_attested = evidence.mode == AMC_FRESH;
    (void)snprintf(d->role, sizeof(d->role), "%.60s", evidence.role);
    (void)snprintf(s, sizeof(s), "{\"rekey_after\":%u,\"ttl\":28800,\"policies\":[]}",
                   d->rekey_after_s);
    amc_session_free(d->session);
    d->session = NULL;
    must(amc_responder_accept(d->responder, tsec_span_str(s), &d->reply, &d->session, &err),
         "accept", &err);
    if (d->lie == LIE_FIN) {
        char *at = strstr((char *)d->reply.ptr, "\"session\":\"");

        at[12] = at[12] == 'A' ? 'B' : 'A';
    }
    return 200;
}

/* ---- messages ---- */

static void
put_b64u(struct tsec_buf *out, const char *name, struct tsec_span bytes)
{
    tsec_buf_printf(out, "\"%s\":\"", name);
    tsec_base64_append(out, TSEC_BASE64_URL, bytes);
    tsec_buf_put_str(out, "\"");
}

static void
rekey(struct tees_double *d, struct tsec_span r1, struct tsec_buf *body)
{
    TSEC_AUTO_BUF struct tsec_buf r2 = TSEC_BUF_INIT(AMC_HELLO_MAX);
    TSEC_AUTO_BUF struct tsec_buf er = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    uint8_t binding[AMC_HASH_LEN];
    struct tsec_err err = { 0 };

    amc_rekey_free(d->rekey);
    d->rekey = NULL;
    must(amc_rekey_answer(d->session, r1, &d->rekey, &r2, &err), "rekey", &err);
    amc_rekey_binding(d->rekey, AMC_RESPONDER, binding);
    put_er(d, binding, amc_rekey_nonce(d->rekey, AMC_INITIATOR),
           amc_rekey_spki(d->rekey, AMC_RESPONDER), LIE_REKEY, &er);
    tsec_buf_put_byte(body, '{');
    put_b64u(body, "rekey", tsec_buf_span(&r2));
    tsec_buf_put_byte(body, ',');
    put_b64u(body, "evidence", tsec_buf_span(&er));
    tsec_buf_put_byte(body, '}');
    d->rekeys++;
}

static void
give_ticket(struct tees_double *d, struct tsec_buf *body)
{
    struct tsec_err err = { 0 };

    must(amc_session_psk(d->session, 7, d->psk, &err), "psk", &err);
    tsec_buf_put_byte(body, '{');
    put_b64u(body, "ticket", tsec_span(ticket, sizeof(ticket)));
    tsec_buf_put_str(body, ",\"n\":7,\"expires_in\":60}");
}

/** The channel's own routes; any other request is told what it was. */
static void
carry_out(struct tees_double *d, const char *method, const char *path,
          const struct amc_inner_request *inner, struct tsec_buf *body)
{
    struct tsec_json_out json = tsec_json_out(body);

    if (strcmp(path, "/v1/tee/channel/rekey") == 0) {
        rekey(d, inner->body, body);
    } else if (strcmp(path, "/v1/tee/channel/ticket") == 0) {
        give_ticket(d, body);
    } else if (strcmp(path, "/v1/tee/channel/reattest") == 0) {
        d->reattests++;
        tsec_buf_put_str(body, "{}");
    } else if (strcmp(path, "/v1/tee/channel/close") == 0) {
        d->closed = true;
        tsec_buf_put_str(body, "{}");
    } else {
        tsec_json_object(&json);
        tsec_json_put_str(&json, "method", method);
        tsec_json_put_str(&json, "path", path);
        tsec_json_put_span(&json, "inner_path", inner->path);
        tsec_json_put_span(&json, "token", inner->token);
        tsec_json_put_bool(&json, "idempotency", inner->idempotency_key.len > 0);
        tsec_json_put_span(&json, "body", inner->body);
        tsec_json_object_end(&json);
    }
}

static void
put_reply(struct tees_double *d, const struct amc_envelope *env, struct tsec_span body)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(AMC_PLAIN_MAX + AMC_TAG_LEN);
    const bool over = d->lie == LIE_INTERVAL;
    const struct amc_inner_reply reply = {
        .status = over ? HTTP_CONFLICT : 200,
        .body = over ? tsec_span_str("{\"errors\":[],\"code\":\"rekey_required\"}") : body,
    };
    struct tsec_err err = { 0 };

    d->lie = over ? LIE_NONE : d->lie;
    amc_inner_reply_write(&reply, &plain);
    must(amc_seal_reply(d->session, env, tsec_buf_span(&plain), &sealed, &err), "seal", &err);
    sealed.ptr[0] ^= d->lie == LIE_REPLY ? 1 : 0;
    if (d->lie == LIE_OLD_REPLY) {
        tsec_buf_put_span(&d->reply, tsec_buf_span(&d->before));
        return;
    }
    tsec_buf_printf(&d->reply, "{\"e\":%u,\"s\":%llu,", env->epoch, (unsigned long long)env->seq);
    put_b64u(&d->reply, "c", tsec_buf_span(&sealed));
    tsec_buf_put_byte(&d->reply, '}');
    tsec_buf_reset(&d->before);
    tsec_buf_put_span(&d->before, tsec_buf_span(&d->reply));
}

static void
text_of(struct tsec_span object, const char *name, struct tsec_buf *out)
{
    struct tsec_span raw = { NULL, 0 };

    (void)tsec_json_member(object, name, &raw);
    tsec_json_unescape(out, raw);
    tsec_buf_put_byte(out, '\0');
}

static int
message(struct tees_double *d, struct tsec_span object)
{
    TSEC_AUTO_BUF struct tsec_buf method = TSEC_BUF_INIT(METHOD_MAX);
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(TEXT_MAX);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TEXT_MAX);
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(TEXT_MAX);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    const int64_t now = tsec_clock_mono_ns(&tsec_clock_system);
    struct amc_inner_request inner;
    struct tsec_span number = { NULL, 0 };
    struct amc_envelope env;
    struct tsec_err err = { 0 };
    int64_t epoch = 0;
    int64_t seq = 0;

    text_of(object, "m", &method);
    text_of(object, "p", &path);
    text_of(object, "c", &text);
    (void)tsec_json_member(object, "e", &number);
    (void)tsec_json_to_i64(number, &epoch);
    (void)tsec_json_member(object, "s", &number);
    (void)tsec_json_to_i64(number, &seq);
    env = (struct amc_envelope){ (uint32_t)epoch, (uint64_t)seq, (const char *)method.ptr,
                                 (const char *)path.ptr };
    must(tsec_base64_decode(&sealed, TSEC_BASE64_URL, tsec_span(text.ptr, text.len - 1), &err), "c",
         &err);
    /* The initiator's first message of an epoch says that it has its keys. */
    if (d->rekey != NULL && epoch > amc_session_epoch(d->session)) {
        must(amc_rekey_commit(d->session, d->rekey, now, &err), "commit", &err);
    }
    must(amc_open_request(d->session, &env, tsec_buf_span(&sealed), now, &plain, &err), "open",
         &err);
    must(amc_inner_request_parse(tsec_buf_span(&plain), &bytes, &inner, &err), "inner", &err);
    carry_out(d, env.method, env.path, &inner, &body);
    put_reply(d, &env, tsec_buf_span(&body));
    return 200;
}

int
tees_double_channel(struct tees_double *d, const char *path, const char *body)
{
    const char *end = strrchr(path, '/');

    if (strcmp(path, "/v1/tee/channel") == 0) {
        return hello(d, body);
    }
    if (strcmp(end, "/finish") == 0) {
        return finish(d, body);
    }
    if (strcmp(end, "/msg") == 0 && d->lie == LIE_KEYS_USED_UP) {
        d->lie = LIE_NONE;
        tsec_buf_put_str(&d->reply, "{\"errors\":[\"rekey\"],\"code\":\"rekey_required\"}");
        return HTTP_CONFLICT;
    }
    if (strcmp(end, "/msg") == 0 && d->lie != LIE_GONE) {
        return message(d, tsec_span_str(body));
    }
    tsec_buf_put_str(&d->reply, "{\"errors\":[\"no such channel\"],\"code\":\"not_found\"}");
    return HTTP_GONE;
}
