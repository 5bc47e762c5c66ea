/* SPDX-License-Identifier: Apache-2.0 */
#include "core/token_role.h"

#include "core/strings.h"

#define ROLE_PREFIX "sys/token-role/"

static const struct record_field role_fields[] = {
    RECORD_FIELD(token_role, name, RECORD_STR),
    RECORD_FIELD(token_role, path_suffix, RECORD_STR),
    RECORD_FIELD(token_role, token_type, RECORD_STR),
    RECORD_FIELD(token_role, allowed_policies, RECORD_STRINGS),
    RECORD_FIELD(token_role, disallowed_policies, RECORD_STRINGS),
    RECORD_FIELD(token_role, allowed_policies_glob, RECORD_STRINGS),
    RECORD_FIELD(token_role, disallowed_policies_glob, RECORD_STRINGS),
    RECORD_FIELD(token_role, allowed_entity_aliases, RECORD_STRINGS),
    RECORD_FIELD(token_role, token_bound_cidrs, RECORD_STRINGS),
    RECORD_FIELD(token_role, token_period_s, RECORD_I64),
    RECORD_FIELD(token_role, token_explicit_max_ttl_s, RECORD_I64),
    RECORD_FIELD(token_role, token_num_uses, RECORD_I64),
    RECORD_FIELD(token_role, orphan, RECORD_BOOL),
    RECORD_FIELD(token_role, renewable, RECORD_BOOL),
    RECORD_FIELD(token_role, token_no_default_policy, RECORD_BOOL),
};
static const struct record_type role_record = { "token role", 1, sizeof(struct token_role),
                                                role_fields, TSEC_ARRAY_LEN(role_fields) };

static tsec_rc
role_decode(struct tsec_span payload, void **object, struct tsec_err *err)
{
    return record_decode(&role_record, payload, object, err);
}

static const struct txn_object_type role_object = { "token role", role_decode, record_free };

void
token_role_init(struct token_role *role, const char *name)
{
    *role = (struct token_role){
        .name = name,
        .path_suffix = "",
        .token_type = "default-service",
        .renewable = true,
    };
}

tsec_rc
token_role_find(struct txn *txn, struct tsec_span name, const struct token_role **out,
                struct tsec_err *err)
{
    const void *object = NULL;

    *out = NULL;
    TSEC_TRY(txn_object(txn, txn_key2(txn, ROLE_PREFIX, name), &role_object, &object, err));
    *out = object;
    return TSEC_OK;
}

tsec_rc
token_role_store(struct txn *txn, const struct token_role *role, struct tsec_err *err)
{
    return record_put(txn, txn_key2(txn, ROLE_PREFIX, tsec_span_str(role->name)), &role_record,
                      role, err);
}

tsec_rc
token_role_delete(struct txn *txn, struct tsec_span name, struct tsec_err *err)
{
    return txn_delete(txn, txn_key2(txn, ROLE_PREFIX, name), err);
}

tsec_rc
token_role_names(struct txn *txn, struct tsec_strings *out, struct tsec_err *err)
{
    return record_names(txn, tsec_span_str(ROLE_PREFIX), tsec_span(NULL, 0), 0, true, out, err);
}

bool
glob_matches(const char *pattern, const char *text)
{
    const char *star = NULL;
    const char *resume = text;

    while (*text != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            resume = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star + 1;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return *pattern == '\0';
}

static bool
any_glob(struct tsec_strings patterns, const char *text)
{
    for (size_t i = 0; i < patterns.len; i++) {
        if (glob_matches(patterns.items[i], text)) {
            return true;
        }
    }
    return false;
}

bool
token_role_allows(const struct token_role *role, const char *policy, bool *open)
{
    *open = role->allowed_policies.len == 0 && role->allowed_policies_glob.len == 0;
    if (strings_have(role->disallowed_policies, policy)
        || any_glob(role->disallowed_policies_glob, policy)) {
        return false;
    }
    return *open || strings_have(role->allowed_policies, policy)
           || any_glob(role->allowed_policies_glob, policy);
}
