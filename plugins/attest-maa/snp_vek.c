/* SPDX-License-Identifier: Apache-2.0 */
#include "snp_vek.h"

#include "codec/der.h"

#define AMD_OID "1.3.6.1.4.1.3704.1."

/* What stands before the product in the issuer's name. */
static const char *const issuer_prefixes[] = { "SEV-", "SEV-VLEK-" };
static const char *const subjects[] = { "SEV-VCEK", "SEV-VLEK" };

bool
snp_vek_is(const struct tsec_cert *cert, enum snp_signing_key kind)
{
    return (size_t)kind < TSEC_ARRAY_LEN(subjects)
           && strcmp(tsec_cert_subject_cn(cert), subjects[kind]) == 0;
}

static enum snp_product
issuer_product(const struct tsec_cert *cert, enum snp_signing_key kind)
{
    const struct tsec_span cn = tsec_span_str(tsec_cert_issuer_cn(cert));
    const struct tsec_span prefix = tsec_span_str(issuer_prefixes[kind]);

    if (!tsec_span_starts(cn, prefix)) {
        return SNP_UNKNOWN;
    }
    return snp_product_of(tsec_span(cn.ptr + prefix.len, cn.len - prefix.len));
}

/* A security version is a DER INTEGER: 128 and more take two bytes. */
static tsec_rc
read_spl(const struct tsec_cert *cert, const char *oid, uint64_t *out, struct tsec_err *err)
{
    struct tsec_der der = { tsec_cert_extension(cert, oid) };
    struct tsec_span value;

    if (der.rest.ptr == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "certificate without extension %s", oid);
    }
    TSEC_TRY(tsec_der_take(&der, TSEC_DER_INTEGER, &value, err));
    if (der.rest.len != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "extension %s: bytes behind the number", oid);
    }
    return tsec_der_u64(value, out, err);
}

static tsec_rc
read_tcb(struct snp_vek *vek, struct tsec_err *err)
{
    TSEC_TRY(read_spl(vek->cert, AMD_OID "3.1", &vek->tcb.bootloader, err));
    TSEC_TRY(read_spl(vek->cert, AMD_OID "3.2", &vek->tcb.tee, err));
    TSEC_TRY(read_spl(vek->cert, AMD_OID "3.3", &vek->tcb.snp, err));
    TSEC_TRY(read_spl(vek->cert, AMD_OID "3.8", &vek->tcb.microcode, err));
    if (vek->product == SNP_TURIN) {
        TSEC_TRY(read_spl(vek->cert, AMD_OID "3.9", &vek->tcb.fmc, err));
    }
    return TSEC_OK;
}

static bool
is_hwid_len(size_t len)
{
    return len == 64 || len == 8;
}

/* Raw, or in an OCTET STRING: certificates of both makes are in use. */
static tsec_rc
read_hwid(struct snp_vek *vek, struct tsec_err *err)
{
    const struct tsec_span value = tsec_cert_extension(vek->cert, AMD_OID "4");
    struct tsec_der der = { value };

    if (value.ptr == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "VCEK without the chip's id (hwID)");
    }
    vek->hwid = value;
    if (!is_hwid_len(value.len)) {
        TSEC_TRY(tsec_der_take(&der, TSEC_DER_OCTETS, &vek->hwid, err));
        if (der.rest.len != 0 || !is_hwid_len(vek->hwid.len)) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "VCEK with a hwID of %zu bytes", value.len);
        }
    }
    return TSEC_OK;
}

static tsec_rc
read_csp_id(struct snp_vek *vek, struct tsec_err *err)
{
    struct tsec_der der = { tsec_cert_extension(vek->cert, AMD_OID "5") };
    uint8_t tag = 0;

    if (der.rest.ptr == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "VLEK without the cloud provider's id (cspID)");
    }
    TSEC_TRY(tsec_der_next(&der, &tag, &vek->csp_id, err));
    if ((tag != TSEC_DER_IA5 && tag != TSEC_DER_UTF8) || der.rest.len != 0 || vek->csp_id.len == 0
        || !tsec_text_plain(vek->csp_id)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "VLEK with a cspID that is no text");
    }
    return TSEC_OK;
}

tsec_rc
snp_vek_read(const struct tsec_cert *cert, enum snp_signing_key kind, struct snp_vek *out,
             struct tsec_err *err)
{
    *out = (struct snp_vek){ .cert = cert, .kind = kind };
    if (!snp_vek_is(cert, kind)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not a %s certificate", snp_signing_key_name(kind));
    }
    out->product = issuer_product(cert, kind);
    if (out->product == SNP_UNKNOWN) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "its issuer's name is of no known product");
    }
    TSEC_TRY(read_tcb(out, err));
    return kind == SNP_KEY_VCEK ? read_hwid(out, err) : read_csp_id(out, err);
}

/* Turin's ids have 8 bytes; the field has zeros behind them. */
static bool
is_chip(const struct snp_vek *vek, const struct snp_report *report)
{
    const struct tsec_span chip = report->chip_id;
    const size_t len = vek->hwid.len;

    return !tsec_span_zero(chip) && len <= chip.len
           && tsec_span_equal(vek->hwid, tsec_span(chip.ptr, len))
           && tsec_span_zero(tsec_span(chip.ptr + len, chip.len - len));
}

enum snp_fit
snp_vek_fit(const struct snp_vek *vek, const struct snp_report *report)
{
    const struct snp_tcb reported = snp_tcb_read(vek->product, report->reported_tcb);

    if (report->has_cpuid && vek->product != snp_report_product(report)) {
        return SNP_FIT_NO_PRODUCT;
    }
    if (vek->kind == SNP_KEY_VCEK && !is_chip(vek, report)) {
        return SNP_FIT_NO_CHIP;
    }
    return snp_tcb_equal(&vek->tcb, &reported) ? SNP_FITS : SNP_FIT_NO_TCB;
}
