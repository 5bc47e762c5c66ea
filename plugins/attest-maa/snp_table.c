/* SPDX-License-Identifier: Apache-2.0 */
#include "snp_table.h"

#include "snp_report.h"

enum { GUID_LEN = 16, ENTRY_LEN = 24 };

/* VCEK, VLEK, ASK, ARK and CRL, as their text has the bytes. */
static const uint8_t known[][GUID_LEN] = {
    { 0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac,
      0xcd },
    { 0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0, 0xb8,
      0xa1 },
    { 0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7,
      0x82 },
    { 0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c, 0xd0,
      0xae },
    { 0x92, 0xf8, 0x1b, 0xc3, 0x58, 0x11, 0x4d, 0x3d, 0x97, 0xff, 0xd1, 0x9f, 0x88, 0xdc, 0x67,
      0xea },
};

/* Tables are found with the first three groups of a GUID in either byte order. */
static bool
is_known(struct tsec_span guid)
{
    static const uint8_t swapped[GUID_LEN] = {
        3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15
    };
    uint8_t turned[GUID_LEN];

    for (size_t i = 0; i < GUID_LEN; i++) {
        turned[i] = guid.ptr[swapped[i]];
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        const struct tsec_span id = tsec_span(known[i], GUID_LEN);

        if (tsec_span_equal(id, guid) || tsec_span_equal(id, tsec_span(turned, GUID_LEN))) {
            return true;
        }
    }
    return false;
}

static size_t
u32_at(const uint8_t *b)
{
    return (size_t)b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16 | (size_t)b[3] << 24;
}

static tsec_rc
read_entry(struct tsec_span table, const uint8_t *entry, struct collateral *out, size_t *end,
           struct tsec_err *err)
{
    const size_t offset = u32_at(entry + GUID_LEN);
    const size_t len = u32_at(entry + GUID_LEN + 4);

    if (offset > table.len || len > table.len - offset) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "certificate table: an entry reaches past its end");
    }
    *end = offset + len > *end ? offset + len : *end;
    if (len != 0 && is_known(tsec_span(entry, GUID_LEN))) {
        const tsec_rc rc = collateral_add(out, tsec_span(table.ptr + offset, len), NULL);

        if (rc.code == TSEC_E_TOO_LARGE || rc.code == TSEC_E_NO_MEMORY) {
            return TSEC_FAIL(err, rc.code == TSEC_E_NO_MEMORY ? TSEC_E_NO_MEMORY : TSEC_E_INVALID,
                             "certificate table: more than is taken");
        }
    }
    return TSEC_OK;
}

tsec_rc
snp_table_read(struct tsec_span table, struct collateral *out, struct tsec_err *err)
{
    size_t at = 0;
    size_t end = 0;

    for (size_t i = 0;; i++, at += ENTRY_LEN) {
        if (table.len - at < ENTRY_LEN || i > SNP_TABLE_ENTRIES_MAX) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "certificate table: it does not end");
        }
        if (tsec_span_zero(tsec_span(table.ptr + at, ENTRY_LEN))) {
            break;
        }
        TSEC_TRY(read_entry(table, table.ptr + at, out, &end, err));
    }
    end = end > at ? end : at;
    if (!tsec_span_zero(tsec_span(table.ptr + end, table.len - end))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "certificate table: bytes behind its last entry");
    }
    return TSEC_OK;
}
