/* SPDX-License-Identifier: Apache-2.0 */
#include "api/routes.h"
#include "api/tools.h"

tsec_rc
api_op_sysToolsRandom(struct api_call *call, struct tsec_err *err)
{
    return api_tool_random(call, tsec_span(NULL, 0), err);
}

tsec_rc
api_op_sysToolsRandomBytes(struct api_call *call, struct tsec_err *err)
{
    return api_tool_random(call, call->vars[0], err);
}

tsec_rc
api_op_sysToolsHash(struct api_call *call, struct tsec_err *err)
{
    return api_tool_hash(call, tsec_span(NULL, 0), err);
}

tsec_rc
api_op_sysToolsHashAlgorithm(struct api_call *call, struct tsec_err *err)
{
    return api_tool_hash(call, call->vars[0], err);
}
