/* SPDX-License-Identifier: Apache-2.0 */
#include "api/envelope.h"
#include "api/routes.h"
#include "base/clock.h"
#include "core/cidr.h"
#include "core/token_role.h"
#include "core/ttl.h"

enum { ROLE_LIST_MAX = 256 };

bool
api_exists_token_role(struct api_call *call)
{
    const struct token_role *role = NULL;

    return !tsec_failed(token_role_find(call->txn, call->vars[0], &role, NULL));
}

tsec_rc
api_op_tokenListRoles(struct api_call *call, struct tsec_err *err)
{
    struct tsec_strings names;

    TSEC_TRY(token_role_names(call->txn, &names, err));
    return api_keys(call, names, err);
}

tsec_rc
api_op_tokenReadRole(struct api_call *call, struct tsec_err *err)
{
    const struct token_role *role = NULL;
    struct tsec_json_out out;

    TSEC_TRY(token_role_find(call->txn, call->vars[0], &role, err));
    out = api_data(call);
    tsec_json_object(&out);
    api_put_strings(&out, "allowed_entity_aliases", role->allowed_entity_aliases);
    api_put_strings(&out, "allowed_policies", role->allowed_policies);
    api_put_strings(&out, "allowed_policies_glob", role->allowed_policies_glob);
    api_put_strings(&out, "disallowed_policies", role->disallowed_policies);
    api_put_strings(&out, "disallowed_policies_glob", role->disallowed_policies_glob);
    tsec_json_put_int(&out, "explicit_max_ttl", role->token_explicit_max_ttl_s);
    tsec_json_put_str(&out, "name", role->name);
    tsec_json_put_bool(&out, "orphan", role->orphan);
    tsec_json_put_str(&out, "path_suffix", role->path_suffix);
    tsec_json_put_int(&out, "period", role->token_period_s);
    tsec_json_put_bool(&out, "renewable", role->renewable);
    api_put_strings(&out, "token_bound_cidrs", role->token_bound_cidrs);
    tsec_json_put_int(&out, "token_explicit_max_ttl", role->token_explicit_max_ttl_s);
    tsec_json_put_bool(&out, "token_no_default_policy", role->token_no_default_policy);
    tsec_json_put_int(&out, "token_num_uses", role->token_num_uses);
    tsec_json_put_int(&out, "token_period", role->token_period_s);
    tsec_json_put_str(&out, "token_type", role->token_type);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

static tsec_rc
read_role(struct api_call *call, struct token_role *role, struct tsec_err *err)
{
    const int64_t limit = TTL_LIMIT_S * TSEC_NS_PER_S;
    int64_t period_ns = role->token_period_s * TSEC_NS_PER_S;
    int64_t max_ns = role->token_explicit_max_ttl_s * TSEC_NS_PER_S;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_LIST("allowed_policies", &role->allowed_policies, NULL, ROLE_LIST_MAX),
        TSEC_JSON_LIST("disallowed_policies", &role->disallowed_policies, NULL, ROLE_LIST_MAX),
        TSEC_JSON_LIST("allowed_policies_glob", &role->allowed_policies_glob, NULL, ROLE_LIST_MAX),
        TSEC_JSON_LIST("disallowed_policies_glob", &role->disallowed_policies_glob, NULL,
                       ROLE_LIST_MAX),
        TSEC_JSON_LIST("allowed_entity_aliases", &role->allowed_entity_aliases, NULL,
                       ROLE_LIST_MAX),
        TSEC_JSON_LIST("bound_cidrs", &role->token_bound_cidrs, NULL, ROLE_LIST_MAX),
        TSEC_JSON_LIST("token_bound_cidrs", &role->token_bound_cidrs, NULL, ROLE_LIST_MAX),
        TSEC_JSON_STR("path_suffix", &role->path_suffix, NULL, 128),
        TSEC_JSON_STR("token_type", &role->token_type, NULL, 32),
        TSEC_JSON_DURATION("period", &period_ns, NULL, limit),
        TSEC_JSON_DURATION("token_period", &period_ns, NULL, limit),
        TSEC_JSON_DURATION("explicit_max_ttl", &max_ns, NULL, limit),
        TSEC_JSON_DURATION("token_explicit_max_ttl", &max_ns, NULL, limit),
        TSEC_JSON_INT("token_num_uses", &role->token_num_uses, NULL, 0, INT32_MAX),
        TSEC_JSON_BOOL("orphan", &role->orphan, NULL),
        TSEC_JSON_BOOL("renewable", &role->renewable, NULL),
        TSEC_JSON_BOOL("token_no_default_policy", &role->token_no_default_policy, NULL),
    };

    TSEC_TRY(API_FIELDS(call, fields, err));
    role->token_period_s = period_ns / TSEC_NS_PER_S;
    role->token_explicit_max_ttl_s = max_ns / TSEC_NS_PER_S;
    for (size_t i = 0; i < role->token_bound_cidrs.len; i++) {
        if (!cidr_valid(role->token_bound_cidrs.items[i])) {
            return api_refuse(call, TSEC_E_INVALID, "token_bound_cidrs: not an address range");
        }
    }
    return TSEC_OK;
}

tsec_rc
api_op_tokenWriteRole(struct api_call *call, struct tsec_err *err)
{
    const struct token_role *old = NULL;
    struct token_role role;
    tsec_rc rc;

    if (call->vars[0].len > TOKEN_ROLE_NAME_MAX) {
        return api_refuse(call, TSEC_E_INVALID, "the role's name is too long");
    }
    rc = token_role_find(call->txn, call->vars[0], &old, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        token_role_init(&role, api_var(call, 0));
    } else {
        TSEC_TRY(rc);
        role = *old;
    }
    TSEC_TRY(read_role(call, &role, err));
    TSEC_TRY(token_role_store(call->txn, &role, err));
    return api_no_content(call);
}

tsec_rc
api_op_tokenDeleteRole(struct api_call *call, struct tsec_err *err)
{
    TSEC_TRY(token_role_delete(call->txn, call->vars[0], err));
    return api_no_content(call);
}
