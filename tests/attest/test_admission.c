/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/admission.h"

#include <string.h>

#include "tests/double/attest_script.h"
#include "tests/test.h"

#define AB ATTEST_SCRIPT_48("ab")

static const int64_t now = 1800000000;
static struct tsec_claims *c = &attest_script.claims;

static enum tsec_reason
reason_with(const struct admission_policy *policy, const char *entry)
{
    TSEC_AUTO(allowlist_free) struct allowlist *list = NULL;
    struct tsec_checks checks = { .struct_size = sizeof(checks) };
    const struct tsec_span span = tsec_span_str(entry);
    size_t index = 0;
    tsec_rc rc;

    CU_ASSERT_FALSE_FATAL(tsec_failed(allowlist_new(&span, entry == NULL ? 0 : 1, &list, NULL)));
    rc = admission_decide(policy, list, c, now, &checks, &index, NULL);
    CU_ASSERT_EQUAL(tsec_failed(rc), checks.reason != TSEC_REASON_NONE);
    CU_ASSERT_TRUE(checks.len > 0);
    return (enum tsec_reason)checks.reason;
}

static const struct admission_policy strict = { .require_revocation = true, .max_age_s = 300 };

static void
as_sgx(uint32_t status, bool revocation)
{
    attest_script_genuine(now);
    memcpy(c->tee, "sgx", 4);
    memcpy(c->format, "sgx", 4);
    c->measurement_len = 32;
    c->entries_len = 0;
    c->entries[0] = (struct tsec_claim){ .name = "mrenclave", .kind = TSEC_CLAIM_BYTES, .len = 32 };
    memset(c->entries[0].value, 0xab, 32);
    c->entries_len = 1;
    c->has_issued_at = false;
    c->tcb_status = status;
    c->revocation_checked = revocation;
}

static void
what_is_listed_is_admitted_and_nothing_else(void)
{
    attest_script_genuine(now);
    CU_ASSERT_EQUAL(reason_with(&strict, ATTEST_SCRIPT_PCRS), TSEC_REASON_NONE);
    CU_ASSERT_EQUAL(reason_with(&strict, AB), TSEC_REASON_NONE);
    CU_ASSERT_EQUAL(reason_with(&strict, "snp:measurement=" AB), TSEC_REASON_MEASUREMENT);
    CU_ASSERT_EQUAL(reason_with(&strict, NULL), TSEC_REASON_MEASUREMENT);
    c->entries[2].value[47] ^= 1;
    CU_ASSERT_EQUAL(reason_with(&strict, ATTEST_SCRIPT_PCRS), TSEC_REASON_MEASUREMENT);
}

static void
claims_that_are_missing_or_broken_are_no_claims(void)
{
    attest_script_genuine(now);
    c->tee[0] = '\0';
    CU_ASSERT_EQUAL(reason_with(&strict, AB), TSEC_REASON_INTERNAL);
    attest_script_genuine(now);
    c->entries_len = TSEC_CLAIM_ENTRIES + 1;
    CU_ASSERT_EQUAL(reason_with(&strict, AB), TSEC_REASON_INTERNAL);
    attest_script_genuine(now);
    c->measurement_len = 65;
    CU_ASSERT_EQUAL(reason_with(&strict, AB), TSEC_REASON_INTERNAL);
}

static void
debug_is_admitted_by_its_setting_only(void)
{
    struct admission_policy policy = strict;

    attest_script_genuine(now);
    c->debug = true;
    CU_ASSERT_EQUAL(reason_with(&policy, ATTEST_SCRIPT_PCRS), TSEC_REASON_DEBUG);
    policy.allow_debug = true;
    CU_ASSERT_EQUAL(reason_with(&policy, ATTEST_SCRIPT_PCRS), TSEC_REASON_NONE);
    /* a measurement that an entry could name must be named */
    CU_ASSERT_EQUAL(reason_with(&policy, NULL), TSEC_REASON_MEASUREMENT);
    memset(c->measurement, 0, sizeof(c->measurement));
    memset(c->entries, 0, 3 * sizeof(c->entries[0]));
    c->entries_len = 0;
    CU_ASSERT_EQUAL(reason_with(&policy, NULL), TSEC_REASON_NONE);
    c->debug = false;
    CU_ASSERT_EQUAL(reason_with(&policy, AB), TSEC_REASON_MEASUREMENT);
}

static void
simulation_is_admitted_by_its_setting_only(void)
{
    struct admission_policy policy = strict;

    attest_script_genuine(now);
    c->simulated = true;
    CU_ASSERT_EQUAL(reason_with(&policy, AB), TSEC_REASON_SIMULATED);
    policy.allow_simulated = true;
    /* what calls itself another TEE stays under the list */
    CU_ASSERT_EQUAL(reason_with(&policy, NULL), TSEC_REASON_MEASUREMENT);
    memcpy(c->tee, "sim", 4);
    CU_ASSERT_EQUAL(reason_with(&policy, NULL), TSEC_REASON_NONE);
    CU_ASSERT_EQUAL(reason_with(&policy, AB), TSEC_REASON_NONE);
    /* an entry that names it decides */
    CU_ASSERT_EQUAL(reason_with(&policy, "sim:measurement=" AB), TSEC_REASON_NONE);
    CU_ASSERT_EQUAL(reason_with(&policy, "sim:measurement=" ATTEST_SCRIPT_48("ac")),
                    TSEC_REASON_MEASUREMENT);
    policy.allow_simulated = false;
    CU_ASSERT_EQUAL(reason_with(&policy, "sim:measurement=" AB), TSEC_REASON_SIMULATED);
}

static void
a_tcb_status_must_be_known_and_allowed(void)
{
    static const char entry[] =
        "sgx:mrenclave=abababababababababababababababababababababababababababab"
        "abababab";
    struct admission_policy policy = strict;

    as_sgx(TSEC_TCB_UP_TO_DATE, true);
    CU_ASSERT_EQUAL(reason_with(&policy, entry), TSEC_REASON_NONE);
    for (uint32_t s = TSEC_TCB_NONE; s <= TSEC_TCB_REVOKED + 1; s++) {
        as_sgx(s, true);
        policy.allow_tcb = 0;
        CU_ASSERT_EQUAL(reason_with(&policy, entry),
                        s == TSEC_TCB_UP_TO_DATE ? TSEC_REASON_NONE : TSEC_REASON_TCB);
        policy.allow_tcb = UINT32_MAX; /* not even this allows a revoked one, or none at all */
        CU_ASSERT_EQUAL(reason_with(&policy, entry), s == TSEC_TCB_NONE || s >= TSEC_TCB_REVOKED
                                                         ? TSEC_REASON_TCB
                                                         : TSEC_REASON_NONE);
    }
}

static void
revocation_must_have_been_looked_at_where_there_are_lists(void)
{
    static const char entry[] =
        "sgx:mrenclave=abababababababababababababababababababababababababababab"
        "abababab";
    struct admission_policy policy = strict;

    as_sgx(TSEC_TCB_UP_TO_DATE, false);
    CU_ASSERT_EQUAL(reason_with(&policy, entry), TSEC_REASON_COLLATERAL);
    policy.require_revocation = false;
    CU_ASSERT_EQUAL(reason_with(&policy, entry), TSEC_REASON_NONE);
    attest_script_genuine(now);
    c->revocation_checked = false;
    CU_ASSERT_EQUAL(reason_with(&strict, AB), TSEC_REASON_NONE);
}

static void
age_and_window_are_bounded_on_both_sides(void)
{
    static const struct {
        int64_t issued;
        int64_t not_before;
        int64_t not_after;
        enum tsec_reason reason;
    } rows[] = {
        { 0, 0, 0, TSEC_REASON_NONE },
        { 0, -1000, 1000, TSEC_REASON_NONE },
        { 0, -1000, -1, TSEC_REASON_EXPIRED },
        { 0, 1, 1000, TSEC_REASON_EXPIRED },
        { -300 - ADMISSION_SKEW_S, 0, 0, TSEC_REASON_NONE },
        { -301 - ADMISSION_SKEW_S, 0, 0, TSEC_REASON_STALE },
        { ADMISSION_SKEW_S, 0, 0, TSEC_REASON_NONE },
        { ADMISSION_SKEW_S + 1, 0, 0, TSEC_REASON_STALE },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        attest_script_genuine(now);
        c->issued_at = now + rows[i].issued;
        c->not_before = rows[i].not_before == 0 ? 0 : now + rows[i].not_before;
        c->not_after = rows[i].not_after == 0 ? 0 : now + rows[i].not_after;
        CU_ASSERT_EQUAL(reason_with(&strict, AB), rows[i].reason);
    }
}

static const struct test_case cases[] = {
    { "what is listed is admitted and nothing else", what_is_listed_is_admitted_and_nothing_else },
    { "claims that are missing or broken are no claims",
      claims_that_are_missing_or_broken_are_no_claims },
    { "debug is admitted by its setting only", debug_is_admitted_by_its_setting_only },
    { "simulation is admitted by its setting only", simulation_is_admitted_by_its_setting_only },
    { "a tcb status must be known and allowed", a_tcb_status_must_be_known_and_allowed },
    { "revocation must have been looked at where there are lists",
      revocation_must_have_been_looked_at_where_there_are_lists },
    { "age and window are bounded on both sides", age_and_window_are_bounded_on_both_sides },
};

TEST_MAIN("attest/admission", cases)
