/* SPDX-License-Identifier: Apache-2.0 */
/* What a transit mount offers without a key. */
#include "api/routes.h"
#include "api/tools.h"

/* All of them are one generator here, which the TEE's own source is mixed into. */
static bool
is_source(struct tsec_span word)
{
    return tsec_span_is(word, "platform") || tsec_span_is(word, "seal")
           || tsec_span_is(word, "all");
}

tsec_rc
api_op_transitRandom(struct api_call *call, struct tsec_err *err)
{
    return api_tool_random(call, tsec_span(NULL, 0), err);
}

/* One word: a source, or how many bytes. */
tsec_rc
api_op_transitRandomBytes(struct api_call *call, struct tsec_err *err)
{
    const struct tsec_span word = call->vars[0];

    return api_tool_random(call, is_source(word) ? tsec_span(NULL, 0) : word, err);
}

tsec_rc
api_op_transitRandomSource(struct api_call *call, struct tsec_err *err)
{
    if (!is_source(call->vars[0])) {
        return api_refuse(call, TSEC_E_INVALID,
                          "unsupported entropy source; must be \"platform\", \"seal\" or \"all\"");
    }
    return api_tool_random(call, call->vars[1], err);
}

tsec_rc
api_op_transitHash(struct api_call *call, struct tsec_err *err)
{
    return api_tool_hash(call, tsec_span(NULL, 0), err);
}

tsec_rc
api_op_transitHashAlgorithm(struct api_call *call, struct tsec_err *err)
{
    return api_tool_hash(call, call->vars[0], err);
}
