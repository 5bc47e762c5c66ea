/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/access.h"

#include "api/refusal.h"
#include "base/log.h"
#include "crypto/rand.h"
#include "gateway/inside.h"
#include "gateway/request_head.h"
#include "gateway/respond.h"
#include "gateway/say.h"

enum { BODY_RESERVE_MAX = 64 * 1024 };

static struct conn *
conn_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info == NULL ? NULL : info->socket_context;
}

void
access_connection(void *cls, struct MHD_Connection *mhd, void **socket_context,
                  enum MHD_ConnectionNotificationCode code)
{
    const struct gateway_daemon *daemon = cls;
    const union MHD_ConnectionInfo *fd;
    const union MHD_ConnectionInfo *addr;

    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (*socket_context != NULL) {
            conn_remove(*socket_context);
            *socket_context = NULL;
        }
        return;
    }
    fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    addr = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    *socket_context = conn_add(daemon->gateway->conns, fd->connect_fd, daemon->tls,
                               addr == NULL ? NULL : addr->client_addr);
}

size_t
access_unescape(void *cls, struct MHD_Connection *mhd, char *text)
{
    (void)cls;
    (void)mhd;
    return strlen(text);
}

void *
access_request_line(void *cls, const char *raw_target, struct MHD_Connection *mhd)
{
    struct gateway *gateway = ((struct gateway_daemon *)cls)->gateway;
    struct conn *conn = conn_of(mhd);
    struct exchange *ex;

    if (conn == NULL || !conn_enter(conn, CONN_HEAD)) {
        return NULL;
    }
    ex = exchange_get(gateway->exchanges);
    if (ex != NULL) {
        ex->conn = conn;
        ex->mhd = mhd;
        request_head_target(ex, raw_target);
    }
    return ex;
}

/* Everything that was refused before the API saw it ends here: a reply, and the connection closes
 * when a body was still to come. */
static enum MHD_Result
refuse(struct exchange *ex, const struct api_refusal *refusal)
{
    atomic_fetch_add_explicit(&ex->gateway->refused, 1, memory_order_relaxed);
    api_problem(&ex->reply, ex->request.id, refusal->code, refusal->sentence);
    return respond_queue(ex);
}

static enum MHD_Result
read_head(struct exchange *ex, const char *method, const char *version)
{
    struct api_refusal refusal = { 0 };

    ex->head_read = true;
    tsec_rand_uuid(ex->request.id);
    if (!request_head_read(ex, method, version, &refusal)) {
        return refuse(ex, &refusal);
    }
    ex->counted = true;
    atomic_fetch_add_explicit(&ex->gateway->active, 1, memory_order_relaxed);
    if (!gateway_head_has_body(&ex->head)) {
        return MHD_YES;
    }
    /* A length is a claim: memory beyond this is taken as bytes come. */
    tsec_buf_reserve(&ex->body, ex->head.content_length < BODY_RESERVE_MAX
                                    ? (size_t)ex->head.content_length
                                    : BODY_RESERVE_MAX);
    return conn_enter(ex->conn, CONN_BODY) ? MHD_YES : MHD_NO;
}

/* libmicrohttpd takes no reply in the middle of a body, so it is written past it. */
static enum MHD_Result
body_too_large(struct exchange *ex)
{
    const union MHD_ConnectionInfo *tls = NULL;

    atomic_fetch_add_explicit(&ex->gateway->refused, 1, memory_order_relaxed);
    if (!conn_enter(ex->conn, CONN_REPLY)) {
        return MHD_NO;
    }
    if (ex->conn->tls) {
        tls = MHD_get_connection_info(ex->mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    }
    if (!ex->conn->tls) {
        say_refusal(ex->conn->fd, TSEC_E_TOO_LARGE);
    } else if (tls != NULL) {
        say_refusal_tls(tls->tls_session, TSEC_E_TOO_LARGE);
    }
    return MHD_NO;
}

/* The piece lies in libmicrohttpd's pool, which is memory of this process that MHD only zeroes when
 * the connection goes on: zero it now, where it is. */
static enum MHD_Result
read_body(struct exchange *ex, const char *piece, size_t *len)
{
    const size_t n = *len;

    *len = 0;
    if (n > ex->body_max - ex->body.len) {
        return body_too_large(ex);
    }
    tsec_buf_put(&ex->body, piece, n);
    explicit_bzero((void *)(uintptr_t)piece, n);
    return tsec_failed(tsec_buf_check(&ex->body, NULL)) ? MHD_NO : MHD_YES;
}

/* OPTIONS asks about the server, or about a cross-origin request; the API is not concerned. */
static enum MHD_Result
answer_options(struct exchange *ex)
{
    ex->preflight = gateway_head_has(&ex->head, GATEWAY_CORS_METHOD);
    ex->reply.status = 204;
    ex->reply.allow = CORS_METHODS;
    return respond_queue(ex);
}

/* Also when the request ends without the handler being called again: a client that left while it
 * waited is noticed first. */
static void
no_longer_pending(struct exchange *ex)
{
    if (ex->pending) {
        ex->pending = false;
        atomic_fetch_sub(&ex->gateway->pending, 1);
    }
}

static enum MHD_Result
submit(struct exchange *ex)
{
    struct gateway *gateway = ex->gateway;

    /* In this order, and both sequentially consistent: gateway_stop() sees the request in pending,
     * or the request sees that the gateway is stopping. */
    ex->pending = true;
    atomic_fetch_add(&gateway->pending, 1);
    if (atomic_load(&gateway->stopping)) {
        no_longer_pending(ex);
        return MHD_NO;
    }
    if (!exchange_submit(ex)) {
        return MHD_YES;
    }
    no_longer_pending(ex);
    return respond_queue(ex);
}

static enum MHD_Result
finish(struct exchange *ex)
{
    if (atomic_load_explicit(&ex->state, memory_order_acquire) == EXCHANGE_DONE) {
        no_longer_pending(ex); /* called again after a resume */
        return respond_queue(ex);
    }
    if (!conn_enter(ex->conn, CONN_WORK)) {
        return MHD_NO; /* the deadline came first: the API never sees it */
    }
    ex->request.body = tsec_buf_span(&ex->body);
    atomic_fetch_add_explicit(&ex->gateway->total, 1, memory_order_relaxed);
    return ex->request.method == API_OPTIONS ? answer_options(ex) : submit(ex);
}

enum MHD_Result
access_handle(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
              const char *version, const char *upload_data, size_t *upload_data_size,
              void **request_context)
{
    struct exchange *ex = *request_context;

    (void)cls;
    (void)mhd;
    (void)url; /* cut at '?' and at a NUL: the raw target is what counts */
    if (ex == NULL) {
        return MHD_NO; /* no memory, or shut by its deadline */
    }
    if (!ex->head_read) {
        return read_head(ex, method, version);
    }
    if (*upload_data_size != 0) {
        return read_body(ex, upload_data, upload_data_size);
    }
    return finish(ex);
}

static void
log_access(const struct exchange *ex)
{
    const int64_t took_ns = tsec_clock_mono_ns(ex->gateway->clock) - ex->request.started_mono_ns;

    tsec_log(TSEC_LOG_INFO, "request", TSEC_F_STR("request_id", ex->request.id),
             TSEC_F_STR("remote", ex->conn->remote), TSEC_F_INT("status", ex->reply.status),
             TSEC_F_INT("us", took_ns / 1000));
}

void
access_completed(void *cls, struct MHD_Connection *mhd, void **request_context,
                 enum MHD_RequestTerminationCode code)
{
    struct gateway *gateway = ((struct gateway_daemon *)cls)->gateway;
    struct exchange *ex = *request_context;

    (void)mhd;
    (void)code;
    if (ex == NULL) {
        return;
    }
    *request_context = NULL;
    no_longer_pending(ex);
    if (gateway->access_log) {
        log_access(ex);
    }
    if (ex->counted) {
        atomic_fetch_sub_explicit(&gateway->active, 1, memory_order_relaxed);
    }
    request_head_wipe(ex);
    (void)conn_enter(ex->conn, CONN_IDLE);
    exchange_unref(gateway->exchanges, ex);
}
