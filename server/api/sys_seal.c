/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/envelope.h"

static tsec_rc
answer_status(struct api_call *call, struct tsec_err *err)
{
    const struct api_options *options = &call->api->options;
    const enum node_status status = node_status(options->node);
    char id[API_CLUSTER_ID_LEN + 1];
    struct tsec_json_out out = api_bare(call);

    tsec_json_put_str(&out, "type", "tee");
    tsec_json_put_bool(&out, "initialized", status != NODE_UNINITIALIZED);
    tsec_json_put_bool(&out, "sealed", status != NODE_ACTIVE);
    tsec_json_put_int(&out, "t", 1);
    tsec_json_put_int(&out, "n", 1);
    tsec_json_put_int(&out, "progress", 0);
    tsec_json_put_str(&out, "nonce", "");
    tsec_json_put_str(&out, "version", options->version);
    tsec_json_put_str(&out, "build_date", options->build_date);
    tsec_json_put_str(&out, "commit_date", options->build_date);
    tsec_json_put_bool(&out, "migration", false);
    if (api_cluster_id(call->api, id)) {
        tsec_json_put_str(&out, "cluster_name", options->cluster_name);
        tsec_json_put_str(&out, "cluster_id", id);
    }
    tsec_json_put_bool(&out, "recovery_seal", true);
    tsec_json_put_str(&out, "storage_type", options->storage_type);
    return api_bare_end(call, &out, 200, err);
}

tsec_rc
api_op_sysSealStatus(struct api_call *call, struct tsec_err *err)
{
    return answer_status(call, err);
}

struct letting_go {
    struct api_call *call;
    uint64_t pull;
    bool asked; /* the node was sealed */
};

/* Not before: who asked while the seal was under way must not get past it. */
static bool
may_unseal(void *ctx)
{
    struct letting_go *go = ctx;

    go->asked = true;
    return brake_yields(&go->call->api->brake, go->call->req->token, &go->pull);
}

/* There are no shares: whatever was sent, the TEE opens the root key or it does not. */
tsec_rc
api_op_sysUnseal(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO(tsec_json_free) json_t *body = NULL;
    struct letting_go go = { .call = call };
    tsec_rc rc;

    TSEC_TRY(api_parse(call, &body, err));
    rc = node_unseal_if(call->api->options.node, may_unseal, &go, err);
    if (rc.code == TSEC_E_DENIED) {
        return api_refuse(call, TSEC_E_DENIED,
                          "the token that sealed this server unseals it, or a restart does");
    }
    if (rc.code == TSEC_E_NOT_INITIALIZED) {
        return api_refuse(call, TSEC_E_INVALID, "Vault is not initialized");
    }
    TSEC_TRY(rc);
    if (go.asked) {
        brake_release(&call->api->brake, go.pull);
    }
    return answer_status(call, err);
}

/* The node seals itself when the answer is on its way: see api_op's seal_after. */
tsec_rc
api_op_sysSeal(struct api_call *call, struct tsec_err *err)
{
    (void)err;
    *call->seal_after = true;
    return api_no_content(call);
}
