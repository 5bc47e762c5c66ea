/* SPDX-License-Identifier: Apache-2.0 */
#include "appraisal/expr.h"

#include <string.h>

#include "appraisal/claims.h"
#include "tests/test.h"

#define A16 "abababababababab"
#define A32 A16 A16
#define A64 A32 A32
#define A96 A64 A32
#define B96 \
    "cd"    \
    "abababababababababababababababababababababababababababababab" A32 "ab"

static struct tsec_claims claims;

static void
claims_of(const char *tee, const char *name, size_t len)
{
    uint8_t value[64];

    memset(value, 0xab, sizeof(value));
    tsec_claims_init(&claims, tee, tee);
    tsec_claims_add_bytes(&claims, name, tsec_span(value, len));
    claims.measurement_len = len;
    memcpy(claims.measurement, value, len);
}

static bool
matches(const char *text, struct tsec_buf *why)
{
    struct tsec_expr expr;
    struct tsec_err err = { 0 };

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_expr_parse(tsec_span_str(text), &expr, &err)));
    return tsec_expr_match(&expr, &claims, why);
}

static void
differs(const char *text, const char *why)
{
    TSEC_AUTO_BUF struct tsec_buf said = TSEC_BUF_INIT(1024);

    CU_ASSERT_FALSE(matches(text, &said));
    CU_ASSERT_FALSE(matches(text, NULL));
    tsec_buf_put_byte(&said, '\0');
    CU_ASSERT_STRING_EQUAL((const char *)said.ptr, why);
}

static void
a_bare_entry_is_the_primary_measurement_of_each_tee(void)
{
    claims_of("nitro", "pcr0", 48);
    CU_ASSERT_TRUE(matches(A96, NULL));
    claims_of("snp", "measurement", 48);
    CU_ASSERT_TRUE(matches(A96, NULL));
    claims_of("azure-cvm", "measurement", 48);
    CU_ASSERT_TRUE(matches(A96, NULL));
    claims_of("tdx", "mrtd", 48);
    CU_ASSERT_TRUE(matches(A96, NULL));
    differs(A64, "tee: a bare measurement of 64 digits is not about tdx");
    claims_of("sgx", "mrenclave", 32);
    CU_ASSERT_TRUE(matches(A64, NULL));
    differs(A96, "tee: a bare measurement of 96 digits is not about sgx");
}

static void
a_bare_entry_admits_nothing_simulated_and_no_other_register(void)
{
    claims_of("sim", "measurement", 48);
    differs(A96, "tee: a bare measurement of 96 digits is not about sim");
    CU_ASSERT_TRUE(matches("sim:measurement=" A96, NULL));
    claims_of("nitro-tpm", "pcr0", 48);
    differs(A96, "tee: a bare measurement of 96 digits is not about nitro-tpm");
    claims_of("sgx", "mrsigner", 32);
    differs(A64, "mrenclave: allowed abababab…, evidence has none");
    claims_of("nitro", "pcr1", 48);
    differs(A96, "pcr0: allowed abababab…, evidence has none");
}

static void
every_part_must_hold(void)
{
    claims_of("nitro", "pcr0", 48);
    tsec_claims_add_bytes(&claims, "pcr1", tsec_span(claims.measurement, 48));
    CU_ASSERT_TRUE(matches("nitro:pcr0=" A96 ",pcr1=" A96, NULL));
    differs("nitro:pcr0=" A96 ",pcr1=" B96, "pcr1: allowed cdababab…, evidence has abababab…");
    differs("nitro:pcr0=" A96 ",pcr1=" A96 ",pcr2=" A96,
            "pcr2: allowed abababab…, evidence has none");
    differs("snp:measurement=" A96, "tee: allowed snp, evidence is of nitro");
}

static void
numbers_texts_and_flags_compare_as_what_they_are(void)
{
    claims_of("snp", "measurement", 48);
    claims.has_svn = true;
    claims.svn = 3;
    tsec_claims_add_number(&claims, "vmpl", 0);
    tsec_claims_add_text(&claims, "signing_key", tsec_span_str("VCEK"));
    tsec_claims_add_bool(&claims, "smt_allowed", true);
    CU_ASSERT_TRUE(matches("snp:svn>=3,vmpl=0,signing_key=VCEK,smt_allowed=true", NULL));
    CU_ASSERT_TRUE(matches("snp:svn=3", NULL));
    differs("snp:svn>=4", "svn: allowed >= 4, evidence has 3");
    differs("snp:svn=2", "svn: allowed 2, evidence has 3");
    differs("snp:signing_key=VLEK", "signing_key: allowed \"VLEK\", evidence has \"VCEK\"");
    differs("snp:signing_key=VCE", "signing_key: allowed \"VCE\", evidence has \"VCEK\"");
    differs("snp:smt_allowed=false", "smt_allowed: allowed false, evidence has true");
    differs("snp:tcb_snp>=0", "tcb_snp: allowed >= 0, evidence has none");
}

static void
a_claim_of_another_kind_or_length_is_another_value(void)
{
    claims_of("snp", "measurement", 32);
    differs("snp:measurement=" A96, "measurement: allowed abababab…, evidence has abababab…");
    tsec_claims_init(&claims, "snp", "snp");
    tsec_claims_add_bool(&claims, "vmpl", false);
    differs("snp:vmpl=0", "vmpl: allowed 0, evidence has false");
    tsec_claims_add_text(&claims, "measurement", tsec_span_str(A32));
    CU_ASSERT_FALSE(matches("snp:measurement=" A96, NULL));
}

static void
nothing_is_admitted_by_an_expression_without_parts(void)
{
    static const struct tsec_expr empty;

    claims_of("nitro", "pcr0", 48);
    CU_ASSERT_FALSE(tsec_expr_match(&empty, &claims, NULL));
    CU_ASSERT_EQUAL(tsec_expr_nearness(&empty, &claims), 0);
}

static void
the_nearest_entry_is_the_one_of_this_tee_with_most_parts(void)
{
    static const struct {
        const char *text;
        size_t nearness;
    } rows[] = {
        { "snp:measurement=" A96, 0 },         { A64, 0 }, { "nitro:pcr0=" B96, 1 }, { B96, 1 },
        { "nitro:pcr1=" B96 ",pcr0=" A96, 2 }, { A96, 2 },
    };

    claims_of("nitro", "pcr0", 48);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        struct tsec_expr expr;

        CU_ASSERT_FALSE(tsec_failed(tsec_expr_parse(tsec_span_str(rows[i].text), &expr, NULL)));
        CU_ASSERT_EQUAL(tsec_expr_nearness(&expr, &claims), rows[i].nearness);
    }
}

static const struct test_case cases[] = {
    { "a bare entry is the primary measurement of each tee",
      a_bare_entry_is_the_primary_measurement_of_each_tee },
    { "a bare entry admits nothing simulated and no other register",
      a_bare_entry_admits_nothing_simulated_and_no_other_register },
    { "every part must hold", every_part_must_hold },
    { "numbers texts and flags compare as what they are",
      numbers_texts_and_flags_compare_as_what_they_are },
    { "a claim of another kind or length is another value",
      a_claim_of_another_kind_or_length_is_another_value },
    { "nothing is admitted by an expression without parts",
      nothing_is_admitted_by_an_expression_without_parts },
    { "the nearest entry is the one of this tee with most parts",
      the_nearest_entry_is_the_one_of_this_tee_with_most_parts },
};

TEST_MAIN("appraisal/expr_match", cases)
