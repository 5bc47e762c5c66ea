/* SPDX-License-Identifier: Apache-2.0 */
/* Real evidence of each kind, with each byte that was signed changed in one bit: TSEC_VECTORS names
 * the folder; TSEC_FLIPS=all changes each byte in all of its bits. */
#include "nitro_verify.h"
#include "snp_report.h"
#include "tests/test.h"
#include "tests/vectors/real.h"

struct kind {
    const char *kind;
    bool hcl;
    bool (*is)(const struct flips *flips);
    size_t least;
};

static bool
is_any(const struct flips *flips)
{
    return flips->evidence.len > 0;
}

static bool
is_of_tpm(const struct flips *flips)
{
    static struct tsec_claims claims;

    return !tsec_failed(nitro_decode(tsec_buf_span(&flips->evidence), &claims, NULL))
           && strcmp(claims.tee, "nitro-tpm") == 0;
}

static bool
is_of_enclave(const struct flips *flips)
{
    return !is_of_tpm(flips);
}

static bool
is_signed_by(const struct flips *flips, unsigned key)
{
    struct snp_report report;

    return !tsec_failed(snp_report_parse(tsec_buf_span(&flips->evidence), &report, NULL))
           && report.signing_key == key;
}

static bool
is_of_vcek(const struct flips *flips)
{
    return is_signed_by(flips, SNP_KEY_VCEK);
}

static bool
is_of_vlek(const struct flips *flips)
{
    return is_signed_by(flips, SNP_KEY_VLEK);
}

static bool
is_sgx_3(const struct flips *flips)
{
    return flips->evidence.ptr[0] == 3 && strcmp(flips->format, "sgx") == 0;
}

static bool
is_tdx_4(const struct flips *flips)
{
    return flips->evidence.ptr[0] == 4 && strcmp(flips->format, "tdx") == 0;
}

static bool
is_tdx_5(const struct flips *flips)
{
    return flips->evidence.ptr[0] == 5 && strcmp(flips->format, "tdx") == 0;
}

/* The first of that kind that is genuine at its time. */
static void
flip_one(const struct kind *kind)
{
    struct flips flips;
    size_t at = 0;
    bool ran = false;

    while (!ran && real_next(kind->kind, kind->hcl, &at, &flips)) {
        if (kind->is(&flips) && flips_genuine(&flips)) {
            flips_run(&flips, kind->least);
            ran = true;
        }
        flips_done(&flips);
    }
    CU_ASSERT_TRUE(ran);
}

static void
a_nitro_document_of_an_enclave(void)
{
    flip_one(&(struct kind){ "nitro", false, is_of_enclave, 4000 });
}

static void
a_nitro_document_of_an_instance(void)
{
    flip_one(&(struct kind){ "nitro", false, is_of_tpm, 4000 });
}

static void
an_snp_report_signed_by_a_vcek(void)
{
    flip_one(&(struct kind){ "sev-snp", false, is_of_vcek, 816 });
}

static void
an_snp_report_signed_by_a_vlek(void)
{
    flip_one(&(struct kind){ "sev-snp", false, is_of_vlek, 816 });
}

static void
an_hcl_report_of_azure(void)
{
    flip_one(&(struct kind){ "sev-snp", true, is_any, 1000 });
}

static void
an_sgx_quote_of_version_3(void)
{
    flip_one(&(struct kind){ "sgx", false, is_sgx_3, 3000 });
}

static void
a_tdx_quote_of_version_4(void)
{
    flip_one(&(struct kind){ "sgx", false, is_tdx_4, 3000 });
}

static void
a_tdx_quote_of_version_5(void)
{
    flip_one(&(struct kind){ "sgx", false, is_tdx_5, 3000 });
}

static void
a_token_of_azure_attestation(void)
{
    flip_one(&(struct kind){ "maa", false, is_any, 2000 });
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
    { "a token of Azure Attestation", a_token_of_azure_attestation },
};

int
main(void)
{
    int status = TEST_SKIP;

    if (real_open()) {
        status = test_main("vectors/flips of real evidence", cases, TSEC_ARRAY_LEN(cases));
        real_close();
    }
    return status;
}
