/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/login_token.h
 * @brief What a role's rules make of the token of a login: its policies and how long it lives.
 */
#ifndef TSEC_API_LOGIN_TOKEN_H
#define TSEC_API_LOGIN_TOKEN_H

#include "api/call.h"
#include "core/token.h"

/** As the role has them, in seconds; 0: the mount's, or none. */
struct api_login_rules {
    struct tsec_strings policies;
    bool no_default_policy;
    int64_t ttl_s;
    int64_t max_ttl_s;
    int64_t explicit_max_ttl_s;
    int64_t period_s;
};

/** Fills policies, ttl_s, max_ttl_s, explicit_max_ttl_s and period_s; in the request's arena. */
void api_login_token(struct api_call *call, const struct mount *mount,
                     const struct api_login_rules *rules, struct token *token);

#endif
