/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/policy_rule.h
 * @brief One path of a policy, prepared for matching.  For policy*.c only.
 */
#ifndef TSEC_CORE_POLICY_RULE_H
#define TSEC_CORE_POLICY_RULE_H

#include "core/policy.h"
#include "core/policy_node.h"

/** A path pattern, with what its priority depends on. */
struct policy_pattern {
    struct tsec_span text; /* without the '*' at the end */
    size_t first_wild;     /* where its first wildcard stands */
    unsigned pluses;       /* segments that are "+" */
    bool prefix;           /* ended in '*' */
    bool segments;         /* has a segment that begins with '+' */
};

/** A piece of a templated path: literal text, or the name between {{ and }}. */
struct policy_piece {
    struct tsec_span text;
    bool is_name;
};

struct policy_param {
    struct tsec_span name;            /* lower case */
    const struct policy_node *values; /* first of a list; NULL: any value */
};

struct policy_params {
    const struct policy_param *items;
    size_t len;
};

struct policy_rule {
    unsigned order;                /* in the text */
    struct policy_pattern pattern; /* of a templated rule: empty */
    uint32_t capabilities;
    bool constrained;
    const struct policy_piece *pieces; /* NULL: not templated */
    size_t pieces_len;
    int64_t min_wrapping_ttl_ns;
    int64_t max_wrapping_ttl_ns;
    struct policy_params required; /* names only */
    struct policy_params allowed;
    struct policy_params denied;
};

struct policy_rules {
    struct policy_rule *items;
    size_t len;
};

struct policy {
    struct tsec_arena *arena;
    bool root;
    struct policy_rules exact;     /* sorted by path */
    struct policy_rules wild;      /* highest priority first */
    struct policy_rules templated; /* in the order of the text */
};

/** Takes a path with its wildcards apart; borrows it. */
struct policy_pattern policy_pattern(struct tsec_span path);
static inline bool
policy_pattern_is_exact(const struct policy_pattern *pattern)
{
    return !pattern->prefix && !pattern->segments;
}
/** > 0 when a has the higher priority, 0 when they are the same pattern. */
int policy_pattern_compare(const struct policy_pattern *a, const struct policy_pattern *b);
/** For patterns that are not exact. */
bool policy_pattern_matches(const struct policy_pattern *pattern, struct tsec_span path);

/** Reads one path and its block into a rule.  Errors begin with the path. */
TSEC_MUST_CHECK tsec_rc policy_rule_read(struct tsec_arena *arena, const struct policy_node *block,
                                         struct policy_rule *out, struct tsec_err *err);
/** Fills pieces of a path that holds {{…}}; leaves them NULL when it holds none. */
TSEC_MUST_CHECK tsec_rc policy_template_read(struct tsec_arena *arena, struct tsec_span path,
                                             struct policy_rule *out, struct tsec_err *err);
/** The path of a templated rule with its values in place, in `buf`.  False: the rule cannot match.
 */
bool policy_rule_resolve(const struct policy_rule *rule, const struct policy_query *query,
                         char buf[POLICY_PATH_MAX], struct tsec_span *path);
/** Calls visit for every rule of the set that has this very pattern, with its policy's index. */
void policy_rule_each_same(const struct policy_set *set, const struct policy_query *query,
                           const struct policy_pattern *pattern,
                           void (*visit)(void *ctx, size_t index, const struct policy_rule *rule),
                           void *ctx);

#endif
