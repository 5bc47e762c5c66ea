/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/az_rig.h"

enum { AK = 3, PART_MAX = 64 * 1024, ALL_PCRS = 0xffffff };

void
az_rig_init(struct az_rig *rig, struct tsec_span extra)
{
    memset(rig, 0, sizeof(*rig));
    snp_rig_init(&rig->snp, "Milan", false, 3);
    snp_rig_add_roots(&rig->snp, "Milan");
    rig->quote = (struct mint_quote){ .extra_data = extra, .selected = ALL_PCRS };
    tsec_buf_init(&rig->hcl, PART_MAX);
    tsec_buf_init(&rig->message, PART_MAX);
    tsec_buf_init(&rig->signature, PART_MAX);
    tsec_buf_init(&rig->pcrs, PART_MAX);
    tsec_buf_init(&rig->vcek, PART_MAX);
    mint_snp_vek_cert(&rig->snp.vek, rig->snp.key, &rig->vcek);
    az_rig_make(rig);
}

void
az_rig_done(struct az_rig *rig)
{
    snp_rig_done(&rig->snp);
    tsec_buf_done(&rig->hcl);
    tsec_buf_done(&rig->message);
    tsec_buf_done(&rig->signature);
    tsec_buf_done(&rig->pcrs);
    tsec_buf_done(&rig->vcek);
}

void
az_rig_make(struct az_rig *rig)
{
    TSEC_AUTO_BUF struct tsec_buf runtime = TSEC_BUF_INIT(PART_MAX);

    tsec_buf_reset(&rig->hcl);
    tsec_buf_reset(&rig->message);
    tsec_buf_reset(&rig->signature);
    tsec_buf_reset(&rig->pcrs);
    mint_hcl_runtime(mint_rsa(2048, AK), rig->user_data, &runtime);
    mint_hcl(rig->snp.report, rig->snp.key, tsec_buf_span(&runtime), &rig->hcl);
    mint_quote_message(&rig->quote, &rig->message);
    mint_quote_pcrs(rig->quote.selected, &rig->pcrs);
    mint_sign(mint_rsa(2048, AK), TSEC_SIG_RS256, tsec_buf_span(&rig->message), &rig->signature);
}

void
az_rig_json(const struct az_rig *rig, int version, struct tsec_buf *out)
{
    const struct mint_hcl_json parts = {
        .hcl = tsec_buf_span(&rig->hcl),
        .message = tsec_buf_span(&rig->message),
        .signature = tsec_buf_span(&rig->signature),
        .pcrs = tsec_buf_span(&rig->pcrs),
        .vcek = tsec_buf_span(&rig->vcek),
        .version = version,
    };

    mint_hcl_json(&parts, out);
}

tsec_rc
az_rig_run(struct az_rig *rig)
{
    TSEC_AUTO_BUF struct tsec_buf json = TSEC_BUF_INIT(AZ_EVIDENCE_MAX);

    az_rig_json(rig, 1, &json);
    return snp_rig_verify_az(&rig->snp, tsec_buf_span(&json));
}

tsec_rc
az_rig_run_bare(struct az_rig *rig)
{
    return snp_rig_verify_az(&rig->snp, tsec_buf_span(&rig->hcl));
}

tsec_rc
az_rig_run_text(struct az_rig *rig, const char *text)
{
    return snp_rig_verify_az(&rig->snp, tsec_span_str(text));
}
