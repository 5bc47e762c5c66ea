/* SPDX-License-Identifier: Apache-2.0 */
#include "snp_policy.h"

#include "tests/plugins/snp_rig.h"

/* A genuine report with one byte set, judged. */
static void
with(size_t at, uint8_t value, enum tsec_reason reason, const char *check)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_endorse(&rig);
    rig.report[at] = value;
    snp_rig_sign(&rig);
    if (reason == TSEC_REASON_NONE) {
        SNP_GENUINE(&rig);
    } else {
        CU_ASSERT_TRUE(snp_rig_refused(&rig, snp_rig_run(&rig), reason, check));
    }
}

static void
bit_17_of_the_policy_must_be_1(void)
{
    with(MINT_SNP_POLICY + 2, 1, TSEC_REASON_POLICY, "policy");
    with(MINT_SNP_POLICY + 2, 2, TSEC_REASON_NONE, NULL);
}

static void
bits_that_are_not_known_are_refused(void)
{
    with(MINT_SNP_POLICY + 3, 0x03, TSEC_REASON_NONE, NULL);
    with(MINT_SNP_POLICY + 3, 0x04, TSEC_REASON_POLICY, "policy");
    with(MINT_SNP_POLICY + 7, 0x80, TSEC_REASON_POLICY, "policy");
}

/* Section 6.3, 21: the DEBUG bit. */
static void
a_guest_that_can_be_debugged_is_refused_unless_allowed(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_endorse(&rig);
    rig.report[MINT_SNP_POLICY + 2] |= 8;
    snp_rig_sign(&rig);
    SNP_REFUSED(&rig, DEBUG, "debug");
    CU_ASSERT_TRUE(rig.claims.debug);
    rig.expect.allow_debug = true;
    SNP_GENUINE(&rig);
    CU_ASSERT_TRUE(rig.claims.debug);
}

static void
migration_is_told_and_not_judged(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_endorse(&rig);
    rig.report[MINT_SNP_POLICY + 2] |= 4;
    snp_rig_sign(&rig);
    SNP_GENUINE(&rig);
    CU_ASSERT_EQUAL(tsec_claims_find(&rig.claims, "migration_allowed")->number, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(snp_rig_detail(&rig, "policy"), "migration"));
}

/* Each number of its own: as one integer these would be in order. */
static void
what_is_reported_was_committed_and_what_was_committed_runs(void)
{
    with(MINT_SNP_COMMITTED_TCB, 3, TSEC_REASON_TCB, "tcb-order");
    with(MINT_SNP_COMMITTED_TCB + 6, 23, TSEC_REASON_TCB, "tcb-order");
    with(MINT_SNP_COMMITTED_TCB + 6, 25, TSEC_REASON_TCB, "tcb-order");
    with(MINT_SNP_CURRENT_TCB + 7, 218, TSEC_REASON_TCB, "tcb-order");
    with(MINT_SNP_CURRENT_TCB + 7, 220, TSEC_REASON_NONE, NULL);
}

static void
only_the_paravisor_must_be_at_vmpl_0(void)
{
    SNP_AUTO_RIG struct snp_rig rig;
    struct snp_report report;

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_endorse(&rig);
    rig.report[MINT_SNP_VMPL] = 1;
    snp_rig_sign(&rig);
    SNP_GENUINE(&rig);
    CU_ASSERT_EQUAL(tsec_claims_find(&rig.claims, "vmpl")->number, 1);
    CU_ASSERT_EQUAL_FATAL(
        snp_report_parse(tsec_span(rig.report, sizeof(rig.report)), &report, NULL).code, 0);
    CU_ASSERT_TRUE(snp_rig_refused(&rig,
                                   snp_policy_check(&report, SNP_MILAN, true, &rig.expect, NULL),
                                   TSEC_REASON_POLICY, "vmpl"));
}

static const struct test_case cases[] = {
    { "bit 17 of the policy must be 1", bit_17_of_the_policy_must_be_1 },
    { "bits that are not known are refused", bits_that_are_not_known_are_refused },
    { "a guest that can be debugged is refused unless allowed",
      a_guest_that_can_be_debugged_is_refused_unless_allowed },
    { "migration is told and not judged", migration_is_told_and_not_judged },
    { "what is reported was committed, and what was committed runs",
      what_is_reported_was_committed_and_what_was_committed_runs },
    { "only the paravisor must be at VMPL 0", only_the_paravisor_must_be_at_vmpl_0 },
};

TEST_MAIN("snp_policy", cases)
