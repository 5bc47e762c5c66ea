/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/envelope.h"
#include "base/base64.h"
#include "core/genesis.h"
#include "crypto/age.h"

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

/* Where an operator is configured, nobody else may come first: whoever initialises gets a token
 * that only the operator opens. */
static tsec_rc
put_token(struct api_call *call, struct tsec_json_out *out, const char *token, struct tsec_err *err)
{
    const uint8_t *operator_key = call->api->options.operator_recipient;
    TSEC_AUTO_BUF struct tsec_buf file = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(8192);
    uint8_t recipient[1][32];

    if (operator_key == NULL) {
        tsec_json_put_str(out, "root_token", token);
        return TSEC_OK;
    }
    memcpy(recipient[0], operator_key, sizeof(recipient[0]));
    TSEC_TRY(
        tsec_age_encrypt((const uint8_t(*)[32])recipient, 1, tsec_span_str(token), &file, err));
    tsec_base64_append(&text, TSEC_BASE64_STD, tsec_buf_span(&file));
    TSEC_TRY(tsec_buf_check(&text, err));
    tsec_json_put_str(out, "root_token", "");
    tsec_json_put_span(out, "root_token_age", tsec_buf_span(&text));
    return TSEC_OK;
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
    rc = put_token(call, &out, token, err);
    explicit_bzero(token, sizeof(token));
    TSEC_TRY(rc);
    TSEC_TRY(api_bare_end(call, &out, 200, err));
    call->reply->has_audit_index = true;
    call->reply->audit_index = index;
    return TSEC_OK;
}
