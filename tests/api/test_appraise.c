/* SPDX-License-Identifier: Apache-2.0 */
#include "api/admit.h"

#include "tests/api/attest_bench.h"
#include "tests/double/attest_script.h"
#include "tests/test.h"

static struct api_bench b;

struct ask {
    struct bench_run bench; /* first */
    const char *text;
    const char *format;
    size_t max;
    enum api_base64 kind;
    size_t len; /* of what was decoded; SIZE_MAX: NULL */
    bool fresh;
    bool answers; /* the evidence must show a nonce */
    struct tsec_claims claims;
};

static tsec_rc
decode(struct bench_run *bench, struct api_call *call, struct tsec_err *err)
{
    struct ask *ask = (struct ask *)(void *)bench;
    struct tsec_span out;

    (void)err;
    TSEC_TRY(api_base64(call, "it", ask->text, ask->max, ask->kind, &out));
    ask->len = out.ptr == NULL ? SIZE_MAX : out.len;
    return TSEC_OK;
}

static int
decodes(const char *text, size_t max, enum api_base64 kind, size_t *len)
{
    struct ask ask = { .bench = { .run = decode }, .text = text, .max = max, .kind = kind };
    const tsec_rc rc = bench_in_call(&b, &ask.bench);

    *len = ask.len;
    return rc.code;
}

static void
base64_is_taken_as_it_is_meant_and_no_longer_than_allowed(void)
{
    size_t len = 0;

    api_bench_open(&b, "mem:appraise");
    CU_ASSERT_EQUAL(decodes("AAA=", 4, API_BASE64_STD, &len), 0);
    CU_ASSERT_EQUAL(len, 2);
    CU_ASSERT_EQUAL(decodes("AAA", 4, API_BASE64_STD, &len), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(decodes("AAA", 4, API_BASE64_EITHER, &len), 0);
    CU_ASSERT_EQUAL(len, 2);
    CU_ASSERT_EQUAL(decodes("-_-_", 4, API_BASE64_EITHER, &len), 0);
    CU_ASSERT_EQUAL(decodes("-_-_", 4, API_BASE64_STD, &len), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(decodes("-_+/", 4, API_BASE64_EITHER, &len), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(decodes("AAAA", 3, API_BASE64_STD, &len), 0);
    CU_ASSERT_EQUAL(decodes("AAAA", 2, API_BASE64_STD, &len), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(decodes("", 2, API_BASE64_STD, &len), 0);
    CU_ASSERT_EQUAL(len, 0);
    CU_ASSERT_EQUAL(decodes(NULL, 2, API_BASE64_STD, &len), 0);
    CU_ASSERT_EQUAL(len, SIZE_MAX);
    api_bench_close(&b);
}

static tsec_rc
know(struct bench_run *bench, struct api_call *call, struct tsec_err *err)
{
    (void)err;
    return api_known_format(call, ((struct ask *)(void *)bench)->format);
}

static void
a_format_that_no_verifier_knows_is_named_an_error(void)
{
    struct ask ask = { .bench = { .run = know }, .format = "sgx" };

    api_bench_open(&b, "mem:appraise");
    CU_ASSERT_EQUAL(bench_in_call(&b, &ask.bench).code, 0);
    ask.format = "nitro";
    CU_ASSERT_EQUAL(bench_in_call(&b, &ask.bench).code, TSEC_E_INVALID);
    ask.format = "";
    CU_ASSERT_EQUAL(bench_in_call(&b, &ask.bench).code, TSEC_E_INVALID);
    b.api->options.appraiser = NULL;
    ask.format = "sgx";
    CU_ASSERT_EQUAL(bench_in_call(&b, &ask.bench).code, TSEC_E_UNAVAILABLE);
    api_bench_close(&b);
}

static tsec_rc
appraise(struct bench_run *bench, struct api_call *call, struct tsec_err *err)
{
    struct ask *ask = (struct ask *)(void *)bench;
    const struct appraiser_request request = {
        .format = "script",
        .evidence = tsec_span_str("evidence"),
        .nonce = ask->answers ? tsec_span_str("nonce") : tsec_span(NULL, 0),
    };
    const struct appraisal *a = NULL;

    TSEC_TRY(api_appraise(call, &request, ask->fresh, &a, err));
    ask->claims = a->claims;
    TSEC_TRY(api_appraise(call, &request, ask->fresh, &a, err));
    TSEC_TRY(api_tell_verdict(call, a, "script", err));
    return a->genuine ? TSEC_OK : api_refuse_evidence(call, "told", NULL);
}

static void
allow(void)
{
    const struct admission_policy policy = { .max_age_s = 300 };
    const struct tsec_span span = tsec_span_str(ATTEST_SCRIPT_PCRS);
    TSEC_AUTO(allowlist_free) struct allowlist *list = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(allowlist_new(&span, 1, &list, NULL)));
    appraiser_set_policy(b.appraiser, &policy, list);
}

static void
a_run_is_given_up_for_an_appraisal_and_finds_it_done(void)
{
    struct ask ask = { .bench = { .run = appraise, .threads = true } };

    api_bench_open(&b, "mem:appraise");
    allow();
    CU_ASSERT_EQUAL(bench_in_call(&b, &ask.bench).code, 0);
    CU_ASSERT_EQUAL(ask.bench.runs, 2);
    CU_ASSERT_EQUAL(attest_script.calls, 1);
    ask.bench.threads = false; /* nobody to do it: then here */
    CU_ASSERT_EQUAL(bench_in_call(&b, &ask.bench).code, 0);
    CU_ASSERT_EQUAL(ask.bench.runs, 1);
    CU_ASSERT_EQUAL(attest_script.calls, 2);
    api_bench_close(&b);
}

/* SNP reports, quotes: they bear no date, but answer a nonce that is a minute old at most. */
static void
evidence_without_a_date_is_of_now_when_it_answers_a_nonce_of_ours(void)
{
    struct ask ask = { .bench = { .run = appraise } };
    int64_t now;

    api_bench_open(&b, "mem:appraise");
    allow();
    now = tsec_clock_real_ns(&b.node.clock.clock) / TSEC_NS_PER_S;
    attest_script.claims.has_issued_at = false;
    CU_ASSERT_EQUAL(bench_in_call(&b, &ask.bench).code, 0);
    CU_ASSERT_FALSE(ask.claims.has_issued_at);
    ask.fresh = true; /* but nothing was asked of it */
    CU_ASSERT_EQUAL(bench_in_call(&b, &ask.bench).code, 0);
    CU_ASSERT_FALSE(ask.claims.has_issued_at);
    ask.answers = true;
    CU_ASSERT_EQUAL(bench_in_call(&b, &ask.bench).code, 0);
    CU_ASSERT_TRUE(ask.claims.has_issued_at);
    CU_ASSERT_EQUAL(ask.claims.issued_at, now);
    attest_script.claims.has_issued_at = true; /* its own date stays */
    attest_script.claims.issued_at = now - 60;
    CU_ASSERT_EQUAL(bench_in_call(&b, &ask.bench).code, 0);
    CU_ASSERT_EQUAL(ask.claims.issued_at, now - 60);
    api_bench_close(&b);
}

static void
a_refusal_is_no_result_of_a_verifier_that_is_not_there(void)
{
    struct ask ask = { .bench = { .run = appraise } };

    api_bench_open(&b, "mem:appraise");
    b.api->options.appraiser = NULL;
    CU_ASSERT_EQUAL(bench_in_call(&b, &ask.bench).code, TSEC_E_UNAVAILABLE);
    b.api->options.appraiser = b.appraiser; /* which allows nothing */
    CU_ASSERT_EQUAL(bench_in_call(&b, &ask.bench).code, TSEC_E_DENIED);
    CU_ASSERT_STRING_EQUAL(ask.bench.reason, "told");
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "base64 is taken as it is meant and no longer than allowed",
      base64_is_taken_as_it_is_meant_and_no_longer_than_allowed },
    { "a format that no verifier knows is named an error",
      a_format_that_no_verifier_knows_is_named_an_error },
    { "a run is given up for an appraisal and finds it done",
      a_run_is_given_up_for_an_appraisal_and_finds_it_done },
    { "evidence without a date is of now when it answers a nonce of ours",
      evidence_without_a_date_is_of_now_when_it_answers_a_nonce_of_ours },
    { "a refusal is no result of a verifier that is not there",
      a_refusal_is_no_result_of_a_verifier_that_is_not_there },
};

TEST_MAIN("api/appraise", cases)
