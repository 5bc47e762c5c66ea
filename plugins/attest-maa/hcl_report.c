/* SPDX-License-Identifier: Apache-2.0 */
#include "hcl_report.h"

#include <inttypes.h>

#include "snp_report.h"

enum {
    HEADER_LEN = 0x20,
    DATA_AT = HEADER_LEN + SNP_REPORT_LEN, /* size, version, report type, hash type, JSON's size */
    JSON_AT = DATA_AT + 20,
    REQUEST_REPORT = 2,
    REPORT_SNP = 2,
};

static uint32_t
u32_at(struct tsec_span bytes, size_t at)
{
    const uint8_t *b = bytes.ptr + at;

    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

bool
hcl_report_is(struct tsec_span bytes)
{
    return tsec_span_starts(bytes, tsec_span_str("HCLA"));
}

static tsec_rc
read_header(struct tsec_span blob, struct hcl_report *out, struct tsec_err *err)
{
    out->version = u32_at(blob, 4);
    if (out->version != 1 && out->version != 2) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "HCL report version %" PRIu32 ", known are 1 and 2",
                         out->version);
    }
    if (u32_at(blob, 12) != REQUEST_REPORT || u32_at(blob, 16) != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "HCL report of type %" PRIu32 " with status %" PRIu32 ", expected 2 and 0",
                         u32_at(blob, 12), u32_at(blob, 16));
    }
    if (!tsec_span_zero(tsec_span(blob.ptr + 20, HEADER_LEN - 20))) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "HCL report: reserved bytes of its head are not zero");
    }
    return TSEC_OK;
}

static tsec_rc
read_hash(uint32_t type, struct hcl_report *out, struct tsec_err *err)
{
    static const enum tsec_hash hashes[] = { TSEC_SHA256, TSEC_SHA384, TSEC_SHA512 };

    if (type < 1 || type > TSEC_ARRAY_LEN(hashes)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "HCL report: hash type %" PRIu32 ", known are 1 to 3",
                         type);
    }
    out->hash = hashes[type - 1];
    return TSEC_OK;
}

static tsec_rc
read_data(struct tsec_span blob, struct hcl_report *out, struct tsec_err *err)
{
    const uint32_t size = u32_at(blob, DATA_AT);
    const uint32_t type = u32_at(blob, DATA_AT + 8);
    const uint32_t len = u32_at(blob, DATA_AT + 16);
    const size_t room = blob.len - JSON_AT;

    if (type != REPORT_SNP || u32_at(blob, DATA_AT + 4) != 1) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "HCL report with hardware report type %" PRIu32
                         " in data of version %" PRIu32 ", expected 2 (SNP) and 1",
                         type, u32_at(blob, DATA_AT + 4));
    }
    TSEC_TRY(read_hash(u32_at(blob, DATA_AT + 12), out, err));
    if (len > HCL_RUNTIME_MAX || len > room || size != len + 20
        || u32_at(blob, 8) != JSON_AT + len) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "HCL report: its sizes do not agree (%" PRIu32 ", %" PRIu32 ", %" PRIu32
                         ", of %zu bytes)",
                         u32_at(blob, 8), size, len, blob.len);
    }
    out->runtime = tsec_span(blob.ptr + JSON_AT, len);
    if (!tsec_span_zero(tsec_span(blob.ptr + JSON_AT + len, room - len))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "HCL report: bytes behind the runtime data");
    }
    return TSEC_OK;
}

tsec_rc
hcl_report_parse(struct tsec_span blob, struct hcl_report *out, struct tsec_err *err)
{
    *out = (struct hcl_report){ .hash = TSEC_SHA256 };
    if (!hcl_report_is(blob) || blob.len < JSON_AT) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "no HCL report (%zu bytes)", blob.len);
    }
    TSEC_TRY(read_header(blob, out, err));
    out->snp_report = tsec_span(blob.ptr + HEADER_LEN, SNP_REPORT_LEN);
    return read_data(blob, out, err);
}

bool
hcl_report_holds(const struct hcl_report *hcl, struct tsec_span report_data)
{
    const size_t len = tsec_hash_len(hcl->hash);
    uint8_t digest[TSEC_SHA512_LEN];

    if (report_data.len < len) {
        return false;
    }
    tsec_hash_parts(hcl->hash, &hcl->runtime, 1, digest);
    return tsec_span_equal(tsec_span(report_data.ptr, len), tsec_span(digest, len))
           && tsec_span_zero(tsec_span(report_data.ptr + len, report_data.len - len));
}
