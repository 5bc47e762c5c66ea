/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/appraiser.h"

#include <pthread.h>
#include <string.h>

#include "tests/double/attest_script.h"
#include "tests/test.h"

static const int64_t now = 1800000000;
static const struct admission_policy strict = { .require_revocation = true, .max_age_s = 300 };
static struct verifiers *set;
static struct appraiser *appraiser;
static struct appraisal got;

static struct allowlist *
list_of(const char *entry)
{
    const struct tsec_span span = tsec_span_str(entry);
    struct allowlist *list = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(allowlist_new(&span, 1, &list, NULL)));
    return list;
}

static void
start(const char *entry)
{
    const struct verifier item = { "attest-script", &attest_script_ops, NULL };
    TSEC_AUTO(allowlist_free) struct allowlist *list = list_of(entry);

    attest_script_genuine(now);
    CU_ASSERT_FALSE_FATAL(tsec_failed(verifiers_new(&item, 1, &set, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(appraiser_new(set, &strict, list, &appraiser, NULL)));
}

static void
stop(void)
{
    appraiser_free(appraiser);
    verifiers_free(set);
}

static void
appraise(const char *format)
{
    const struct appraiser_request request = { .format = format, .evidence = tsec_span_str("e") };

    appraiser_appraise(appraiser, &request, now, &got);
}

static void
genuine_and_allowed_evidence_is_admitted(void)
{
    start(ATTEST_SCRIPT_PCRS);
    appraise("script");
    CU_ASSERT_TRUE(got.genuine);
    CU_ASSERT_EQUAL(got.reason, TSEC_REASON_NONE);
    CU_ASSERT_EQUAL(got.tier, TRUST_AFFIRMING);
    CU_ASSERT_EQUAL(got.checks.reason, TSEC_REASON_NONE);
    CU_ASSERT_STRING_EQUAL(got.checks.items[0].name, "script");
    CU_ASSERT_EQUAL(appraiser_count(appraiser, 0, TSEC_REASON_NONE), 1);
    stop();
}

static void
the_plugin_is_asked_what_the_policy_and_the_caller_want(void)
{
    static const struct tsec_span items[] = { { NULL, 0 } };
    const struct appraiser_request request = { .format = "sgx",
                                               .evidence = tsec_span_str("e"),
                                               .nonce = tsec_span_str("nonce"),
                                               .binding = tsec_span_str("binding"),
                                               .public_key = tsec_span_str("key"),
                                               .collateral = items,
                                               .collateral_len = 1 };
    const struct tsec_expectation *asked = &attest_script.expect;

    start(ATTEST_SCRIPT_PCRS);
    appraiser_appraise(appraiser, &request, now, &got);
    CU_ASSERT_TRUE(tsec_span_is(asked->nonce, "nonce"));
    CU_ASSERT_TRUE(tsec_span_is(asked->binding, "binding"));
    CU_ASSERT_TRUE(tsec_span_is(asked->public_key, "key"));
    CU_ASSERT_PTR_EQUAL(asked->collateral, items);
    CU_ASSERT_EQUAL(asked->collateral_len, 1);
    CU_ASSERT_EQUAL(asked->max_age_s, 300);
    CU_ASSERT_TRUE(asked->require_revocation);
    CU_ASSERT_FALSE(asked->allow_debug);
    CU_ASSERT_EQUAL(asked->allow_tcb,
                    TSEC_TCB_BIT(TSEC_TCB_NONE) | TSEC_TCB_BIT(TSEC_TCB_UP_TO_DATE));
    CU_ASSERT_PTR_NULL(asked->issuer);
    CU_ASSERT_PTR_NULL(asked->jwks.ptr);
    CU_ASSERT_EQUAL(attest_script.now, now);
    appraise("script");
    CU_ASSERT_PTR_NULL(asked->nonce.ptr);
    CU_ASSERT_FALSE(asked->require_revocation);
    stop();
}

static void
every_reason_of_a_plugin_is_a_refusal(void)
{
    start(ATTEST_SCRIPT_PCRS);
    for (unsigned r = 1; r <= TSEC_REASON_INTERNAL; r++) {
        attest_script.reason = (enum tsec_reason)r;
        attest_script.code = TSEC_E_DENIED;
        appraise("script");
        CU_ASSERT_FALSE(got.genuine);
        CU_ASSERT_EQUAL(got.reason, r);
        CU_ASSERT_EQUAL(got.tier, TRUST_CONTRAINDICATED);
        CU_ASSERT_EQUAL(appraiser_count(appraiser, 0, (enum tsec_reason)r), 1);
    }
    CU_ASSERT_EQUAL(appraiser_count(appraiser, 0, TSEC_REASON_NONE), 0);
    stop();
}

static void
a_refusal_without_a_reason_is_given_one(void)
{
    static const struct {
        int32_t code;
        enum tsec_reason reason;
    } rows[] = {
        { TSEC_E_DENIED, TSEC_REASON_POLICY },        { TSEC_E_INVALID, TSEC_REASON_MALFORMED },
        { TSEC_E_INTERNAL, TSEC_REASON_INTERNAL },    { TSEC_E_NO_MEMORY, TSEC_REASON_INTERNAL },
        { TSEC_E_UNAVAILABLE, TSEC_REASON_INTERNAL },
    };

    start(ATTEST_SCRIPT_PCRS);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        attest_script.code = rows[i].code;
        appraise("script");
        CU_ASSERT_FALSE(got.genuine);
        CU_ASSERT_EQUAL(got.reason, rows[i].reason);
        CU_ASSERT_FALSE(got.checks.items[got.checks.len - 1].ok);
    }
    stop();
}

static void
a_plugin_that_says_yes_and_no_is_not_believed(void)
{
    start(ATTEST_SCRIPT_PCRS);
    attest_script.reason = TSEC_REASON_SIGNATURE;
    attest_script.code = 0;
    appraise("script");
    CU_ASSERT_FALSE(got.genuine);
    CU_ASSERT_EQUAL(got.reason, TSEC_REASON_SIGNATURE);
    stop();
}

static void
a_format_that_nobody_knows_is_refused(void)
{
    start(ATTEST_SCRIPT_PCRS);
    appraise("nitro");
    CU_ASSERT_FALSE(got.genuine);
    CU_ASSERT_EQUAL(got.reason, TSEC_REASON_FORMAT);
    CU_ASSERT_EQUAL(attest_script.calls, 0);
    CU_ASSERT_EQUAL(appraiser_count(appraiser, VERIFIERS_FORMATS_MAX, TSEC_REASON_FORMAT), 0);
    stop();
}

static void
what_is_not_on_the_list_is_refused_with_the_difference(void)
{
    start("nitro:pcr0=" ATTEST_SCRIPT_48("ab") ",pcr1=" ATTEST_SCRIPT_48("ee"));
    appraise("script");
    CU_ASSERT_FALSE(got.genuine);
    CU_ASSERT_EQUAL(got.reason, TSEC_REASON_MEASUREMENT);
    CU_ASSERT_STRING_EQUAL(got.checks.items[got.checks.len - 1].detail,
                           "pcr1: allowed eeeeeeee…, evidence has bcbcbcbc…");
    CU_ASSERT_EQUAL(got.vector.executables, 33);
    stop();
}

static void
a_new_policy_holds_from_then_on(void)
{
    struct admission_policy debug = strict;

    start(ATTEST_SCRIPT_PCRS);
    TSEC_AUTO(allowlist_free) struct allowlist *other =
        list_of("nitro:pcr0=" ATTEST_SCRIPT_48("ee"));

    CU_ASSERT_EQUAL(appraiser_generation(appraiser), 1);
    appraiser_set_policy(appraiser, &strict, other);
    appraise("script");
    CU_ASSERT_EQUAL(got.reason, TSEC_REASON_MEASUREMENT);
    CU_ASSERT_EQUAL(got.generation, 2);
    appraiser_set_policy(appraiser, &strict, NULL);
    appraise("script");
    CU_ASSERT_EQUAL(got.reason, TSEC_REASON_MEASUREMENT);
    debug.allow_debug = true;
    appraiser_set_policy(appraiser, &debug, NULL);
    appraise("script");
    CU_ASSERT_TRUE(attest_script.expect.allow_debug);
    stop();
}

static void
the_entry_that_admits_is_told(void)
{
    start(ATTEST_SCRIPT_PCRS);
    appraise("script");
    CU_ASSERT_STRING_EQUAL(got.entry, ATTEST_SCRIPT_PCRS);
    attest_script.claims.measurement[0] ^= 1;
    attest_script.claims.tee[0] = '?';
    appraise("script");
    CU_ASSERT_FALSE(got.genuine);
    CU_ASSERT_STRING_EQUAL(got.entry, "");
    stop();
}

static void
a_signed_list_adds_to_the_configuration(void)
{
    struct appraiser_lists lists;

    start("nitro:pcr0=" ATTEST_SCRIPT_48("ee"));
    TSEC_AUTO(allowlist_free) struct allowlist *list = list_of(ATTEST_SCRIPT_PCRS);
    TSEC_AUTO(allowlist_free) struct allowlist *other =
        list_of("nitro:pcr0=" ATTEST_SCRIPT_48("dd"));

    appraise("script");
    CU_ASSERT_EQUAL(got.reason, TSEC_REASON_MEASUREMENT);
    CU_ASSERT_TRUE(appraiser_set_signed(appraiser, 4, list));
    appraise("script");
    CU_ASSERT_TRUE(got.genuine);
    CU_ASSERT_STRING_EQUAL(got.entry, ATTEST_SCRIPT_PCRS);
    CU_ASSERT_EQUAL(got.generation, 2);
    appraiser_set_policy(appraiser, &strict, other); /* a reload leaves it */
    appraise("script");
    CU_ASSERT_TRUE(got.genuine);
    appraiser_lists_take(appraiser, &lists);
    CU_ASSERT_EQUAL(lists.sequence, 4);
    CU_ASSERT_EQUAL(lists.generation, 3);
    CU_ASSERT_PTR_EQUAL(lists.configured, other);
    CU_ASSERT_PTR_EQUAL(lists.by_operators, list);
    CU_ASSERT_EQUAL(allowlist_len(lists.effective), 2);
    appraiser_lists_done(&lists);
    stop();
}

static void
a_signed_list_that_is_not_newer_is_passed_over(void)
{
    start("nitro:pcr0=" ATTEST_SCRIPT_48("ee"));
    TSEC_AUTO(allowlist_free) struct allowlist *list = list_of(ATTEST_SCRIPT_PCRS);

    CU_ASSERT_TRUE(appraiser_set_signed(appraiser, 7, NULL));
    CU_ASSERT_FALSE(appraiser_set_signed(appraiser, 7, list));
    CU_ASSERT_FALSE(appraiser_set_signed(appraiser, 6, list));
    appraise("script");
    CU_ASSERT_FALSE(got.genuine);
    CU_ASSERT_EQUAL(appraiser_generation(appraiser), 2);
    CU_ASSERT_TRUE(appraiser_set_signed(appraiser, 8, list));
    appraise("script");
    CU_ASSERT_TRUE(got.genuine);
    stop();
}

static void *
exchange(void *ctx)
{
    struct allowlist *list = ctx;

    for (int i = 0; i < 2000; i++) {
        appraiser_set_policy(appraiser, &strict, i % 2 == 0 ? NULL : list);
    }
    return NULL;
}

static void
appraisals_go_on_while_the_policy_is_exchanged(void)
{
    pthread_t thread;

    start(ATTEST_SCRIPT_PCRS);
    TSEC_AUTO(allowlist_free) struct allowlist *list = list_of(ATTEST_SCRIPT_PCRS);

    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, exchange, list), 0);
    for (int i = 0; i < 500; i++) {
        appraise("script");
        CU_ASSERT_TRUE(got.genuine || got.reason == TSEC_REASON_MEASUREMENT);
    }
    (void)pthread_join(thread, NULL);
    appraise("script");
    CU_ASSERT_TRUE(got.genuine);
    stop();
}

static const struct test_case cases[] = {
    { "genuine and allowed evidence is admitted", genuine_and_allowed_evidence_is_admitted },
    { "the plugin is asked what the policy and the caller want",
      the_plugin_is_asked_what_the_policy_and_the_caller_want },
    { "every reason of a plugin is a refusal", every_reason_of_a_plugin_is_a_refusal },
    { "a refusal without a reason is given one", a_refusal_without_a_reason_is_given_one },
    { "a plugin that says yes and no is not believed",
      a_plugin_that_says_yes_and_no_is_not_believed },
    { "a format that nobody knows is refused", a_format_that_nobody_knows_is_refused },
    { "what is not on the list is refused with the difference",
      what_is_not_on_the_list_is_refused_with_the_difference },
    { "a new policy holds from then on", a_new_policy_holds_from_then_on },
    { "the entry that admits is told", the_entry_that_admits_is_told },
    { "a signed list adds to the configuration", a_signed_list_adds_to_the_configuration },
    { "a signed list that is not newer is passed over",
      a_signed_list_that_is_not_newer_is_passed_over },
    { "appraisals go on while the policy is exchanged",
      appraisals_go_on_while_the_policy_is_exchanged },
};

TEST_MAIN("attest/appraiser", cases)
