/* SPDX-License-Identifier: Apache-2.0 */
#include "az_vtpm_evidence.h"

#include "az_vtpm_bytes.h"
#include "codec/json_scan.h"
#include "hcl_report.h"

enum {
    MEMBERS_MAX = 32768,
    HCL_MAX = 32 * 1024,
    SIGNATURE_MAX = 2048,
    CERTIFICATES_MAX = 16,
    VERSION_MAX = 2,
};

void
az_vtpm_evidence_done(struct az_vtpm_evidence *evidence)
{
    tsec_buf_done(&evidence->hcl);
    tsec_buf_done(&evidence->message);
    tsec_buf_done(&evidence->signature);
    tsec_buf_done(&evidence->pcrs);
    collateral_free(evidence->carried);
    evidence->carried = NULL;
}

/* The member under one of two names, and not under both. */
static tsec_rc
either(struct tsec_span object, const char *name, const char *other, struct tsec_span *out,
       struct tsec_err *err)
{
    struct tsec_span second;

    const bool first = tsec_json_member(object, name, out) != TSEC_JSON_NONE;

    if (tsec_json_member(object, other, &second) == TSEC_JSON_NONE) {
        return TSEC_OK;
    }
    if (first) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "evidence with both \"%s\" and \"%s\"", name, other);
    }
    *out = second;
    return TSEC_OK;
}

static tsec_rc
read_pcrs(struct tsec_span list, struct tsec_buf *out, struct tsec_err *err)
{
    struct tsec_json_walk walk = tsec_json_walk(list);
    struct tsec_json_member item;
    size_t before = 0;

    while (tsec_json_next(&walk, &item)) {
        before = out->len;
        TSEC_TRY(az_vtpm_bytes(item.value, out, err));
        if (out->len - before != TPM_PCR_LEN) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "a PCR value of %zu bytes, expected %d",
                             out->len - before, TPM_PCR_LEN);
        }
    }
    return TSEC_OK;
}

static tsec_rc
read_quote(struct tsec_span quote, struct az_vtpm_evidence *out, struct tsec_err *err)
{
    struct tsec_span message;
    struct tsec_span signature;
    struct tsec_span pcrs;

    if (tsec_json_type_of(quote) != TSEC_JSON_OBJECT
        || tsec_json_member(quote, "message", &message) == TSEC_JSON_NONE
        || tsec_json_member(quote, "signature", &signature) == TSEC_JSON_NONE
        || tsec_json_member(quote, "pcrs", &pcrs) != TSEC_JSON_ARRAY) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "a quote needs \"message\", \"signature\" and \"pcrs\"");
    }
    TSEC_TRY(az_vtpm_bytes(message, &out->message, err));
    TSEC_TRY(az_vtpm_bytes(signature, &out->signature, err));
    TSEC_TRY(read_pcrs(pcrs, &out->pcrs, err));
    out->has_quote = true;
    return TSEC_OK;
}

/* PEM is added as it stands; anything else is bytes of one certificate. */
static tsec_rc
add_certificate(struct tsec_span value, struct az_vtpm_evidence *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(TSEC_EVIDENCE_MAX);

    if (tsec_json_type_of(value) == TSEC_JSON_STRING) {
        tsec_json_unescape(&bytes, value);
        TSEC_TRY(tsec_buf_check(&bytes, err));
        if (tsec_span_starts(tsec_buf_span(&bytes), tsec_span_str("-----BEGIN"))) {
            return collateral_add(out->carried, tsec_buf_span(&bytes), err);
        }
        tsec_buf_reset(&bytes);
    }
    TSEC_TRY(az_vtpm_bytes(value, &bytes, err));
    return collateral_add(out->carried, tsec_buf_span(&bytes), err);
}

static tsec_rc
add_list(struct tsec_span list, struct az_vtpm_evidence *out, struct tsec_err *err)
{
    struct tsec_json_walk walk = tsec_json_walk(list);
    struct tsec_json_member item;
    size_t count = 0;

    while (tsec_json_next(&walk, &item)) {
        if (++count > CERTIFICATES_MAX) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "evidence with more than %d certificates",
                             CERTIFICATES_MAX);
        }
        TSEC_TRY(add_certificate(item.value, out, err));
    }
    return TSEC_OK;
}

static tsec_rc
read_certificates(struct tsec_span json, struct az_vtpm_evidence *out, struct tsec_err *err)
{
    struct tsec_span vcek;
    struct tsec_span list;
    const bool has_vcek = tsec_json_member(json, "vcek", &vcek) != TSEC_JSON_NONE;
    const enum tsec_json_type type = tsec_json_member(json, "certificates", &list);

    if (!has_vcek && type == TSEC_JSON_NONE) {
        return TSEC_OK;
    }
    TSEC_TRY(collateral_new(&out->carried, err));
    if (has_vcek) {
        TSEC_TRY(add_certificate(vcek, out, err));
    }
    if (type == TSEC_JSON_NONE) {
        return TSEC_OK;
    }
    if (type != TSEC_JSON_ARRAY) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "\"certificates\" is no list");
    }
    return add_list(list, out, err);
}

static tsec_rc
check_version(struct tsec_span json, struct tsec_err *err)
{
    struct tsec_span version;
    const enum tsec_json_type type = tsec_json_member(json, "version", &version);
    int64_t number = 0;

    if (type == TSEC_JSON_NONE) {
        return TSEC_OK;
    }
    if (type != TSEC_JSON_NUMBER || !tsec_json_to_i64(version, &number) || number < 0
        || number > VERSION_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "evidence of a version that is not known here");
    }
    return TSEC_OK;
}

static tsec_rc
read_json(struct tsec_span text, struct az_vtpm_evidence *out, struct tsec_err *err)
{
    const struct tsec_json_limits limits = { .depth_max = 8, .members_max = MEMBERS_MAX };
    const struct tsec_span json = tsec_json_trim(text);
    struct tsec_span report = tsec_span(NULL, 0);
    struct tsec_span quote = tsec_span(NULL, 0);

    TSEC_TRY(tsec_json_check(text, &limits, err));
    if (tsec_json_type_of(json) != TSEC_JSON_OBJECT) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "evidence that is no JSON object");
    }
    TSEC_TRY(check_version(json, err));
    TSEC_TRY(either(json, "hcl_report", "report", &report, err));
    TSEC_TRY(either(json, "tpm_quote", "quote", &quote, err));
    if (report.ptr == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "evidence without \"hcl_report\"");
    }
    TSEC_TRY(az_vtpm_bytes(report, &out->hcl, err));
    if (quote.ptr != NULL) {
        TSEC_TRY(read_quote(quote, out, err));
    }
    return read_certificates(json, out, err);
}

tsec_rc
az_vtpm_evidence_parse(struct tsec_span bytes, struct az_vtpm_evidence *out, struct tsec_err *err)
{
    *out = (struct az_vtpm_evidence){ .carried = NULL };
    tsec_buf_init(&out->hcl, HCL_MAX);
    tsec_buf_init(&out->message, TPM_ATTEST_MAX);
    tsec_buf_init(&out->signature, SIGNATURE_MAX);
    tsec_buf_init(&out->pcrs, (size_t)TPM_PCRS * TPM_PCR_LEN);
    if (bytes.len > TSEC_EVIDENCE_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "evidence of %zu bytes, more than is taken",
                         bytes.len);
    }
    if (hcl_report_is(bytes)) {
        tsec_buf_put_span(&out->hcl, bytes);
        return out->hcl.failed && !out->hcl.no_memory
                   ? TSEC_FAIL(err, TSEC_E_INVALID, "an HCL report of %zu bytes", bytes.len)
                   : tsec_buf_check(&out->hcl, err);
    }
    return read_json(bytes, out, err);
}
