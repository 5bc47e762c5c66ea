/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy.h"

#include <stdlib.h>

#include "core/policy_rule.h"

/* A text of POLICY_TEXT_MAX bytes in which every second byte is a value of a list. */
#define ARENA_MAX ((size_t)32 * 1024 * 1024)

static const struct policy root_policy = { .root = true };

const struct policy *
policy_root(void)
{
    return &root_policy;
}

void
policy_free(struct policy *policy)
{
    if (policy != NULL && policy != &root_policy) {
        tsec_arena_free(policy->arena);
        free(policy);
    }
}

size_t
policy_rules_len(const struct policy *policy)
{
    return policy->exact.len + policy->wild.len + policy->templated.len;
}

bool
policy_is_templated(const struct policy *policy)
{
    return policy->templated.len > 0;
}

/** Where the blocks of a tree go: counted first, then read. */
struct building {
    struct tsec_arena *arena;
    struct policy_rule *rules; /* NULL: only count */
    unsigned len;
};

static tsec_rc
build_block(struct building *b, const struct policy_node *block, struct tsec_err *err)
{
    if (b->rules != NULL) {
        b->rules[b->len].order = b->len;
        TSEC_TRY(policy_rule_read(b->arena, block, &b->rules[b->len], err));
    }
    b->len++;
    if (b->len > POLICY_RULES_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "failed to parse policy: more than %d paths",
                         POLICY_RULES_MAX);
    }
    return TSEC_OK;
}

static tsec_rc
not_a_block(const struct policy_node *node, struct tsec_err *err)
{
    const size_t shown = node->key.len < 60 ? node->key.len : 60;

    return TSEC_FAIL(err, TSEC_E_INVALID,
                     "failed to parse policy: path \"%.*s\": expected an object", (int)shown,
                     node->key.ptr == NULL ? "" : (const char *)node->key.ptr);
}

/** "pattern": {…}, or "pattern": [{…}, {…}]. */
static tsec_rc
build_pattern(struct building *b, const struct policy_node *node, struct tsec_err *err)
{
    if (node->kind == POLICY_NODE_OBJECT) {
        return build_block(b, node, err);
    }
    if (node->kind != POLICY_NODE_LIST) {
        return not_a_block(node, err);
    }
    for (const struct policy_node *n = node->first; n != NULL; n = n->next) {
        struct policy_node block = *n;

        if (n->kind != POLICY_NODE_OBJECT) {
            return not_a_block(node, err);
        }
        block.key = node->key;
        TSEC_TRY(build_block(b, &block, err));
    }
    return TSEC_OK;
}

static tsec_rc
build_patterns(struct building *b, const struct policy_node *object, struct tsec_err *err)
{
    if (object->kind != POLICY_NODE_OBJECT) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "failed to parse policy: \"path\" must be an object or a list of objects");
    }
    for (const struct policy_node *n = object->first; n != NULL; n = n->next) {
        TSEC_TRY(build_pattern(b, n, err));
    }
    return TSEC_OK;
}

/** The value of "path": one object of patterns, or a list of such. */
static tsec_rc
build_paths(struct building *b, const struct policy_node *node, struct tsec_err *err)
{
    if (node->kind != POLICY_NODE_LIST) {
        return build_patterns(b, node, err);
    }
    for (const struct policy_node *n = node->first; n != NULL; n = n->next) {
        TSEC_TRY(build_patterns(b, n, err));
    }
    return TSEC_OK;
}

static tsec_rc
invalid_key(const struct policy_node *node, struct tsec_err *err)
{
    const int shown = (int)(node->key.len < 60 ? node->key.len : 60);

    if (node->line == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "failed to parse policy: invalid key \"%.*s\"", shown,
                         (const char *)node->key.ptr);
    }
    return TSEC_FAIL(err, TSEC_E_INVALID, "failed to parse policy: invalid key \"%.*s\" on line %u",
                     shown, (const char *)node->key.ptr, node->line);
}

static tsec_rc
build(struct building *b, const struct policy_node *root, struct tsec_err *err)
{
    b->len = 0;
    for (const struct policy_node *n = root->first; n != NULL; n = n->next) {
        if (tsec_span_is(n->key, "path")) {
            TSEC_TRY(build_paths(b, n, err));
        } else if (!tsec_span_is(n->key, "name")) {
            return invalid_key(n, err);
        }
    }
    return TSEC_OK;
}

enum rule_class { RULE_EXACT = 0, RULE_WILD, RULE_TEMPLATED };

static enum rule_class
class_of(const struct policy_rule *rule)
{
    if (rule->pieces != NULL) {
        return RULE_TEMPLATED;
    }
    return policy_pattern_is_exact(&rule->pattern) ? RULE_EXACT : RULE_WILD;
}

static int
compare_rules(const void *left, const void *right)
{
    const struct policy_rule *a = left;
    const struct policy_rule *b = right;
    const enum rule_class class = class_of(a);
    int order = 0;

    if (class != class_of(b)) {
        return class < class_of(b) ? -1 : 1;
    }
    if (class == RULE_EXACT) {
        order = tsec_span_compare(a->pattern.text, b->pattern.text);
    } else if (class == RULE_WILD) {
        order = policy_pattern_compare(&b->pattern, &a->pattern);
    }
    if (order == 0) {
        order = a->order < b->order ? -1 : 1;
    }
    return order;
}

/** Sorts the rules and hands each class its part. */
static void
arrange(struct policy *policy, struct policy_rule *rules, size_t len)
{
    struct policy_rules *const parts[] = { &policy->exact, &policy->wild, &policy->templated };

    qsort(rules, len, sizeof(*rules), compare_rules);
    for (size_t i = 0; i < len; i++) {
        struct policy_rules *part = parts[class_of(&rules[i])];

        if (part->len == 0) {
            part->items = &rules[i];
        }
        part->len++;
    }
}

static tsec_rc
read_tree(struct tsec_arena *arena, struct tsec_span text, struct policy_node **out,
          struct tsec_err *err)
{
    size_t blank = 0;

    if (text.len > POLICY_TEXT_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "failed to parse policy: longer than %d bytes",
                         POLICY_TEXT_MAX);
    }
    if (!tsec_utf8_valid(text) || (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "failed to parse policy: not UTF-8 text");
    }
    while (blank < text.len && memchr(" \t\r\n", text.ptr[blank], 4) != NULL) {
        blank++;
    }
    if (blank < text.len && text.ptr[blank] == '{') {
        return policy_json_parse(arena, text, out, err);
    }
    return policy_hcl_parse(arena, text, out, err);
}

static tsec_rc
read_policy(struct policy *policy, struct tsec_span text, struct tsec_err *err)
{
    struct building b = { .arena = policy->arena };
    struct policy_node *root = NULL;

    TSEC_TRY(read_tree(policy->arena, text, &root, err));
    TSEC_TRY(build(&b, root, err));
    b.rules = tsec_arena_alloc(policy->arena, (b.len + 1) * sizeof(*b.rules));
    if (b.rules == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a policy");
    }
    TSEC_TRY(build(&b, root, err));
    arrange(policy, b.rules, b.len);
    return TSEC_OK;
}

tsec_rc
policy_parse(struct tsec_span text, struct policy **out, struct tsec_err *err)
{
    TSEC_AUTO(policy_free) struct policy *policy = calloc(1, sizeof(*policy));
    struct tsec_arena *arena = NULL;
    uint8_t *copy;

    if (policy == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a policy");
    }
    TSEC_TRY(tsec_arena_new(ARENA_MAX, &arena, err));
    policy->arena = arena;
    copy = (uint8_t *)tsec_arena_dup(arena, text);
    if (copy == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a policy");
    }
    TSEC_TRY(read_policy(policy, tsec_span(copy, text.len), err));
    *out = TSEC_TAKE(policy);
    return TSEC_OK;
}
