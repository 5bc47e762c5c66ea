/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/channel_wire.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "amc/inner.h"
#include "base/base64.h"
#include "bench/channel_bare.h"
#include "codec/json_out.h"
#include "codec/json_scan.h"

enum { WIRE_MAX = 1 << 20, ROOM = 16384, PATH_LEN_MAX = 80 };

/* ---- HTTP ---- */

void
wire_open(struct wire *wire, uint16_t port)
{
    const struct sockaddr_in to = { .sin_family = AF_INET,
                                    .sin_port = htons(port),
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const int on = 1;

    wire->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    need(wire->fd >= 0 && connect(wire->fd, (const struct sockaddr *)&to, sizeof(to)) == 0
             && setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0,
         "no connection");
    tsec_buf_init(&wire->out, WIRE_MAX);
    tsec_buf_init(&wire->in, WIRE_MAX);
}

void
wire_close(struct wire *wire)
{
    (void)close(wire->fd);
    tsec_buf_done(&wire->out);
    tsec_buf_done(&wire->in);
}

static void
put_request(struct tsec_buf *out, const struct wire_request *request)
{
    tsec_buf_reset(out);
    tsec_buf_printf(out, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n", request->method, request->path);
    if (request->token.len > 0) {
        tsec_buf_put_str(out, "X-Vault-Token: ");
        tsec_buf_put_span(out, request->token);
        tsec_buf_put_str(out, "\r\n");
    }
    if (request->body.len > 0) {
        tsec_buf_printf(out, "Content-Type: application/json\r\nContent-Length: %zu\r\n",
                        request->body.len);
    }
    tsec_buf_put_str(out, "\r\n");
    tsec_buf_put_span(out, request->body);
}

static void
receive(struct wire *wire)
{
    uint8_t *room = tsec_buf_extend(&wire->in, ROOM);

    need(room != NULL, "an answer too long");

    const ssize_t n = recv(wire->fd, room, ROOM, 0);

    need(n > 0, "the connection was closed");
    tsec_buf_truncate(&wire->in, wire->in.len - ROOM + (size_t)n);
}

/* Head and length of what is there; false: the head is not all there yet. */
static bool
read_head(struct wire *wire, size_t *len)
{
    static const char name[] = "\r\ncontent-length:";
    const uint8_t *end = memmem(wire->in.ptr, wire->in.len, "\r\n\r\n", 4);

    if (end == NULL) {
        return false;
    }
    wire->body_at = (size_t)(end - wire->in.ptr) + 4;
    *len = 0;
    for (size_t i = 0; i + sizeof(name) < wire->body_at; i++) {
        if (strncasecmp((const char *)wire->in.ptr + i, name, sizeof(name) - 1) == 0) {
            *len = strtoul((const char *)wire->in.ptr + i + sizeof(name) - 1, NULL, 10);
        }
    }
    return true;
}

struct tsec_span
wire_ask(struct wire *wire, const struct wire_request *request)
{
    static const char ok[] = "HTTP/1.1 200";
    size_t len = 0;

    put_request(&wire->out, request);
    for (size_t sent = 0; sent < wire->out.len;) {
        const ssize_t n = send(wire->fd, wire->out.ptr + sent, wire->out.len - sent, MSG_NOSIGNAL);

        need(n > 0, "nothing can be sent");
        sent += (size_t)n;
    }
    tsec_buf_reset(&wire->in);
    do {
        receive(wire);
    } while (!read_head(wire, &len));
    while (wire->in.len < wire->body_at + len) {
        receive(wire);
    }
    if (strncmp((const char *)wire->in.ptr, ok, sizeof(ok) - 1) != 0) {
        (void)fprintf(stderr, "bench: %s %s: %.*s\n", request->method, request->path,
                      (int)wire->in.len, (const char *)wire->in.ptr);
        exit(1);
    }
    return tsec_span(wire->in.ptr + wire->body_at, len);
}

/* ---- a channel ---- */

static void
put_evidence(const struct wire_self *self, const struct amc_initiator *i, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    const struct tsec_sink sink = tsec_buf_sink(&bytes);
    struct tsec_evidence_request asked = { .struct_size = sizeof(asked),
                                           .nonce = amc_initiator_peer_nonce(i),
                                           .public_key = amc_initiator_spki(i) };
    struct amc_evidence evidence = { .format = "none", .mode = AMC_NONE };
    const char *format = NULL;

    if (self->ops != NULL) {
        amc_request_binding(AMC_RAW48, amc_initiator_binding(i), asked.binding);
        need(!tsec_failed(self->ops->evidence(self->attest, &asked, &format, &sink, NULL)),
             "no evidence");
        (void)snprintf(evidence.format, sizeof(evidence.format), "%s", format);
        evidence.mode = AMC_FRESH;
        evidence.evidence = tsec_buf_span(&bytes);
    }
    amc_evidence_write(&evidence, out);
}

static void
put_cid(const uint8_t *cid, const char *what, char out[PATH_LEN_MAX])
{
    char text[TSEC_BASE64_LEN(AMC_CID_LEN) + 1];

    tsec_base64_encode(TSEC_BASE64_URL, tsec_span(cid, AMC_CID_LEN), text);
    (void)snprintf(out, PATH_LEN_MAX, "/v1/tee/channel/%s/%s", text, what);
}

struct amc_session *
wire_handshake(struct wire *wire, const struct wire_self *self)
{
    static const char *const with[] = { "sim-v1", NULL };
    static const char *const without[] = { "sim-v1", "none", NULL };
    const struct amc_initiator_options options = { .accept = self->ops == NULL ? without : with,
                                                   .aud = self->aud };
    TSEC_AUTO(amc_initiator_free) struct amc_initiator *i = NULL;
    TSEC_AUTO_BUF struct tsec_buf got = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    TSEC_AUTO_BUF struct tsec_buf ei = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(WIRE_MAX);
    struct wire_request request = { .method = "POST", .path = "/v1/tee/channel" };
    struct amc_session *session = NULL;
    char path[PATH_LEN_MAX];

    need(!tsec_failed(amc_initiator_begin(&options, &i, NULL)), "no hello");
    request.body = amc_initiator_b1(i);
    need(!tsec_failed(amc_initiator_reply(i, wire_ask(wire, &request), &got, NULL)),
         "the server's hello does not hold");
    put_evidence(self, i, &ei);
    need(!tsec_failed(amc_initiator_finish(i, tsec_buf_span(&ei), &body, NULL)), "no finish");
    put_cid(amc_initiator_b2(i)->cid, "finish", path);
    request.path = path;
    request.body = tsec_buf_span(&body);
    tsec_buf_reset(&got);
    need(!tsec_failed(amc_initiator_done(i, wire_ask(wire, &request), &got, &session, NULL)),
         "the session does not hold");
    return session;
}

/* ---- messages ---- */

void
wire_scratch_init(struct wire_scratch *scratch)
{
    tsec_buf_init(&scratch->inner, WIRE_MAX);
    tsec_buf_init(&scratch->sealed, WIRE_MAX);
    tsec_buf_init(&scratch->message, WIRE_MAX);
}

void
wire_scratch_done(struct wire_scratch *scratch)
{
    tsec_buf_done(&scratch->inner);
    tsec_buf_done(&scratch->sealed);
    tsec_buf_done(&scratch->message);
}

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

static void
open_answer(struct amc_session *session, const struct amc_envelope *env, struct tsec_span answer,
            struct wire_scratch *scratch)
{
    struct amc_inner_reply reply = { .status = 0 };
    struct tsec_span c = { NULL, 0 };

    tsec_buf_reset(&scratch->inner);
    tsec_buf_reset(&scratch->sealed);
    tsec_buf_reset(&scratch->message);
    need(tsec_json_member(answer, "c", &c) == TSEC_JSON_STRING
             && !tsec_failed(tsec_base64_decode(&scratch->sealed, TSEC_BASE64_URL,
                                                tsec_span(c.ptr + 1, c.len - 2), NULL))
             && !tsec_failed(amc_open_reply(session, env, tsec_buf_span(&scratch->sealed),
                                            &scratch->inner, NULL))
             && !tsec_failed(amc_inner_reply_parse(tsec_buf_span(&scratch->inner),
                                                   &scratch->message, &reply, NULL))
             && reply.status == 200,
         "no answer inside the channel");
}

void
wire_ask_sealed(struct wire *wire, struct amc_session *session, struct wire_scratch *scratch,
                const struct wire_request *request)
{
    const struct amc_inner_request inner = { .token = request->token, .body = request->body };
    struct amc_envelope env = { .method = request->method, .path = request->path };
    struct wire_request outer = { .method = "POST" };
    char path[PATH_LEN_MAX];

    tsec_buf_reset(&scratch->inner);
    tsec_buf_reset(&scratch->sealed);
    tsec_buf_reset(&scratch->message);
    amc_inner_request_write(&inner, &scratch->inner);
    need(!tsec_failed(amc_seal_request(session, &env, tsec_buf_span(&scratch->inner),
                                       &scratch->sealed, NULL)),
         "a request is not sealed");
    put_message(&env, tsec_buf_span(&scratch->sealed), &scratch->message);
    put_cid(amc_session_cid(session), "msg", path);
    outer.path = path;
    outer.body = tsec_buf_span(&scratch->message);
    open_answer(session, &env, wire_ask(wire, &outer), scratch);
}
