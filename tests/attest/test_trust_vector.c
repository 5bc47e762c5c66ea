/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/trust_vector.h"

#include <string.h>

#include "appraisal/claims.h"
#include "tests/test.h"

static struct tsec_claims claims;

static enum trust_tier
tier_of(const struct trust_vector *v)
{
    return trust_vector_tier(v, TRUST_AFFIRMING);
}

static void
good_evidence_is_affirmed_in_what_was_looked_at(void)
{
    struct trust_vector v;

    tsec_claims_init(&claims, "snp", "snp");
    v = trust_vector_admitted(&claims, true);
    CU_ASSERT_TRUE(v.hardware == 2 && v.configuration == 2 && v.executables == 3);
    CU_ASSERT_EQUAL(v.runtime_opaque, 2);
    CU_ASSERT_TRUE(v.instance_identity == 0 && v.file_system == 0 && v.storage_opaque == 0
                   && v.sourced_data == 0);
    CU_ASSERT_EQUAL(tier_of(&v), TRUST_AFFIRMING);
    tsec_claims_init(&claims, "nitro", "nitro");
    v = trust_vector_admitted(&claims, true);
    CU_ASSERT_EQUAL(v.runtime_opaque, 0);
    CU_ASSERT_EQUAL(tier_of(&v), TRUST_AFFIRMING);
}

static void
what_a_setting_let_through_is_a_warning(void)
{
    struct trust_vector v;

    tsec_claims_init(&claims, "snp", "snp");
    claims.debug = true;
    v = trust_vector_admitted(&claims, true);
    CU_ASSERT_EQUAL(tier_of(&v), TRUST_WARNING);
    CU_ASSERT_EQUAL(v.runtime_opaque, 0);
    tsec_claims_init(&claims, "sim", "sim-v1");
    claims.simulated = true;
    v = trust_vector_admitted(&claims, false);
    CU_ASSERT_EQUAL(v.executables, 0);
    CU_ASSERT_EQUAL(tier_of(&v), TRUST_WARNING);
    tsec_claims_init(&claims, "sgx", "sgx");
    claims.tcb_status = TSEC_TCB_SW_HARDENING_NEEDED;
    v = trust_vector_admitted(&claims, true);
    CU_ASSERT_EQUAL(tier_of(&v), TRUST_WARNING);
    claims.tcb_status = TSEC_TCB_UNKNOWN;
    v = trust_vector_admitted(&claims, true);
    CU_ASSERT_EQUAL(tier_of(&v), TRUST_WARNING);
    claims.tcb_status = TSEC_TCB_UP_TO_DATE;
    v = trust_vector_admitted(&claims, true);
    CU_ASSERT_EQUAL(tier_of(&v), TRUST_AFFIRMING);
}

static void
no_refusal_affirms_anything(void)
{
    for (unsigned r = 0; r <= TSEC_REASON_INTERNAL + 3; r++) {
        const struct trust_vector v = trust_vector_refused((enum tsec_reason)r);
        const int8_t all[] = { v.instance_identity, v.configuration, v.executables,
                               v.file_system,       v.hardware,      v.runtime_opaque,
                               v.storage_opaque,    v.sourced_data };
        bool says_something = false;

        for (size_t i = 0; i < sizeof(all); i++) {
            CU_ASSERT_TRUE(all[i] < 2 || all[i] >= 32);
            says_something = says_something || all[i] != 0;
        }
        CU_ASSERT_TRUE(says_something);
        CU_ASSERT_EQUAL(trust_vector_tier(&v, TRUST_CONTRAINDICATED), TRUST_CONTRAINDICATED);
    }
}

static void
the_tier_is_that_of_the_worst_claim(void)
{
    static const struct {
        int8_t claim;
        enum trust_tier tier;
    } rows[] = {
        { 0, TRUST_AFFIRMING },         { 1, TRUST_AFFIRMING },
        { -1, TRUST_AFFIRMING },        { 2, TRUST_AFFIRMING },
        { 31, TRUST_AFFIRMING },        { 32, TRUST_WARNING },
        { 95, TRUST_WARNING },          { 96, TRUST_CONTRAINDICATED },
        { 127, TRUST_CONTRAINDICATED }, { -2, TRUST_CONTRAINDICATED },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        struct trust_vector v = { .hardware = 2 };

        v.sourced_data = rows[i].claim;
        CU_ASSERT_EQUAL(tier_of(&v), rows[i].tier);
    }
    CU_ASSERT_STRING_EQUAL(trust_tier_name(TRUST_WARNING), "warning");
    CU_ASSERT_STRING_EQUAL(trust_tier_name(TRUST_NONE), "none");
}

static void
it_is_written_with_the_names_of_the_draft(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(1024);
    struct tsec_json_out out = tsec_json_out(&text);
    const struct trust_vector v = { 1, 2, 3, 4, -1, 6, 7, 8 };

    trust_vector_json(&v, &out);
    CU_ASSERT_TRUE(tsec_span_is(
        tsec_buf_span(&text),
        "{\"instance-identity\":1,\"configuration\":2,\"executables\":3,\"file-system\":4,"
        "\"hardware\":-1,\"runtime-opaque\":6,\"storage-opaque\":7,\"sourced-data\":8}"));
}

static const struct test_case cases[] = {
    { "good evidence is affirmed in what was looked at",
      good_evidence_is_affirmed_in_what_was_looked_at },
    { "what a setting let through is a warning", what_a_setting_let_through_is_a_warning },
    { "no refusal affirms anything", no_refusal_affirms_anything },
    { "the tier is that of the worst claim", the_tier_is_that_of_the_worst_claim },
    { "it is written with the names of the draft", it_is_written_with_the_names_of_the_draft },
};

TEST_MAIN("attest/trust_vector", cases)
