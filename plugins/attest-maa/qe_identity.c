/* SPDX-License-Identifier: Apache-2.0 */
#include "qe_identity.h"

#include <stdlib.h>

#include "base/hex.h"
#include "collateral_doc.h"
#include "quote_parse.h"

enum { FLAG_DEBUG = 2 };

/* MRSIGNER of Intel's quoting enclaves, as every identity that Intel has published has it. */
static const struct {
    uint8_t mrsigner[32];
    uint16_t prod_id;
} intel[2] = {
    { { 0x8c, 0x4f, 0x57, 0x75, 0xd7, 0x96, 0x50, 0x3e, 0x96, 0x13, 0x7f,
        0x77, 0xc6, 0x8a, 0x82, 0x9a, 0x00, 0x56, 0xac, 0x8d, 0xed, 0x70,
        0x14, 0x0b, 0x08, 0x1b, 0x09, 0x44, 0x90, 0xc5, 0x7b, 0xff },
      1 }, /* QE */
    { { 0xdc, 0x9e, 0x2a, 0x7c, 0x6f, 0x94, 0x8f, 0x17, 0x47, 0x4e, 0x34,
        0xa7, 0xfc, 0x43, 0xed, 0x03, 0x0f, 0x7c, 0x15, 0x63, 0xf1, 0xba,
        0xbd, 0xdf, 0x63, 0x40, 0xc8, 0x2e, 0x0e, 0x54, 0xa8, 0xc5 },
      2 }, /* TD QE */
};

/* ---- reading ---- */

/* A number written from its highest byte; reports have the lowest first. */
static bool
hex_reversed(struct tsec_span object, const char *name, uint8_t out[4])
{
    uint8_t bytes[4];

    if (!collateral_doc_hex(object, name, bytes, sizeof(bytes))) {
        return false;
    }
    for (size_t i = 0; i < sizeof(bytes); i++) {
        out[i] = bytes[sizeof(bytes) - 1 - i];
    }
    return true;
}

tsec_rc
qe_identity_parse(struct tsec_span body, struct qe_identity **out, struct tsec_err *err)
{
    TSEC_AUTO(qe_identity_free) struct qe_identity *id = calloc(1, sizeof(*id));
    uint64_t prod_id = 0;

    if (id == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a QE identity");
    }
    if (!hex_reversed(body, "miscselect", id->miscselect)
        || !hex_reversed(body, "miscselectMask", id->miscselect_mask)
        || !collateral_doc_hex(body, "attributes", id->attributes, sizeof(id->attributes))
        || !collateral_doc_hex(body, "attributesMask", id->attributes_mask,
                               sizeof(id->attributes_mask))
        || !collateral_doc_hex(body, "mrsigner", id->mrsigner, sizeof(id->mrsigner))
        || !collateral_doc_number(body, "isvprodid", UINT16_MAX, &prod_id)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "QE identity: a member is missing or wrong");
    }
    id->prod_id = (uint16_t)prod_id;
    TSEC_TRY(tcb_svn_levels_read(body, &id->levels, err));
    *out = TSEC_TAKE(id);
    return TSEC_OK;
}

void
qe_identity_free(struct qe_identity *identity)
{
    if (identity != NULL) {
        tcb_svn_levels_done(&identity->levels);
        free(identity);
    }
}

/* ---- comparing ---- */

static tsec_rc
match_masked(const char *what, const uint8_t *seen, const uint8_t *mask, const uint8_t *wanted,
             size_t len, struct tsec_err *err)
{
    char seen_hex[2 * 16 + 1];
    char wanted_hex[2 * 16 + 1];
    bool same = true;

    for (size_t i = 0; i < len; i++) {
        same = same && (seen[i] & mask[i]) == wanted[i];
    }
    if (same) {
        return TSEC_OK;
    }
    tsec_hex_encode(tsec_span(seen, len), seen_hex);
    tsec_hex_encode(tsec_span(wanted, len), wanted_hex);
    return TSEC_FAIL(err, TSEC_E_DENIED, "the QE's %s is %s, Intel's has %s under its mask", what,
                     seen_hex, wanted_hex);
}

static tsec_rc
match_signer(struct tsec_span report, const uint8_t mrsigner[32], uint16_t prod_id,
             struct tsec_err *err)
{
    const struct tsec_span seen = quote_at(report, SGX_MRSIGNER, 32);
    char seen_hex[2 * 32 + 1];
    char wanted_hex[2 * 32 + 1];

    if (!tsec_span_equal(seen, tsec_span(mrsigner, 32))) {
        tsec_hex_encode(seen, seen_hex);
        tsec_hex_encode(tsec_span(mrsigner, 32), wanted_hex);
        return TSEC_FAIL(err, TSEC_E_DENIED,
                         "the QE is signed by %.16s..., Intel's quoting enclaves by %.16s...",
                         seen_hex, wanted_hex);
    }
    if (quote_u16(report, SGX_PROD_ID) != prod_id) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "the QE has product id %u, Intel's has %u",
                         quote_u16(report, SGX_PROD_ID), prod_id);
    }
    return TSEC_OK;
}

tsec_rc
qe_identity_match(const struct qe_identity *identity, struct tsec_span report, struct tsec_err *err)
{
    TSEC_TRY(match_masked("MISCSELECT", report.ptr + SGX_MISCSELECT, identity->miscselect_mask,
                          identity->miscselect, sizeof(identity->miscselect), err));
    TSEC_TRY(match_masked("ATTRIBUTES", report.ptr + SGX_ATTRIBUTES, identity->attributes_mask,
                          identity->attributes, sizeof(identity->attributes), err));
    return match_signer(report, identity->mrsigner, identity->prod_id, err);
}

tsec_rc
qe_identity_match_intel(bool tdx, struct tsec_span report, struct tsec_err *err)
{
    if ((report.ptr[SGX_ATTRIBUTES] & FLAG_DEBUG) != 0) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "the QE is in debug mode");
    }
    return match_signer(report, intel[tdx ? 1 : 0].mrsigner, intel[tdx ? 1 : 0].prod_id, err);
}
