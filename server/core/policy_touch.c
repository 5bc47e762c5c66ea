/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy_rule.h"

/* Whether something the rule speaks of can lie below `prefix`. */
static bool
overlaps(struct tsec_span literal, bool open, struct tsec_span prefix)
{
    return tsec_span_starts(literal, prefix) || (open && tsec_span_starts(prefix, literal));
}

static bool
rule_touches(const struct policy_rule *rule, struct tsec_span prefix)
{
    const struct policy_pattern *p = &rule->pattern;

    if ((rule->capabilities & ~(uint32_t)POLICY_DENY) == 0
        || (rule->capabilities & POLICY_DENY) != 0) {
        return false;
    }
    if (rule->pieces_len > 0) {
        const struct tsec_span first =
            rule->pieces[0].is_name ? tsec_span(NULL, 0) : rule->pieces[0].text;

        return overlaps(first, true, prefix);
    }
    return overlaps(tsec_span(p->text.ptr, p->first_wild), !policy_pattern_is_exact(p), prefix);
}

static bool
rules_touch(const struct policy_rules *rules, struct tsec_span prefix)
{
    for (size_t i = 0; i < rules->len; i++) {
        if (rule_touches(&rules->items[i], prefix)) {
            return true;
        }
    }
    return false;
}

bool
policy_touches(const struct policy_set *set, struct tsec_span prefix)
{
    for (size_t i = 0; i < set->len; i++) {
        const struct policy *policy = set->items[i];

        if (policy != NULL
            && (policy->root || rules_touch(&policy->exact, prefix)
                || rules_touch(&policy->wild, prefix) || rules_touch(&policy->templated, prefix))) {
            return true;
        }
    }
    return false;
}
