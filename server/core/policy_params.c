/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy_rule.h"

static uint8_t
lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
}

/** `name` is lower case already. */
static bool
is_named(struct tsec_span name, struct tsec_span key)
{
    if (name.len != key.len) {
        return false;
    }
    for (size_t i = 0; i < key.len; i++) {
        if (name.ptr[i] != lower(key.ptr[i])) {
            return false;
        }
    }
    return true;
}

static const struct policy_param *
find_param(const struct policy_params *params, struct tsec_span key)
{
    for (size_t i = 0; i < params->len; i++) {
        if (is_named(params->items[i].name, key)) {
            return &params->items[i];
        }
    }
    return NULL;
}

static bool
param_accepts(const struct policy_param *param, const json_t *value)
{
    if (param->values == NULL) {
        return true;
    }
    for (const struct policy_node *n = param->values; n != NULL; n = n->next) {
        if (policy_node_accepts(n, value)) {
            return true;
        }
    }
    return false;
}

/** What the rules say together, without regard to single parameters. */
struct whole {
    const json_t *parameters;
    bool missing;
    bool any_allowed; /* some rule lists allowed parameters */
    bool star;        /* … and one of them is "*" */
};

static void
visit_whole(void *ctx, size_t index, const struct policy_rule *rule)
{
    struct whole *whole = ctx;

    (void)index;
    for (size_t i = 0; i < rule->required.len; i++) {
        const struct tsec_span name = rule->required.items[i].name;

        if (json_object_getn(whole->parameters, (const char *)name.ptr, name.len) == NULL) {
            whole->missing = true;
        }
    }
    whole->any_allowed = whole->any_allowed || rule->allowed.len > 0;
    whole->star = whole->star || find_param(&rule->allowed, tsec_span_str("*")) != NULL;
}

/** What the rules say about one parameter. */
struct single {
    struct tsec_span key;
    const json_t *value;
    bool denied;
    bool named;
    bool accepted;
};

static void
visit_single(void *ctx, size_t index, const struct policy_rule *rule)
{
    struct single *single = ctx;
    const struct policy_param *denied = find_param(&rule->denied, single->key);
    const struct policy_param *allowed = find_param(&rule->allowed, single->key);

    (void)index;
    if (find_param(&rule->denied, tsec_span_str("*")) != NULL
        || (denied != NULL && param_accepts(denied, single->value))) {
        single->denied = true;
    }
    if (allowed != NULL) {
        single->named = true;
        single->accepted = single->accepted || param_accepts(allowed, single->value);
    }
}

bool
policy_check_parameters(const struct policy_set *set, const struct policy_query *query,
                        const struct policy_decision *decision, const json_t *parameters)
{
    struct whole whole = { .parameters = parameters };
    char buf[POLICY_PATH_MAX];
    struct policy_pattern pattern;
    struct tsec_span path;

    if (decision->root || !decision->constrained) {
        return true;
    }
    pattern = decision->rule->pattern;
    if (decision->rule->pieces != NULL) {
        if (!policy_rule_resolve(decision->rule, query, buf, &path)) {
            return false;
        }
        pattern = policy_pattern(path);
    }
    policy_rule_each_same(set, query, &pattern, visit_whole, &whole);
    if (whole.missing) {
        return false;
    }
    /* jansson iterates through a pointer that is not const, and changes nothing */
    json_t *object = (json_t *)(uintptr_t)parameters;
    const char *key = NULL;
    size_t key_len = 0;
    const json_t *value = NULL;

    json_object_keylen_foreach(object, key, key_len, value)
    {
        struct single single = { .key = tsec_span(key, key_len), .value = value };

        policy_rule_each_same(set, query, &pattern, visit_single, &single);
        if (single.denied
            || (whole.any_allowed && !(single.named ? single.accepted : whole.star))) {
            return false;
        }
    }
    return true;
}

bool
policy_check_wrapping(const struct policy_decision *decision, int64_t wrap_ttl_ns)
{
    const int64_t min = decision->min_wrapping_ttl_ns;
    const int64_t max = decision->max_wrapping_ttl_ns;

    if (decision->root || (min == 0 && max == 0)) {
        return true;
    }
    return wrap_ttl_ns > 0 && (max == 0 || wrap_ttl_ns <= max) && wrap_ttl_ns >= min;
}
