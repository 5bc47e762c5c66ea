/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/request.h
 * @brief One request and one reply, as the API sees them: no HTTP library, no socket.
 *
 * The gateway makes a request from bytes that passed its guard, and sends the reply.  Handlers read
 * the one and fill the other.  Everything of a request lives in its arena and is zeroed with it.
 */
#ifndef TSEC_API_REQUEST_H
#define TSEC_API_REQUEST_H

#include "base/arena.h"
#include "base/buf.h"

enum api_method {
    API_METHOD_UNSET = 0,
    API_GET,
    API_HEAD,
    API_POST,
    API_PUT,
    API_DELETE,
    API_PATCH,
    API_LIST,
    API_SCAN,
    API_OPTIONS,
};

struct channel;

struct api_param {
    const char *name; /* decoded */
    const char *value;
};

enum { API_REQUEST_ID_LEN = 36, API_REMOTE_MAX = 63, API_TOKEN_MAX = 4096 };

struct api_request {
    struct tsec_arena *arena;
    char id[API_REQUEST_ID_LEN + 1];
    enum api_method method;
    /** Percent-decoded, UTF-8 without control characters, no empty, "." or ".." segment inside;
     *  begins with '/'; one trailing '/' is kept. */
    const char *path;
    const struct api_param *query;
    size_t query_len;
    struct tsec_span token;           /* X-Vault-Token, or Authorization: Bearer; empty: none */
    struct tsec_span name_space;      /* X-Vault-Namespace; empty: none */
    struct tsec_span wrap_ttl;        /* X-Vault-Wrap-TTL */
    struct tsec_span content_type;    /* as sent */
    struct tsec_span idempotency_key; /* Idempotency-Key */
    struct tsec_span body;
    char remote[API_REMOTE_MAX + 1]; /* peer address without port; "unix", "vsock:3" */
    /** The channel that the request came through, whose holder is the request; NULL: none. */
    struct channel *channel;
    bool tls;            /* the connection is TLS that ends in this process */
    int64_t received_ns; /* wall clock, drawn once; the request's "now" */
    int64_t started_mono_ns;
};

/** The first parameter of that name, or NULL. */
const char *api_query(const struct api_request *req, const char *name);

/** What a header field may hold (field-content of RFC 9110 section 5.5): no control character but
 *  HTAB. */
bool api_field_ok(struct tsec_span value);
/** What may be a token: visible ASCII, not too long; none is fine. */
bool api_token_ok(struct tsec_span token);

/** Every 503 says when to try again. */
enum { API_REPLY_BODY_MAX = 8 * 1024 * 1024, API_RETRY_AFTER_S = 1 };

struct api_reply {
    int status;               /* 0: not set yet */
    const char *content_type; /* static; NULL: application/json */
    const char *allow;        /* Allow, with 405; static */
    unsigned retry_after_s;   /* 0: no Retry-After */
    bool cacheable;           /* immutable public bytes: no "no-store" */
    bool has_audit_index;
    uint64_t audit_index; /* TEE-Secrets-Audit-Index */
    struct tsec_buf body;
};

void api_reply_init(struct api_reply *reply);
/** Zeroes the body; ready for another run of the handler. */
void api_reply_reset(struct api_reply *reply);
void api_reply_done(struct api_reply *reply);

/** The one error shape: {"errors":[sentence],"code":slug,"request_id":id} and the status of the
 *  table.  sentence NULL: the table's title; "" : an empty errors list, as Vault answers an absent
 *  secret. */
void api_problem(struct api_reply *reply, const char *request_id, enum tsec_code code,
                 const char *sentence);
/** The same with another status than the table's. */
void api_problem_status(struct api_reply *reply, const char *request_id, enum tsec_code code,
                        int status, const char *sentence);

struct api;

/** The largest body the route of this path takes; a default for unknown paths. */
size_t api_body_max(const struct api *api, enum api_method method, const char *path);

/**
 * Runs a request.  True: the reply is final on return.  False: the reply becomes final later, and
 * done(ctx) is called exactly once, from another thread; request and reply must live until then.
 */
bool api_submit(struct api *api, const struct api_request *req, struct api_reply *reply,
                void (*done)(void *ctx), void *ctx);

#endif
