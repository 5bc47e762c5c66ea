/* SPDX-License-Identifier: Apache-2.0 */
/* Time, measurements, and what the document is expected to answer. */
#include "appraisal/expr.h"
#include "base/hex.h"
#include "tests/plugins/nitro_trial.h"
#include "tests/test.h"

/* ---- time ---- */

static void
a_stale_timestamp_with_a_valid_chain_is_refused(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.now = MINT_NITRO_NOW + 300;
    t.expect.max_age_s = 300;
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    t.now++;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_STALE, "timestamp"));
    CU_ASSERT_TRUE(nitro_trial_says(&t, "301 s ago"));
    t.expect.max_age_s = 0; /* as long as the certificates hold */
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
}

static void
a_timestamp_in_the_future_is_refused(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.spec.timestamp_ms = (MINT_NITRO_NOW + NITRO_SKEW_S) * 1000 + 999;
    t.expect.max_age_s = 60;
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    t.spec.timestamp_ms = (MINT_NITRO_NOW + NITRO_SKEW_S + 1) * 1000;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_NOT_YET_VALID, "timestamp"));
    CU_ASSERT_TRUE(nitro_trial_says(&t, "301 s ahead"));
}

static void
a_timestamp_outside_of_the_certificates_life_is_refused(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.spec.timestamp_ms = (MINT_NITRO_NOW - 3) * 1000;
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    t.spec.timestamp_ms = (MINT_NITRO_NOW - 4) * 1000 + 999;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_NOT_YET_VALID, "timestamp"));
    nitro_trial_init(&t);
    t.now = t.spec.certs[MINT_NITRO_LEAF].not_after;
    t.spec.timestamp_ms = t.now * 1000;
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    t.spec.timestamp_ms = (t.now + 1) * 1000;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_EXPIRED, "timestamp"));
    t.spec.timestamp_ms = INT64_MAX;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_EXPIRED, "timestamp"));
    t.spec.timestamp_ms = -1; /* written as the largest unsigned number */
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_EXPIRED, "timestamp"));
}

/* ---- measurements ---- */

static void
an_all_zero_pcr_is_debug(void)
{
    static const char *const names[] = { "pcr0", "pcr1", "pcr2" };
    static struct nitro_trial t;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(names); i++) {
        nitro_trial_init(&t);
        memset(t.spec.pcrs[i], 0, sizeof(t.spec.pcrs[i]));
        CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_DEBUG, names[i]));
        CU_ASSERT_TRUE(t.claims.debug);
        t.expect.allow_debug = true;
        CU_ASSERT_TRUE(nitro_trial_genuine(&t));
        CU_ASSERT_TRUE(t.claims.debug);
    }
    nitro_trial_init(&t);
    memset(t.spec.pcrs, 0, sizeof(t.spec.pcrs));
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_DEBUG, "pcr0"));
    nitro_trial_init(&t);
    memset(t.spec.pcrs[0], 0, 47); /* one byte that is not zero */
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
}

static bool
matches(const struct tsec_claims *claims, uint8_t pcr0, uint8_t pcr1, uint8_t pcr2)
{
    const uint8_t with[] = { pcr0, pcr1, pcr2 };
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(4096);
    struct tsec_expr expr;

    tsec_buf_put_str(&text, "nitro:");
    for (unsigned i = 0; i < TSEC_ARRAY_LEN(with); i++) {
        uint8_t pcr[48];

        memset(pcr, with[i], sizeof(pcr));
        tsec_buf_printf(&text, "%spcr%u=", i == 0 ? "" : ",", i);
        tsec_hex_append(&text, tsec_span(pcr, sizeof(pcr)));
    }
    CU_ASSERT_EQUAL_FATAL(tsec_expr_parse(tsec_buf_span(&text), &expr, NULL).code, 0);
    CU_ASSERT_PTR_NULL(tsec_expr_warning(&expr));
    return tsec_expr_match(&expr, claims, NULL);
}

static void
pcr0_that_is_right_does_not_make_up_for_pcr2(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    CU_ASSERT_TRUE(matches(&t.claims, 0xa0, 0xa1, 0xa2));
    CU_ASSERT_FALSE(matches(&t.claims, 0xa0, 0xa1, 0xa3));
    CU_ASSERT_FALSE(matches(&t.claims, 0xa0, 0xa2, 0xa2));
    CU_ASSERT_FALSE(matches(&t.claims, 0xa1, 0xa1, 0xa2));
}

static void
a_nitrotpm_is_never_an_enclave(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    mint_nitro_genuine_tpm(&t.spec);
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    CU_ASSERT_STRING_EQUAL(t.claims.tee, "nitro-tpm");
    CU_ASSERT_FALSE(matches(&t.claims, 0xa0, 0xa1, 0xa2));
    t.spec.tpm = false; /* an instance's module id with an enclave's PCRs */
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_MALFORMED, "document"));
    CU_ASSERT_TRUE(nitro_trial_says(&t, "module_id"));
    mint_nitro_genuine(&t.spec);
    t.spec.tpm = true;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_MALFORMED, "document"));
}

static void
a_nitrotpm_that_measured_no_boot_is_refused(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    mint_nitro_genuine_tpm(&t.spec);
    memset(t.spec.pcrs[4], 0, sizeof(t.spec.pcrs[4]));
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_POLICY, "pcr4"));
    mint_nitro_genuine_tpm(&t.spec);
    memset(t.spec.pcrs[0], 0, sizeof(t.spec.pcrs[0])); /* no enclave's PCR0: means nothing */
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    CU_ASSERT_FALSE(t.claims.debug);
}

/* ---- nonce, user_data, public_key ---- */

static void
the_nonce_is_the_expected_one(void)
{
    static struct nitro_trial t;
    const struct tsec_span nonce = tsec_span_str("this challenge, of this replica");
    const struct tsec_span other = tsec_span_str("this challenge, of that replica");

    nitro_trial_init(&t);
    t.spec.nonce = nonce;
    CU_ASSERT_TRUE(nitro_trial_genuine(&t)); /* not asked */
    t.expect.nonce = nonce;
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    t.expect.nonce = other;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_NONCE, "nonce"));
    t.expect.nonce = tsec_span(nonce.ptr, nonce.len - 1);
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_NONCE, "nonce"));
    t.expect.nonce = tsec_span_str("");
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_NONCE, "nonce"));
    CU_ASSERT_TRUE(nitro_trial_says(&t, "expected empty; seen 746869732063"));
}

static void
a_nonce_that_is_null_or_empty_answers_none(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.spec.nonce = tsec_span(NULL, 0);
    t.expect.nonce = tsec_span_str("challenge");
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_NONCE, "nonce"));
    t.spec.nonce = tsec_span_str("");
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_NONCE, "nonce"));
    t.expect.nonce = tsec_span_str("");
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    t.spec.nonce = tsec_span(NULL, 0);
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
}

static void
user_data_and_nonce_do_not_stand_for_each_other(void)
{
    static struct nitro_trial t;
    const struct tsec_span a = tsec_span_str("what the nonce is");
    const struct tsec_span b = tsec_span_str("what user_data is");

    nitro_trial_init(&t);
    t.spec.nonce = a;
    t.spec.user_data = b;
    t.expect.nonce = a;
    t.expect.binding = b;
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    t.spec.nonce = b;
    t.spec.user_data = a;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_NONCE, "nonce"));
    t.expect.nonce = tsec_span(NULL, 0);
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_BINDING, "user_data"));
    t.spec.user_data = tsec_span(NULL, 0); /* in the nonce alone */
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_BINDING, "user_data"));
    t.spec.user_data = b;
    t.expect.binding = tsec_span(b.ptr, b.len - 1); /* no padding, no beginning */
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_BINDING, "user_data"));
}

static void
an_expected_empty_field_must_be_empty(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.expect.binding = tsec_span_str("");
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_BINDING, "user_data"));
    t.spec.user_data = tsec_span(NULL, 0);
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    t.expect.public_key = tsec_span_str("");
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_PUBLIC_KEY, "public_key"));
    t.spec.public_key = tsec_span(NULL, 0);
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
}

static void
another_public_key_is_refused(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.expect.public_key = t.spec.public_key;
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    t.spec.public_key = tsec_span_str("b public key");
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_PUBLIC_KEY, "public_key"));
    t.spec.public_key = tsec_span(NULL, 0);
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_PUBLIC_KEY, "public_key"));
}

static void
what_aws_does_not_state_is_not_asked_for(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.expect.require_revocation = true;
    t.expect.allow_tcb = TSEC_TCB_BIT(TSEC_TCB_UP_TO_DATE);
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    CU_ASSERT_FALSE(t.claims.revocation_checked);
    CU_ASSERT_EQUAL(t.claims.tcb_status, TSEC_TCB_NONE);
}

static const struct test_case cases[] = {
    { "a stale timestamp with a valid chain is refused",
      a_stale_timestamp_with_a_valid_chain_is_refused },
    { "a timestamp in the future is refused", a_timestamp_in_the_future_is_refused },
    { "a timestamp outside of the certificate's life is refused",
      a_timestamp_outside_of_the_certificates_life_is_refused },
    { "an all-zero PCR is debug", an_all_zero_pcr_is_debug },
    { "PCR0 that is right does not make up for PCR2",
      pcr0_that_is_right_does_not_make_up_for_pcr2 },
    { "a NitroTPM is never an enclave", a_nitrotpm_is_never_an_enclave },
    { "a NitroTPM that measured no boot is refused", a_nitrotpm_that_measured_no_boot_is_refused },
    { "the nonce is the expected one", the_nonce_is_the_expected_one },
    { "a nonce that is null or empty answers none", a_nonce_that_is_null_or_empty_answers_none },
    { "user_data and nonce do not stand for each other",
      user_data_and_nonce_do_not_stand_for_each_other },
    { "an expected empty field must be empty", an_expected_empty_field_must_be_empty },
    { "another public key is refused", another_public_key_is_refused },
    { "what AWS does not state is not asked for", what_aws_does_not_state_is_not_asked_for },
};

TEST_MAIN("attest-nitro/nitro_verify expected", cases)
