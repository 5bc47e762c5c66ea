/* SPDX-License-Identifier: Apache-2.0 */
/* Minted evidence of each kind, with each byte that was signed changed in one bit; TSEC_FLIPS=all
 * changes each byte in all of its bits. */
#include "tests/vectors/flips.h"

#include <stdio.h>

#include "tests/mint/mint_hcl.h"
#include "tests/mint/mint_maa.h"
#include "tests/mint/mint_nitro.h"
#include "tests/plugins/quote_rig.h"
#include "tests/plugins/snp_rig.h"
#include "tests/test.h"

static void
nitro(const struct mint_nitro_spec *spec)
{
    uint8_t root[TSEC_SHA256_LEN];
    struct flips f;

    flips_init(&f, "nitro", MINT_NITRO_NOW);
    mint_nitro(spec, &f.evidence, root);
    f.nitro_root = root;
    f.strict = true;
    flips_run(&f, 3000);
    flips_done(&f);
}

static void
a_nitro_document_of_an_enclave(void)
{
    struct mint_nitro_spec spec;

    mint_nitro_genuine(&spec);
    nitro(&spec);
}

static void
a_nitro_document_of_an_instance(void)
{
    struct mint_nitro_spec spec;

    mint_nitro_genuine_tpm(&spec);
    nitro(&spec);
}

/* The rig's report, or the blob around it, with all that vouches for it. */
static void
snp(struct snp_rig *rig, bool hcl)
{
    TSEC_AUTO_BUF struct tsec_buf runtime = TSEC_BUF_INIT(MINT_SNP_REPORT_LEN * 8);
    struct flips f;

    flips_init(&f, hcl ? "az-vtpm" : "snp", MINT_SNP_NOW);
    if (hcl) {
        mint_hcl_runtime(mint_rsa(2048, 0), tsec_span(NULL, 0), &runtime);
        mint_hcl(rig->report, rig->key, tsec_buf_span(&runtime), &f.evidence);
    } else {
        tsec_buf_put(&f.evidence, rig->report, sizeof(rig->report));
    }
    snp_rig_endorse(rig);
    CU_ASSERT_FALSE_FATAL(tsec_failed(collateral_join(rig->set, NULL, &f.collateral, NULL)));
    f.anchors = &rig->anchors;
    f.strict = true;
    flips_run(&f, hcl ? 1000 : 816);
    flips_done(&f);
}

static void
an_snp_report_signed_by_a_vcek(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", false, 2);
    snp(&rig, false);
}

static void
an_snp_report_signed_by_a_vlek(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Turin", true, 3);
    snp(&rig, false);
}

static void
an_hcl_report_of_azure(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Genoa", false, 3);
    snp(&rig, true);
}

/* A genuine quote of the rig, and what vouches for it but for what the rig leaves out. */
static void
quote_open(struct flips *f, struct quote_rig *rig)
{
    flips_init(f, rig->as_tdx ? "tdx" : "sgx", MINT_SGX_NOW);
    (void)quote_rig_verdict(rig);
    tsec_buf_put_span(&f->evidence, tsec_buf_span(&rig->quote));
    CU_ASSERT_FALSE_FATAL(tsec_failed(collateral_join(rig->set, NULL, &f->collateral, NULL)));
    f->anchors = &rig->anchors;
    f->strict = true;
}

static void
quote(bool tdx, unsigned version, unsigned body_type)
{
    struct quote_rig rig;
    struct flips f;

    quote_rig_init(&rig, tdx);
    rig.spec.version = version;
    rig.spec.body_type = body_type;
    quote_open(&f, &rig);
    flips_run(&f, 2000);
    flips_done(&f);
    quote_rig_done(&rig);
}

static void
an_sgx_quote_of_version_3(void)
{
    quote(false, 3, 1);
}

static void
a_tdx_quote_of_version_4(void)
{
    quote(true, 4, 2);
}

static void
a_tdx_quote_of_version_5(void)
{
    quote(true, 5, 3);
}

/* Whether the quote is genuine with this document among its collateral; one that is not collateral
 * any more is not there. */
static bool
genuine_with(struct flips *f, const struct collateral *others, struct tsec_span document)
{
    TSEC_AUTO(collateral_free) struct collateral *one = NULL;

    collateral_free(f->collateral);
    f->collateral = NULL;
    CU_ASSERT_FALSE_FATAL(tsec_failed(collateral_new(&one, NULL)));
    (void)collateral_add(one, document, NULL).code;
    CU_ASSERT_FALSE_FATAL(tsec_failed(collateral_join(others, one, &f->collateral, NULL)));
    return flips_genuine(f);
}

static void
document(struct quote_rig *rig, const char *name, const struct tsec_buf *body)
{
    TSEC_AUTO_BUF struct tsec_buf wrapped = TSEC_BUF_INIT(2 * MINT_SGX_MAX);
    struct flips f;

    mint_sgx_wrap(name, tsec_buf_span(body), MINT_SGX_SIGNING, &wrapped);
    quote_open(&f, rig);
    CU_ASSERT_TRUE(genuine_with(&f, rig->set, tsec_buf_span(&wrapped)));

    uint8_t *start = memmem(wrapped.ptr, wrapped.len, body->ptr, body->len);

    CU_ASSERT_PTR_NOT_NULL_FATAL(start);
    for (size_t at = 0; at < body->len; at++) {
        start[at] ^= (uint8_t)(1u << at % 8);
        CU_ASSERT_FALSE(genuine_with(&f, rig->set, tsec_buf_span(&wrapped)));
        start[at] ^= (uint8_t)(1u << at % 8);
    }
    flips_done(&f);
}

static void
what_intel_says_of_a_tcb(void)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(MINT_SGX_MAX);
    struct quote_rig rig;

    quote_rig_init(&rig, true);
    rig.no_tcb_info = true;
    mint_sgx_tcb_info(&rig.spec, &body);
    document(&rig, "tcbInfo", &body);
    quote_rig_done(&rig);
}

static void
what_intel_says_of_a_quoting_enclave(void)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(MINT_SGX_MAX);
    struct quote_rig rig;

    quote_rig_init(&rig, false);
    rig.no_identity = true;
    mint_sgx_identity(&rig.spec, &body);
    document(&rig, "enclaveIdentity", &body);
    quote_rig_done(&rig);
}

static void
maa(enum mint_maa_family family)
{
    const struct mint_maa_jwk key = mint_maa_jwk();
    struct mint_maa_spec spec;
    struct flips f;

    flips_init(&f, "maa", MINT_MAA_NOW);
    mint_maa_genuine(family, &spec);
    mint_maa(&spec, &f.evidence);
    mint_maa_jwks(&key, 1, &f.jwks);
    f.anchors = &verifier_anchors_pinned;
    (void)snprintf(f.issuer, sizeof(f.issuer), "%s", MINT_MAA_ISSUER);
    f.strict = true;
    flips_run(&f, 1000);
    flips_done(&f);
}

static void
a_token_of_an_sgx_enclave(void)
{
    maa(MINT_MAA_SGX);
}

static void
a_token_of_a_confidential_vm(void)
{
    maa(MINT_MAA_CVM);
}

static const struct test_case cases[] = {
    { "a Nitro document of an enclave", a_nitro_document_of_an_enclave },
    { "a Nitro document of an instance", a_nitro_document_of_an_instance },
    { "an SNP report signed by a VCEK", an_snp_report_signed_by_a_vcek },
    { "an SNP report signed by a VLEK", an_snp_report_signed_by_a_vlek },
    { "an HCL report of Azure", an_hcl_report_of_azure },
    { "an SGX quote of version 3", an_sgx_quote_of_version_3 },
    { "a TDX quote of version 4", a_tdx_quote_of_version_4 },
    { "a TDX quote of version 5", a_tdx_quote_of_version_5 },
    { "what Intel says of a TCB", what_intel_says_of_a_tcb },
    { "what Intel says of a quoting enclave", what_intel_says_of_a_quoting_enclave },
    { "a token of an SGX enclave", a_token_of_an_sgx_enclave },
    { "a token of a confidential VM", a_token_of_a_confidential_vm },
};

TEST_MAIN("vectors/flips", cases)
