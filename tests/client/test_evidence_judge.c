/* SPDX-License-Identifier: Apache-2.0 */
#include "client/evidence_judge.h"

#include <string.h>

#include "tests/client/evidence_double.h"
#include "tests/test.h"

#define P1(x)  x x x x x x x x x x x x
#define P48(x) P1(x) P1(x) P1(x) P1(x)

/** The double's evidence judged. */
static struct evidence_verdict *
judged(const char *evidence, const char *const *allowed, size_t allowed_len,
       struct evidence_ask *ask)
{
    static struct tsec_expr exprs[4];
    TSEC_AUTO(evidence_verifier_free) struct evidence_verifier *verifier = NULL;
    struct evidence_verdict *verdict;
    struct tsec_err err = { 0 };

    for (size_t i = 0; i < allowed_len; i++) {
        CU_ASSERT_EQUAL_FATAL(tsec_expr_parse(tsec_span_str(allowed[i]), &exprs[i], &err).code, 0);
    }
    CU_ASSERT_EQUAL_FATAL(
        evidence_verifier_open(evidence_double_plugins, NULL, "nitro", &verifier, &err).code, 0);
    ask->format = "nitro";
    ask->evidence = tsec_span_str(evidence);
    ask->allowed = exprs;
    ask->allowed_text = allowed;
    ask->allowed_len = allowed_len;
    verdict = evidence_judge(verifier, ask);
    CU_ASSERT_PTR_NOT_NULL_FATAL(verdict);
    return verdict;
}

struct verdict_case {
    const char *evidence;
    enum tsec_reason reason;
    const char *failed; /* the check's name */
    const char *detail;
};

static const struct verdict_case verdicts[] = {
    { "genuine", TSEC_REASON_NONE, NULL, NULL },
    { "refused", TSEC_REASON_CHAIN, "chain", "not of the vendor" },
    { "debug", TSEC_REASON_DEBUG, "debug", "the TEE is in debug mode" },
    { "simulated", TSEC_REASON_SIMULATED, "simulated", "no hardware stands behind this evidence" },
    { "two-faced", TSEC_REASON_CHAIN, "chain", "no" },
    { "silent", TSEC_REASON_INTERNAL, "verifier", "no reason on record" },
    { "garbage", TSEC_REASON_MALFORMED, "verifier", "not evidence" },
};

static void
a_refusal_always_has_a_reason_and_a_failed_check(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(verdicts); i++) {
        const struct verdict_case *c = &verdicts[i];
        struct evidence_ask ask = { 0 };
        TSEC_AUTO(evidence_verdict_free)
        struct evidence_verdict *verdict = judged(c->evidence, NULL, 0, &ask);
        const struct tsec_check *last = &verdict->checks.items[verdict->checks.len - 1];

        CU_ASSERT_EQUAL(verdict->genuine, c->reason == TSEC_REASON_NONE);
        CU_ASSERT_EQUAL(verdict->reason->reason, c->reason);
        CU_ASSERT_EQUAL(last->ok, c->reason == TSEC_REASON_NONE);
        if (c->failed != NULL) {
            CU_ASSERT_STRING_EQUAL(last->name, c->failed);
            CU_ASSERT_STRING_EQUAL(last->detail, c->detail);
        }
    }
}

static void
debug_is_taken_only_when_allowed(void)
{
    struct evidence_ask ask = { .expect = { .allow_debug = true } };
    TSEC_AUTO(evidence_verdict_free)
    struct evidence_verdict *verdict = judged("debug", NULL, 0, &ask);

    CU_ASSERT_TRUE(verdict->genuine);
}

static void
what_is_asked_and_the_time_reach_the_verifier(void)
{
    struct evidence_ask ask = { .at = 12345,
                                .expect = { .nonce = { (const uint8_t *)"n", 1 },
                                            .require_revocation = true,
                                            .max_age_s = 7 } };
    TSEC_AUTO(evidence_verdict_free)
    struct evidence_verdict *verdict = judged("genuine", NULL, 0, &ask);

    CU_ASSERT_TRUE(verdict->genuine);
    CU_ASSERT_EQUAL(evidence_double_seen.now, 12345);
    CU_ASSERT_EQUAL(evidence_double_seen.expect.max_age_s, 7);
    CU_ASSERT_TRUE(evidence_double_seen.expect.require_revocation);
    CU_ASSERT_EQUAL(evidence_double_seen.expect.nonce.len, 1);
    CU_ASSERT_EQUAL(evidence_double_seen.expect.struct_size, sizeof(struct tsec_expectation));
}

static void
the_expression_that_matches_is_named(void)
{
    static const char *const allowed[] = { P48("ab"), P48("11") };
    struct evidence_ask ask = { 0 };
    TSEC_AUTO(evidence_verdict_free)
    struct evidence_verdict *verdict = judged("genuine", allowed, 2, &ask);

    CU_ASSERT_TRUE(verdict->genuine);
    CU_ASSERT_EQUAL(verdict->allowed_by, 1);
}

static void
what_differs_from_the_nearest_expression_is_told(void)
{
    static const char *const allowed[] = { "sgx:prod_id=1",
                                           "nitro:pcr0=" P48("11") ",pcr1=" P48("23"),
                                           "nitro:pcr0=" P48("ab") };
    struct evidence_ask ask = { 0 };
    TSEC_AUTO(evidence_verdict_free)
    struct evidence_verdict *verdict = judged("genuine", allowed, 3, &ask);
    const struct tsec_check *last = &verdict->checks.items[verdict->checks.len - 1];

    CU_ASSERT_FALSE(verdict->genuine);
    CU_ASSERT_EQUAL(verdict->reason->reason, TSEC_REASON_MEASUREMENT);
    CU_ASSERT_STRING_EQUAL(last->name, "allowed");
    CU_ASSERT_PTR_NOT_NULL(strstr(last->detail, "pcr1: allowed 23232323"));
    CU_ASSERT_PTR_NOT_NULL(strstr(last->detail, "evidence has 22222222"));
    CU_ASSERT_PTR_NOT_NULL(strstr(last->detail, "the nearest of 3"));
    tsec_buf_put_byte(&verdict->differences, '\0');
    CU_ASSERT_PTR_NOT_NULL(strstr((const char *)verdict->differences.ptr, "sgx:prod_id=1\n"));
}

static void
an_expression_saves_nothing_that_is_not_genuine(void)
{
    static const char *const allowed[] = { P48("11") };
    static const char *const evidence[] = { "refused", "debug", "simulated", "silent", "garbage" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(evidence); i++) {
        struct evidence_ask ask = { 0 };
        TSEC_AUTO(evidence_verdict_free)
        struct evidence_verdict *verdict = judged(evidence[i], allowed, 1, &ask);

        CU_ASSERT_FALSE(verdict->genuine);
        CU_ASSERT_NOT_EQUAL(verdict->reason->reason, TSEC_REASON_MEASUREMENT);
    }
}

static void
what_could_not_be_decoded_is_malformed_and_never_verified(void)
{
    struct evidence_ask ask = { .undecodable = "not hex" };
    TSEC_AUTO(evidence_verdict_free)
    struct evidence_verdict *verdict = judged("genuine", NULL, 0, &ask);

    CU_ASSERT_FALSE(verdict->genuine);
    CU_ASSERT_EQUAL(verdict->reason->reason, TSEC_REASON_MALFORMED);
    CU_ASSERT_EQUAL(verdict->checks.len, 1);
    CU_ASSERT_STRING_EQUAL(verdict->checks.items[0].detail, "not hex");
}

static void
a_named_file_that_is_no_collateral_is_a_refusal(void)
{
    struct evidence_ask ask = { .collateral_unknown = "crl.pem: not a CRL" };
    TSEC_AUTO(evidence_verdict_free)
    struct evidence_verdict *verdict = judged("genuine", NULL, 0, &ask);

    CU_ASSERT_FALSE(verdict->genuine);
    CU_ASSERT_EQUAL(verdict->reason->reason, TSEC_REASON_COLLATERAL);
}

static void
claims_of_a_refusal_that_came_early_are_decoded(void)
{
    struct evidence_ask ask = { 0 };
    TSEC_AUTO(evidence_verdict_free)
    struct evidence_verdict *verdict = judged("early", NULL, 0, &ask);

    CU_ASSERT_FALSE(verdict->genuine);
    CU_ASSERT_EQUAL(verdict->reason->reason, TSEC_REASON_SIGNATURE);
    CU_ASSERT_STRING_EQUAL(verdict->claims.tee, "nitro");
}

static const struct test_case cases[] = {
    { "a refusal always has a reason and a failed check",
      a_refusal_always_has_a_reason_and_a_failed_check },
    { "debug is taken only when allowed", debug_is_taken_only_when_allowed },
    { "what is asked and the time reach the verifier",
      what_is_asked_and_the_time_reach_the_verifier },
    { "the expression that matches is named", the_expression_that_matches_is_named },
    { "what differs from the nearest expression is told",
      what_differs_from_the_nearest_expression_is_told },
    { "an expression saves nothing that is not genuine",
      an_expression_saves_nothing_that_is_not_genuine },
    { "what could not be decoded is malformed and never verified",
      what_could_not_be_decoded_is_malformed_and_never_verified },
    { "claims of a refusal that came early are decoded",
      claims_of_a_refusal_that_came_early_are_decoded },
    { "a named file that is no collateral is a refusal",
      a_named_file_that_is_no_collateral_is_a_refusal },
};

TEST_MAIN("client/evidence_judge", cases)
