/* SPDX-License-Identifier: Apache-2.0 */
#include "api/envelope.h"
#include "api/routes.h"
#include "base/base64.h"
#include "core/policy_store.h"

static const char *
name_of(struct api_call *call)
{
    return policy_name(api_arena(call), call->vars[0]);
}

tsec_rc
api_op_sysListPolicies(struct api_call *call, struct tsec_err *err)
{
    struct tsec_strings names;

    TSEC_TRY(policy_names(call->txn, &names, err));
    return api_keys(call, names, err);
}

/* {"keys":…,"policies":…} and the same at top level. */
tsec_rc
api_op_sysListPoliciesLegacy(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf members = TSEC_BUF_INIT(API_REPLY_BODY_MAX);
    struct tsec_json_out out = tsec_json_out(&members);
    struct tsec_strings names;

    TSEC_TRY(policy_names(call->txn, &names, err));
    tsec_json_object(&out);
    api_put_strings(&out, "keys", names);
    api_put_strings(&out, "policies", names);
    tsec_json_object_end(&out);
    TSEC_TRY(tsec_buf_check(&members, err));
    return api_data_twice(call, tsec_buf_span(&members), err);
}

static tsec_rc
find(struct api_call *call, const struct policy_entry **out, struct tsec_err *err)
{
    const char *name = name_of(call);
    tsec_rc rc;

    if (name == NULL) {
        return api_refuse(call, TSEC_E_NOT_FOUND, "");
    }
    rc = policy_find(call->txn, name, out, err);
    return rc.code == TSEC_E_NOT_FOUND ? api_refuse(call, TSEC_E_NOT_FOUND, "") : rc;
}

tsec_rc
api_op_sysReadPolicy(struct api_call *call, struct tsec_err *err)
{
    const struct policy_entry *entry = NULL;
    struct tsec_json_out out;

    TSEC_TRY(find(call, &entry, err));
    out = api_data(call);
    tsec_json_object(&out);
    tsec_json_put_str(&out, "name", entry->name);
    tsec_json_put_str(&out, "policy", entry->text);
    if (entry->modified_ns != 0) {
        tsec_json_put_time(&out, "modified", entry->modified_ns);
    }
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

tsec_rc
api_op_sysReadPolicyLegacy(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf members = TSEC_BUF_INIT(API_REPLY_BODY_MAX);
    struct tsec_json_out out = tsec_json_out(&members);
    const struct policy_entry *entry = NULL;

    TSEC_TRY(find(call, &entry, err));
    tsec_json_object(&out);
    tsec_json_put_str(&out, "name", entry->name);
    tsec_json_put_str(&out, "rules", entry->text);
    tsec_json_object_end(&out);
    TSEC_TRY(tsec_buf_check(&members, err));
    return api_data_twice(call, tsec_buf_span(&members), err);
}

/* As it came, or base64 of it: what parses as base64 cannot be a policy, which needs spaces,
 * quotes or braces. */
static struct tsec_span
plain_text(const char *text, struct tsec_buf *decoded)
{
    const struct tsec_span span = tsec_span_str(text);

    if (span.len > 0 && !tsec_failed(tsec_base64_decode(decoded, TSEC_BASE64_STD, span, NULL))) {
        return tsec_buf_span(decoded);
    }
    return span;
}

tsec_rc
api_op_sysWritePolicy(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf decoded = TSEC_BUF_INIT(POLICY_TEXT_MAX);
    const char *name = name_of(call);
    const char *policy = NULL;
    const char *rules = NULL;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR("policy", &policy, NULL, POLICY_TEXT_MAX),
        TSEC_JSON_STR("rules", &rules, NULL, POLICY_TEXT_MAX),
    };
    tsec_rc rc;

    if (name == NULL) {
        return api_refuse(call, TSEC_E_INVALID, "a policy cannot have that name");
    }
    TSEC_TRY(API_FIELDS(call, fields, err));
    policy = policy == NULL ? rules : policy;
    if (policy == NULL || *policy == '\0') {
        return api_refuse(call, TSEC_E_INVALID, "'policy' parameter not supplied or empty");
    }
    rc = policy_write(call->txn, name, plain_text(policy, &decoded), err);
    if (rc.code == TSEC_E_INVALID) {
        return api_refuse(call, TSEC_E_INVALID, err == NULL ? NULL : err->detail);
    }
    TSEC_TRY(rc);
    return api_no_content(call);
}

tsec_rc
api_op_sysDeletePolicy(struct api_call *call, struct tsec_err *err)
{
    const char *name = name_of(call);
    tsec_rc rc;

    if (name == NULL) {
        return api_no_content(call);
    }
    rc = policy_delete(call->txn, name, err);
    if (rc.code == TSEC_E_INVALID) {
        return api_refuse(call, TSEC_E_INVALID, err == NULL ? NULL : err->detail);
    }
    TSEC_TRY(rc);
    return api_no_content(call);
}

tsec_rc
api_op_sysWritePolicyLegacy(struct api_call *call, struct tsec_err *err)
{
    return api_op_sysWritePolicy(call, err);
}

tsec_rc
api_op_sysDeletePolicyLegacy(struct api_call *call, struct tsec_err *err)
{
    return api_op_sysDeletePolicy(call, err);
}
