/* SPDX-License-Identifier: Apache-2.0 */
#include "api/envelope.h"
#include "api/op.h"

enum { CAPABILITIES_PATHS_MAX = 256 };

struct ask {
    const char *token;
    const char *accessor;
    const char *path;
    struct tsec_strings paths;
};

static tsec_rc
read_ask(struct api_call *call, struct ask *ask, struct tsec_err *err)
{
    struct tsec_strings path = { NULL, 0 };
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR("token", &ask->token, NULL, TOKEN_TEXT_MAX),
        TSEC_JSON_STR("accessor", &ask->accessor, NULL, TOKEN_TEXT_MAX),
        TSEC_JSON_LIST("paths", &ask->paths, NULL, CAPABILITIES_PATHS_MAX),
        TSEC_JSON_LIST("path", &path, NULL, CAPABILITIES_PATHS_MAX),
    };

    TSEC_TRY(API_FIELDS(call, fields, err));
    if (ask->paths.len == 0) {
        ask->paths = path;
    }
    if (ask->paths.len == 0) {
        return api_refuse(call, TSEC_E_INVALID, "paths must be supplied");
    }
    return TSEC_OK;
}

/* Names in alphabetical order, as clients compare them. */
static void
put_capabilities(struct tsec_json_out *out, const struct policy_decision *decision)
{
    static const enum policy_capability order[] = { POLICY_CREATE, POLICY_DELETE, POLICY_LIST,
                                                    POLICY_PATCH,  POLICY_READ,   POLICY_SCAN,
                                                    POLICY_SUDO,   POLICY_UPDATE };
    bool some = false;

    tsec_json_array(out);
    if (decision->root) {
        tsec_json_str(out, "root");
        some = true;
    } else if ((decision->capabilities & POLICY_DENY) == 0) {
        for (size_t i = 0; i < TSEC_ARRAY_LEN(order); i++) {
            if ((decision->capabilities & (uint32_t)order[i]) != 0) {
                tsec_json_str(out, policy_capability_name((unsigned)__builtin_ctz(order[i])));
                some = true;
            }
        }
    }
    if (!some) {
        tsec_json_str(out, "deny");
    }
    tsec_json_array_end(out);
}

static struct tsec_span
acl_path(const char *path)
{
    if (*path == '/') {
        path++;
    }
    return tsec_span_str(strncmp(path, "v1/", 3) == 0 ? path + 3 : path);
}

static tsec_rc
answer(struct api_call *call, const struct token *token, const struct ask *ask,
       struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf members = TSEC_BUF_INIT(API_REPLY_BODY_MAX);
    struct tsec_json_out out = tsec_json_out(&members);
    struct policy_decision decision = { 0 };

    tsec_json_object(&out);
    for (size_t i = 0; i < ask->paths.len; i++) {
        TSEC_TRY(api_decide(call, token, acl_path(ask->paths.items[i]), &decision, err));
        tsec_json_key(&out, ask->paths.items[i]);
        put_capabilities(&out, &decision);
    }
    if (ask->paths.len == 1 && strcmp(ask->paths.items[0], "capabilities") != 0) {
        tsec_json_key(&out, "capabilities");
        put_capabilities(&out, &decision);
    }
    tsec_json_object_end(&out);
    TSEC_TRY(tsec_buf_check(&members, err));
    return api_data_twice(call, tsec_buf_span(&members), err);
}

tsec_rc
api_op_sysCapabilitiesSelf(struct api_call *call, struct tsec_err *err)
{
    struct ask ask = { 0 };

    TSEC_TRY(read_ask(call, &ask, err));
    return answer(call, call->token, &ask, err);
}

tsec_rc
api_op_sysCapabilities(struct api_call *call, struct tsec_err *err)
{
    const struct token *token = NULL;
    uint8_t tag[RECORD_TAG_LEN];
    struct ask ask = { 0 };
    tsec_rc rc;

    TSEC_TRY(read_ask(call, &ask, err));
    if (ask.token == NULL) {
        return api_refuse(call, TSEC_E_INVALID, "missing token");
    }
    token_tag(api_keys_of(call), tsec_span_str(ask.token), tag);
    rc = token_find(call->txn, tag, &token, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return api_refuse(call, TSEC_E_INVALID, "invalid token");
    }
    TSEC_TRY(rc);
    return answer(call, token, &ask, err);
}

tsec_rc
api_op_sysCapabilitiesAccessor(struct api_call *call, struct tsec_err *err)
{
    const struct token *token = NULL;
    struct ask ask = { 0 };
    tsec_rc rc;

    TSEC_TRY(read_ask(call, &ask, err));
    if (ask.accessor == NULL) {
        return api_refuse(call, TSEC_E_INVALID, "missing accessor");
    }
    rc = token_find_accessor(call->txn, tsec_span_str(ask.accessor), &token, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return api_refuse(call, TSEC_E_INVALID, "invalid accessor");
    }
    TSEC_TRY(rc);
    return answer(call, token, &ask, err);
}
