/* SPDX-License-Identifier: Apache-2.0 */
/* What a genuine token may say: times, types, debugging, the machine's own settings. */
#include <string.h>

#include "tests/plugins/maa_trial.h"
#include "tests/test.h"

static struct maa_trial t;

enum { SKEW_S = 300 };

#define EDIT(name, json) ((struct mint_maa_edit){ (name), (json), false })

/* ---- times ---- */

static void
it_holds_from_nbf_to_exp_and_no_second_longer(void)
{
    maa_trial_init(&t, MINT_MAA_SGX);
    t.now = t.spec.exp;
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    t.now = t.spec.exp + 1;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_EXPIRED, "expires"));
    t.now = t.spec.nbf;
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    t.now = t.spec.nbf - 1;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NOT_YET_VALID, "not-before"));
}

static void
one_issued_in_the_future_is_refused(void)
{
    maa_trial_init(&t, MINT_MAA_SGX);
    t.spec.iat = t.now;
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    t.spec.iat = t.now + 1;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NOT_YET_VALID, "issued-at"));
}

static void
the_issuers_clock_may_differ_as_far_as_allowed(void)
{
    maa_trial_init(&t, MINT_MAA_SGX);
    t.expect.skew_s = 60;
    t.now = t.spec.exp + 60;
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    t.now = t.spec.exp + 61;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_EXPIRED, "expires"));
    t.now = t.spec.nbf - 60;
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    t.now = t.spec.nbf - 61;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NOT_YET_VALID, "not-before"));
    t.spec.iat = t.spec.nbf + 1;
    t.now = t.spec.nbf - 60;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NOT_YET_VALID, "issued-at"));
}

static void
more_than_five_minutes_are_no_skew(void)
{
    maa_trial_init(&t, MINT_MAA_SGX);
    t.expect.skew_s = INT64_MAX;
    t.now = t.spec.exp + SKEW_S;
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    t.now = t.spec.exp + SKEW_S + 1;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_EXPIRED, "expires"));
    t.expect.skew_s = -60;
    t.now = t.spec.exp;
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
}

static void
a_stale_one_is_refused(void)
{
    maa_trial_init(&t, MINT_MAA_SGX);
    t.expect.max_age_s = 120;
    t.now = t.spec.iat + 120;
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    t.now = t.spec.iat + 121;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_STALE, "age"));
    t.expect.max_age_s = 0;
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
}

static void
times_that_are_no_plain_seconds_are_refused(void)
{
    static const char *const names[] = { "exp", "nbf", "iat" };
    static const char *const values[] = {
        NULL,          "\"1800000000\"", "1800000000.0", "18e8",  "-1",
        "null",        "true",           "[1800000000]", "1e300", "99999999999999999999999",
        "253402300800"
    };

    for (size_t n = 0; n < TSEC_ARRAY_LEN(names); n++) {
        for (size_t v = 0; v < TSEC_ARRAY_LEN(values); v++) {
            CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_SGX, EDIT(names[n], values[v]),
                                                  TSEC_REASON_MALFORMED, "claims"));
        }
    }
}

static void
the_keys_certificate_must_hold(void)
{
    maa_trial_init(&t, MINT_MAA_SGX);
    t.keys[0].not_after = t.now;
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    CU_ASSERT_EQUAL(t.claims.not_after, t.now);
    t.keys[0].not_after = t.now - 1;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_EXPIRED, "key"));
    maa_trial_init(&t, MINT_MAA_SGX);
    t.keys[0].not_before = t.now;
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    CU_ASSERT_EQUAL(t.claims.not_before, t.now);
    t.keys[0].not_before = t.now + 1;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NOT_YET_VALID, "key"));
}

/* ---- types ---- */

static void
numbers_must_be_numbers(void)
{
    static const char *const values[] = { "\"3\"", "3.0",  "3e0",   "-3",
                                          "true",  "null", "65536", "18446744073709551619" };

    for (size_t v = 0; v < TSEC_ARRAY_LEN(values); v++) {
        CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_SGX, EDIT("x-ms-sgx-svn", values[v]),
                                              TSEC_REASON_MALFORMED, "claims"));
    }
    CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_CVM, EDIT("x-ms-sevsnpvm-vmpl", "4"),
                                          TSEC_REASON_MALFORMED, "claims"));
    CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_SNP, EDIT("x-ms-sevsnpvm-snpfw-svn", "256"),
                                          TSEC_REASON_MALFORMED, "claims"));
}

static void
truths_must_be_truths(void)
{
    static const char *const values[] = { "\"false\"", "0", "null", "\"\"", "[]", NULL };

    for (size_t v = 0; v < TSEC_ARRAY_LEN(values); v++) {
        CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_SGX,
                                              EDIT("x-ms-sgx-is-debuggable", values[v]),
                                              TSEC_REASON_MALFORMED, "claims"));
        CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_CVM,
                                              EDIT("x-ms-sevsnpvm-is-debuggable", values[v]),
                                              TSEC_REASON_MALFORMED, "claims"));
    }
}

static void
measurements_must_be_hex_of_their_length(void)
{
    static const char *const values[] = {
        NULL,
        "\"\"",
        "\"00\"",
        "7",
        "\"2929292929292929292929292929292929292929292929292929292929292g\"",
        "\"292929292929292929292929292929292929292929292929292929292929292929\"",
    };

    for (size_t v = 0; v < TSEC_ARRAY_LEN(values); v++) {
        CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_SGX, EDIT("x-ms-sgx-mrenclave", values[v]),
                                              TSEC_REASON_MALFORMED, "claims"));
        CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_SNP,
                                              EDIT("x-ms-sevsnpvm-launchmeasurement", values[v]),
                                              TSEC_REASON_MALFORMED, "claims"));
    }
}

static void
a_member_twice_is_refused(void)
{
    static const char *const names[] = { "x-ms-sgx-mrenclave", "exp", "x-ms-sgx-is-debuggable",
                                         "x-ms-sgx-is\\u002ddebuggable" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(names); i++) {
        CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_SGX,
                                              (struct mint_maa_edit){ names[i], "false", true },
                                              TSEC_REASON_MALFORMED, "token"));
    }
    maa_trial_init(&t, MINT_MAA_CVM);
    t.spec.inner[0] = (struct mint_maa_edit){ "x-ms-sevsnpvm-vmpl", "0", true };
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_MALFORMED, "token"));
}

static void
another_version_is_refused(void)
{
    CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_SGX, EDIT("x-ms-ver", "\"2.0\""),
                                          TSEC_REASON_MALFORMED, "version"));
    CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_SGX, EDIT("x-ms-ver", "1.0"),
                                          TSEC_REASON_MALFORMED, "version"));
    CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_SGX, EDIT("x-ms-ver", NULL),
                                          TSEC_REASON_MALFORMED, "version"));
}

static void
what_is_no_tee_is_refused(void)
{
    static const char *const types[] = { NULL, "\"tpm\"",     "\"SGX\"",   "\"sevsnpvm\\u0020\"",
                                         "7",  "\"azurevm\"", "\"tdxvm2\"" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_SGX, EDIT("x-ms-attestation-type", types[i]),
                                              TSEC_REASON_POLICY, "type"));
    }
    /* a type of another family has none of its claims */
    CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_SGX,
                                          EDIT("x-ms-attestation-type", "\"sevsnpvm\""),
                                          TSEC_REASON_MALFORMED, "claims"));
}

/* ---- virtual machines ---- */

static void
a_virtual_machine_without_a_tee_below_is_refused(void)
{
    static const char *const values[] = { NULL,           "null",
                                          "[]",           "{}",
                                          "\"sevsnpvm\"", "{\"x-ms-attestation-type\":\"sgx\"}" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(values); i++) {
        CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_CVM, EDIT("x-ms-isolation-tee", values[i]),
                                              TSEC_REASON_POLICY, "type"));
    }
    CU_ASSERT_TRUE(maa_trial_edit_refused(
        MINT_MAA_SGX, EDIT("x-ms-isolation-tee", "{\"x-ms-attestation-type\":\"sevsnpvm\"}"),
        TSEC_REASON_POLICY, "type"));
}

static void
claims_of_the_tee_count_only_where_it_is(void)
{
    maa_trial_init(&t, MINT_MAA_CVM);
    t.spec.inner[0] = EDIT("x-ms-sevsnpvm-launchmeasurement", NULL);
    t.spec.outer[0] = EDIT("x-ms-sevsnpvm-launchmeasurement",
                           "\"000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f"
                           "000102030405060708090a0b0c0d0e0f\"");
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_MALFORMED, "claims"));
    CU_ASSERT_TRUE(maa_trial_says(&t, "x-ms-sevsnpvm-launchmeasurement"));
}

static void
a_machine_that_does_not_comply_is_refused(void)
{
    static const char *const values[] = { NULL, "\"azure-compliant-uvm\"", "\"\"", "\"none\"" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(values); i++) {
        maa_trial_init(&t, MINT_MAA_CVM);
        t.spec.inner[0] = EDIT("x-ms-compliance-status", values[i]);
        CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_POLICY, "compliance"));
    }
}

static void
a_machine_above_vmpl_0_is_refused(void)
{
    CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_CVM, EDIT("x-ms-sevsnpvm-vmpl", "2"),
                                          TSEC_REASON_POLICY, "vmpl"));
}

/* ---- debugging ---- */

static void
debuggable_tees_are_refused_unless_allowed(void)
{
    for (int family = MINT_MAA_SGX; family <= MINT_MAA_TDX; family++) {
        maa_trial_init(&t, (enum mint_maa_family)family);
        t.spec.debug = true;
        CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_DEBUG, "debug"));
        t.expect.allow_debug = true;
        CU_ASSERT_TRUE(maa_trial_genuine(&t));
        CU_ASSERT_TRUE(t.claims.debug);
    }
}

static void
a_debugger_in_the_virtual_machine_is_debugging(void)
{
    static const char *const names[] = { "x-ms-azurevm-bootdebug-enabled",
                                         "x-ms-azurevm-hypervisordebug-enabled",
                                         "x-ms-azurevm-kerneldebug-enabled" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(names); i++) {
        CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_CVM, EDIT(names[i], "true"),
                                              TSEC_REASON_DEBUG, "debug"));
        CU_ASSERT_TRUE(maa_trial_edit_refused(MINT_MAA_CVM, EDIT(names[i], "1"),
                                              TSEC_REASON_MALFORMED, "claims"));
    }
}

/* ---- firmware ---- */

static void
firmware_out_of_date_is_refused_unless_allowed(void)
{
    maa_trial_init(&t, MINT_MAA_TDX);
    t.spec.outer[0] = EDIT("attester_tcb_status", "\"OutOfDate\"");
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_TCB, "tcb"));
    t.expect.allow_tcb = TSEC_TCB_BIT(TSEC_TCB_OUT_OF_DATE);
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    t.spec.outer[0] = EDIT("attester_tcb_status", "\"Revoked\"");
    t.expect.allow_tcb = UINT32_MAX;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_TCB, "tcb"));
    t.spec.outer[0] = EDIT("attester_tcb_status", NULL);
    t.expect.allow_tcb = 0;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_TCB, "tcb"));
    t.spec.outer[0] = EDIT("attester_tcb_status", "\"Fine\"");
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_MALFORMED, "claims"));
}

static const struct test_case cases[] = {
    { "it holds from nbf to exp and no second longer",
      it_holds_from_nbf_to_exp_and_no_second_longer },
    { "one issued in the future is refused", one_issued_in_the_future_is_refused },
    { "the issuer's clock may differ as far as allowed",
      the_issuers_clock_may_differ_as_far_as_allowed },
    { "more than five minutes are no skew", more_than_five_minutes_are_no_skew },
    { "a stale one is refused", a_stale_one_is_refused },
    { "times that are no plain seconds are refused", times_that_are_no_plain_seconds_are_refused },
    { "the key's certificate must hold", the_keys_certificate_must_hold },
    { "numbers must be numbers", numbers_must_be_numbers },
    { "truths must be truths", truths_must_be_truths },
    { "measurements must be hex of their length", measurements_must_be_hex_of_their_length },
    { "a member twice is refused", a_member_twice_is_refused },
    { "another version is refused", another_version_is_refused },
    { "what is no TEE is refused", what_is_no_tee_is_refused },
    { "a virtual machine without a TEE below is refused",
      a_virtual_machine_without_a_tee_below_is_refused },
    { "claims of the TEE count only where it is", claims_of_the_tee_count_only_where_it_is },
    { "a machine that does not comply is refused", a_machine_that_does_not_comply_is_refused },
    { "a machine above VMPL 0 is refused", a_machine_above_vmpl_0_is_refused },
    { "debuggable TEEs are refused unless allowed", debuggable_tees_are_refused_unless_allowed },
    { "a debugger in the virtual machine is debugging",
      a_debugger_in_the_virtual_machine_is_debugging },
    { "firmware out of date is refused unless allowed",
      firmware_out_of_date_is_refused_unless_allowed },
};

TEST_MAIN("maa-verify-claims", cases)
