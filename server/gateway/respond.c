/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/respond.h"

#include <stdio.h>

#include "gateway/inside.h"

enum { NUMBER_LEN = 24 };

static void
reply_is_sent(void *ctx)
{
    struct exchange *ex = ctx;

    exchange_unref(ex->gateway->exchanges, ex);
}

static bool
add(struct MHD_Response *response, const char *name, const char *value)
{
    return MHD_add_response_header(response, name, value) == MHD_YES;
}

static bool
add_number(struct MHD_Response *response, const char *name, uint64_t value)
{
    char text[NUMBER_LEN];

    (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    return add(response, name, text);
}

static bool
add_cors(struct MHD_Response *response, const struct exchange *ex)
{
    if (ex->cors_origin == NULL) {
        return true;
    }
    if (!add(response, "Access-Control-Allow-Origin", ex->cors_origin)
        || !add(response, "Vary", "Origin")) {
        return false;
    }
    if (!ex->preflight) {
        return add(response, "Access-Control-Expose-Headers", CORS_REPLY_HEADERS);
    }
    return add(response, "Access-Control-Allow-Methods", CORS_METHODS)
           && add(response, "Access-Control-Allow-Headers", CORS_REQUEST_HEADERS)
           && add(response, "Access-Control-Max-Age", CORS_MAX_AGE_S);
}

static bool
add_headers(struct MHD_Response *response, const struct exchange *ex)
{
    const struct api_reply *reply = &ex->reply;
    const char *type = reply->content_type == NULL ? "application/json" : reply->content_type;
    const struct gateway *gateway = ex->gateway;

    return add(response, "Content-Type", type)
           && (reply->cacheable || add(response, "Cache-Control", "no-store"))
           && add(response, "X-Request-Id", ex->request.id)
           && (!reply->has_audit_index
               || add_number(response, "TEE-Secrets-Audit-Index", reply->audit_index))
           && (reply->allow == NULL || add(response, "Allow", reply->allow))
           && (reply->retry_after_s == 0
               || add_number(response, "Retry-After", reply->retry_after_s))
           && (!ex->conn->tls || gateway->hsts[0] == '\0'
               || add(response, "Strict-Transport-Security", gateway->hsts))
           && (!atomic_load_explicit(&gateway->draining, memory_order_relaxed)
               || add(response, "Connection", "close"))
           && add_cors(response, ex);
}

/* A handler that set no status, or whose body did not fit, made no reply. */
static void
mend(struct exchange *ex)
{
    struct tsec_err err = { 0 };

    if (tsec_failed(tsec_buf_check(&ex->reply.body, &err))) {
        api_problem(&ex->reply, ex->request.id, TSEC_E_NO_MEMORY, NULL);
    } else if (ex->reply.status < 200 || ex->reply.status > 599) {
        api_problem(&ex->reply, ex->request.id, TSEC_E_INTERNAL, NULL);
    }
}

enum MHD_Result
respond_queue(struct exchange *ex)
{
    struct MHD_Response *response;
    enum MHD_Result queued = MHD_NO;

    mend(ex);
    if (!conn_enter(ex->conn, CONN_REPLY)) {
        return MHD_NO;
    }
    response = MHD_create_response_from_buffer_with_free_callback_cls(
        ex->reply.body.len, ex->reply.body.ptr, reply_is_sent, ex);
    if (response == NULL) {
        return MHD_NO;
    }
    ex->refs++; /* the response's */
    if (add_headers(response, ex)) {
        queued = MHD_queue_response(ex->mhd, (unsigned)ex->reply.status, response);
    }
    MHD_destroy_response(response);
    return queued;
}
