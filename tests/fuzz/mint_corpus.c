/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the minted part of the verifiers' corpora: evidence of a PKI made for the purpose, with
 * its root's digest as the anchor.
 *
 *   mint_corpus DIRECTORY      writes DIRECTORY/NOUN/minted_* */
#include <sys/stat.h>

#include "base/base64.h"
#include "base/hex.h"
#include "codec/json_out.h"
#include "codec/pack.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/parcel.h"
#include "tests/mint/mint_nitro.h"
#include "tests/plugins/az_rig.h"
#include "tests/plugins/quote_rig.h"
#include "tests/test.h"

enum { PARCEL_MAX = 1 << 20, PATH_LEN = 1024, MODES = PARCEL_OWN | PARCEL_ALLOW_TCB };

static const char *directory;

static void
put_item(struct tsec_buf *out, struct tsec_span item)
{
    tsec_pack_u32(out, (uint32_t)item.len);
    tsec_buf_put_span(out, item);
}

/* The parcel begins; evidence, anchors and what comes beside follow by put_item(). */
static void
put_head(struct tsec_buf *out, unsigned flags, int64_t now)
{
    tsec_pack_u8(out, (uint8_t)flags);
    tsec_pack_u32(out, (uint32_t)now);
}

static void
write_seed(const char *noun, const char *name, const struct tsec_buf *bytes)
{
    char path[PATH_LEN];

    (void)snprintf(path, sizeof(path), "%s/%s", directory, noun);
    (void)mkdir(path, 0755);
    (void)snprintf(path, sizeof(path), "%s/%s/minted_%s", directory, noun, name);

    FILE *f = fopen(path, "wb");

    FUZZ_ASSERT(f != NULL && fwrite(bytes->ptr, 1, bytes->len, f) == bytes->len);
    FUZZ_ASSERT(fclose(f) == 0);
}

static void
nitro(const char *name, const struct mint_nitro_spec *spec, unsigned flags)
{
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(MINT_NITRO_MAX);
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(PARCEL_MAX);
    uint8_t root[TSEC_SHA256_LEN];

    mint_nitro(spec, &document, root);
    put_head(&out, MODES | flags, MINT_NITRO_NOW);
    put_item(&out, tsec_buf_span(&document));
    put_item(&out, tsec_span(root, sizeof(root)));
    if (spec->no_root) {
        TSEC_AUTO_BUF struct tsec_buf kept = TSEC_BUF_INIT(MINT_NITRO_MAX);

        mint_nitro_cert(spec, 0, &kept);
        put_item(&out, tsec_buf_span(&kept));
    }
    write_seed("nitro", name, &out);
}

static void
nitro_seeds(void)
{
    struct mint_nitro_spec spec;

    mint_nitro_genuine(&spec);
    nitro("enclave", &spec, PARCEL_CACHED);
    nitro("enclave_believed", &spec, PARCEL_BELIEVE);
    spec.indefinite = true;
    spec.reversed = true;
    spec.tags = 1;
    spec.tag = 18;
    nitro("indefinite_reversed_tagged", &spec, 0);
    mint_nitro_genuine_tpm(&spec);
    nitro("tpm", &spec, 0);
    mint_nitro_genuine(&spec);
    memset(spec.pcrs, 0, sizeof(spec.pcrs));
    nitro("debug_allowed", &spec, PARCEL_ALLOW_DEBUG);
    mint_nitro_genuine(&spec);
    spec.no_root = true;
    nitro("kept_root", &spec, 0);
    mint_nitro_genuine(&spec);
    spec.other_signer = true;
    nitro("other_signer", &spec, 0);
}

/* Digests as maa_input.h has them: those of AMD's, and zeroes. */
static void
put_amd_anchors(struct tsec_buf *out, const struct snp_rig *rig)
{
    tsec_pack_u32(out, 3 * TSEC_SHA256_LEN);
    tsec_buf_put(out, rig->anchors.amd[0].ark, TSEC_SHA256_LEN);
    tsec_buf_put(out, rig->anchors.amd[0].ask, TSEC_SHA256_LEN);
    tsec_buf_put(out, rig->anchors.amd[0].asvk, TSEC_SHA256_LEN);
}

static void
snp_like(const char *noun, const char *name, const struct snp_rig *rig, struct tsec_span evidence,
         const struct tsec_buf *crl, unsigned flags)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(PARCEL_MAX);

    put_head(&out, MODES | flags, MINT_SNP_NOW);
    put_item(&out, evidence);
    put_amd_anchors(&out, rig);
    for (size_t i = 0; i < collateral_certs(rig->set); i++) {
        put_item(&out, tsec_cert_der(collateral_cert(rig->set, i)));
    }
    if (crl->len > 0) {
        put_item(&out, tsec_buf_span(crl));
    }
    write_seed(noun, name, &out);
}

static void
snp(const char *name, bool vlek, unsigned version, unsigned flags)
{
    TSEC_AUTO_BUF struct tsec_buf crl = TSEC_BUF_INIT(PARCEL_MAX);
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", vlek, version);
    snp_rig_endorse(&rig);
    if ((flags & PARCEL_REVOCATION) != 0) {
        mint_snp_crl("Milan", false, MINT_SNP_NOW - 1, MINT_SNP_NOW + 1, &crl);
    }
    snp_like("snp", name, &rig, tsec_span(rig.report, sizeof(rig.report)), &crl, flags);
}

static void
snp_seeds(void)
{
    snp("vcek_v2", false, 2, PARCEL_CACHED);
    snp("vlek_v3", true, 3, 0);
    snp("vcek_v3_believed", false, 3, PARCEL_BELIEVE);
    snp("vcek_v3_revocation", false, 3, PARCEL_REVOCATION);
}

static void
az_vtpm_seeds(void)
{
    TSEC_AUTO_BUF struct tsec_buf json = TSEC_BUF_INIT(PARCEL_MAX);
    const struct tsec_buf none = TSEC_BUF_INIT(0);
    AZ_AUTO_RIG struct az_rig rig;

    az_rig_init(&rig, tsec_span_str("extra"));
    az_rig_make(&rig);
    snp_rig_add_vek(&rig.snp, &rig.snp.vek);
    snp_like("az_vtpm", "hcl", &rig.snp, tsec_buf_span(&rig.hcl), &none, PARCEL_CACHED);
    snp_like("az_vtpm", "hcl_believed", &rig.snp, tsec_buf_span(&rig.hcl), &none, PARCEL_BELIEVE);
    for (int version = 1; version <= 2; version++) {
        char name[32];

        tsec_buf_reset(&json);
        az_rig_json(&rig, version, &json);
        (void)snprintf(name, sizeof(name), "json_v%d", version);
        snp_like("az_vtpm", name, &rig.snp, tsec_buf_span(&json), &none, PARCEL_BELIEVE);
    }
}

/* Intel's key stands behind AMD's three digests. */
static void
put_intel_anchor(struct tsec_buf *out, const struct quote_rig *rig)
{
    static const uint8_t zeroes[3 * TSEC_SHA256_LEN];

    tsec_pack_u32(out, 4 * TSEC_SHA256_LEN);
    tsec_buf_put(out, zeroes, sizeof(zeroes));
    tsec_buf_put(out, rig->anchors.intel_spki, TSEC_SHA256_LEN);
}

static void
put_documents(struct tsec_buf *out, const struct quote_rig *rig)
{
    for (size_t i = 0; i < collateral_docs(rig->set); i++) {
        const struct collateral_doc *doc = collateral_doc(rig->set, i);

        put_item(out, doc->body);
        put_item(out, doc->signature);
    }
}

static void
quote(const char *name, struct quote_rig *rig, unsigned flags)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(PARCEL_MAX);
    TSEC_AUTO_BUF struct tsec_buf crl = TSEC_BUF_INIT(PARCEL_MAX);
    TSEC_AUTO_BUF struct tsec_buf chain = TSEC_BUF_INIT(PARCEL_MAX);

    FUZZ_ASSERT(strcmp(quote_rig_verdict(rig), "genuine") == 0);
    put_head(&out, PARCEL_OWN | flags | (rig->as_tdx ? PARCEL_VARIANT : 0), MINT_SGX_NOW);
    put_item(&out, tsec_buf_span(&rig->quote));
    put_intel_anchor(&out, rig);
    put_documents(&out, rig);
    mint_sgx_crl(MINT_SGX_ROOT, 0, &crl);
    put_item(&out, tsec_buf_span(&crl));
    tsec_buf_reset(&crl);
    mint_sgx_crl(MINT_SGX_CA, 0, &crl);
    put_item(&out, tsec_buf_span(&crl));
    mint_sgx_signing_chain(&rig->spec, &chain);
    put_item(&out, tsec_buf_span(&chain));
    write_seed("quote", name, &out);
}

static void
quote_of(const char *name, bool tdx, unsigned version, unsigned body_type, unsigned flags)
{
    struct quote_rig rig;

    quote_rig_init(&rig, tdx);
    rig.spec.version = version;
    rig.spec.body_type = body_type;
    quote(name, &rig, flags);
    quote_rig_done(&rig);
}

static void
quote_seeds(void)
{
    quote_of("sgx_v3", false, 3, 1, PARCEL_CACHED);
    quote_of("sgx_v3_believed", false, 3, 1, PARCEL_BELIEVE | PARCEL_REVOCATION);
    quote_of("tdx_v4", true, 4, 2, 0);
    quote_of("tdx_v4_believed", true, 4, 2, PARCEL_BELIEVE);
    quote_of("tdx_v5", true, 5, 3, PARCEL_REVOCATION);
    quote_of("tdx_v5_believed", true, 5, 3, PARCEL_BELIEVE);
}

static void
put_hex(struct tsec_json_out *json, const char *key, struct tsec_span bytes)
{
    TSEC_AUTO_BUF struct tsec_buf hex = TSEC_BUF_INIT(PARCEL_MAX);

    tsec_hex_append(&hex, bytes);
    tsec_json_put_span(json, key, tsec_buf_span(&hex));
}

/* All of a quote's collateral in one JSON object, as libraries for DCAP keep it. */
static void
put_bundle(struct tsec_buf *out, const struct quote_rig *rig)
{
    static const char *const names[][2] = { { "tcb_info", "tcb_info_signature" },
                                            { "qe_identity", "qe_identity_signature" } };
    TSEC_AUTO_BUF struct tsec_buf crl = TSEC_BUF_INIT(PARCEL_MAX);
    TSEC_AUTO_BUF struct tsec_buf chain = TSEC_BUF_INIT(PARCEL_MAX);
    struct tsec_json_out json = tsec_json_out(out);

    mint_sgx_crl(MINT_SGX_ROOT, 0, &crl);
    mint_sgx_signing_chain(&rig->spec, &chain);
    tsec_json_object(&json);
    tsec_json_put_span(&json, "tcb_info_issuer_chain", tsec_buf_span(&chain));
    put_hex(&json, "root_ca_crl", tsec_buf_span(&crl));
    for (size_t i = 0; i < collateral_docs(rig->set) && i < TSEC_ARRAY_LEN(names); i++) {
        tsec_json_put_span(&json, names[i][0], collateral_doc(rig->set, i)->body);
        put_hex(&json, names[i][1], collateral_doc(rig->set, i)->signature);
    }
    tsec_json_object_end(&json);
}

static void
collateral_seeds(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(PARCEL_MAX);
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(PARCEL_MAX);
    struct quote_rig rig;

    quote_rig_init(&rig, true);
    FUZZ_ASSERT(strcmp(quote_rig_verdict(&rig), "genuine") == 0);
    put_bundle(&out, &rig);
    write_seed("collateral", "bundle_json", &out);
    mint_sgx_crl(MINT_SGX_CA, 7, &der);
    write_seed("collateral", "crl_der", &der);
    tsec_buf_reset(&out);
    tsec_hex_append(&out, tsec_buf_span(&der));
    write_seed("collateral", "crl_hex", &out);
    tsec_buf_reset(&out);
    tsec_base64_append(&out, TSEC_BASE64_STD, tsec_buf_span(&der));
    write_seed("collateral", "crl_base64", &out);
    tsec_buf_reset(&out);
    mint_sgx_signing_chain(&rig.spec, &out);
    write_seed("collateral", "chain_pem", &out);
    quote_rig_done(&rig);
}

static const struct test_case cases[] = {
    { "Nitro", nitro_seeds },           { "SNP", snp_seeds },
    { "Azure", az_vtpm_seeds },         { "SGX and TDX", quote_seeds },
    { "collateral", collateral_seeds },
};

int
main(int argc, char **argv)
{
    FUZZ_ASSERT(argc == 2);
    directory = argv[1];
    return test_main("corpus", cases, TSEC_ARRAY_LEN(cases)); /* the rigs assert by CUnit */
}
