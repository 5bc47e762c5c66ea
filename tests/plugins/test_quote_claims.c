/* SPDX-License-Identifier: Apache-2.0 */
#include "quote_claims.h"

#include "appraisal/claims.h"
#include "tests/mint/mint_sgx.h"
#include "tests/test.h"
#include "verifier.h"

static struct tsec_claims claims;

static tsec_rc
decode(const struct mint_sgx *spec, bool tdx)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(MINT_SGX_MAX);

    mint_sgx_quote(spec, &bytes);
    return quote_decode(tsec_buf_span(&bytes), tdx, &claims, NULL);
}

static bool
has_bytes(const char *name, uint8_t first, size_t len)
{
    const struct tsec_claim *claim = tsec_claims_find(&claims, name);

    return claim != NULL && claim->kind == TSEC_CLAIM_BYTES && claim->len == len
           && claim->value[0] == first;
}

static bool
has_number(const char *name, uint64_t n)
{
    const struct tsec_claim *claim = tsec_claims_find(&claims, name);

    return claim != NULL && claim->kind == TSEC_CLAIM_NUMBER && claim->number == n;
}

static void
an_enclave_has_the_names_that_expressions_use(void)
{
    struct mint_sgx spec;

    mint_sgx_genuine(&spec, false);
    spec.body[SGX_CONFIG_SVN] = 9;
    spec.body[SGX_CONFIG_ID] = 0xc1;
    spec.body[SGX_FAMILY_ID] = 0xfa;
    spec.body[SGX_EXT_PROD_ID] = 0xe1;
    CU_ASSERT_FALSE_FATAL(tsec_failed(decode(&spec, false)));
    CU_ASSERT_STRING_EQUAL(claims.tee, "sgx");
    CU_ASSERT_STRING_EQUAL(claims.format, "sgx");
    CU_ASSERT_TRUE(has_bytes("mrenclave", 0x11, 32));
    CU_ASSERT_TRUE(has_bytes("mrsigner", 0x22, 32));
    CU_ASSERT_TRUE(has_number("prod_id", 7));
    CU_ASSERT_TRUE(has_number("svn", 3));
    CU_ASSERT_TRUE(has_bytes("attributes", 0x05, 16));
    CU_ASSERT_TRUE(has_bytes("config_id", 0xc1, 64));
    CU_ASSERT_TRUE(has_number("config_svn", 9));
    CU_ASSERT_TRUE(has_bytes("family_id", 0xfa, 16));
    CU_ASSERT_TRUE(has_bytes("ext_prod_id", 0xe1, 16));
    CU_ASSERT_TRUE(has_bytes("cpu_svn", 5, 16));
    CU_ASSERT_TRUE(has_bytes("fmspc", 0x00, 6));
    CU_ASSERT_TRUE(has_number("qe_svn", 8));
    CU_ASSERT_TRUE(has_number("pce_svn", 11));
    CU_ASSERT_TRUE(claims.has_svn && claims.svn == 3);
    CU_ASSERT_EQUAL(claims.measurement_len, 32);
    CU_ASSERT_EQUAL(claims.signer_len, 32);
    CU_ASSERT_EQUAL(claims.report_data_len, 64);
    CU_ASSERT_EQUAL(claims.report_data[63], 0x55);
    CU_ASSERT_EQUAL(claims.tcb_status, TSEC_TCB_UNKNOWN);
}

static void
a_td_has_the_names_that_expressions_use(void)
{
    static const char *const registers[] = { "mrtd",       "mrseam",  "rtmr0",
                                             "rtmr1",      "rtmr2",   "rtmr3",
                                             "mrconfigid", "mrowner", "mrownerconfig" };
    struct mint_sgx spec;

    mint_sgx_genuine(&spec, true);
    for (size_t i = 0; i < 48; i++) {
        spec.body[TD_RTMR0 + 144 + i] = 0x77;
    }
    CU_ASSERT_FALSE_FATAL(tsec_failed(decode(&spec, true)));
    CU_ASSERT_STRING_EQUAL(claims.tee, "tdx");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(registers); i++) {
        const struct tsec_claim *claim = tsec_claims_find(&claims, registers[i]);

        CU_ASSERT_PTR_NOT_NULL_FATAL(claim);
        CU_ASSERT_EQUAL(claim->len, 48);
    }
    CU_ASSERT_TRUE(has_bytes("mrtd", 0x33, 48));
    CU_ASSERT_TRUE(has_bytes("rtmr0", 0x44, 48));
    CU_ASSERT_TRUE(has_bytes("rtmr3", 0x77, 48));
    CU_ASSERT_TRUE(has_bytes("td_attributes", 0, 8));
    CU_ASSERT_TRUE(has_bytes("xfam", 0xe7, 8));
    CU_ASSERT_TRUE(has_bytes("tee_tcb_svn", 4, 16));
    CU_ASSERT_PTR_NULL(tsec_claims_find(&claims, "mrservicetd"));
    CU_ASSERT_EQUAL(claims.measurement_len, 48);
    CU_ASSERT_EQUAL(claims.signer_len, 0);
    CU_ASSERT_FALSE(claims.has_svn);
    spec.version = 5;
    spec.body_type = 3;
    CU_ASSERT_FALSE_FATAL(tsec_failed(decode(&spec, true)));
    CU_ASSERT_TRUE(has_bytes("mrservicetd", 0, 48));
    CU_ASSERT_TRUE(has_bytes("tee_tcb_svn2", 4, 16));
}

static void
the_machine_is_named_by_its_certificate(void)
{
    struct mint_sgx spec;

    mint_sgx_genuine(&spec, true);
    CU_ASSERT_FALSE_FATAL(tsec_failed(decode(&spec, true)));
    CU_ASSERT_STRING_EQUAL(claims.hardware_model, "TDX 00806f050000");
    CU_ASSERT_STRING_EQUAL(claims.instance, "77777777777777777777777777777777");
    mint_sgx_genuine(&spec, false);
    spec.platform.has_instance = false;
    CU_ASSERT_FALSE_FATAL(tsec_failed(decode(&spec, false)));
    CU_ASSERT_STRING_EQUAL(claims.hardware_model, "SGX 00806f050000");
    CU_ASSERT_STRING_EQUAL(claims.instance, "99999999999999999999999999999999");
}

static void
decoding_judges_nothing(void)
{
    struct mint_sgx spec;

    mint_sgx_genuine(&spec, false);
    spec.quote_signer = MINT_SGX_STRANGER;
    spec.body[SGX_ATTRIBUTES] |= 2;
    CU_ASSERT_FALSE(tsec_failed(decode(&spec, false)));
    CU_ASSERT_TRUE(claims.debug);
    spec.no_extension = true;
    CU_ASSERT_FALSE(tsec_failed(decode(&spec, false)));
    CU_ASSERT_STRING_EQUAL(claims.hardware_model, "");
}

static void
a_quote_without_a_chain_is_read_all_the_same(void)
{
    struct mint_sgx spec;

    for (int tdx = 0; tdx < 2; tdx++) {
        mint_sgx_genuine(&spec, tdx == 1);
        spec.cert_type = 3;
        CU_ASSERT_FALSE(tsec_failed(decode(&spec, tdx == 1)));
        CU_ASSERT_TRUE(claims.measurement_len > 0);
        CU_ASSERT_STRING_EQUAL(claims.hardware_model, "");
    }
}

static void
what_is_no_quote_of_that_tee_is_not_decoded(void)
{
    struct mint_sgx spec;

    mint_sgx_genuine(&spec, false);
    CU_ASSERT_EQUAL(decode(&spec, true).code, TSEC_E_INVALID);
    spec.key_type = 3; /* what follows is of another form */
    CU_ASSERT_EQUAL(decode(&spec, false).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(quote_decode(tsec_span_str("x"), false, &claims, NULL).code, TSEC_E_INVALID);
}

static const struct test_case cases[] = {
    { "an enclave has the names that expressions use",
      an_enclave_has_the_names_that_expressions_use },
    { "a TD has the names that expressions use", a_td_has_the_names_that_expressions_use },
    { "the machine is named by its certificate", the_machine_is_named_by_its_certificate },
    { "decoding judges nothing", decoding_judges_nothing },
    { "a quote without a chain is read all the same",
      a_quote_without_a_chain_is_read_all_the_same },
    { "what is no quote of that TEE is not decoded", what_is_no_quote_of_that_tee_is_not_decoded },
};

TEST_MAIN("plugins/quote_claims", cases)
