/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy.h"

#include <stdio.h>

#include "base/clock.h"
#include "tests/test.h"

enum { POLICIES_MAX = 2 };

struct param_case {
    const char *rules[POLICIES_MAX]; /* the blocks for path "p" */
    const char *body;                /* JSON; NULL: no parameters */
    bool want;
};

static const struct param_case params[] = {
    { { "" }, "{\"a\":1}", true },
    { { "" }, NULL, true },
    /* required */
    { { "required_parameters = [\"a\", \"b\"]" }, "{\"a\":1,\"b\":2}", true },
    { { "required_parameters = [\"a\", \"b\"]" }, "{\"a\":1,\"b\":2,\"c\":3}", true },
    { { "required_parameters = [\"a\", \"b\"]" }, "{\"a\":1}", false },
    { { "required_parameters = [\"a\"]" }, "{}", false },
    { { "required_parameters = [\"a\"]" }, NULL, false },
    { { "required_parameters = [\"A\"]" }, "{\"a\":null}", true },
    { { "required_parameters = \"a\"" }, "{\"b\":1}", false },
    { { "required_parameters = []" }, NULL, true },
    { { "required_parameters = [\"a\"]", "required_parameters = [\"b\"]" }, "{\"a\":1}", false },
    { { "required_parameters = [\"a\"]", "required_parameters = [\"b\"]" },
      "{\"a\":1,\"b\":1}",
      true },
    /* allowed */
    { { "allowed_parameters = { \"a\" = [] }" }, "{\"a\":\"any\"}", true },
    { { "allowed_parameters = { \"a\" = [] }" }, "{\"A\":\"any\"}", true },
    { { "allowed_parameters = { \"a\" = [] }" }, "{\"b\":1}", false },
    { { "allowed_parameters = { \"a\" = [] }" }, "{\"a\":1,\"b\":1}", false },
    { { "allowed_parameters = { \"a\" = [] }" }, NULL, true },
    { { "allowed_parameters = { \"a\" = [] }" }, "{}", true },
    { { "allowed_parameters = { \"*\" = [] }" }, "{\"b\":1}", true },
    { { "allowed_parameters = { \"a\" = [\"x\", \"y\"] \"*\" = [] }" }, "{\"b\":1}", true },
    { { "allowed_parameters = { \"a\" = [\"x\", \"y\"] \"*\" = [] }" }, "{\"a\":\"y\"}", true },
    { { "allowed_parameters = { \"a\" = [\"x\", \"y\"] \"*\" = [] }" }, "{\"a\":\"z\"}", false },
    { { "allowed_parameters = { \"a\" = \"x\" }" }, "{\"a\":\"x\"}", true },
    { { "allowed_parameters = { \"a\" = \"x\" \"b\" = [] }" }, "{\"a\":\"b\"}", false },
    { { "allowed_parameters { a = [\"x\"] }" }, "{\"a\":\"x\"}", true },
    { { "allowed_parameters = { \"a\" = [\"pre-*\"] }" }, "{\"a\":\"pre-1\"}", true },
    { { "allowed_parameters = { \"a\" = [\"pre-*\"] }" }, "{\"a\":\"pre\"}", false },
    { { "allowed_parameters = { \"a\" = [\"*-end\"] }" }, "{\"a\":\"the-end\"}", true },
    { { "allowed_parameters = { \"a\" = [\"*-end\"] }" }, "{\"a\":\"end\"}", false },
    { { "allowed_parameters = { \"a\" = [\"*mid*\"] }" }, "{\"a\":\"amidst\"}", true },
    { { "allowed_parameters = { \"a\" = [\"*mid*\"] }" }, "{\"a\":\"mi\"}", false },
    { { "allowed_parameters = { \"a\" = [\"**\"] }" }, "{\"a\":\"\"}", true },
    { { "allowed_parameters = { \"a\" = [\"*\"] }" }, "{\"a\":\"x\"}", false },
    { { "allowed_parameters = { \"a\" = [\"*\"] }" }, "{\"a\":\"*\"}", true },
    { { "allowed_parameters = { \"a\" = [1, 2.5] }" }, "{\"a\":2.5}", true },
    { { "allowed_parameters = { \"a\" = [1, 2.5] }" }, "{\"a\":1}", true },
    { { "allowed_parameters = { \"a\" = [1, 2.5] }" }, "{\"a\":\"1\"}", false },
    { { "allowed_parameters = { \"a\" = [true] }" }, "{\"a\":true}", true },
    { { "allowed_parameters = { \"a\" = [true] }" }, "{\"a\":false}", false },
    { { "allowed_parameters = { \"a\" = [true] }" }, "{\"a\":\"true\"}", false },
    { { "allowed_parameters = { \"a\" = [[\"x\"]] }" }, "{\"a\":[\"x\"]}", true },
    { { "allowed_parameters = { \"a\" = [[\"x\"]] }" }, "{\"a\":[\"x\",\"y\"]}", false },
    { { "allowed_parameters = { \"a\" = [[\"x\"]] }" }, "{\"a\":[]}", false },
    { { "allowed_parameters = { \"a\" = [{ k = \"v\" }] }" }, "{\"a\":{\"k\":\"v\"}}", true },
    { { "allowed_parameters = { \"a\" = [{ k = \"v\" }] }" }, "{\"a\":{\"k\":\"w\"}}", false },
    { { "allowed_parameters = { \"a\" = [{ k = \"v\" }] }" },
      "{\"a\":{\"k\":\"v\",\"l\":1}}",
      false },
    { { "allowed_parameters = { \"a\" = [\"x\"] }" }, "{\"a\":null}", false },
    { { "allowed_parameters = { a = [\"x\"] }", "allowed_parameters = { a = [\"y\"] }" },
      "{\"a\":\"y\"}",
      true },
    { { "allowed_parameters = { a = [\"x\"] }", "allowed_parameters = { a = [] }" },
      "{\"a\":\"z\"}",
      true },
    { { "allowed_parameters = { a = [\"x\"] }", "allowed_parameters = { b = [] }" },
      "{\"a\":\"x\",\"b\":1}",
      true },
    { { "allowed_parameters = { a = [\"x\"] }", "" }, "{\"b\":1}", false },
    /* denied */
    { { "denied_parameters = { \"a\" = [] }" }, "{\"a\":1}", false },
    { { "denied_parameters = { \"a\" = [] }" }, "{\"A\":1}", false },
    { { "denied_parameters = { \"a\" = [] }" }, "{\"b\":1}", true },
    { { "denied_parameters = { \"*\" = [] }" }, "{\"b\":1}", false },
    { { "denied_parameters = { \"*\" = [] }" }, "{}", true },
    { { "denied_parameters = { \"a\" = [\"x\"] }" }, "{\"a\":\"x\"}", false },
    { { "denied_parameters = { \"a\" = [\"x\"] }" }, "{\"a\":\"y\"}", true },
    { { "denied_parameters = { \"a\" = [\"x*\"] }" }, "{\"a\":\"xy\"}", false },
    { { "denied_parameters = { a = [\"x\"] }", "denied_parameters = { a = [\"y\"] }" },
      "{\"a\":\"x\"}",
      false },
    { { "", "denied_parameters = { a = [] }" }, "{\"a\":1}", false },
    { { "denied_parameters = { a = [] } allowed_parameters = { a = [] }" }, "{\"a\":1}", false },
};

static struct policy *
policy_with(const char *block)
{
    char text[512];
    struct policy *policy = NULL;
    struct tsec_err err = { 0 };

    (void)snprintf(text, sizeof(text), "path \"p\" { capabilities = [\"update\"]\n %s }", block);
    if (tsec_failed(policy_parse(tsec_span_str(text), &policy, &err))) {
        (void)fprintf(stderr, "%s\n  in: %s\n", err.detail, text);
        CU_FAIL_FATAL("a policy of the table does not parse");
    }
    return policy;
}

static void
parameters_are_checked_by_every_rule_of_the_path(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(params); i++) {
        const struct param_case *c = &params[i];
        struct policy *made[POLICIES_MAX] = { NULL, NULL };
        struct policy_decision decision;
        json_t *body = c->body == NULL ? NULL : json_loads(c->body, 0, NULL);

        for (size_t j = 0; j < POLICIES_MAX && c->rules[j] != NULL; j++) {
            made[j] = policy_with(c->rules[j]);
        }
        const struct policy *const items[] = { made[0], made[1] };
        const struct policy_set set = { items, POLICIES_MAX };
        const struct policy_query query = { .path = tsec_span_str("p") };

        CU_ASSERT_TRUE(c->body == NULL || body != NULL);
        policy_decide(&set, &query, &decision);
        CU_ASSERT_TRUE(policy_allows(&decision, POLICY_UPDATE));
        if (policy_check_parameters(&set, &query, &decision, body) != c->want) {
            (void)fprintf(stderr, "  %s | %s: %s\n", c->rules[0],
                          c->rules[1] == NULL ? "" : c->rules[1], c->body);
            CU_FAIL("another answer");
        }
        json_decref(body);
        policy_free(made[0]);
        policy_free(made[1]);
    }
}

static void
parameters_of_a_templated_rule_are_checked_too(void)
{
    static const char text[] = "path \"s/{{role}}/*\" { capabilities = [\"update\"]\n"
                               "  denied_parameters = { \"a\" = [] } }";
    const struct policy_value role = { "role", tsec_span_str("web") };
    const struct policy_query query = { .path = tsec_span_str("s/web/x"),
                                        .values = &role,
                                        .values_len = 1 };
    TSEC_AUTO(policy_free) struct policy *policy = NULL;
    struct policy_decision decision;
    json_t *denied = json_loads("{\"a\":1}", 0, NULL);
    json_t *fine = json_loads("{\"b\":1}", 0, NULL);

    CU_ASSERT_FALSE_FATAL(tsec_failed(policy_parse(tsec_span_str(text), &policy, NULL)));
    const struct policy *const items[] = { policy };
    const struct policy_set set = { items, 1 };

    policy_decide(&set, &query, &decision);
    CU_ASSERT_TRUE(decision.constrained);
    CU_ASSERT_FALSE(policy_check_parameters(&set, &query, &decision, denied));
    CU_ASSERT_TRUE(policy_check_parameters(&set, &query, &decision, fine));
    json_decref(denied);
    json_decref(fine);
}

static void
only_the_winning_pattern_constrains(void)
{
    static const char text[] = "path \"a/*\" { capabilities = [\"update\"]\n"
                               "  denied_parameters = { \"*\" = [] } }\n"
                               "path \"a/b\" { capabilities = [\"update\"] }";
    const struct policy_query query = { .path = tsec_span_str("a/b") };
    TSEC_AUTO(policy_free) struct policy *policy = NULL;
    struct policy_decision decision;

    CU_ASSERT_FALSE_FATAL(tsec_failed(policy_parse(tsec_span_str(text), &policy, NULL)));
    const struct policy *const items[] = { policy };
    const struct policy_set set = { items, 1 };

    policy_decide(&set, &query, &decision);
    CU_ASSERT_FALSE(decision.constrained);
}

struct wrap_case {
    const char *rules[POLICIES_MAX];
    int64_t ttl_s;
    bool want;
};

static const struct wrap_case wraps[] = {
    { { "" }, 0, true },
    { { "" }, 60, true },
    { { "min_wrapping_ttl = \"30s\"" }, 0, false },
    { { "min_wrapping_ttl = \"30s\"" }, 29, false },
    { { "min_wrapping_ttl = \"30s\"" }, 30, true },
    { { "max_wrapping_ttl = 90" }, 0, false },
    { { "max_wrapping_ttl = 90" }, 90, true },
    { { "max_wrapping_ttl = \"90\"" }, 91, false },
    { { "min_wrapping_ttl = \"1m\" max_wrapping_ttl = \"1h\"" }, 3600, true },
    { { "min_wrapping_ttl = \"1m\"", "min_wrapping_ttl = \"2m\"" }, 60, true },
    { { "max_wrapping_ttl = \"1m\"", "max_wrapping_ttl = \"2m\"" }, 61, false },
    { { "max_wrapping_ttl = \"1m\"", "min_wrapping_ttl = \"2m\"" }, 90, false },
    { { "max_wrapping_ttl = \"1m\"", "" }, 0, false },
};

static void
wrapping_keeps_within_the_smallest_bounds(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(wraps); i++) {
        const struct wrap_case *c = &wraps[i];
        struct policy *made[POLICIES_MAX] = { NULL, NULL };
        struct policy_decision decision;

        for (size_t j = 0; j < POLICIES_MAX && c->rules[j] != NULL; j++) {
            made[j] = policy_with(c->rules[j]);
        }
        const struct policy *const items[] = { made[0], made[1] };
        const struct policy_set set = { items, POLICIES_MAX };
        const struct policy_query query = { .path = tsec_span_str("p") };

        policy_decide(&set, &query, &decision);
        CU_ASSERT_EQUAL(policy_check_wrapping(&decision, c->ttl_s * TSEC_NS_PER_S), c->want);
        policy_free(made[0]);
        policy_free(made[1]);
    }
}

static const struct test_case cases[] = {
    { "parameters are checked by every rule of the path",
      parameters_are_checked_by_every_rule_of_the_path },
    { "parameters of a templated rule are checked too",
      parameters_of_a_templated_rule_are_checked_too },
    { "only the winning pattern constrains", only_the_winning_pattern_constrains },
    { "wrapping keeps within the smallest bounds", wrapping_keeps_within_the_smallest_bounds },
};

TEST_MAIN("core/policy_params", cases)
