/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file amc/inner.h
 * @brief The plaintext of a message: one request to the API, or its reply, as JSON.
 *
 *     request
 * {"token":…,"wrap_ttl":…,"idempotency_key":…,"content_type":…,"method":…,"path":…,"body":…} reply
 * {"status":200,"body":…,"content_type":…,"retry_after":…,"audit_index":…}
 *
 * Every member may be missing but "status".  "body" is any JSON value, carried as it stands; bytes
 * that are no JSON are "body_b64u".  method and path are inside when those outside are POST and
 * AMC_INNER_PATH, and only then.
 */
#ifndef TSEC_AMC_INNER_H
#define TSEC_AMC_INNER_H

#include "amc/amc.h"

#define AMC_INNER_PATH "/v1/tee/inner"

struct amc_inner_request {
    struct tsec_span token;
    struct tsec_span wrap_ttl;
    struct tsec_span idempotency_key;
    struct tsec_span content_type;
    struct tsec_span method; /* empty: as outside */
    struct tsec_span path;
    struct tsec_span body; /* its bytes; empty: none */
};

/** Spans point into `text` or into `bytes`.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc amc_inner_request_parse(struct tsec_span text, struct tsec_buf *bytes,
                                                struct amc_inner_request *out,
                                                struct tsec_err *err);
void amc_inner_request_write(const struct amc_inner_request *request, struct tsec_buf *out);

struct amc_inner_reply {
    int status;
    struct tsec_span body;
    struct tsec_span content_type; /* empty: JSON */
    struct tsec_span allow;
    unsigned retry_after_s;
    bool has_audit_index;
    uint64_t audit_index;
};
TSEC_MUST_CHECK tsec_rc amc_inner_reply_parse(struct tsec_span text, struct tsec_buf *bytes,
                                              struct amc_inner_reply *out, struct tsec_err *err);
void amc_inner_reply_write(const struct amc_inner_reply *reply, struct tsec_buf *out);

#endif
