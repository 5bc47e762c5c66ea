/* SPDX-License-Identifier: Apache-2.0 */
#include "snp_claims.h"

#include <stdio.h>

#include "appraisal/claims.h"
#include "base/hex.h"

/* No key was used, or the host masks the chip: zeroes then are no value. */
static void
add_if_set(struct tsec_claims *claims, const char *name, struct tsec_span value)
{
    if (!tsec_span_zero(value)) {
        tsec_claims_add_bytes(claims, name, value);
    }
}

static void
fill_common(const struct snp_report *report, enum snp_product product, struct tsec_claims *claims)
{
    memcpy(claims->measurement, report->measurement.ptr, report->measurement.len);
    claims->measurement_len = report->measurement.len;
    if (!tsec_span_zero(report->id_key_digest)) {
        memcpy(claims->signer, report->id_key_digest.ptr, report->id_key_digest.len);
        claims->signer_len = report->id_key_digest.len;
    }
    if (!tsec_span_zero(report->chip_id)) {
        tsec_hex_encode(report->chip_id, claims->instance);
    }
    (void)snprintf(claims->hardware_model, sizeof(claims->hardware_model), "%s",
                   snp_product_name(product));
    claims->debug = (report->policy & SNP_POLICY_DEBUG) != 0;
    claims->has_svn = true;
    claims->svn = report->guest_svn;
    claims->tcb_status = TSEC_TCB_NONE;
    memcpy(claims->report_data, report->report_data.ptr, report->report_data.len);
    claims->report_data_len = report->report_data.len;
}

static void
add_tcb(const struct snp_report *report, enum snp_product product, struct tsec_claims *claims)
{
    const struct snp_tcb tcb = snp_tcb_read(product, report->reported_tcb);

    tsec_claims_add_number(claims, "tcb_bootloader", tcb.bootloader);
    tsec_claims_add_number(claims, "tcb_tee", tcb.tee);
    tsec_claims_add_number(claims, "tcb_snp", tcb.snp);
    tsec_claims_add_number(claims, "tcb_microcode", tcb.microcode);
    if (product == SNP_TURIN) {
        tsec_claims_add_number(claims, "tcb_fmc", tcb.fmc);
    }
}

static void
add_entries(const struct snp_report *report, struct tsec_claims *claims)
{
    const char *key = snp_signing_key_name(report->signing_key);

    add_if_set(claims, "id_key", report->id_key_digest);
    if (report->author_key) {
        add_if_set(claims, "author_key", report->author_key_digest);
    }
    tsec_claims_add_bytes(claims, "family_id", report->family_id);
    tsec_claims_add_bytes(claims, "image_id", report->image_id);
    tsec_claims_add_bytes(claims, "host_data", report->host_data);
    tsec_claims_add_bytes(claims, "report_id", report->report_id);
    add_if_set(claims, "chip_id", report->chip_id);
    tsec_claims_add_number(claims, "policy", report->policy);
    tsec_claims_add_number(claims, "vmpl", report->vmpl);
    tsec_claims_add_text(claims, "signing_key", tsec_span_str(key));
    tsec_claims_add_number(claims, "platform_info", report->platform_info);
    tsec_claims_add_bool(claims, "smt_allowed", (report->policy & SNP_POLICY_SMT) != 0);
    tsec_claims_add_bool(claims, "migration_allowed",
                         (report->policy & SNP_POLICY_MIGRATE_MA) != 0);
    tsec_claims_add_number(claims, "report_version", report->version);
}

void
snp_claims_fill(const struct snp_report *report, enum snp_product product,
                struct tsec_claims *claims)
{
    fill_common(report, product, claims);
    add_entries(report, claims);
    add_tcb(report, product, claims);
}

void
snp_claims_add_vek(const struct snp_vek *vek, struct tsec_claims *claims)
{
    if (vek->kind == SNP_KEY_VLEK) {
        tsec_claims_add_text(claims, "csp_id", vek->csp_id);
    }
}
