/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/test.h"

static struct policy *
parsed(const char *text)
{
    struct policy *policy = NULL;
    struct tsec_err err = { 0 };

    if (tsec_failed(policy_parse(tsec_span_str(text), &policy, &err))) {
        (void)fprintf(stderr, "%s\n  in: %s\n", err.detail, text);
        CU_FAIL_FATAL("a policy that must parse does not");
    }
    return policy;
}

struct refusal {
    const char *text;
    const char *says;
};

/* Positions and words as Vault's parser gives them. */
static const struct refusal hcl_refusals[] = {
    { "path \"x\" {", "At 1:12: object expected closing RBRACE got: EOF" },
    { "path \"foo\" {", "At 1:14: object expected closing RBRACE got: EOF" },
    { "path \"foo\" {\n", "At 2:2: object expected closing RBRACE got: EOF" },
    { "path \"x\" { capabilities = [\"read\" }",
      "At 1:35: error parsing list, expected comma or list end, got: RBRACE" },
    { "path \"x\" { capabilities = [\"read\" \"list\"] }",
      "At 1:35: error parsing list, expected comma or list end, got: STRING" },
    { "path \"x\" { capabilities = }", "At 1:27: Unknown token: 1:27 RBRACE }" },
    { "path \"x\" { capabilities }",
      "At 1:25: key 'capabilities' expected start of object ('{') or assignment ('=')" },
    { "path \"x\" = { }", "At 1:10: nested object expected: LBRACE got: ASSIGN" },
    { "}", "At 1:1: expected: IDENT | STRING | ASSIGN | LBRACE got: RBRACE" },
    { "path", "At 1:6: key 'path' expected start of object" },
    { "path \"x\" }", "At 1:10: key 'path \"x\"' expected start of object" },
    { "path \"x\" 1", "At 1:10: expected: IDENT | STRING | ASSIGN | LBRACE got: NUMBER" },
    { "= 1", "At 1:1: no object keys found!" },
    { "name = 1 { }", "At 1:10: expected: IDENT | STRING got: LBRACE" },
    { "name =", "Unknown token: 1:8 EOF" },
    { "path \"x", "literal not terminated" },
    { "path \"x\n\" {}", "literal not terminated" },
    { "name = 1,, name = 2", "At 1:10: expected: IDENT | STRING | ASSIGN | LBRACE got: COMMA" },
    { "name = @", "At 1:8: illegal char" },
    { "name = foo", "At 1:8: Unknown token: 1:8 IDENT foo" },
    { "name = \"\\q\"", "illegal char escape" },
    { "name = \"\\u12\"", "illegal char escape" },
    { "name = \"\\ud800\"", "illegal char escape" },
    { "name = \"\\x00\"", "illegal char escape" },
    { "name = <<EOT\nx\nEOT\n", "illegal char" },
    { "/* open", "comment not terminated" },
    { "/ a", "At 1:1: expected '/' for comment" },
    { "-a = 1", "got: SUB" },
    { "1 = 2", "got: NUMBER" },
    { "[ ]", "got: LBRACK" },
    { "name = 08", "invalid number" },
    { "name = 0x", "illegal number" },
    { "name = 99999999999999999999", "invalid number" },
    { "name = --4", "Unknown token: 1:8 SUB -" },
    { "bad = 1", "invalid key \"bad\" on line 1" },
    { "\n\npaths \"x\" {}", "invalid key \"paths\" on line 3" },
    { "name = [[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]", "nested too deeply" },
    { "a a a a a a a a a a a a a a a a a a a a a a a a {}", "nested too deeply" },
    { "path = \"x\"", "\"path\" must be an object" },
    { "path = [1]", "\"path\" must be an object" },
    { "path { x = 1 }", "path \"x\": expected an object" },
    { "path = { \"x\" = [1] }", "path \"x\": expected an object" },
};

static const struct refusal rule_refusals[] = {
    { "path \"x\" { capabilities = [\"foo\"] }", "path \"x\": invalid capability \"foo\"" },
    { "path \"x\" { capabilities = [\"Read\"] }", "path \"x\": invalid capability \"Read\"" },
    { "path \"x\" { capabilities = [\"root\"] }", "path \"x\": invalid capability \"root\"" },
    { "path \"x\" { capabilities = [\"\"] }", "path \"x\": invalid capability \"\"" },
    { "path \"x\" { capabilities = [1] }", "capabilities must be a list of strings" },
    { "path \"x\" { capabilities = {} }", "capabilities must be a list of strings" },
    { "path \"x\" { policy = \"admin\" }", "path \"x\": invalid policy \"admin\"" },
    { "path \"x\" { policy = 1 }", "path \"x\": invalid policy" },
    { "path \"x\" {\n  capabilites = [\"read\"]\n}", "invalid key \"capabilites\" on line 2" },
    { "path \"x\" { policy = \"read\" policy = \"read\" }", "\"policy\" was already set" },
    { "path \"a/*/b\" { }", "'*' may only be the last character" },
    { "path \"a/**\" { }", "'*' may only be the last character" },
    { "path \"a/+*\" { }", "path \"a/+*\": invalid use of wildcards ('+*' is forbidden)" },
    { "path \"a\\nb\" { }", "control character" },
    { "path \"a/{{role\" { }", "unbalanced templating characters" },
    { "path \"a/role}}\" { }", "unbalanced templating characters" },
    { "path \"a/}}{{\" { }", "unbalanced templating characters" },
    { "path \"a/{{ }}\" { }", "invalid template" },
    { "path \"a/{{{{role}}}}\" { }", "invalid template" },
    { "path \"a\" { min_wrapping_ttl = \"x\" }", "error parsing min_wrapping_ttl" },
    { "path \"a\" { max_wrapping_ttl = -1 }", "error parsing max_wrapping_ttl" },
    { "path \"a\" { max_wrapping_ttl = [1] }", "error parsing max_wrapping_ttl" },
    { "path \"a\" { min_wrapping_ttl = 60 max_wrapping_ttl = 30 }",
      "max_wrapping_ttl cannot be less than min_wrapping_ttl" },
    { "path \"a\" { required_parameters = [1] }", "required_parameters must be a list" },
    { "path \"a\" { allowed_parameters = [\"a\"] }", "allowed_parameters must be a map" },
    { "path \"a\" { denied_parameters = \"a\" }", "denied_parameters must be a map" },
    { "path \"a\" { denied_parameters = { a = [] A = [] } }", "\"a\" was already set" },
    { "path \"a\" { mfa_methods = [\"x\"] }", "mfa_methods is not supported" },
    { "path \"a\" { control_group = {} }", "control_group is not supported" },
    { "path \"a\" { expiration = \"2030-01-01T00:00:00Z\" }", "expiration is not supported" },
    { "path \"a\" \"b\" { }", "path \"a\": invalid key \"b\" on line 1" },
};

static const struct refusal json_refusals[] = {
    { "{", "At 1:" },
    { "{}x", "At 1:" },
    { "{\"path\":{\"a\":{},\"a\":{}}}", "duplicate object key" },
    { "{\"path\":1}", "\"path\" must be an object" },
    { "{\"paths\":{}}", "invalid key \"paths\"" },
    { "{\"path\":{\"a\":1}}", "path \"a\": expected an object" },
    { "{\"path\":{\"a\":{\"capabilities\":[\"x\"]}}}", "path \"a\": invalid capability \"x\"" },
    { "{\"path\":{\"a\":{\"capabilities\":null}}}", "capabilities must be a list" },
    { "{\"path\":{\"a\":{\"nope\":1}}}", "path \"a\": invalid key \"nope\"" },
    { "{\"name\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}", "nested too deeply" },
};

static void
check_refusals(const struct refusal *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct policy *policy = NULL;
        struct tsec_err err = { 0 };
        const tsec_rc rc = policy_parse(tsec_span_str(cases[i].text), &policy, &err);

        CU_ASSERT_EQUAL(rc.code, TSEC_E_INVALID);
        CU_ASSERT_PTR_NULL(policy);
        if (strncmp(err.detail, "failed to parse policy: ", 24) != 0
            || strstr(err.detail, cases[i].says) == NULL) {
            (void)fprintf(stderr, "  %s\n  gives: %s\n", cases[i].text, err.detail);
            CU_FAIL("another message");
        }
        policy_free(policy);
    }
}

static void
what_is_not_the_language_is_refused_with_its_position(void)
{
    check_refusals(hcl_refusals, TSEC_ARRAY_LEN(hcl_refusals));
}

static void
what_a_rule_must_not_say_is_refused(void)
{
    check_refusals(rule_refusals, TSEC_ARRAY_LEN(rule_refusals));
}

static void
what_is_not_such_json_is_refused(void)
{
    check_refusals(json_refusals, TSEC_ARRAY_LEN(json_refusals));
}

static void
every_notation_gives_the_same_rules(void)
{
    static const char *const texts[] = {
        "path \"a/*\" { capabilities = [\"read\", \"list\"] }",
        "path \"a/*\" { capabilities = [\"read\", \"list\",] },",
        "path = { \"a/*\" = { capabilities = [\"read\", \"list\"] } }",
        "path { \"a/*\" { capabilities = [\"read\", \"list\"] } }",
        "path = [{ \"a/*\" = [{ capabilities = [\"read\", \"list\"] }] }]",
        "path \"/a/*\" { policy = \"read\" }",
        "path \"a/*\" { capabilities = \"read\" } path \"a/*\" { capabilities = \"list\" }",
        ("# one\n// two\n/* three\n */\nname = \"x\"\npath \"\\x61/\\u002a\" { policy = \"read\"\n "
         "comment = \"${no}\" }"),
        "{\"path\":{\"a/*\":{\"capabilities\":[\"read\",\"list\"]}}}",
        " \n{\"path\":[{\"a/*\":{\"policy\":\"read\"}}],\"name\":\"x\"}",
        "{\"path\":{\"a/*\":[{\"capabilities\":[\"read\"]},{\"capabilities\":[\"list\"]}]}}",
        "\xc2\xa0", /* not this one: it must be told apart */
    };

    for (size_t i = 0; i + 1 < TSEC_ARRAY_LEN(texts); i++) {
        TSEC_AUTO(policy_free) struct policy *policy = parsed(texts[i]);
        const struct policy *const items[] = { policy };
        const struct policy_set set = { items, 1 };
        const struct policy_query query = { .path = tsec_span_str("a/b") };
        struct policy_decision decision;

        policy_decide(&set, &query, &decision);
        CU_ASSERT_EQUAL(decision.capabilities, POLICY_READ | POLICY_LIST);
    }
    struct policy *none = NULL;

    CU_ASSERT_TRUE(
        tsec_failed(policy_parse(tsec_span_str(texts[TSEC_ARRAY_LEN(texts) - 1]), &none, NULL)));
}

static void
an_empty_text_has_no_rules(void)
{
    TSEC_AUTO(policy_free) struct policy *empty = parsed("");
    TSEC_AUTO(policy_free) struct policy *comment = parsed("  # nothing\n");
    TSEC_AUTO(policy_free) struct policy *json = parsed("{}");

    CU_ASSERT_EQUAL(policy_rules_len(empty), 0);
    CU_ASSERT_EQUAL(policy_rules_len(comment), 0);
    CU_ASSERT_EQUAL(policy_rules_len(json), 0);
}

static void
the_limits_hold_and_one_less_passes(void)
{
    const size_t cap = POLICY_TEXT_MAX + 2;
    char *text = malloc(cap);
    struct policy *policy = NULL;
    struct tsec_err err = { 0 };
    size_t len = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, ' ', cap);
    CU_ASSERT_FALSE(tsec_failed(policy_parse(tsec_span(text, POLICY_TEXT_MAX), &policy, &err)));
    policy_free(policy);
    policy = NULL;
    CU_ASSERT_EQUAL(policy_parse(tsec_span(text, POLICY_TEXT_MAX + 1), &policy, &err).code,
                    TSEC_E_INVALID);
    for (unsigned i = 0; i <= POLICY_RULES_MAX; i++) {
        len += (size_t)snprintf(text + len, cap - len, "path \"p%u\" { }\n", i);
        if (i + 1 == POLICY_RULES_MAX) {
            CU_ASSERT_FALSE(tsec_failed(policy_parse(tsec_span(text, len), &policy, &err)));
            CU_ASSERT_EQUAL(policy_rules_len(policy), POLICY_RULES_MAX);
            policy_free(policy);
            policy = NULL;
        }
    }
    CU_ASSERT_EQUAL(policy_parse(tsec_span(text, len), &policy, &err).code, TSEC_E_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "more than 4096 paths"));
    memcpy(text, "path \"", 6);
    memset(text + 6, 'a', POLICY_PATH_MAX + 1);
    memcpy(text + 6 + POLICY_PATH_MAX + 1, "\" {}", 4);
    CU_ASSERT_EQUAL(policy_parse(tsec_span(text, POLICY_PATH_MAX + 11), &policy, &err).code,
                    TSEC_E_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "longer than 2048 bytes"));
    CU_ASSERT_EQUAL(policy_parse(tsec_span("\0", 1), &policy, &err).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(policy_parse(tsec_span("name=\"\xff\"", 8), &policy, &err).code,
                    TSEC_E_INVALID);
    free(text);
}

static void
the_default_policy_lets_a_token_mind_itself_only(void)
{
    TSEC_AUTO(policy_free) struct policy *policy = parsed(POLICY_DEFAULT_TEXT);
    const struct policy *const items[] = { policy };
    const struct policy_set set = { items, 1 };
    static const struct {
        const char *path;
        uint32_t capabilities;
    } cases[] = {
        { "auth/token/lookup-self", POLICY_READ },
        { "auth/token/renew-self", POLICY_UPDATE },
        { "auth/token/revoke-self", POLICY_UPDATE },
        { "sys/capabilities-self", POLICY_UPDATE },
        { "sys/tools/hash/sha2-256", POLICY_UPDATE },
        { "cubbyhole/a",
          POLICY_CREATE | POLICY_READ | POLICY_UPDATE | POLICY_DELETE | POLICY_LIST },
        { "auth/token/create", 0 },
        { "sys/mounts", 0 },
        { "secret/data/a", 0 },
        { "sys/tools/hashed", 0 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(cases); i++) {
        const struct policy_query query = { .path = tsec_span_str(cases[i].path) };
        struct policy_decision decision;

        policy_decide(&set, &query, &decision);
        CU_ASSERT_EQUAL(decision.capabilities, cases[i].capabilities);
    }
}

static void
capability_names_and_bits_agree(void)
{
    for (unsigned bit = 0; bit < POLICY_CAPABILITIES; bit++) {
        CU_ASSERT_EQUAL(policy_capability_bit(tsec_span_str(policy_capability_name(bit))),
                        1U << bit);
    }
    CU_ASSERT_EQUAL(policy_capability_bit(tsec_span_str("root")), 0);
    CU_ASSERT_STRING_EQUAL(policy_capability_name(POLICY_CAPABILITIES), "");
}

static const struct test_case cases[] = {
    { "what is not the language is refused with its position",
      what_is_not_the_language_is_refused_with_its_position },
    { "what a rule must not say is refused", what_a_rule_must_not_say_is_refused },
    { "what is not such JSON is refused", what_is_not_such_json_is_refused },
    { "every notation gives the same rules", every_notation_gives_the_same_rules },
    { "an empty text has no rules", an_empty_text_has_no_rules },
    { "the limits hold, and one less passes", the_limits_hold_and_one_less_passes },
    { "the default policy lets a token mind itself only",
      the_default_policy_lets_a_token_mind_itself_only },
    { "capability names and bits agree", capability_names_and_bits_agree },
};

TEST_MAIN("core/policy", cases)
