/* SPDX-License-Identifier: Apache-2.0 */
/* What a relying party demands of a quote that is genuine. */
#include "quote_policy.h"

#include <string.h>

#include "tests/plugins/quote_rig.h"
#include "tests/test.h"

static struct quote_rig rig;

#define VERDICT_IS(expected) CU_ASSERT_STRING_EQUAL(quote_rig_verdict(&rig), expected)

static void
start(bool tdx)
{
    quote_rig_done(&rig);
    quote_rig_init(&rig, tdx);
}

static void
a_debug_enclave_is_refused_unless_allowed(void)
{
    start(false);
    rig.spec.body[SGX_ATTRIBUTES] |= 2;
    VERDICT_IS("debug debug");
    CU_ASSERT_TRUE(rig.claims.debug);
    rig.expect.allow_debug = true;
    VERDICT_IS("genuine");
    CU_ASSERT_TRUE(quote_rig_noted(&rig, "debug", "on, and allowed"));
}

static void
a_td_under_debug_is_refused_unless_allowed(void)
{
    static const uint8_t bits[] = { 0x01, 0x10, 0x20, 0x80 };

    for (size_t i = 0; i < sizeof(bits); i++) {
        start(true);
        rig.spec.body[TD_ATTRIBUTES] = bits[i];
        VERDICT_IS("debug debug");
    }
    rig.expect.allow_debug = true;
    VERDICT_IS("genuine");
}

static void
debug_is_the_reason_also_when_the_platform_is_old(void)
{
    start(false);
    rig.spec.body[SGX_ATTRIBUTES] |= 2;
    rig.spec.platform.components[0] = 4;
    VERDICT_IS("debug debug");
    rig.expect.allow_debug = true;
    VERDICT_IS("tcb tcb");
}

static void
an_enclave_with_the_provisioning_key_is_noted(void)
{
    start(false);
    rig.spec.body[SGX_ATTRIBUTES] |= 0x10;
    VERDICT_IS("genuine");
    CU_ASSERT_TRUE(quote_rig_noted(&rig, "attributes", "provisioning key"));
}

static void
a_td_with_a_service_td_is_noted(void)
{
    start(true);
    rig.spec.version = 5;
    rig.spec.body_type = 3;
    VERDICT_IS("genuine");
    CU_ASSERT_FALSE(quote_rig_noted(&rig, "attributes", ""));
    rig.spec.body[TD_MRSERVICETD + 47] = 1;
    VERDICT_IS("genuine");
    CU_ASSERT_TRUE(quote_rig_noted(&rig, "attributes", "service TD"));
}

static void
the_binding_is_report_data_with_zeroes_behind_it(void)
{
    uint8_t expected[64];

    memset(expected, 0x55, sizeof(expected));
    for (int tdx = 0; tdx < 2; tdx++) {
        start(tdx == 1);
        rig.expect.binding = tsec_span(expected, 64);
        VERDICT_IS("genuine");
        rig.expect.binding = tsec_span(expected, 63);
        VERDICT_IS("binding binding");
        rig.expect.binding = tsec_span(expected, 0);
        VERDICT_IS("binding binding");
        memset(rig.spec.body + (tdx == 1 ? TD_REPORT_DATA : SGX_REPORT_DATA) + 32, 0, 32);
        rig.expect.binding = tsec_span(expected, 32);
        VERDICT_IS("genuine");
        rig.expect.binding = tsec_span(expected, 33);
        VERDICT_IS("binding binding");
        rig.expect.binding = tsec_span(expected, 31);
        VERDICT_IS("binding binding");
    }
}

static void
what_a_quote_does_not_carry_is_never_met(void)
{
    start(false);
    rig.expect.nonce = tsec_span_str("nonce");
    VERDICT_IS("nonce nonce");
    rig.expect.nonce = tsec_span("", 0);
    VERDICT_IS("genuine");
    rig.expect.public_key = tsec_span_str("key");
    VERDICT_IS("public-key public-key");
    rig.expect.public_key = tsec_span("", 0);
    VERDICT_IS("genuine");
}

static void
an_age_is_that_of_the_challenge(void)
{
    uint8_t expected[64];

    memset(expected, 0x55, sizeof(expected));
    start(true);
    rig.expect.max_age_s = 60;
    VERDICT_IS("stale age");
    rig.expect.binding = tsec_span(expected, sizeof(expected));
    VERDICT_IS("genuine");
}

static void
each_status_is_allowed_by_its_own_bit(void)
{
    struct tsec_expectation expect = { .struct_size = (uint32_t)sizeof(expect) };

    for (unsigned status = TSEC_TCB_UNKNOWN; status <= TSEC_TCB_REVOKED; status++) {
        const enum tsec_tcb_status s = (enum tsec_tcb_status)status;

        expect.allow_tcb = 0;
        CU_ASSERT_EQUAL(tsec_failed(quote_policy_tcb(s, false, &expect, NULL)),
                        s != TSEC_TCB_UP_TO_DATE);
        expect.allow_tcb = ~TSEC_TCB_BIT(s);
        CU_ASSERT_EQUAL(tsec_failed(quote_policy_tcb(s, false, &expect, NULL)),
                        s != TSEC_TCB_UP_TO_DATE);
        expect.allow_tcb = TSEC_TCB_BIT(s);
        CU_ASSERT_EQUAL(tsec_failed(quote_policy_tcb(s, false, &expect, NULL)),
                        s == TSEC_TCB_REVOKED);
    }
}

static void
what_is_partly_unknown_needs_that_allowed_too(void)
{
    const uint32_t out = TSEC_TCB_BIT(TSEC_TCB_OUT_OF_DATE);
    const uint32_t unknown = TSEC_TCB_BIT(TSEC_TCB_UNKNOWN);
    struct tsec_expectation expect = { .struct_size = (uint32_t)sizeof(expect), .allow_tcb = out };

    CU_ASSERT_TRUE(tsec_failed(quote_policy_tcb(TSEC_TCB_OUT_OF_DATE, true, &expect, NULL)));
    expect.allow_tcb = unknown;
    CU_ASSERT_TRUE(tsec_failed(quote_policy_tcb(TSEC_TCB_OUT_OF_DATE, true, &expect, NULL)));
    expect.allow_tcb = out | unknown;
    CU_ASSERT_FALSE(tsec_failed(quote_policy_tcb(TSEC_TCB_OUT_OF_DATE, true, &expect, NULL)));
}

static const struct test_case cases[] = {
    { "what is partly unknown needs that allowed too",
      what_is_partly_unknown_needs_that_allowed_too },
    { "a debug enclave is refused unless allowed", a_debug_enclave_is_refused_unless_allowed },
    { "a TD under debug is refused unless allowed", a_td_under_debug_is_refused_unless_allowed },
    { "debug is the reason also when the platform is old",
      debug_is_the_reason_also_when_the_platform_is_old },
    { "an enclave with the provisioning key is noted",
      an_enclave_with_the_provisioning_key_is_noted },
    { "a TD with a service TD is noted", a_td_with_a_service_td_is_noted },
    { "the binding is report data with zeroes behind it",
      the_binding_is_report_data_with_zeroes_behind_it },
    { "what a quote does not carry is never met", what_a_quote_does_not_carry_is_never_met },
    { "an age is that of the challenge", an_age_is_that_of_the_challenge },
    { "each status is allowed by its own bit", each_status_is_allowed_by_its_own_bit },
};

TEST_MAIN("plugins/quote_policy", cases)
