/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/core/policy_reference.h"
#include "tests/test.h"

enum {
    C = POLICY_CREATE,
    R = POLICY_READ,
    U = POLICY_UPDATE,
    D = POLICY_DELETE,
    L = POLICY_LIST,
    S = POLICY_SUDO,
    DENY = POLICY_DENY,
};

/* Rules as "path=capability letters", policies apart by ';'; "!" denies. */
struct decision_case {
    const char *policies;
    const char *path; /* "LIST x": a list request */
    uint32_t want;
};

static const struct decision_case decisions[] = {
    /* exact */
    { "a/b=r", "a/b", R },
    { "a/b=r", "a/b/c", 0 },
    { "a/b=r", "a/", 0 },
    { "a/b=r", "a", 0 },
    { "a/b=r", "", 0 },
    { "=r", "", R },
    { "=r", "a", 0 },
    { "a/b=r", "A/b", 0 },
    { "a/b/=r", "a/b", 0 },
    { "a/b=r", "a/b/", 0 },
    { "a/b=", "a/b", 0 },
    /* prefix */
    { "a/*=r", "a/b", R },
    { "a/*=r", "a/b/c/d", R },
    { "a/*=r", "a/", R },
    { "a/*=r", "a", 0 },
    { "a*=r", "a", R },
    { "a*=r", "abc/d", R },
    { "a*=r", "ba", 0 },
    { "*=r", "", R },
    { "*=r", "any/thing", R },
    { "a/b*=r", "a/bc", R },
    { "a/b*=r", "a/b", R },
    { "a/b*=r", "a/c", 0 },
    /* exact beats everything */
    { "a/b=r,a/*=u", "a/b", R },
    { "a/b=!,a/*=u", "a/b", DENY },
    { "a/b=r,a/*=!", "a/b", R },
    { "a/*=!;a/b=r", "a/b", R },
    { "a/+=!;a/b=r", "a/b", R },
    { "a/b=;a/*=r", "a/b", 0 },
    /* the longer prefix wins */
    { "a/*=r,a/b*=u", "a/bc", U },
    { "a/*=r,a/b*=u", "a/cc", R },
    { "a/*=!,a/b/*=r", "a/b/c", R },
    { "a/*=r,a/b/*=!", "a/b/c", DENY },
    { "*=r;a/*=u;a/b/*=d", "a/b/c", D },
    { "*=!;a/*=u", "a/b", U },
    /* one segment */
    { "a/+/c=r", "a/b/c", R },
    { "a/+/c=r", "a/b/d", 0 },
    { "a/+/c=r", "a/b/x/c", 0 },
    { "a/+/c=r", "a/c", 0 },
    { "a/+=r", "a/b", R },
    { "a/+=r", "a/b/c", 0 },
    { "a/+=r", "a", 0 },
    { "a/+=r", "a/", R },
    { "+=r", "a", R },
    { "+=r", "a/b", 0 },
    { "+/b=r", "a/b", R },
    { "+/+/+=r", "a/b/c", R },
    { "+/+/+=r", "a/b", 0 },
    { "a/+/c/*=r", "a/b/c/d/e", R },
    { "a/+/c*=r", "a/b/cd/e", R },
    { "a/+/c*=r", "a/b/c", R },
    { "a/+/c*=r", "a/b/bc", 0 },
    { "a/+/*=r", "a/b/", R },
    { "a/+/*=r", "a/b", 0 },
    { "a/+/*=r", "a/b/c", R },
    /* a '+' within a segment is a letter */
    { "a/b+=r", "a/b+", R },
    { "a/b+=r", "a/bc", 0 },
    { "a/+b=r", "a/xb", 0 },
    { "a/+b=r", "a/+b", R },
    { "a/+b/c=r", "a/x/c", 0 },
    /* priority 1: the first wildcard comes later */
    { "a/+/c=r,a/b/*=u", "a/b/c", U },
    { "a/b/+=r,a/+/c=u", "a/b/c", R },
    { "a/b*=r,a/+=u", "a/bc", R },
    { "+/b/c=r,a/*=u", "a/b/c", U },
    { "a/b/+/d=r,a/+/c/d=u", "a/b/c/d", R },
    /* priority 2: no star at the end */
    { "a/+=r,a/*=u", "a/b", R },
    { "a/+/c=r,a/+/*=u", "a/b/c", R },
    { "a/+/+=r,a/+/c*=u", "a/b/c", R },
    { "a/*=!;a/+=r", "a/b", R },
    /* priority 3: fewer '+' */
    { "a/+/+=r,a/+/c=u", "a/b/c", U },
    { "a/+/+/*=r,a/+/c/*=u", "a/b/c/d", U },
    { "a/+/+/d=r,a/+/c/d=u", "a/b/c/d", U },
    /* priority 4: longer */
    { "a/+/c*=r,a/+/cd*=u", "a/b/cde", U },
    { "a/+/*=r,a/+/c*=u", "a/b/cd", U },
    /* priority 5: the lexicographically greater; same length, same '+', first in the same place */
    { "a/+/+/d=r,a/+/c/+=u", "a/b/c/d", U },
    { "+/+/c=r,+/b/+=u", "a/b/c", U },
    /* the same pattern in several policies */
    { "a/b=r;a/b=u", "a/b", R | U },
    { "a/*=r;a/*=ul", "a/b", R | U | L },
    { "a/+=r;a/+=u;a/+=d", "a/b", R | U | D },
    { "a/b=r;a/b=!", "a/b", DENY },
    { "a/b=!;a/b=r", "a/b", DENY },
    { "a/*=crudl;a/*=!", "a/b", DENY },
    { "a/b=r,a/b=u", "a/b", R | U },
    { "a/*=r,a/*=!", "a/b", DENY },
    { "a/*=r;a/b*=u", "a/bc", U },
    { "a/*=rs;a/*=u", "a/b", R | U | S },
    { ";a/b=r;", "a/b", R },
    /* list: the path without its slash is asked too */
    { "a/=l", "LIST a/", L },
    { "a=l", "LIST a/", L },
    { "a=l", "a/", 0 },
    { "a/*=l", "LIST a/", L },
    { "a/*=r;a/=l", "LIST a/", L },
    { "a=r;a/=l", "LIST a/", L },
    { "a=l;a/*=r", "LIST a/", L },
    { "x/+=l", "LIST x/a/", L },
    { "x/+=l,x/a/*=r", "LIST x/a/", L },
    { "x/a*=r,x/a/*=l", "LIST x/a/", R },
    { "secret/metadata/*=l", "LIST secret/metadata/", L },
    { "secret/metadata/=l", "LIST secret/metadata/", L },
    { "secret/metadata/a=l", "LIST secret/metadata/", 0 },
    { "secret/metadata/+/=l", "LIST secret/metadata/team/", L },
    { "secret/metadata/+=!;secret/metadata/*=l", "LIST secret/metadata/team/", DENY },
};

static void
the_table_of_decisions_holds(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(decisions); i++) {
        const struct decision_case *c = &decisions[i];
        const bool list = strncmp(c->path, "LIST ", 5) == 0;
        const char *path = list ? c->path + 5 : c->path;
        struct reference_set ref;
        struct policy_decision decision;

        reference_parse(c->policies, &ref);
        const struct policy_set set = { ref.compiled, ref.policies };
        const struct policy_query query = { .path = tsec_span_str(path), .list = list };

        policy_decide(&set, &query, &decision);
        if (decision.capabilities != c->want || reference_decide(&ref, path, list) != c->want) {
            (void)fprintf(stderr, "%s: %s: is %#x, by the book %#x, not %#x\n", c->policies,
                          c->path, decision.capabilities, reference_decide(&ref, path, list),
                          c->want);
            CU_FAIL("another decision");
        }
        CU_ASSERT_FALSE(decision.root);
        reference_done(&ref);
    }
}

static uint64_t random_state = 88172645463325252ULL;

static unsigned
below(unsigned n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state % n);
}

/** A path over a tiny alphabet, so that patterns meet often. */
static void
random_path(char *out, bool pattern)
{
    static const char *const words[] = { "a", "b", "ab", "a+", "+a" };
    const unsigned segments = 1 + below(4);
    size_t len = 0;

    for (unsigned i = 0; i < segments; i++) {
        const bool plus = pattern && below(3) == 0;
        const char *word = plus ? "+" : words[below(below(8) == 0 ? 5 : 3)];

        len += (size_t)snprintf(out + len, 64 - len, "%s%s", i > 0 ? "/" : "", word);
    }
    if (below(4) == 0) {
        out[len++] = '/';
    }
    if (pattern && below(2) == 0 && out[len - 1] != '+') {
        out[len++] = '*';
    }
    out[len] = '\0';
}

static void
random_policies(char *out, size_t cap)
{
    static const char *const grants[] = { "r", "u", "crudl", "l", "!", "", "rs" };
    const unsigned policies = 1 + below(3);
    size_t len = 0;

    out[0] = '\0';
    for (unsigned p = 0; p < policies; p++) {
        const unsigned rules = below(7);

        for (unsigned r = 0; r < rules; r++) {
            char path[64];

            random_path(path, true);
            len += (size_t)snprintf(out + len, cap - len, "%s%s=%s", r > 0 ? "," : "", path,
                                    grants[below(7)]);
        }
        len += (size_t)snprintf(out + len, cap - len, "%s", p + 1 < policies ? ";" : "");
    }
}

static void
random_rule_sets_agree_with_the_rules_by_the_book(void)
{
    unsigned matched = 0;

    for (unsigned i = 0; i < 4000; i++) {
        char text[2048];
        struct reference_set ref;

        random_policies(text, sizeof(text));
        reference_parse(text, &ref);
        const struct policy_set set = { ref.compiled, ref.policies };

        for (unsigned j = 0; j < 12; j++) {
            char path[64];
            struct policy_decision decision;

            random_path(path, false);
            const struct policy_query query = { .path = tsec_span_str(path),
                                                .list = below(2) == 0 };
            const uint32_t want = reference_decide(&ref, path, query.list);

            policy_decide(&set, &query, &decision);
            matched += decision.rule != NULL;
            if (decision.capabilities != want) {
                (void)fprintf(stderr, "%s: %s%s: is %#x, not %#x\n", text,
                              query.list ? "LIST " : "", path, decision.capabilities, want);
                CU_FAIL("another decision");
            }
        }
        reference_done(&ref);
    }
    CU_ASSERT_TRUE(matched > 10000);
}

static void
root_may_everything_whatever_stands_beside_it(void)
{
    struct reference_set ref;
    struct policy_decision decision;

    reference_parse("*=!", &ref);
    const struct policy *const items[] = { ref.compiled[0], NULL, policy_root() };
    const struct policy_set set = { items, 3 };
    const struct policy_query query = { .path = tsec_span_str("sys/seal") };

    policy_decide(&set, &query, &decision);
    CU_ASSERT_TRUE(decision.root);
    CU_ASSERT_TRUE(policy_allows(&decision, POLICY_SUDO));
    CU_ASSERT_EQUAL(decision.given_by[1], 2);
    CU_ASSERT_TRUE(policy_check_parameters(&set, &query, &decision, NULL));
    CU_ASSERT_TRUE(policy_check_wrapping(&decision, 0));
    policy_free((struct policy *)(uintptr_t)policy_root()); /* harmless */
    reference_done(&ref);
}

static void
no_policies_allow_nothing(void)
{
    const struct policy_set set = { NULL, 0 };
    const struct policy_query query = { .path = tsec_span_str("a") };
    struct policy_decision decision;

    policy_decide(&set, &query, &decision);
    CU_ASSERT_EQUAL(decision.capabilities, 0);
    CU_ASSERT_PTR_NULL(decision.rule);
    CU_ASSERT_FALSE(policy_allows(&decision, POLICY_READ));
}

static void
the_decision_names_the_policy_that_gives_or_denies(void)
{
    struct reference_set ref;
    struct policy_decision decision;

    reference_parse("b=r;a/*=r;a/*=ru;a/*=l", &ref);
    const struct policy_set set = { ref.compiled, ref.policies };
    const struct policy_query query = { .path = tsec_span_str("a/b") };

    policy_decide(&set, &query, &decision);
    CU_ASSERT_EQUAL(decision.capabilities, R | U | L);
    CU_ASSERT_EQUAL(decision.given_by[2], 1);
    CU_ASSERT_EQUAL(decision.given_by[3], 2);
    CU_ASSERT_EQUAL(decision.given_by[5], 3);
    reference_done(&ref);

    reference_parse("a=r;a=r;a=!", &ref);
    const struct policy_set denying = { ref.compiled, ref.policies };
    const struct policy_query exact = { .path = tsec_span_str("a") };

    policy_decide(&denying, &exact, &decision);
    CU_ASSERT_EQUAL(decision.capabilities, DENY);
    CU_ASSERT_EQUAL(decision.given_by[0], 2);
    CU_ASSERT_FALSE(policy_allows(&decision, POLICY_READ));
    reference_done(&ref);
}

struct template_case {
    const char *policies;
    const char *path;
    const char *name; /* value of identity.name; NULL: not given */
    uint32_t want;
};

static const struct template_case templates[] = {
    { "s/{{identity.name}}/*=r", "s/ann/x", "ann", R },
    { "s/{{ identity.name }}/*=r", "s/ann/x", "ann", R },
    { "s/{{identity.name}}/*=r", "s/bob/x", "ann", 0 },
    { "s/{{identity.name}}/*=r", "s/ann/x", NULL, 0 },
    { "s/{{identity.name}}/*=r", "s/{{identity.name}}/x", "ann", 0 },
    { "s/{{identity.name}}=r", "s/ann", "ann", R },
    { "s/{{identity.name}}=r,s/*=u", "s/ann", "ann", R },
    { "s/{{identity.name}}=r;s/ann=u", "s/ann", "ann", R | U },
    { "s/{{identity.name}}=!;s/ann=u", "s/ann", "ann", DENY },
    { "s/{{identity.name}}/*=r;s/ann/*=u", "s/ann/x", "ann", R | U },
    { "s/{{identity.name}}/*=r,s/ann/x*=u", "s/ann/x", "ann", U },
    { "s/{{role}}/{{identity.name}}=r", "s/web/ann", "ann", R },
    { "s/{{role}}-{{identity.name}}=r", "s/web-ann", "ann", R },
    { "s/{{no.such}}/*=r", "s//x", "ann", 0 },
    { "s/{{no.such}}/*=r,s/*=u", "s/a/x", "ann", U },
    { "s/+/{{identity.name}}=r", "s/x/ann", "ann", R },
    /* values that would change the shape of the pattern */
    { "s/{{identity.name}}=r", "s/x", "*", 0 },
    { "s/{{identity.name}}=r", "s/x", "+", 0 },
    { "s/{{identity.name}}*=r", "s/x", "+", 0 },
    { "s/{{identity.name}}/*=r", "s/a/b/c", "a/b", 0 },
    { "s/{{identity.name}}/*=r", "s//c", "", 0 },
    { "s/{{identity.name}}=r", "s/a*", "a*", 0 },
    { "s/{{identity.name}}=r", "s/a\n", "a\n", 0 },
    { "s/{{identity.name}}=r", "s/a+b@c", "a+b@c", R },
};

static void
a_template_stands_for_its_value_and_for_nothing_else(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(templates); i++) {
        const struct template_case *c = &templates[i];
        const struct policy_value values[] = {
            { "role", tsec_span_str("web") },
            { "identity.name", tsec_span_str(c->name) },
        };
        struct reference_set ref;
        struct policy_decision decision;

        reference_parse(c->policies, &ref);
        const struct policy_set set = { ref.compiled, ref.policies };
        const struct policy_query query = { .path = tsec_span_str(c->path),
                                            .values = values,
                                            .values_len = c->name == NULL ? 1 : 2 };

        CU_ASSERT_TRUE(policy_is_templated(ref.compiled[0]));
        policy_decide(&set, &query, &decision);
        if (decision.capabilities != c->want) {
            (void)fprintf(stderr, "%s: %s (%s): is %#x, not %#x\n", c->policies, c->path,
                          c->name == NULL ? "-" : c->name, decision.capabilities, c->want);
            CU_FAIL("another decision");
        }
        reference_done(&ref);
    }
}

static void
a_resolved_path_past_the_limit_never_matches(void)
{
    static char value[POLICY_PATH_MAX];
    static char path[POLICY_PATH_MAX + 8];
    struct reference_set ref;
    struct policy_decision decision;

    memset(value, 'a', sizeof(value));
    memcpy(path, "s/", 2);
    memcpy(path + 2, value, sizeof(value));
    reference_parse("s/{{role}}=r", &ref);
    const struct policy_set set = { ref.compiled, ref.policies };
    const struct policy_value fits = { "role", tsec_span(value, sizeof(value) - 2) };
    const struct policy_value over = { "role", tsec_span(value, sizeof(value) - 1) };
    struct policy_query query = { .path = tsec_span(path, sizeof(value)),
                                  .values = &fits,
                                  .values_len = 1 };

    policy_decide(&set, &query, &decision);
    CU_ASSERT_EQUAL(decision.capabilities, R);
    query.values = &over;
    query.path.len++;
    policy_decide(&set, &query, &decision);
    CU_ASSERT_EQUAL(decision.capabilities, 0);
    reference_done(&ref);
}

static void
two_policies_of_fifteen_rules_are_decided_within_microseconds(void)
{
    static const char text[] =
        "secret/data/team/*=crudl,secret/metadata/team/*=rl,secret/data/shared/+/public=r,"
        "transit/encrypt/k=u,transit/decrypt/k=u,transit/keys/k=r,auth/token/lookup-self=r,"
        "auth/token/renew-self=u,sys/capabilities-self=u,sys/internal/ui/mounts=r,kv/+/a/*=r,"
        "kv/b/*=r,sys/tools/hash/*=u,cubbyhole/*=crudl,sys/leases/renew=u;"
        "a/*=r,b/*=r,c/*=r,d/*=r,e/*=r,f=r,g=r,h=r,i=r,j=r,k/+/l=r,m/+=r,n/+/*=r,o=r,p=r";
    enum { ROUNDS = 20000 };
    struct reference_set ref;
    struct timespec from;
    struct timespec to;
    uint32_t seen = 0;

    reference_parse(text, &ref);
    const struct policy_set set = { ref.compiled, ref.policies };
    const struct policy_query query = { .path = tsec_span_str("secret/data/team/db/password") };

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct policy_decision decision;

        policy_decide(&set, &query, &decision);
        seen |= decision.capabilities;
    }
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    const double ns =
        ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / ROUNDS;

    (void)fprintf(stderr, "  (%.0f ns a decision) ", ns);
    CU_ASSERT_EQUAL(seen, C | R | U | D | L);
    CU_ASSERT_TRUE(ns < 20000); /* the aim is 1000; sanitizers and a busy machine have room */
    reference_done(&ref);
}

static const struct test_case cases[] = {
    { "the table of decisions holds", the_table_of_decisions_holds },
    { "random rule sets agree with the rules by the book",
      random_rule_sets_agree_with_the_rules_by_the_book },
    { "root may everything, whatever stands beside it",
      root_may_everything_whatever_stands_beside_it },
    { "no policies allow nothing", no_policies_allow_nothing },
    { "the decision names the policy that gives or denies",
      the_decision_names_the_policy_that_gives_or_denies },
    { "a template stands for its value and for nothing else",
      a_template_stands_for_its_value_and_for_nothing_else },
    { "a resolved path past the limit never matches",
      a_resolved_path_past_the_limit_never_matches },
    { "two policies of fifteen rules are decided within microseconds",
      two_policies_of_fifteen_rules_are_decided_within_microseconds },
};

TEST_MAIN("core/policy_match", cases)
