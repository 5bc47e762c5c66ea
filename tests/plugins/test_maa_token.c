/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_token.h"

#include "maa_json.h"
#include "tests/mint/mint_maa.h"
#include "tests/test.h"

static struct mint_maa_spec spec;
static struct maa_token token;

static tsec_rc
parse(void)
{
    static struct tsec_buf text;

    tsec_buf_init(&text, 2 * MINT_MAA_TOKEN_MAX);
    mint_maa(&spec, &text);

    const tsec_rc rc = maa_token_parse(tsec_buf_span(&text), &token, NULL);

    tsec_buf_done(&text);
    return rc;
}

static void
header_and_claims_are_found_by_name(void)
{
    mint_maa_genuine(MINT_MAA_SGX, &spec);
    CU_ASSERT_EQUAL(parse().code, TSEC_OK_CODE);
    CU_ASSERT_TRUE(maa_says(token.head[MAA_ALG], "RS256"));
    CU_ASSERT_TRUE(maa_says(token.head[MAA_KID], MINT_MAA_KID));
    CU_ASSERT_FALSE(maa_has(token.head[MAA_CRIT]));
    CU_ASSERT_TRUE(maa_says(token.outer[MAA_ISS], MINT_MAA_ISSUER));
    CU_ASSERT_TRUE(tsec_span_is(token.outer[MAA_SGX_SVN], "3"));
    CU_ASSERT_FALSE(token.nested);
    CU_ASSERT_PTR_EQUAL(maa_token_tee(&token), token.outer);
    maa_token_done(&token);
}

static void
a_virtual_machines_tee_is_below_it(void)
{
    mint_maa_genuine(MINT_MAA_CVM, &spec);
    CU_ASSERT_EQUAL(parse().code, TSEC_OK_CODE);
    CU_ASSERT_TRUE(token.nested);
    CU_ASSERT_TRUE(maa_says(maa_token_tee(&token)[MAA_TYPE], "sevsnpvm"));
    CU_ASSERT_TRUE(maa_says(token.outer[MAA_TYPE], "azurevm"));
    CU_ASSERT_FALSE(maa_has(token.outer[MAA_SNP_VMPL]));
    maa_token_done(&token);
}

static void
fields_have_the_names_of_claims(void)
{
    CU_ASSERT_STRING_EQUAL(maa_field_name(MAA_ISS), "iss");
    CU_ASSERT_STRING_EQUAL(maa_field_name(MAA_SNP_FAMILY_ID), "x-ms-sevsnpvm-familyId");
    CU_ASSERT_STRING_EQUAL(maa_field_name(MAA_TDX_TCB_DATE), "attester_tcb_date");
}

static void
what_is_no_token_is_refused(void)
{
    static const char *const bad[] = { "",
                                       ".",
                                       "..",
                                       "e30.e30",
                                       "e30.e30.",
                                       "e30.e30.AAAA.AAAA",
                                       "W10.e30.AAAA",
                                       "e30.W10.AAAA",
                                       "e30.e3 0.AAAA",
                                       "{\"token\":\"e30.e30.AAAA\"}" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(maa_token_parse(tsec_span_str(bad[i]), &token, NULL).code, TSEC_E_INVALID);
        maa_token_done(&token);
    }
}

static void
a_token_past_the_limit_is_refused(void)
{
    static char nonce[MAA_TOKEN_MAX * 3 / 4];

    mint_maa_genuine(MINT_MAA_SNP, &spec);
    for (size_t i = 0; i + 1 < sizeof(nonce); i++) {
        nonce[i] = 'n';
    }
    spec.nonce = nonce;
    CU_ASSERT_EQUAL(parse().code, TSEC_E_INVALID);
    maa_token_done(&token);
}

static const struct test_case cases[] = {
    { "header and claims are found by name", header_and_claims_are_found_by_name },
    { "a virtual machine's TEE is below it", a_virtual_machines_tee_is_below_it },
    { "fields have the names of claims", fields_have_the_names_of_claims },
    { "what is no token is refused", what_is_no_token_is_refused },
    { "a token past the limit is refused", a_token_past_the_limit_is_refused },
};

TEST_MAIN("maa-token", cases)
