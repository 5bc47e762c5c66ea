/* SPDX-License-Identifier: Apache-2.0 */
/* The token that evidence leads to. */
#include "api/admit.h"

#include "api/api.h"
#include "api/envelope.h"
#include "api/login_token.h"
#include "api/op.h"
#include "core/mount.h"
#include "core/strings.h"

/* What a client is shown of it, where other logins show theirs. */
static tsec_rc
set_meta(struct api_call *call, const struct api_admitted *who, struct token *token,
         struct tsec_err *err)
{
    static const char *keys[] = { "measurement", "role_name", "tee" };
    const char **values = tsec_arena_alloc(api_arena(call), sizeof(keys));

    if (values == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a login");
    }
    values[0] = string_map_get(&who->attest, "measurement");
    values[1] = who->role->name;
    values[2] = string_map_get(&who->attest, "tee");
    token->meta = (struct tsec_string_map){ keys, values, TSEC_ARRAY_LEN(keys) };
    return TSEC_OK;
}

tsec_rc
api_admitted_token(struct api_call *call, const struct api_admitted *who, struct token *out,
                   struct tsec_err *err)
{
    const struct attest_role *role = who->role;

    if (role == NULL || who->mount == NULL) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "a token of no role");
    }

    const struct api_login_rules rules = {
        .policies = role->token_policies,
        .no_default_policy = role->token_no_default_policy,
        .ttl_s = role->token_ttl_s,
        .max_ttl_s = role->token_max_ttl_s,
        .explicit_max_ttl_s = role->token_explicit_max_ttl_s,
        .period_s = role->token_period_s,
    };

    *out = (struct token){
        .path = tsec_arena_printf(api_arena(call), "auth/%slogin", who->mount->path),
        .display_name = "attest",
        .role = "",
        .bound_cidrs = role->token_bound_cidrs,
        .attest = who->attest,
        .num_uses = role->token_num_uses,
        .renewable = true,
    };
    api_login_token(call, who->mount, &rules, out);
    return set_meta(call, who, out, err);
}

tsec_rc
api_admitted_login(struct api_call *call, const struct api_admitted *who, struct token_made *out,
                   struct tsec_err *err)
{
    struct token_spec spec = { .id = NULL };

    TSEC_TRY(api_admitted_token(call, who, &spec.token, err));
    TSEC_TRY(token_make(call->txn, api_keys_of(call), &spec, out, err));
    call->made = out->token;
    return TSEC_OK;
}
