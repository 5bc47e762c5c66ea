/* SPDX-License-Identifier: Apache-2.0 */
/* What tokens say, under the names of the measurement expressions. */
#include "maa_claims.h"

#include <string.h>

#include "appraisal/claims.h"
#include "tests/mint/mint_maa.h"
#include "tests/test.h"
#include "verifier.h"

static struct tsec_claims claims;
static struct mint_maa_spec spec;

static tsec_rc
decode(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(MINT_MAA_TOKEN_MAX);

    mint_maa(&spec, &text);
    return maa_decode(tsec_buf_span(&text), &claims, NULL);
}

static bool
is_number(const char *name, uint64_t n)
{
    const struct tsec_claim *claim = tsec_claims_find(&claims, name);

    return claim != NULL && claim->kind == TSEC_CLAIM_NUMBER && claim->number == n;
}

static bool
is_filled(const char *name, uint8_t fill, size_t len)
{
    const struct tsec_claim *claim = tsec_claims_find(&claims, name);

    if (claim == NULL || claim->kind != TSEC_CLAIM_BYTES || claim->len != len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (claim->value[i] != fill) {
            return false;
        }
    }
    return true;
}

static bool
is_text(const char *name, const char *text)
{
    const struct tsec_claim *claim = tsec_claims_find(&claims, name);

    return claim != NULL && claim->kind == TSEC_CLAIM_TEXT
           && tsec_span_is(tsec_span(claim->value, claim->len), text);
}

static bool
is_bool(const char *name, bool value)
{
    const struct tsec_claim *claim = tsec_claims_find(&claims, name);

    return claim != NULL && claim->kind == TSEC_CLAIM_BOOL && claim->number == (value ? 1 : 0);
}

static void
an_enclaves_claims_are_read(void)
{
    mint_maa_genuine(MINT_MAA_SGX, &spec);
    CU_ASSERT_EQUAL(decode().code, TSEC_OK_CODE);
    CU_ASSERT_STRING_EQUAL(claims.tee, "sgx");
    CU_ASSERT_TRUE(is_filled("mrenclave", 0x29, 32));
    CU_ASSERT_TRUE(is_filled("mrsigner", 0x4a, 32));
    CU_ASSERT_TRUE(is_number("prod_id", 7));
    CU_ASSERT_TRUE(is_number("svn", 3));
    CU_ASSERT_TRUE(is_text("attestation_type", "sgx"));
    CU_ASSERT_TRUE(claims.has_svn && claims.svn == 3);
    CU_ASSERT_EQUAL(claims.measurement_len, 32);
    CU_ASSERT_EQUAL(claims.measurement[0], 0x29);
    CU_ASSERT_EQUAL(claims.signer[0], 0x4a);
    CU_ASSERT_FALSE(claims.debug); /* whatever the older name says */
    CU_ASSERT_EQUAL(claims.tcb_status, TSEC_TCB_NONE);
    CU_ASSERT_EQUAL(tsec_claims_find(&claims, "policy_hash")->len, 32);
}

static void
an_snp_machines_claims_are_read(void)
{
    mint_maa_genuine(MINT_MAA_SNP, &spec);
    CU_ASSERT_EQUAL(decode().code, TSEC_OK_CODE);
    CU_ASSERT_STRING_EQUAL(claims.tee, "snp");
    CU_ASSERT_TRUE(is_filled("measurement", 0xad, 48));
    CU_ASSERT_TRUE(is_filled("id_key", 0x57, 48));
    CU_ASSERT_TRUE(is_filled("host_data", 0x73, 32));
    CU_ASSERT_TRUE(is_number("tcb_bootloader", 3));
    CU_ASSERT_TRUE(is_number("tcb_snp", 8));
    CU_ASSERT_TRUE(is_number("tcb_tee", 0));
    CU_ASSERT_TRUE(is_number("tcb_microcode", 115));
    CU_ASSERT_TRUE(is_number("vmpl", 0));
    CU_ASSERT_TRUE(is_bool("smt_allowed", true));
    CU_ASSERT_TRUE(is_bool("migration_allowed", false));
    CU_ASSERT_PTR_NULL(tsec_claims_find(&claims, "compliance_status"));
}

static void
a_virtual_machines_claims_are_those_of_both_layers(void)
{
    mint_maa_genuine(MINT_MAA_CVM, &spec);
    CU_ASSERT_EQUAL(decode().code, TSEC_OK_CODE);
    CU_ASSERT_STRING_EQUAL(claims.tee, "azure-cvm");
    CU_ASSERT_TRUE(is_filled("measurement", 0xad, 48));
    CU_ASSERT_TRUE(is_text("compliance_status", "azure-compliant-cvm"));
    CU_ASSERT_TRUE(is_text("attestation_type", "azurevm"));
    CU_ASSERT_TRUE(is_text("vm_id", "D3FD4B09-37A3-40D5-8F2A-EA80762213CC"));
    CU_ASSERT_TRUE(is_bool("secure_boot", true));
}

static void
a_trust_domains_claims_are_read(void)
{
    mint_maa_genuine(MINT_MAA_TDX, &spec);
    CU_ASSERT_EQUAL(decode().code, TSEC_OK_CODE);
    CU_ASSERT_STRING_EQUAL(claims.tee, "tdx");
    CU_ASSERT_TRUE(is_filled("mrtd", 0xbd, 48));
    CU_ASSERT_TRUE(is_filled("rtmr0", 0x10, 48));
    CU_ASSERT_EQUAL(claims.tcb_status, TSEC_TCB_UP_TO_DATE);
    CU_ASSERT_STRING_EQUAL(claims.tcb_date, "2024-03-13T00:00:00Z");
}

static void
decoding_judges_nothing_but_types(void)
{
    mint_maa_genuine(MINT_MAA_SGX, &spec);
    spec.alg = "none";
    spec.issuer = "https://anybody";
    spec.exp = 1;
    spec.rsa = 3;
    spec.debug = true;
    CU_ASSERT_EQUAL(decode().code, TSEC_OK_CODE);
    CU_ASSERT_TRUE(claims.debug);
    CU_ASSERT_STRING_EQUAL(claims.issuer, "https://anybody");
    CU_ASSERT_EQUAL(claims.not_after, 1);
    spec.outer[0] = (struct mint_maa_edit){ "x-ms-sgx-svn", "\"3\"", false };
    CU_ASSERT_EQUAL(decode().code, TSEC_E_INVALID);
    spec.outer[0] = (struct mint_maa_edit){ "x-ms-attestation-type", "\"tpm\"", false };
    CU_ASSERT_EQUAL(decode().code, TSEC_E_INVALID);
}

static void
claims_that_may_be_there_are_held_to_their_types_too(void)
{
    static const struct mint_maa_edit edits[] = {
        { "x-ms-policy-hash", "\"00\"", false },
        { "x-ms-policy-hash", "7", false },
        { "jti", "7", false },
        { "x-ms-sgx-config-id", "\"00\"", false },
        { "x-ms-sgx-config-svn", "\"1\"", false },
        { "x-ms-sgx-isv-family-id", "\"0\"", false },
        { "iss", "7", false },
        { "iss", "\"https://a.example\\n\"", false },
        { "iss", "\"https://a.example\\u009b31m\"", false },
        { "x-ms-compliance-status", "true", false },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(edits); i++) {
        mint_maa_genuine(MINT_MAA_SGX, &spec);
        spec.outer[0] = edits[i];
        CU_ASSERT_EQUAL(decode().code, TSEC_E_INVALID);
    }
    mint_maa_genuine(MINT_MAA_SGX, &spec);
    spec.outer[0] = (struct mint_maa_edit){ "x-ms-sgx-config-svn", "9", false };
    CU_ASSERT_EQUAL(decode().code, TSEC_OK_CODE);
    CU_ASSERT_TRUE(is_number("config_svn", 9));
}

static const struct test_case cases[] = {
    { "an enclave's claims are read", an_enclaves_claims_are_read },
    { "an SNP machine's claims are read", an_snp_machines_claims_are_read },
    { "a virtual machine's claims are those of both layers",
      a_virtual_machines_claims_are_those_of_both_layers },
    { "a trust domain's claims are read", a_trust_domains_claims_are_read },
    { "decoding judges nothing but types", decoding_judges_nothing_but_types },
    { "claims that may be there are held to their types too",
      claims_that_may_be_there_are_held_to_their_types_too },
};

TEST_MAIN("maa-claims", cases)
