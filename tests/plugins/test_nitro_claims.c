/* SPDX-License-Identifier: Apache-2.0 */
#include "attest-nitro/nitro_claims.h"

#include <stdio.h>

#include "appraisal/claims.h"
#include "codec/cose.h"
#include "tests/mint/mint_nitro.h"
#include "tests/test.h"

static struct tsec_claims claims;

static void
fill(const struct mint_nitro_spec *spec)
{
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(MINT_NITRO_MAX);
    struct tsec_cose_sign1 cose;
    struct nitro_doc doc;

    mint_nitro(spec, &document, NULL);
    CU_ASSERT_EQUAL_FATAL(tsec_cose_sign1_parse(tsec_buf_span(&document), &cose, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(nitro_doc_parse(cose.payload, &doc, NULL).code, 0);
    nitro_claims_fill(&doc, &claims);
}

static bool
is_pcr(const struct mint_nitro_spec *spec, unsigned index, const uint8_t *bytes, size_t len)
{
    return tsec_span_equal(tsec_span(bytes, len), tsec_span(spec->pcrs[index], NITRO_PCR_LEN));
}

static unsigned
pcrs_found(const struct mint_nitro_spec *spec)
{
    unsigned found = 0;

    for (unsigned i = 0; i < NITRO_PCRS; i++) {
        char name[16];
        const struct tsec_claim *claim;

        (void)snprintf(name, sizeof(name), "pcr%u", i);
        claim = tsec_claims_find(&claims, name);
        if (claim != NULL && claim->kind == TSEC_CLAIM_BYTES
            && is_pcr(spec, i, claim->value, claim->len)) {
            found++;
        }
    }
    return found;
}

static void
an_enclave_says_what_it_is(void)
{
    struct mint_nitro_spec spec;
    const struct tsec_claim *claim;

    mint_nitro_genuine(&spec);
    fill(&spec);
    CU_ASSERT_STRING_EQUAL(claims.tee, "nitro");
    CU_ASSERT_STRING_EQUAL(claims.format, "nitro");
    CU_ASSERT_STRING_EQUAL(claims.hardware_model, "Nitro");
    CU_ASSERT_STRING_EQUAL(claims.instance, spec.module_id);
    CU_ASSERT_TRUE(is_pcr(&spec, 0, claims.measurement, claims.measurement_len));
    CU_ASSERT_TRUE(is_pcr(&spec, 8, claims.signer, claims.signer_len));
    CU_ASSERT_FALSE(claims.debug || claims.simulated || claims.has_svn);
    CU_ASSERT_TRUE(claims.has_issued_at);
    CU_ASSERT_EQUAL(claims.issued_at, MINT_NITRO_NOW);
    CU_ASSERT_EQUAL(claims.tcb_status, TSEC_TCB_NONE);
    CU_ASSERT_EQUAL(claims.report_data_len, 0);
    CU_ASSERT_TRUE(
        tsec_span_equal(tsec_span(claims.user_data, claims.user_data_len), spec.user_data));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_span(claims.nonce, claims.nonce_len), spec.nonce));
    CU_ASSERT_TRUE(
        tsec_span_equal(tsec_span(claims.public_key, claims.public_key_len), spec.public_key));
    CU_ASSERT_EQUAL(pcrs_found(&spec), 16);
    claim = tsec_claims_find(&claims, "timestamp_ms");
    CU_ASSERT_TRUE(claim != NULL && claim->number == (uint64_t)spec.timestamp_ms);
    claim = tsec_claims_find(&claims, "module_id");
    CU_ASSERT_TRUE(claim != NULL
                   && tsec_span_is(tsec_span(claim->value, claim->len), spec.module_id));
}

static void
an_instance_is_not_measured_by_its_firmware(void)
{
    struct mint_nitro_spec spec;

    mint_nitro_genuine_tpm(&spec);
    fill(&spec);
    CU_ASSERT_STRING_EQUAL(claims.tee, "nitro-tpm");
    CU_ASSERT_STRING_EQUAL(claims.format, "nitro");
    CU_ASSERT_TRUE(is_pcr(&spec, 4, claims.measurement, claims.measurement_len));
    CU_ASSERT_EQUAL(claims.signer_len, 0); /* its PCR8 is the boot loader's */
    CU_ASSERT_FALSE(claims.debug);
    CU_ASSERT_EQUAL(pcrs_found(&spec), 24);
}

static void
an_image_that_nobody_signed_has_no_signer(void)
{
    struct mint_nitro_spec spec;

    mint_nitro_genuine(&spec);
    memset(spec.pcrs[8], 0, sizeof(spec.pcrs[8]));
    fill(&spec);
    CU_ASSERT_EQUAL(claims.signer_len, 0);
    spec.has = 7;
    fill(&spec);
    CU_ASSERT_EQUAL(claims.signer_len, 0);
    CU_ASSERT_EQUAL(pcrs_found(&spec), 3);
}

static void
any_zero_among_the_first_three_is_debug(void)
{
    struct mint_nitro_spec spec;

    for (unsigned i = 0; i < 4; i++) {
        mint_nitro_genuine(&spec);
        memset(spec.pcrs[i], 0, sizeof(spec.pcrs[i]));
        fill(&spec);
        CU_ASSERT_EQUAL(claims.debug, i < 3);
    }
}

static void
a_document_with_everything_fits(void)
{
    static const uint8_t bytes[NITRO_FIELD_MAX] = { 1 };
    static char id[NITRO_MODULE_ID_MAX + 1];
    struct mint_nitro_spec spec;

    memset(id, 'i', sizeof(id) - 1);
    mint_nitro_genuine(&spec);
    spec.module_id = id;
    spec.has = UINT64_C(0xffffffff);
    spec.public_key = spec.user_data = spec.nonce = tsec_span(bytes, sizeof(bytes));
    fill(&spec);
    CU_ASSERT_EQUAL(claims.entries_len, 2 + NITRO_PCRS);
    CU_ASSERT_EQUAL(pcrs_found(&spec), NITRO_PCRS);
    CU_ASSERT_STRING_EQUAL(claims.instance, id);
    CU_ASSERT_EQUAL(claims.nonce_len, sizeof(bytes));
}

static const struct test_case cases[] = {
    { "an enclave says what it is", an_enclave_says_what_it_is },
    { "an instance is not measured by its firmware", an_instance_is_not_measured_by_its_firmware },
    { "an image that nobody signed has no signer", an_image_that_nobody_signed_has_no_signer },
    { "any zero among the first three is debug", any_zero_among_the_first_three_is_debug },
    { "a document with everything fits", a_document_with_everything_fits },
};

TEST_MAIN("attest-nitro/nitro_claims", cases)
