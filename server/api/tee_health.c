/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/envelope.h"

/* What a setting admits although it should not be trusted: said wherever anybody looks. */
static void
put_admits(struct appraiser *appraiser, struct tsec_json_out *out)
{
    const struct admission_policy policy = appraiser_policy(appraiser);

    tsec_json_key(out, "admits");
    tsec_json_array(out);
    if (policy.allow_debug) {
        tsec_json_str(out, "debug");
    }
    if (policy.allow_simulated) {
        tsec_json_str(out, "simulated");
    }
    tsec_json_array_end(out);
    tsec_json_key(out, "formats");
    tsec_json_array(out);
    for (size_t i = 0; i < verifiers_formats_len(appraiser_verifiers(appraiser)); i++) {
        tsec_json_str(out, verifiers_formats(appraiser_verifiers(appraiser))[i]);
    }
    tsec_json_array_end(out);
}

tsec_rc
api_op_teeHealth(struct api_call *call, struct tsec_err *err)
{
    struct appraiser *appraiser = call->api->options.appraiser;
    struct node_info info = { 0 };
    struct health health;
    struct tsec_json_out out;

    node_info(call->api->options.node, &info);
    health_read(call->api, &health);
    out = api_bare(call);
    tsec_json_put_str(&out, "state", health_state_name(health.worst));
    tsec_json_put_bool(&out, "simulated", info.tee.simulated);
    /* Nobody but us has signed the ledger's head. */
    tsec_json_put_str(&out, "freshness", "unwitnessed");
    tsec_json_put_int(&out, "leaves", (int64_t)health.node.ledger_size);
    if (appraiser != NULL) {
        put_admits(appraiser, &out);
    }
    tsec_json_key(&out, "parts");
    health_put_parts(&health, false, &out);
    return api_bare_end(call, &out, health.worst >= HEALTH_FAILED ? 503 : 200, err);
}
