/* SPDX-License-Identifier: Apache-2.0 */
#include "api/request.h"

const char *
api_query(const struct api_request *req, const char *name)
{
    for (size_t i = 0; i < req->query_len; i++) {
        if (strcmp(req->query[i].name, name) == 0) {
            return req->query[i].value;
        }
    }
    return NULL;
}

bool
api_field_ok(struct tsec_span value)
{
    for (size_t i = 0; i < value.len; i++) {
        const uint8_t c = value.ptr[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

bool
api_token_ok(struct tsec_span token)
{
    for (size_t i = 0; i < token.len; i++) {
        if (token.ptr[i] < 0x21 || token.ptr[i] > 0x7e) {
            return false;
        }
    }
    return token.len <= API_TOKEN_MAX;
}

/* All but the body, which keeps its memory or has none yet. */
static void
forget_head(struct api_reply *reply)
{
    reply->status = 0;
    reply->content_type = NULL;
    reply->allow = NULL;
    reply->retry_after_s = 0;
    reply->cacheable = false;
    reply->has_audit_index = false;
    reply->audit_index = 0;
    reply->body.max = API_REPLY_BODY_MAX;
}

void
api_reply_init(struct api_reply *reply)
{
    forget_head(reply);
    tsec_buf_init(&reply->body, API_REPLY_BODY_MAX);
}

void
api_reply_reset(struct api_reply *reply)
{
    forget_head(reply);
    tsec_buf_reset(&reply->body);
}

void
api_reply_done(struct api_reply *reply)
{
    forget_head(reply);
    tsec_buf_done(&reply->body);
}
