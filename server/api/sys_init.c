/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/envelope.h"
#include "core/genesis.h"

tsec_rc
api_op_sysInitStatus(struct api_call *call, struct tsec_err *err)
{
    struct tsec_json_out out = api_bare(call);

    tsec_json_put_bool(&out, "initialized",
                       node_status(call->api->options.node) != NODE_UNINITIALIZED);
    return api_bare_end(call, &out, 200, err);
}

/* Members that ask for key shares are read, so that a wrong type is noticed, and mean nothing: the
 * TEE holds the root key. */
static tsec_rc
read_request(struct api_call *call, struct tsec_err *err)
{
    int64_t n = 0;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_INT("secret_shares", &n, NULL, 0, 255),
        TSEC_JSON_INT("secret_threshold", &n, NULL, 0, 255),
        TSEC_JSON_INT("recovery_shares", &n, NULL, 0, 255),
        TSEC_JSON_INT("recovery_threshold", &n, NULL, 0, 255),
    };

    return API_FIELDS(call, fields, err);
}

tsec_rc
api_op_sysInit(struct api_call *call, struct tsec_err *err)
{
    static const char *const empty[] = { "keys", "keys_base64", "recovery_keys",
                                         "recovery_keys_base64" };
    const struct genesis_by by = { call->req->id, call->req->remote, call->req->received_ns };
    char token[TOKEN_TEXT_MAX + 1] = "";
    struct tsec_json_out out;
    uint64_t index = 0;
    tsec_rc rc;

    TSEC_TRY(read_request(call, err));
    rc = genesis(call->api->options.node, &by, token, &index, err);
    if (rc.code == TSEC_E_CONFLICT) {
        return api_refuse(call, TSEC_E_INVALID, "Vault is already initialized");
    }
    TSEC_TRY(rc);
    out = api_bare(call);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(empty); i++) {
        api_put_strings(&out, empty[i], (struct tsec_strings){ NULL, 0 });
    }
    tsec_json_put_str(&out, "root_token", token);
    explicit_bzero(token, sizeof(token));
    TSEC_TRY(api_bare_end(call, &out, 200, err));
    call->reply->has_audit_index = true;
    call->reply->audit_index = index;
    return TSEC_OK;
}
