/* SPDX-License-Identifier: Apache-2.0 */
#include "api/approle_call.h"
#include "api/login_token.h"
#include "api/op.h"
#include "core/strings.h"

/* The role's name and what the secret id carries. */
static tsec_rc
login_meta(struct api_call *call, const struct approle *role, const struct approle_secret *secret,
           struct tsec_string_map *out, struct tsec_err *err)
{
    const size_t more = secret == NULL ? 0 : secret->metadata.len;
    const char **keys = tsec_arena_alloc(api_arena(call), (more + 1) * sizeof(*keys));
    const char **values = tsec_arena_alloc(api_arena(call), (more + 1) * sizeof(*values));
    size_t n = 0;

    if (keys == NULL || values == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a login");
    }
    for (size_t i = 0; i < more; i++) {
        if (strcmp(secret->metadata.keys[i], "role_name") != 0) {
            keys[n] = secret->metadata.keys[i];
            values[n++] = secret->metadata.values[i];
        }
    }
    keys[n] = "role_name";
    values[n++] = role->name;
    *out = (struct tsec_string_map){ keys, values, n };
    return TSEC_OK;
}

static tsec_rc
make(struct api_call *call, const struct approle *role, const struct approle_secret *secret,
     struct tsec_err *err)
{
    struct token_made made;
    struct token_spec spec = { .id = NULL };
    const struct api_login_rules rules = {
        .policies = role->token_policies,
        .no_default_policy = role->token_no_default_policy,
        .ttl_s = role->token_ttl_s,
        .max_ttl_s = role->token_max_ttl_s,
        .explicit_max_ttl_s = role->token_explicit_max_ttl_s,
        .period_s = role->token_period_s,
    };
    tsec_rc rc;

    spec.token = (struct token){
        .path = tsec_arena_printf(api_arena(call), "auth/%slogin", call->mount->path),
        .display_name = "approle",
        .role = "",
        .bound_cidrs = secret != NULL && secret->token_bound_cidrs.len > 0
                           ? secret->token_bound_cidrs
                           : role->token_bound_cidrs,
        .num_uses = role->token_num_uses,
        .renewable = true,
    };
    if (role->token_strictly_bind_ip) {
        spec.token.bound_cidrs =
            strings_with(api_arena(call), (struct tsec_strings){ NULL, 0 }, call->req->remote);
    }
    TSEC_TRY(login_meta(call, role, secret, &spec.token.meta, err));
    api_login_token(call, call->mount, &rules, &spec.token);
    rc = token_make(call->txn, api_keys_of(call), &spec, &made, err);
    if (!tsec_failed(rc)) {
        call->made = made.token;
        rc = api_auth_token(call, made.token, tsec_span_str(made.text), err);
    }
    explicit_bzero(made.text, sizeof(made.text));
    return rc;
}

tsec_rc
api_op_appRoleLogin(struct api_call *call, struct tsec_err *err)
{
    const struct approle_at at = approle_call_at(call);
    const struct approle_secret *secret = NULL;
    const struct approle *role = NULL;
    const char *role_id = NULL;
    const char *secret_id = "";
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR("role_id", &role_id, NULL, APPROLE_ID_MAX),
        TSEC_JSON_STR("secret_id", &secret_id, NULL, APPROLE_ID_MAX),
    };
    tsec_rc rc;

    TSEC_TRY(API_FIELDS(call, fields, err));
    if (role_id == NULL || *role_id == '\0') {
        return api_refuse(call, TSEC_E_INVALID, "missing role_id");
    }

    const struct approle_login login = { tsec_span_str(role_id), tsec_span_str(secret_id),
                                         call->req->remote };

    rc = approle_check(&at, &login, &role, &secret, err);
    if (rc.code == TSEC_E_DENIED) {
        return api_refuse(call, TSEC_E_INVALID,
                          *secret_id == '\0' ? "missing secret_id" : "invalid role or secret ID");
    }
    TSEC_TRY(rc);
    return make(call, role, secret, err);
}

/* Ended secret ids go with the sweep; asking does some of it now. */
tsec_rc
api_op_appRoleTidySecretIds(struct api_call *call, struct tsec_err *err)
{
    struct tsec_json_out out;
    size_t done = 0;

    TSEC_TRY(core_sweep_expired(call->txn, TOKEN_REVOKE_MAX, &done, err));
    api_warn(call, "Tidy operation successfully started.");
    out = api_data(call);
    tsec_json_null(&out);
    TSEC_TRY(api_data_end(call, &out, err));
    call->reply->status = 202;
    return TSEC_OK;
}
