/* SPDX-License-Identifier: Apache-2.0 */
#include "api/request.h"
#include "codec/json_out.h"

void
api_problem(struct api_reply *reply, const char *request_id, enum tsec_code code,
            const char *sentence)
{
    api_problem_status(reply, request_id, code, tsec_error_info((int32_t)code)->http_status,
                       sentence);
}

void
api_problem_status(struct api_reply *reply, const char *request_id, enum tsec_code code, int status,
                   const char *sentence)
{
    const struct tsec_error_info *info = tsec_error_info((int32_t)code);
    const char *text = sentence == NULL ? info->title : sentence;
    const char *allow = reply->allow; /* a route knows it before it knows that it must refuse */
    const unsigned retry_after_s = reply->retry_after_s;
    struct tsec_json_out out;

    api_reply_reset(reply); /* nothing of a half-made answer goes out */
    reply->status = status;
    reply->allow = allow;
    reply->retry_after_s = retry_after_s;
    if (retry_after_s == 0 && (status == 503 || status == 429)) {
        reply->retry_after_s = API_RETRY_AFTER_S;
    }
    out = tsec_json_out(&reply->body);
    tsec_json_object(&out);
    tsec_json_key(&out, "errors");
    tsec_json_array(&out);
    if (text[0] != '\0') {
        tsec_json_str(&out, text);
    }
    tsec_json_array_end(&out);
    tsec_json_put_str(&out, "code", info->slug);
    tsec_json_put_str(&out, "request_id", request_id);
    tsec_json_object_end(&out);
    tsec_buf_put_byte(&reply->body, '\n');
}
