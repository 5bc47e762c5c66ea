/* SPDX-License-Identifier: Apache-2.0 */
/* A nonce for evidence to answer.  Nothing of it is kept, so that asking for many costs nobody but
 * who asks. */
#include "api/api.h"
#include "api/envelope.h"
#include "api/op.h"
#include "base/base64.h"
#include "core/challenge.h"

struct made {
    const struct core_keys *keys;
    uint8_t nonce[CHALLENGE_LEN];
    int64_t expires_ns;
};

/* While the keys are there: a server that is sealed has none. */
static tsec_rc
make(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct made *made = ctx;

    return challenge_make(made->keys, txn_now(txn), made->nonce, &made->expires_ns, err);
}

tsec_rc
api_op_teeChallenge(struct api_call *call, struct tsec_err *err)
{
    struct made made = { .keys = api_keys_of(call) };
    char text[TSEC_BASE64_LEN(CHALLENGE_LEN) + 1];
    struct tsec_json_out out;

    TSEC_TRY(api_fields_strictly(call, NULL, 0, err));
    TSEC_TRY(node_view(call->api->options.node, api_arena(call), call->req->received_ns, make,
                       &made, err));
    tsec_base64_encode(TSEC_BASE64_URL, tsec_span(made.nonce, sizeof(made.nonce)), text);
    out = api_data(call);
    tsec_json_object(&out);
    tsec_json_put_str(&out, "nonce", text);
    tsec_json_put_time(&out, "expires_at", made.expires_ns);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}
