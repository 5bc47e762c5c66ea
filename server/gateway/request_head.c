/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/request_head.h"

#include <microhttpd.h>

#include "api/target.h"
#include "gateway/inside.h"

void
request_head_target(struct exchange *ex, const char *raw_target)
{
    const struct tsec_span raw = tsec_span_str(raw_target);
    const char *copy = NULL;

    ex->raw_target = raw;
    if (raw.len <= API_PATH_MAX + 1 + API_QUERY_MAX) {
        copy = tsec_arena_dup(ex->arena, raw);
    }
    ex->target = tsec_span(copy, copy == NULL ? 0 : raw.len);
}

static enum MHD_Result
take_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len,
            const char *value, size_t value_len)
{
    (void)kind;
    return gateway_guard_header(cls, tsec_span(name, name_len), tsec_span(value, value_len))
               ? MHD_YES
               : MHD_NO;
}

static void
wipe(struct tsec_span text)
{
    if (text.len > 0) {
        explicit_bzero((void *)(uintptr_t)text.ptr, text.len);
    }
}

/* libmicrohttpd has no more use for these values, and only zeroes its pool when the connection goes
 * on to another request. */
static void
wipe_tokens(const struct gateway_head *head)
{
    wipe(head->values[GATEWAY_TOKEN]);
    wipe(head->values[GATEWAY_AUTHORIZATION]);
}

/* The guard stopped looking at a header, so any may be a token.  The connection is closed. */
static enum MHD_Result
wipe_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len,
            const char *value, size_t value_len)
{
    (void)cls;
    (void)kind;
    (void)name;
    (void)name_len;
    wipe(tsec_span(value, value_len));
    return MHD_YES;
}

static bool
copy_spans(struct exchange *ex, struct api_refusal *refusal)
{
    const struct tsec_span *values = ex->head.values;
    struct api_request *req = &ex->request;
    struct {
        struct tsec_span from;
        struct tsec_span *to;
    } copies[] = {
        { ex->head.token, &req->token },
        { values[GATEWAY_NAMESPACE], &req->name_space },
        { values[GATEWAY_WRAP_TTL], &req->wrap_ttl },
        { values[GATEWAY_CONTENT_TYPE], &req->content_type },
        { values[GATEWAY_IDEMPOTENCY_KEY], &req->idempotency_key },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(copies); i++) {
        if (copies[i].from.len > 0) {
            const char *copy = tsec_arena_dup(ex->arena, copies[i].from);

            if (copy == NULL) {
                return api_turn_down(refusal, TSEC_E_NO_MEMORY, NULL);
            }
            *copies[i].to = tsec_span(copy, copies[i].from.len);
        }
    }
    return true;
}

static bool
read_target(struct exchange *ex, struct tsec_span method, struct api_refusal *refusal)
{
    struct api_target target;
    struct api_request *req = &ex->request;

    if (ex->target.len < ex->raw_target.len) {
        return api_turn_down(refusal, TSEC_E_URI_LONG, NULL);
    }
    req->method = api_method_of(method);
    if (req->method == API_OPTIONS && tsec_span_is(ex->target, "*")) {
        req->path = "*"; /* about the server as a whole */
        return true;
    }
    if (!api_target_parse(ex->target, ex->arena, &target, refusal)
        || !api_method_apply_query(&target, &req->method, refusal)) {
        return false;
    }
    req->path = target.path;
    req->query = target.query;
    req->query_len = target.query_len;
    return true;
}

static bool
check_rate(struct exchange *ex, struct api_refusal *refusal)
{
    struct gateway *gateway = ex->gateway;

    if (gateway->rate == NULL || !ex->conn->limited
        || rate_take(gateway->rate, tsec_span_str(ex->conn->source), ex->request.started_mono_ns,
                     &ex->reply.retry_after_s)) {
        return true;
    }
    return api_turn_down(refusal, TSEC_E_RATE_LIMITED, NULL);
}

static bool
check_method(struct exchange *ex, struct api_refusal *refusal)
{
    if (ex->request.method != API_METHOD_UNSET) {
        return true;
    }
    ex->reply.allow = CORS_METHODS;
    return api_turn_down(refusal, TSEC_E_METHOD, NULL);
}

static bool
check_size(struct exchange *ex, struct api_refusal *refusal)
{
    const struct api_request *req = &ex->request;

    if (!gateway_head_has_body(&ex->head)) {
        return true;
    }
    ex->body_max = api_body_max(ex->gateway->api, req->method, req->path);
    if (ex->head.content_length > ex->body_max) {
        return api_turn_down(refusal, TSEC_E_TOO_LARGE, NULL);
    }
    ex->body.max = ex->body_max;
    return true;
}

static bool
guard(struct exchange *ex, struct tsec_span method, struct tsec_span version,
      struct api_refusal *refusal)
{
    struct gateway_head *head = &ex->head;
    bool fine;

    gateway_guard_begin(head, method, version);
    gateway_guard_frame(head, method, ex->raw_target, version);
    (void)MHD_get_connection_values_n(ex->mhd, MHD_HEADER_KIND, take_header, head);
    fine = gateway_guard_end(head);
    *refusal = head->refusal;
    if (fine) {
        ex->cors_origin = cors_allow(&ex->gateway->cors, head->values[GATEWAY_ORIGIN]);
        fine = copy_spans(ex, refusal);
    }
    wipe_tokens(head);
    if (fine) { /* one piece, as the frame check found */
        ex->raw_head = tsec_span(method.ptr, (size_t)(head->next_line - method.ptr));
    } else {
        (void)MHD_get_connection_values_n(ex->mhd, MHD_HEADER_KIND, wipe_header, NULL);
    }
    return fine;
}

bool
request_head_read(struct exchange *ex, const char *method, const char *version,
                  struct api_refusal *refusal)
{
    const struct tsec_span token = tsec_span_str(method);
    struct api_request *req = &ex->request;

    req->arena = ex->arena;
    req->tls = ex->conn->tls;
    req->received_ns = tsec_clock_real_ns(ex->gateway->clock);
    req->started_mono_ns = tsec_clock_mono_ns(ex->gateway->clock);
    memcpy(req->remote, ex->conn->remote, sizeof(req->remote));
    if (ex->raw_target.ptr == NULL) {
        return api_turn_down(refusal, TSEC_E_INVALID, "the request line has no target");
    }
    return guard(ex, token, tsec_span_str(version), refusal) && read_target(ex, token, refusal)
           && check_method(ex, refusal) && check_rate(ex, refusal) && check_size(ex, refusal);
}

void
request_head_wipe(struct exchange *ex)
{
    wipe(ex->raw_head);
}
