/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/evidence_source.h"
#include "tests/mint/mint_hcl.h"
#include "tests/mint/mint_maa.h"
#include "tests/mint/mint_nitro.h"
#include "tests/mint/mint_sgx.h"

#define PART_MAX ((size_t)64 * 1024)

enum { AK = 3, ALL_PCRS = 0xffffff };

static void
mint_enclave(struct evidence_case *c)
{
    struct mint_nitro_spec spec;

    if (strcmp(c->kind, "nitro-tpm") == 0) {
        mint_nitro_genuine_tpm(&spec);
    } else {
        mint_nitro_genuine(&spec);
    }
    mint_nitro(&spec, &c->evidence, c->nitro_root);
    c->at = MINT_NITRO_NOW;
}

/* ---- AMD ---- */

/* Makes ARK and ASK; their digests become the pinned ones. */
static void
mint_roots(struct evidence_case *c)
{
    struct tsec_buf *ark = evidence_case_more(c);
    struct tsec_buf *ask = evidence_case_more(c);

    mint_snp_ca("Milan", MINT_SNP_ARK, NULL, ark);
    mint_snp_ca("Milan", MINT_SNP_ASK, NULL, ask);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(c->anchors.amd); i++) {
        if (strcmp(c->anchors.amd[i].product, "Milan") == 0) {
            tsec_sha256(tsec_buf_span(ark), c->anchors.amd[i].ark);
            tsec_sha256(tsec_buf_span(ask), c->anchors.amd[i].ask);
        }
    }
    c->at = MINT_SNP_NOW;
}

static void
mint_report(struct evidence_case *c)
{
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P384);
    uint8_t report[MINT_SNP_REPORT_LEN];
    struct mint_snp_vek vek;

    mint_roots(c);
    mint_snp_vek_init(&vek, "Milan", false);
    mint_snp_vek_cert(&vek, key, evidence_case_more(c));
    mint_snp_report(3, &vek, report);
    mint_snp_sign(key, report);
    tsec_buf_put(&c->evidence, report, sizeof(report));
}

/* With a quote of the vTPM, and the VCEK inside. */
static void
mint_vm(struct evidence_case *c)
{
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P384);
    TSEC_AUTO_BUF struct tsec_buf runtime = TSEC_BUF_INIT(PART_MAX);
    TSEC_AUTO_BUF struct tsec_buf hcl = TSEC_BUF_INIT(PART_MAX);
    TSEC_AUTO_BUF struct tsec_buf message = TSEC_BUF_INIT(PART_MAX);
    TSEC_AUTO_BUF struct tsec_buf pcrs = TSEC_BUF_INIT(PART_MAX);
    TSEC_AUTO_BUF struct tsec_buf signature = TSEC_BUF_INIT(PART_MAX);
    TSEC_AUTO_BUF struct tsec_buf vcek = TSEC_BUF_INIT(PART_MAX);
    const struct mint_quote quote = { .extra_data = tsec_span_str("a nonce"),
                                      .selected = ALL_PCRS };
    uint8_t report[MINT_SNP_REPORT_LEN];
    struct mint_snp_vek vek;

    mint_roots(c);
    mint_snp_vek_init(&vek, "Milan", false);
    mint_snp_vek_cert(&vek, key, &vcek);
    mint_snp_report(3, &vek, report);
    mint_hcl_runtime(mint_rsa(2048, AK), tsec_span(NULL, 0), &runtime);
    mint_hcl(report, key, tsec_buf_span(&runtime), &hcl);
    mint_quote_message(&quote, &message);
    mint_quote_pcrs(quote.selected, &pcrs);
    mint_sign(mint_rsa(2048, AK), TSEC_SIG_RS256, tsec_buf_span(&message), &signature);

    const struct mint_hcl_json parts = { .hcl = tsec_buf_span(&hcl),
                                         .message = tsec_buf_span(&message),
                                         .signature = tsec_buf_span(&signature),
                                         .pcrs = tsec_buf_span(&pcrs),
                                         .vcek = tsec_buf_span(&vcek),
                                         .version = 1 };

    mint_hcl_json(&parts, &c->evidence);
}

/* ---- Intel ---- */

static void
mint_quoted(struct evidence_case *c)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(PART_MAX);
    struct mint_sgx spec;

    mint_sgx_genuine(&spec, strcmp(c->kind, "tdx") == 0);
    mint_sgx_anchor(c->anchors.intel_spki);
    mint_sgx_quote(&spec, &c->evidence);
    mint_sgx_crl(MINT_SGX_ROOT, 0, evidence_case_more(c));
    mint_sgx_crl(MINT_SGX_CA, 0, evidence_case_more(c));
    mint_sgx_signing_chain(&spec, evidence_case_more(c));
    mint_sgx_tcb_info(&spec, &body);
    mint_sgx_wrap("tcbInfo", tsec_buf_span(&body), MINT_SGX_SIGNING, evidence_case_more(c));
    tsec_buf_reset(&body);
    mint_sgx_identity(&spec, &body);
    mint_sgx_wrap("enclaveIdentity", tsec_buf_span(&body), MINT_SGX_SIGNING, evidence_case_more(c));
    c->at = MINT_SGX_NOW;
}

/* ---- tokens ---- */

static void
mint_token(struct evidence_case *c)
{
    const struct mint_maa_jwk key = mint_maa_jwk();
    struct mint_maa_spec spec;

    mint_maa_genuine(MINT_MAA_CVM, &spec);
    mint_maa(&spec, &c->evidence);
    mint_maa_jwks(&key, 1, &c->jwks);
    evidence_case_read_issuer(c);
    c->at = MINT_MAA_NOW;
}

static const struct {
    const char *kind;
    void (*mint)(struct evidence_case *c);
} mints[] = {
    { "nitro", mint_enclave },
    { "nitro-tpm", mint_enclave },
    { "snp", mint_report },
    { "az-snp-vtpm", mint_vm },
    { "az-snp-vtpm with quote", mint_vm },
    { "sgx", mint_quoted },
    { "tdx", mint_quoted },
    { "maa", mint_token },
};

struct evidence_case *
evidence_minted_load(const char *kind)
{
    TSEC_AUTO(evidence_case_free) struct evidence_case *c = evidence_case_new(kind);

    for (size_t i = 0; c != NULL && i < TSEC_ARRAY_LEN(mints); i++) {
        if (strcmp(mints[i].kind, kind) == 0) {
            mints[i].mint(c);
            c->source = "minted";
            return evidence_case_holds(c) ? TSEC_TAKE(c) : NULL;
        }
    }
    return NULL;
}
