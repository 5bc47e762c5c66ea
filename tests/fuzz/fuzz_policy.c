/* SPDX-License-Identifier: Apache-2.0 */
/* A text is a policy or is refused with a sentence; a policy decides any path, deny takes all other
 * capabilities away, and asking the same policy twice changes nothing. */
#include "core/policy.h"

#include "tests/fuzz/fuzz.h"

static const char *const paths[] = {
    "", "a", "a/", "secret/data/team/x", "secret/metadata/", "+", "*", "a/b/c/d/e/f/g",
};

static void
decide(const struct policy *policy, const struct policy_query *query)
{
    const struct policy *const items[] = { policy, NULL, policy };
    const struct policy_set once = { items, 1 };
    const struct policy_set twice = { items, 3 };
    struct policy_decision one;
    struct policy_decision other;

    policy_decide(&once, query, &one);
    policy_decide(&twice, query, &other);
    FUZZ_ASSERT(one.capabilities == other.capabilities);
    FUZZ_ASSERT((one.rule == NULL) == (other.rule == NULL));
    FUZZ_ASSERT(one.capabilities == POLICY_DENY || (one.capabilities & POLICY_DENY) == 0);
    FUZZ_ASSERT(one.capabilities < 1U << POLICY_CAPABILITIES);
    FUZZ_ASSERT(!one.root && (one.rule != NULL || one.capabilities == 0));
    FUZZ_ASSERT(policy_check_parameters(&once, query, &one, NULL)
                == policy_check_parameters(&twice, query, &other, NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char prefix[] = "failed to parse policy: ";
    const struct policy_value values[] = { { "role", { (const uint8_t *)"web", 3 } },
                                           { "identity.name", { data, size < 64 ? size : 64 } } };
    TSEC_AUTO(policy_free) struct policy *policy = NULL;
    struct tsec_err err = { 0 };

    if (tsec_failed(policy_parse(tsec_span(data, size), &policy, &err))) {
        FUZZ_ASSERT(policy == NULL && err.code == TSEC_E_INVALID);
        FUZZ_ASSERT(strncmp(err.detail, prefix, sizeof(prefix) - 1) == 0);
        return 0;
    }
    FUZZ_ASSERT(policy_rules_len(policy) <= POLICY_RULES_MAX);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(paths); i++) {
        struct policy_query query = { .path = tsec_span_str(paths[i]) };

        decide(policy, &query);
        query.list = true;
        decide(policy, &query);
        query.values = values;
        query.values_len = TSEC_ARRAY_LEN(values);
        decide(policy, &query);
    }
    return 0;
}
