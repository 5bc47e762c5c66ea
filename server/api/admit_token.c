/* SPDX-License-Identifier: Apache-2.0 */
/* The token that evidence leads to. */
#include "api/admit.h"

#include "api/api.h"
#include "api/envelope.h"
#include "api/op.h"
#include "base/clock.h"
#include "core/mount.h"
#include "core/strings.h"
#include "core/ttl.h"

static void
set_lifetime(struct api_call *call, const struct api_admitted *who, struct token *token)
{
    const struct attest_role *role = who->role;
    const int64_t max =
        role->token_max_ttl_s != 0 ? role->token_max_ttl_s : api_max_ttl_s(call->api, who->mount);
    const struct ttl_ask ask = {
        .now_s = txn_now(call->txn) / TSEC_NS_PER_S,
        .ttl_s = role->token_ttl_s,
        .default_s = api_default_ttl_s(call->api, who->mount),
        .period_s = role->token_period_s,
        .max_s = max,
        .explicit_max_s = role->token_explicit_max_ttl_s,
    };

    token->ttl_s = ttl_compute(&ask).ttl_s;
    token->max_ttl_s = max;
}

static struct tsec_strings
policies_of(struct api_call *call, const struct attest_role *role)
{
    struct tsec_arena *arena = api_arena(call);
    struct tsec_strings policies = role->token_policies;

    if (!role->token_no_default_policy) {
        policies = strings_with(arena, policies, "default");
    }
    return strings_sorted(arena, policies);
}

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
    if (who->role == NULL || who->mount == NULL) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "a token of no role");
    }
    *out = (struct token){
        .path = tsec_arena_printf(api_arena(call), "auth/%slogin", who->mount->path),
        .display_name = "attest",
        .role = "",
        .policies = policies_of(call, who->role),
        .bound_cidrs = who->role->token_bound_cidrs,
        .attest = who->attest,
        .period_s = who->role->token_period_s,
        .explicit_max_ttl_s = who->role->token_explicit_max_ttl_s,
        .num_uses = who->role->token_num_uses,
        .renewable = true,
    };
    set_lifetime(call, who, out);
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
