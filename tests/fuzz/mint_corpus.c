/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the minted part of the verifiers' corpora: evidence of a PKI made for the purpose, with
 * its root's digest as the anchor.
 *
 *   mint_corpus DIRECTORY      writes DIRECTORY/NOUN/minted_* */
#include <sys/stat.h>

#include "codec/pack.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/parcel.h"
#include "tests/mint/mint_nitro.h"
#include "tests/plugins/az_rig.h"

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
         unsigned flags)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(PARCEL_MAX);

    put_head(&out, MODES | flags, MINT_SNP_NOW);
    put_item(&out, evidence);
    put_amd_anchors(&out, rig);
    for (size_t i = 0; i < collateral_certs(rig->set); i++) {
        put_item(&out, tsec_cert_der(collateral_cert(rig->set, i)));
    }
    write_seed(noun, name, &out);
}

static void
snp(const char *name, bool vlek, unsigned version, unsigned flags)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", vlek, version);
    snp_rig_endorse(&rig);
    snp_like("snp", name, &rig, tsec_span(rig.report, sizeof(rig.report)), flags);
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
    AZ_AUTO_RIG struct az_rig rig;

    az_rig_init(&rig, tsec_span_str("extra"));
    az_rig_make(&rig);
    snp_rig_add_vek(&rig.snp, &rig.snp.vek);
    snp_like("az_vtpm", "hcl", &rig.snp, tsec_buf_span(&rig.hcl), PARCEL_CACHED);
    snp_like("az_vtpm", "hcl_believed", &rig.snp, tsec_buf_span(&rig.hcl), PARCEL_BELIEVE);
    for (int version = 1; version <= 2; version++) {
        char name[32];

        tsec_buf_reset(&json);
        az_rig_json(&rig, version, &json);
        (void)snprintf(name, sizeof(name), "json_v%d", version);
        snp_like("az_vtpm", name, &rig.snp, tsec_buf_span(&json), PARCEL_BELIEVE);
    }
}

int
main(int argc, char **argv)
{
    FUZZ_ASSERT(argc == 2);
    directory = argv[1];
    nitro_seeds();
    snp_seeds();
    az_vtpm_seeds();
    return 0;
}
