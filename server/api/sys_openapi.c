/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/envelope.h"

tsec_rc
api_op_sysOpenapi(struct api_call *call, struct tsec_err *err)
{
    const struct tsec_span document = call->api->options.openapi;

    if (document.len == 0) {
        return api_refuse(call, TSEC_E_NOT_FOUND, "the document was not installed");
    }
    api_reply_reset(call->reply);
    tsec_buf_put_span(&call->reply->body, document);
    call->reply->content_type = "application/yaml";
    call->reply->status = 200;
    return tsec_buf_check(&call->reply->body, err);
}

tsec_rc
api_op_sysInternalSpecsOpenapi(struct api_call *call, struct tsec_err *err)
{
    return api_op_sysOpenapi(call, err);
}
