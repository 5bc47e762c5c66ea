/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy_rule.h"

/** Paths of templated rules, once their values stand in them. */
struct scratch {
    char tried[POLICY_PATH_MAX];
    char best[POLICY_PATH_MAX];
};

struct search {
    const struct policy_set *set;
    const struct policy_query *query;
    struct scratch *scratch; /* NULL: no policy of the set is templated */
    const struct policy_rule *rule;
    struct policy_pattern pattern;
};

/** Index of the first exact rule that is not less than `path`. */
static size_t
exact_lower_bound(const struct policy_rules *rules, struct tsec_span path)
{
    size_t low = 0;
    size_t high = rules->len;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (tsec_span_compare(rules->items[middle].pattern.text, path) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static const struct policy_rule *
find_templated_exact(const struct search *s, const struct policy *policy, struct tsec_span path)
{
    for (size_t i = 0; i < policy->templated.len; i++) {
        const struct policy_rule *rule = &policy->templated.items[i];
        struct tsec_span text;

        if (policy_rule_resolve(rule, s->query, s->scratch->tried, &text)) {
            const struct policy_pattern pattern = policy_pattern(text);

            if (policy_pattern_is_exact(&pattern) && tsec_span_equal(text, path)) {
                return rule;
            }
        }
    }
    return NULL;
}

static bool
find_exact(struct search *s, struct tsec_span path)
{
    for (size_t i = 0; s->rule == NULL && i < s->set->len; i++) {
        const struct policy *policy = s->set->items[i];

        if (policy == NULL) {
            continue;
        }
        const size_t at = exact_lower_bound(&policy->exact, path);

        if (at < policy->exact.len && tsec_span_equal(policy->exact.items[at].pattern.text, path)) {
            s->rule = &policy->exact.items[at];
        } else {
            s->rule = find_templated_exact(s, policy, path);
        }
    }
    if (s->rule != NULL) {
        s->pattern = (struct policy_pattern){ .text = path, .first_wild = path.len };
    }
    return s->rule != NULL;
}

static void
try_wild(struct search *s, const struct policy *policy, struct tsec_span path)
{
    for (size_t i = 0; i < policy->wild.len; i++) {
        const struct policy_rule *rule = &policy->wild.items[i];

        if (s->rule != NULL && policy_pattern_compare(&rule->pattern, &s->pattern) <= 0) {
            return; /* the rest has no higher priority */
        }
        if (policy_pattern_matches(&rule->pattern, path)) {
            s->rule = rule;
            s->pattern = rule->pattern;
            return;
        }
    }
}

static void
try_templated_wild(struct search *s, const struct policy *policy, struct tsec_span path)
{
    for (size_t i = 0; i < policy->templated.len; i++) {
        const struct policy_rule *rule = &policy->templated.items[i];
        struct policy_pattern pattern;
        struct tsec_span text;

        if (!policy_rule_resolve(rule, s->query, s->scratch->tried, &text)) {
            continue;
        }
        pattern = policy_pattern(text);
        if (policy_pattern_is_exact(&pattern) || !policy_pattern_matches(&pattern, path)
            || (s->rule != NULL && policy_pattern_compare(&pattern, &s->pattern) <= 0)) {
            continue;
        }
        memcpy(s->scratch->best, pattern.text.ptr, pattern.text.len);
        pattern.text.ptr = (const uint8_t *)s->scratch->best;
        s->rule = rule;
        s->pattern = pattern;
    }
}

static bool
find_wild(struct search *s, struct tsec_span path)
{
    for (size_t i = 0; i < s->set->len; i++) {
        const struct policy *policy = s->set->items[i];

        if (policy != NULL) {
            try_wild(s, policy, path);
            try_templated_wild(s, policy, path);
        }
    }
    return s->rule != NULL;
}

struct same {
    const struct policy_query *query;
    const struct policy_pattern *pattern;
    void (*visit)(void *ctx, size_t index, const struct policy_rule *rule);
    void *ctx;
};

static void
visit_exact(const struct same *same, const struct policy *policy, size_t index)
{
    const struct policy_rules *rules = &policy->exact;

    for (size_t i = exact_lower_bound(rules, same->pattern->text);
         i < rules->len && tsec_span_equal(rules->items[i].pattern.text, same->pattern->text);
         i++) {
        same->visit(same->ctx, index, &rules->items[i]);
    }
}

static void
visit_wild(const struct same *same, const struct policy *policy, size_t index)
{
    for (size_t i = 0; i < policy->wild.len; i++) {
        const int order = policy_pattern_compare(&policy->wild.items[i].pattern, same->pattern);

        if (order < 0) {
            return;
        }
        if (order == 0) {
            same->visit(same->ctx, index, &policy->wild.items[i]);
        }
    }
}

static void
visit_templated(const struct same *same, const struct policy *policy, size_t index)
{
    char buf[POLICY_PATH_MAX];

    for (size_t i = 0; i < policy->templated.len; i++) {
        struct policy_pattern pattern;
        struct tsec_span text;

        if (!policy_rule_resolve(&policy->templated.items[i], same->query, buf, &text)) {
            continue;
        }
        pattern = policy_pattern(text);
        if (policy_pattern_compare(&pattern, same->pattern) == 0) {
            same->visit(same->ctx, index, &policy->templated.items[i]);
        }
    }
}

void
policy_rule_each_same(const struct policy_set *set, const struct policy_query *query,
                      const struct policy_pattern *pattern,
                      void (*visit)(void *ctx, size_t index, const struct policy_rule *rule),
                      void *ctx)
{
    const struct same same = { query, pattern, visit, ctx };

    for (size_t i = 0; i < set->len; i++) {
        const struct policy *policy = set->items[i];

        if (policy == NULL) {
            continue;
        }
        if (policy_pattern_is_exact(pattern)) {
            visit_exact(&same, policy, i);
        } else {
            visit_wild(&same, policy, i);
        }
        if (policy->templated.len > 0) {
            visit_templated(&same, policy, i);
        }
    }
}

/** The smaller of two bounds of which 0 means none. */
static int64_t
smaller_bound(int64_t a, int64_t b)
{
    if (a == 0 || b == 0) {
        return a == 0 ? b : a;
    }
    return a < b ? a : b;
}

static void
unite(void *ctx, size_t index, const struct policy_rule *rule)
{
    struct policy_decision *out = ctx;

    if ((out->capabilities & POLICY_DENY) != 0) {
        return;
    }
    if ((rule->capabilities & POLICY_DENY) != 0) {
        *out = (struct policy_decision){ .capabilities = POLICY_DENY, .rule = rule };
        out->given_by[0] = (uint32_t)index;
        return;
    }
    for (unsigned bit = 0; bit < POLICY_CAPABILITIES; bit++) {
        if ((rule->capabilities & ~out->capabilities & (1U << bit)) != 0) {
            out->given_by[bit] = (uint32_t)index;
        }
    }
    out->capabilities |= rule->capabilities;
    out->constrained = out->constrained || rule->constrained;
    out->min_wrapping_ttl_ns = smaller_bound(out->min_wrapping_ttl_ns, rule->min_wrapping_ttl_ns);
    out->max_wrapping_ttl_ns = smaller_bound(out->max_wrapping_ttl_ns, rule->max_wrapping_ttl_ns);
}

static void
search_and_unite(struct search *s, struct policy_decision *out)
{
    const struct tsec_span path = s->query->path;
    const bool slash = s->query->list && path.len > 0 && path.ptr[path.len - 1] == '/';
    const struct tsec_span bare = tsec_span(path.ptr, slash ? path.len - 1 : path.len);

    if (find_exact(s, path) || (slash && find_exact(s, bare)) || (slash && find_wild(s, bare))
        || find_wild(s, path)) {
        out->rule = s->rule;
        policy_rule_each_same(s->set, s->query, &s->pattern, unite, out);
    }
}

/** Apart, so that the usual decision does not pay for the buffers. */
static __attribute__((noinline)) void
decide_templated(struct search *s, struct policy_decision *out)
{
    struct scratch scratch;

    s->scratch = &scratch;
    search_and_unite(s, out);
}

static bool
decide_root(const struct policy_set *set, struct policy_decision *out, bool *templated)
{
    for (size_t i = 0; i < set->len; i++) {
        const struct policy *policy = set->items[i];

        if (policy != NULL && policy->root) {
            out->root = true;
            out->capabilities = ((1U << POLICY_CAPABILITIES) - 1U) & ~(uint32_t)POLICY_DENY;
            for (unsigned bit = 0; bit < POLICY_CAPABILITIES; bit++) {
                out->given_by[bit] = (uint32_t)i;
            }
            return true;
        }
        *templated = *templated || (policy != NULL && policy->templated.len > 0);
    }
    return false;
}

void
policy_decide(const struct policy_set *set, const struct policy_query *query,
              struct policy_decision *out)
{
    struct search s = { .set = set, .query = query };
    bool templated = false;

    *out = (struct policy_decision){ 0 };
    if (decide_root(set, out, &templated)) {
        return;
    }
    if (templated) {
        decide_templated(&s, out);
    } else {
        search_and_unite(&s, out);
    }
}
