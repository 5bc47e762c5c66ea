/* SPDX-License-Identifier: Apache-2.0 */
#include "api/login_token.h"

#include "api/api.h"
#include "base/clock.h"
#include "core/strings.h"
#include "core/ttl.h"

void
api_login_token(struct api_call *call, const struct mount *mount,
                const struct api_login_rules *rules, struct token *token)
{
    struct tsec_arena *arena = call->req->arena;
    struct tsec_strings policies = rules->policies;
    const struct ttl_ask ask = {
        .now_s = txn_now(call->txn) / TSEC_NS_PER_S,
        .ttl_s = rules->ttl_s,
        .default_s = api_default_ttl_s(call->api, mount),
        .period_s = rules->period_s,
        .max_s = rules->max_ttl_s != 0 ? rules->max_ttl_s : api_max_ttl_s(call->api, mount),
        .explicit_max_s = rules->explicit_max_ttl_s,
    };

    if (!rules->no_default_policy) {
        policies = strings_with(arena, policies, "default");
    }
    token->policies = strings_sorted(arena, policies);
    token->ttl_s = ttl_compute(&ask).ttl_s;
    token->max_ttl_s = ask.max_s;
    token->explicit_max_ttl_s = rules->explicit_max_ttl_s;
    token->period_s = rules->period_s;
}
