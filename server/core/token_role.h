/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/token_role.h
 * @brief Token roles: what a token made through a role may be.  Rows "sys/token-role/<name>".
 */
#ifndef TSEC_CORE_TOKEN_ROLE_H
#define TSEC_CORE_TOKEN_ROLE_H

#include "core/record.h"

enum { TOKEN_ROLE_NAME_MAX = 256 };

struct token_role {
    const char *name;
    const char *path_suffix;
    const char *token_type;
    struct tsec_strings allowed_policies;
    struct tsec_strings disallowed_policies;
    struct tsec_strings allowed_policies_glob;
    struct tsec_strings disallowed_policies_glob;
    struct tsec_strings allowed_entity_aliases;
    struct tsec_strings token_bound_cidrs;
    int64_t token_period_s;
    int64_t token_explicit_max_ttl_s;
    int64_t token_num_uses;
    bool orphan;
    bool renewable;
    bool token_no_default_policy;
};

/** A new role before a client's settings. */
void token_role_init(struct token_role *role, const char *name);
TSEC_MUST_CHECK tsec_rc token_role_find(struct txn *txn, struct tsec_span name,
                                        const struct token_role **out, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc token_role_store(struct txn *txn, const struct token_role *role,
                                         struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc token_role_delete(struct txn *txn, struct tsec_span name,
                                          struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc token_role_names(struct txn *txn, struct tsec_strings *out,
                                         struct tsec_err *err);

/** Whether the role lets a token have that policy.  With no allowed list at all, *open says so: the
 *  policy must then be one of the parent's. */
bool token_role_allows(const struct token_role *role, const char *policy, bool *open);

/** '*' stands for any run of characters. */
bool glob_matches(const char *pattern, const char *text);

#endif
