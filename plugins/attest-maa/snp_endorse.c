/* SPDX-License-Identifier: Apache-2.0 */
#include "snp_endorse.h"

#include <inttypes.h>
#include <stdio.h>

#include "appraisal/report.h"
#include "base/hex.h"

enum { CANDIDATES_MAX = 16, P384_LEN = 48, CHIP_DIGITS = 16 };

struct candidates {
    struct snp_vek items[CANDIDATES_MAX];
    size_t len;
    size_t seen;       /* of the right kind, fitting or not */
    enum snp_fit best; /* among those that do not fit */
    struct snp_vek nearest;
};

static tsec_rc
check_kind(const struct verifier_input *in, const struct snp_report *report, struct tsec_err *err)
{
    struct tsec_checks *checks = in->expect->checks;

    if (report->signature_algo != SNP_ECDSA_P384_SHA384) {
        return tsec_check_failed(checks, TSEC_REASON_ALGORITHM, "algorithm", err,
                                 "signature algorithm %" PRIu32 ", expected 1 (ECDSA P-384 with "
                                 "SHA-384)",
                                 report->signature_algo);
    }
    if (report->signing_key != SNP_KEY_VCEK && report->signing_key != SNP_KEY_VLEK) {
        return tsec_check_failed(checks, TSEC_REASON_POLICY, "signing-key", err,
                                 "signing key %u (%s), expected 0 (VCEK) or 1 (VLEK)",
                                 report->signing_key, snp_signing_key_name(report->signing_key));
    }
    if (report->mask_chip_key && report->signing_key == SNP_KEY_VCEK) {
        return tsec_check_failed(checks, TSEC_REASON_POLICY, "signing-key", err,
                                 "MASK_CHIP_KEY is set: the host keeps the chip's key from signing "
                                 "reports");
    }
    if (report->flags_reserved != 0) {
        return tsec_check_failed(checks, TSEC_REASON_POLICY, "signing-key", err,
                                 "reserved bits beside the signing key: 0x%" PRIx32,
                                 report->flags_reserved);
    }
    if (report->has_cpuid && snp_report_product(report) == SNP_UNKNOWN) {
        return tsec_check_failed(checks, TSEC_REASON_NO_ENDORSEMENT, "product", err,
                                 "CPUID family %02xh model %02xh is no product whose roots are "
                                 "known here",
                                 report->family, report->model);
    }
    return TSEC_OK;
}

static void
collect(const struct verifier_input *in, const struct snp_report *report, struct candidates *out)
{
    const enum snp_signing_key kind = (enum snp_signing_key)report->signing_key;
    struct snp_vek vek;

    for (size_t i = 0; i < collateral_certs(in->collateral); i++) {
        const struct tsec_cert *cert = collateral_cert(in->collateral, i);
        enum snp_fit fit = SNP_FIT_NO_PRODUCT;

        if (!snp_vek_is(cert, kind) || tsec_failed(snp_vek_read(cert, kind, &vek, NULL))) {
            continue;
        }
        out->seen++;
        fit = snp_vek_fit(&vek, report);
        if (fit == SNP_FITS && out->len < CANDIDATES_MAX) {
            out->items[out->len++] = vek;
        } else if (fit != SNP_FITS && (out->seen == 1 || fit > out->best)) {
            out->best = fit;
            out->nearest = vek;
        }
    }
}

/* Where the certificate is to be had; of its own, as it would not fit behind the explanation. */
static void
note_source(const struct verifier_input *in, const struct snp_report *report,
            enum snp_product product)
{
    const struct snp_tcb tcb = snp_tcb_read(product, report->reported_tcb);
    char chip[2 * 64 + 1];
    char fmc[32] = "";

    if (report->signing_key == SNP_KEY_VLEK) {
        tsec_check_ok(in->expect->checks, "vek-source",
                      "a VLEK comes from the cloud provider, in the certificate table behind the "
                      "report (extended report, auxblob)");
        return;
    }
    tsec_hex_encode(tsec_span(report->chip_id.ptr, product == SNP_TURIN ? 8 : 64), chip);
    if (product == SNP_TURIN) {
        (void)snprintf(fmc, sizeof(fmc), "fmcSPL=%" PRIu64 "&", tcb.fmc);
    }
    tsec_check_ok(in->expect->checks, "vek-source",
                  "https://kdsintf.amd.com/vcek/v1/%s/%s?%sblSPL=%" PRIu64 "&teeSPL=%" PRIu64
                  "&snpSPL=%" PRIu64 "&ucodeSPL=%" PRIu64,
                  product == SNP_UNKNOWN ? "Milan" : snp_product_name(product), chip, fmc,
                  tcb.bootloader, tcb.tee, tcb.snp, tcb.microcode);
}

/* What the nearest certificate is of instead. */
static void
describe_nearest(const struct candidates *found, char *out, size_t size)
{
    char text[SNP_TCB_TEXT_LEN];
    char chip[CHIP_DIGITS + 1] = "";

    out[0] = '\0';
    if (found->seen == 0) {
        return;
    }
    if (found->best == SNP_FIT_NO_PRODUCT) {
        (void)snprintf(out, size, ", one is of %s", snp_product_name(found->nearest.product));
    } else if (found->best == SNP_FIT_NO_CHIP) {
        tsec_hex_encode(tsec_span(found->nearest.hwid.ptr, CHIP_DIGITS / 2), chip);
        (void)snprintf(out, size, ", one is of chip %s", chip);
    } else {
        snp_tcb_text(found->nearest.product, &found->nearest.tcb, text);
        (void)snprintf(out, size, ", one of this chip is of %s", text);
    }
}

static tsec_rc
no_endorsement(const struct verifier_input *in, const struct snp_report *report,
               const struct candidates *found, struct tsec_err *err)
{
    const enum snp_product product = snp_report_product(report);
    const struct snp_tcb tcb = snp_tcb_read(product, report->reported_tcb);
    char wanted[SNP_TCB_TEXT_LEN];
    char nearest[SNP_TCB_TEXT_LEN + 32];
    char chip[CHIP_DIGITS + 1];

    snp_tcb_text(product, &tcb, wanted);
    tsec_hex_encode(tsec_span(report->chip_id.ptr, CHIP_DIGITS / 2), chip);
    describe_nearest(found, nearest, sizeof(nearest));
    note_source(in, report, product);
    return tsec_check_failed(in->expect->checks, TSEC_REASON_NO_ENDORSEMENT, "vek", err,
                             "%zu %ss at hand, none of %s chip %s with %s%s", found->seen,
                             snp_signing_key_name(report->signing_key),
                             product == SNP_UNKNOWN ? "Milan or Genoa" : snp_product_name(product),
                             chip, wanted, nearest);
}

/* 72 bytes little-endian to 48 big-endian; what does not fit must be zero. */
static bool
turn(struct tsec_span little, uint8_t out[static P384_LEN])
{
    for (size_t i = 0; i < P384_LEN; i++) {
        out[i] = little.ptr[P384_LEN - 1 - i];
    }
    return tsec_span_zero(tsec_span(little.ptr + P384_LEN, little.len - P384_LEN));
}

static tsec_rc
check_signature(const struct verifier_input *in, const struct snp_report *report,
                const struct snp_vek *vek, struct tsec_err *err)
{
    struct tsec_checks *checks = in->expect->checks;
    uint8_t raw[2 * P384_LEN];

    if (!turn(report->r, raw) || !turn(report->s, raw + P384_LEN)
        || !tsec_span_zero(report->behind_signature)) {
        return tsec_check_failed(checks, TSEC_REASON_SIGNATURE, "signature", err,
                                 "bytes that must be zero beside the signature are not");
    }
    if (tsec_failed(tsec_pubkey_verify(tsec_cert_key(vek->cert), TSEC_SIG_ES384,
                                       report->signed_bytes, tsec_span(raw, sizeof(raw)), NULL))) {
        return tsec_check_failed(checks, TSEC_REASON_SIGNATURE, "signature", err,
                                 "the report is not signed by the key of this %s",
                                 snp_signing_key_name(vek->kind));
    }
    tsec_check_ok(checks, "signature", "ECDSA P-384 by the %s", snp_signing_key_name(vek->kind));
    return TSEC_OK;
}

static tsec_rc
try_one(const struct verifier_input *in, const struct snp_report *report, const struct snp_vek *vek,
        struct snp_endorsement *out, struct tsec_err *err)
{
    char text[SNP_TCB_TEXT_LEN];

    out->vek = *vek;
    snp_tcb_text(vek->product, &vek->tcb, text);
    tsec_check_ok(in->expect->checks, "vek", "%s of this %s%s with %s",
                  snp_signing_key_name(vek->kind), snp_product_name(vek->product),
                  vek->kind == SNP_KEY_VCEK ? " chip" : "", text);
    TSEC_TRY(snp_chain_check(in, vek, &out->chain, err));
    return check_signature(in, report, vek, err);
}

tsec_rc
snp_endorse(const struct verifier_input *in, const struct snp_report *report,
            struct snp_endorsement *out, struct tsec_err *err)
{
    struct tsec_checks *checks = in->expect->checks;
    struct candidates found = { .len = 0 };
    tsec_rc rc = TSEC_OK;

    TSEC_TRY(check_kind(in, report, err));
    collect(in, report, &found);
    if (found.len == 0) {
        return no_endorsement(in, report, &found, err);
    }
    for (size_t i = 0; i < found.len; i++) {
        const size_t noted = checks == NULL ? 0 : checks->len;
        const uint32_t reason = checks == NULL ? 0 : checks->reason;

        rc = try_one(in, report, &found.items[i], out, err);
        if (!tsec_failed(rc)) {
            break;
        }
        /* The account is of the one that counts: the first that holds, or the last. */
        if (checks != NULL && i + 1 < found.len) {
            checks->len = noted;
            checks->reason = reason;
        }
    }
    return rc;
}
