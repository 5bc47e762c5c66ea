/* SPDX-License-Identifier: Apache-2.0 */
/* Minted evidence of each kind, with each byte that was signed changed in one bit; TSEC_FLIPS=all
 * changes each byte in all of its bits. */
#include "tests/vectors/flips.h"

#include <stdio.h>

#include "tests/mint/mint_hcl.h"
#include "tests/mint/mint_maa.h"
#include "tests/mint/mint_nitro.h"
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
    { "a token of an SGX enclave", a_token_of_an_sgx_enclave },
    { "a token of a confidential VM", a_token_of_a_confidential_vm },
};

TEST_MAIN("vectors/flips", cases)
