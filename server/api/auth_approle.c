/* SPDX-License-Identifier: Apache-2.0 */
/* Roles and logins of approle mounts. */
#include "api/approle_call.h"
#include "api/op.h"
#include "base/clock.h"
#include "core/cidr.h"
#include "core/strings.h"
#include "core/ttl.h"

enum { APPROLE_LIST_MAX = 256 };

struct approle_at
approle_call_at(struct api_call *call)
{
    return (struct approle_at){ call->txn, api_keys_of(call), call->mount };
}

tsec_rc
approle_call_role(struct api_call *call, const struct approle_at *at, const struct approle **out,
                  struct tsec_err *err)
{
    const char *name = approle_name(api_arena(call), call->vars[0]);

    *out = NULL;
    if (name == NULL) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "not a role's name");
    }
    return approle_find(at, name, out, err);
}

bool
api_exists_approle(struct api_call *call)
{
    const struct approle_at at = approle_call_at(call);
    const struct approle *role = NULL;

    return !tsec_failed(approle_call_role(call, &at, &role, NULL));
}

tsec_rc
api_op_appRoleListRoles(struct api_call *call, struct tsec_err *err)
{
    const struct approle_at at = approle_call_at(call);
    struct tsec_strings names;

    TSEC_TRY(approle_names(&at, &names, err));
    return api_keys(call, names, err);
}

tsec_rc
api_op_appRoleReadRole(struct api_call *call, struct tsec_err *err)
{
    const struct approle_at at = approle_call_at(call);
    const struct approle *role = NULL;
    struct tsec_json_out out;

    TSEC_TRY(approle_call_role(call, &at, &role, err));
    out = api_data(call);
    tsec_json_object(&out);
    tsec_json_put_bool(&out, "bind_secret_id", role->bind_secret_id);
    tsec_json_put_bool(&out, "local_secret_ids", role->local_secret_ids);
    api_put_strings_or_null(&out, "secret_id_bound_cidrs", role->secret_id_bound_cidrs);
    tsec_json_put_int(&out, "secret_id_num_uses", role->secret_id_num_uses);
    tsec_json_put_int(&out, "secret_id_ttl", role->secret_id_ttl_s);
    api_put_strings(&out, "token_bound_cidrs", role->token_bound_cidrs);
    tsec_json_put_int(&out, "token_explicit_max_ttl", role->token_explicit_max_ttl_s);
    tsec_json_put_int(&out, "token_max_ttl", role->token_max_ttl_s);
    tsec_json_put_bool(&out, "token_no_default_policy", role->token_no_default_policy);
    tsec_json_put_int(&out, "token_num_uses", role->token_num_uses);
    tsec_json_put_int(&out, "token_period", role->token_period_s);
    api_put_strings(&out, "token_policies", role->token_policies);
    tsec_json_put_bool(&out, "token_strictly_bind_ip", role->token_strictly_bind_ip);
    tsec_json_put_int(&out, "token_ttl", role->token_ttl_s);
    tsec_json_put_str(&out, "token_type", role->token_type);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

/* Durations come in nanoseconds and are kept in seconds. */
struct durations {
    int64_t secret_id;
    int64_t token;
    int64_t max;
    int64_t explicit_max;
    int64_t period;
};

static tsec_rc
read_role_fields(struct api_call *call, struct approle *role, struct durations *d,
                 struct tsec_err *err)
{
    const int64_t limit = TTL_LIMIT_S * TSEC_NS_PER_S;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR("role_id", &role->role_id, NULL, APPROLE_ID_MAX),
        TSEC_JSON_STR("token_type", &role->token_type, NULL, 32),
        TSEC_JSON_LIST("bound_cidr_list", &role->secret_id_bound_cidrs, NULL, APPROLE_LIST_MAX),
        TSEC_JSON_LIST("secret_id_bound_cidrs", &role->secret_id_bound_cidrs, NULL,
                       APPROLE_LIST_MAX),
        TSEC_JSON_LIST("policies", &role->token_policies, NULL, APPROLE_LIST_MAX),
        TSEC_JSON_LIST("token_policies", &role->token_policies, NULL, APPROLE_LIST_MAX),
        TSEC_JSON_LIST("token_bound_cidrs", &role->token_bound_cidrs, NULL, APPROLE_LIST_MAX),
        TSEC_JSON_INT("secret_id_num_uses", &role->secret_id_num_uses, NULL, 0, INT32_MAX),
        TSEC_JSON_INT("token_num_uses", &role->token_num_uses, NULL, 0, INT32_MAX),
        TSEC_JSON_DURATION("secret_id_ttl", &d->secret_id, NULL, limit),
        TSEC_JSON_DURATION("token_ttl", &d->token, NULL, limit),
        TSEC_JSON_DURATION("token_max_ttl", &d->max, NULL, limit),
        TSEC_JSON_DURATION("token_explicit_max_ttl", &d->explicit_max, NULL, limit),
        TSEC_JSON_DURATION("period", &d->period, NULL, limit),
        TSEC_JSON_DURATION("token_period", &d->period, NULL, limit),
        TSEC_JSON_BOOL("bind_secret_id", &role->bind_secret_id, NULL),
        TSEC_JSON_BOOL("local_secret_ids", &role->local_secret_ids, NULL),
        TSEC_JSON_BOOL("token_no_default_policy", &role->token_no_default_policy, NULL),
        TSEC_JSON_BOOL("token_strictly_bind_ip", &role->token_strictly_bind_ip, NULL),
    };

    return API_FIELDS(call, fields, err);
}

static bool
cidrs_valid(struct tsec_strings list)
{
    for (size_t i = 0; i < list.len; i++) {
        if (!cidr_valid(list.items[i])) {
            return false;
        }
    }
    return true;
}

static tsec_rc
check_role(struct api_call *call, const struct approle *role)
{
    if (!cidrs_valid(role->secret_id_bound_cidrs) || !cidrs_valid(role->token_bound_cidrs)) {
        return api_refuse(call, TSEC_E_INVALID, "invalid CIDR blocks");
    }
    if (!role->bind_secret_id && role->secret_id_bound_cidrs.len == 0
        && role->token_bound_cidrs.len == 0) {
        return api_refuse(call, TSEC_E_INVALID,
                          "at least one constraint should be enabled on the role");
    }
    if (role->token_max_ttl_s != 0 && role->token_ttl_s > role->token_max_ttl_s) {
        return api_refuse(call, TSEC_E_INVALID,
                          "'token_ttl' cannot be greater than 'token_max_ttl'");
    }
    if (role->role_id[0] == '\0') {
        return api_refuse(call, TSEC_E_INVALID, "invalid role_id");
    }
    for (size_t i = 0; i < role->token_policies.len; i++) {
        if (strcmp(role->token_policies.items[i], TOKEN_ROOT_POLICY) == 0
            || strcmp(role->token_policies.items[i], TOKEN_WRAPPING_POLICY) == 0) {
            return api_refuse(call, TSEC_E_INVALID, "a role cannot give that policy");
        }
    }
    return TSEC_OK;
}

static tsec_rc
read_role(struct api_call *call, struct approle *role, struct tsec_err *err)
{
    struct durations d = {
        role->secret_id_ttl_s * TSEC_NS_PER_S, role->token_ttl_s * TSEC_NS_PER_S,
        role->token_max_ttl_s * TSEC_NS_PER_S, role->token_explicit_max_ttl_s * TSEC_NS_PER_S,
        role->token_period_s * TSEC_NS_PER_S,
    };

    TSEC_TRY(read_role_fields(call, role, &d, err));
    role->secret_id_ttl_s = d.secret_id / TSEC_NS_PER_S;
    role->token_ttl_s = d.token / TSEC_NS_PER_S;
    role->token_max_ttl_s = d.max / TSEC_NS_PER_S;
    role->token_explicit_max_ttl_s = d.explicit_max / TSEC_NS_PER_S;
    role->token_period_s = d.period / TSEC_NS_PER_S;
    role->token_policies = strings_lower_sorted(api_arena(call), role->token_policies);
    return check_role(call, role);
}

tsec_rc
api_op_appRoleWriteRole(struct api_call *call, struct tsec_err *err)
{
    const struct approle_at at = approle_call_at(call);
    const char *name = approle_name(api_arena(call), call->vars[0]);
    const struct approle *old = NULL;
    struct approle role;
    tsec_rc rc;

    if (name == NULL) {
        return api_refuse(call, TSEC_E_INVALID, "missing role name");
    }
    rc = approle_find(&at, name, &old, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        TSEC_TRY(approle_init(&at, name, &role, err));
    } else {
        TSEC_TRY(rc);
        role = *old;
    }
    TSEC_TRY(read_role(call, &role, err));
    rc = approle_store(&at, &role, old, err);
    if (rc.code == TSEC_E_CONFLICT) {
        return api_refuse(call, TSEC_E_INVALID, "role_id already in use");
    }
    TSEC_TRY(rc);
    return api_no_content(call);
}

tsec_rc
api_op_appRoleDeleteRole(struct api_call *call, struct tsec_err *err)
{
    const struct approle_at at = approle_call_at(call);
    const struct approle *role = NULL;
    const tsec_rc rc = approle_call_role(call, &at, &role, err);

    if (rc.code == TSEC_E_NOT_FOUND) {
        return api_no_content(call);
    }
    TSEC_TRY(rc);
    TSEC_TRY(approle_delete(&at, role, err));
    return api_no_content(call);
}

tsec_rc
api_op_appRoleReadRoleId(struct api_call *call, struct tsec_err *err)
{
    const struct approle_at at = approle_call_at(call);
    const struct approle *role = NULL;
    struct tsec_json_out out;

    TSEC_TRY(approle_call_role(call, &at, &role, err));
    out = api_data(call);
    tsec_json_object(&out);
    tsec_json_put_str(&out, "role_id", role->role_id);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

tsec_rc
api_op_appRoleWriteRoleId(struct api_call *call, struct tsec_err *err)
{
    const struct approle_at at = approle_call_at(call);
    const struct approle *old = NULL;
    struct approle role;
    const char *id = NULL;
    const struct tsec_json_field fields[] = { TSEC_JSON_STR_REQ("role_id", &id, APPROLE_ID_MAX) };
    tsec_rc rc;

    TSEC_TRY(approle_call_role(call, &at, &old, err));
    TSEC_TRY(API_FIELDS(call, fields, err));
    role = *old;
    role.role_id = id;
    rc = approle_store(&at, &role, old, err);
    if (rc.code == TSEC_E_CONFLICT) {
        return api_refuse(call, TSEC_E_INVALID, "role_id already in use");
    }
    TSEC_TRY(rc);
    return api_no_content(call);
}
