/* SPDX-License-Identifier: Apache-2.0 */
#include "quote_parse.h"

enum { HEADER_LEN = 48, EVIDENCE_HEADER_LEN = 16, EVIDENCE_IS_REPORT = 2 };
enum { KEY_ECDSA_P256 = 2, TEE_SGX = 0, TEE_TDX = 0x81 };
enum { BODY_SGX = 1, BODY_TD10 = 2, BODY_TD15 = 3 };
enum { CERT_QE_REPORT = 6 };
enum { POINT_LEN = 64, SIGNATURE_LEN = 64 };

/* "Intel SGX" as a QE vendor: 939A7233-F79C-4CA9-940A-0DB3957F0607 */
static const uint8_t intel[16] = { 0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                   0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07 };

struct cursor {
    struct tsec_span rest;
    struct tsec_err *err;
};

uint16_t
quote_u16(struct tsec_span bytes, size_t offset)
{
    return (uint16_t)(bytes.ptr[offset] | bytes.ptr[offset + 1] << 8);
}

uint32_t
quote_u32(struct tsec_span bytes, size_t offset)
{
    return (uint32_t)quote_u16(bytes, offset) | (uint32_t)quote_u16(bytes, offset + 2) << 16;
}

static tsec_rc
take(struct cursor *c, size_t len, const char *what, struct tsec_span *out)
{
    if (len > c->rest.len) {
        return TSEC_FAIL(c->err, TSEC_E_INVALID, "%s: %zu bytes are said to be there, %zu are",
                         what, len, c->rest.len);
    }
    *out = tsec_span(c->rest.ptr, len);
    c->rest = tsec_span(c->rest.ptr + len, c->rest.len - len);
    return TSEC_OK;
}

static tsec_rc
take_u16(struct cursor *c, const char *what, uint16_t *out)
{
    struct tsec_span bytes = { NULL, 0 };

    TSEC_TRY(take(c, 2, what, &bytes));
    *out = quote_u16(bytes, 0);
    return TSEC_OK;
}

static tsec_rc
take_u32(struct cursor *c, const char *what, uint32_t *out)
{
    struct tsec_span bytes = { NULL, 0 };

    TSEC_TRY(take(c, 4, what, &bytes));
    *out = quote_u32(bytes, 0);
    return TSEC_OK;
}

/* ---- header and body ---- */

/* Open Enclave's oe_report_header_t: version 1, type 2 (remote), length of what follows. */
static tsec_rc
skip_evidence_header(struct cursor *c, struct quote *out)
{
    struct tsec_span header = { NULL, 0 };

    if (c->rest.len < EVIDENCE_HEADER_LEN || quote_u32(c->rest, 0) != 1
        || quote_u32(c->rest, 4) != EVIDENCE_IS_REPORT) {
        return TSEC_OK;
    }
    TSEC_TRY(take(c, EVIDENCE_HEADER_LEN, "evidence header", &header));
    if (quote_u32(header, 12) != 0 || quote_u32(header, 8) != c->rest.len) {
        return TSEC_FAIL(c->err, TSEC_E_INVALID, "evidence header: it names %u bytes, %zu follow",
                         quote_u32(header, 8), c->rest.len);
    }
    out->wrapped = true;
    return TSEC_OK;
}

static tsec_rc
check_header(struct tsec_span header, struct quote *out, enum tsec_reason *reason,
             struct tsec_err *err)
{
    const uint16_t key_type = quote_u16(header, 2);
    const uint32_t tee = quote_u32(header, 4);

    out->version = quote_u16(header, 0);
    if (out->version < 3 || out->version > 5) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "quote of version %u: 3, 4 and 5 are known",
                         out->version);
    }
    if (tee != TEE_SGX && (tee != TEE_TDX || out->version == 3)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "quote of TEE type 0x%x in version %u", tee,
                         out->version);
    }
    out->tdx = tee == TEE_TDX;
    if (!tsec_span_equal(quote_at(header, 12, sizeof(intel)), tsec_span(intel, sizeof(intel)))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "quote of a QE that is not Intel's");
    }
    if (key_type != KEY_ECDSA_P256) {
        *reason = TSEC_REASON_ALGORITHM;
        return TSEC_FAIL(err, TSEC_E_DENIED, "attestation key of type %u: 2 (P-256) is allowed",
                         key_type);
    }
    return TSEC_OK;
}

static size_t
body_len(const struct quote *q)
{
    if (!q->tdx) {
        return QUOTE_SGX_REPORT_LEN;
    }
    return q->td15 ? QUOTE_TD15_REPORT_LEN : QUOTE_TD10_REPORT_LEN;
}

/* Version 5 says what the body is, and how long. */
static tsec_rc
take_body_type(struct cursor *c, struct quote *out)
{
    uint16_t type = 0;
    uint32_t len = 0;

    TSEC_TRY(take_u16(c, "body type", &type));
    TSEC_TRY(take_u32(c, "body length", &len));
    out->td15 = type == BODY_TD15;
    if (type < BODY_SGX || type > BODY_TD15 || (type != BODY_SGX) != out->tdx
        || len != body_len(out)) {
        return TSEC_FAIL(c->err, TSEC_E_INVALID, "body of type %u with %u bytes in a quote of %s",
                         type, len, out->tdx ? "TDX" : "SGX");
    }
    return TSEC_OK;
}

static tsec_rc
take_signed(struct cursor *c, struct quote *out, enum tsec_reason *reason)
{
    const uint8_t *start = c->rest.ptr;
    struct tsec_span header = { NULL, 0 };

    TSEC_TRY(take(c, HEADER_LEN, "header", &header));
    TSEC_TRY(check_header(header, out, reason, c->err));
    if (out->version == 5) {
        TSEC_TRY(take_body_type(c, out));
    }
    TSEC_TRY(take(c, body_len(out), "report", &out->body));
    out->signed_bytes = tsec_span(start, (size_t)(c->rest.ptr - start));
    return TSEC_OK;
}

/* ---- signature data ---- */

static tsec_rc
no_chain(struct cursor *c, uint16_t type, uint16_t wanted, enum tsec_reason *reason)
{
    *reason = TSEC_REASON_NO_ENDORSEMENT;
    return TSEC_FAIL(c->err, TSEC_E_DENIED,
                     "certification data of type %u has no PCK chain in it: type %u is needed",
                     type, wanted);
}

static tsec_rc
take_cert_data(struct cursor *c, uint16_t wanted, struct tsec_span *out, enum tsec_reason *reason)
{
    uint16_t type = 0;
    uint32_t len = 0;

    TSEC_TRY(take_u16(c, "certification data type", &type));
    TSEC_TRY(take_u32(c, "certification data length", &len));
    TSEC_TRY(take(c, len, "certification data", out));
    return type == wanted ? TSEC_OK : no_chain(c, type, wanted, reason);
}

static tsec_rc
nothing_left(const struct cursor *c, const char *what)
{
    if (c->rest.len != 0) {
        return TSEC_FAIL(c->err, TSEC_E_INVALID, "%zu bytes too many behind the %s", c->rest.len,
                         what);
    }
    return TSEC_OK;
}

/* What vouches for the attestation key: the QE's report, signed by the PCK, and the PCK's chain. */
static tsec_rc
take_qe(struct cursor *c, struct quote *out, enum tsec_reason *reason)
{
    uint16_t auth_len = 0;

    TSEC_TRY(take(c, QUOTE_SGX_REPORT_LEN, "QE report", &out->qe_report));
    TSEC_TRY(take(c, SIGNATURE_LEN, "QE report signature", &out->qe_signature));
    TSEC_TRY(take_u16(c, "QE authentication data length", &auth_len));
    TSEC_TRY(take(c, auth_len, "QE authentication data", &out->qe_auth));
    TSEC_TRY(take_cert_data(c, QUOTE_CERT_PCK_CHAIN, &out->pck_chain, reason));
    return nothing_left(c, "certification data");
}

static tsec_rc
take_signature_data(struct cursor *c, struct quote *out, enum tsec_reason *reason)
{
    struct cursor nested = { { NULL, 0 }, c->err };

    TSEC_TRY(take(c, SIGNATURE_LEN, "signature", &out->signature));
    TSEC_TRY(take(c, POINT_LEN, "attestation key", &out->key));
    if (out->version == 3) {
        return take_qe(c, out, reason);
    }
    /* since version 4 all of it is certification data itself */
    TSEC_TRY(take_cert_data(c, CERT_QE_REPORT, &nested.rest, reason));
    TSEC_TRY(nothing_left(c, "certification data"));
    return take_qe(&nested, out, reason);
}

/* ---- all of it ---- */

static tsec_rc
parse(struct cursor *c, struct quote *out, enum tsec_reason *reason)
{
    struct cursor data = { { NULL, 0 }, c->err };
    uint32_t len = 0;

    TSEC_TRY(skip_evidence_header(c, out));
    TSEC_TRY(take_signed(c, out, reason));
    TSEC_TRY(take_u32(c, "signature data length", &len));
    TSEC_TRY(take(c, len, "signature data", &data.rest));
    TSEC_TRY(take_signature_data(&data, out, reason));
    /* quoting services hand out their whole buffer: what is behind the quote is not signed, and
     * may hold nothing */
    if (!tsec_span_zero(c->rest)) {
        return TSEC_FAIL(c->err, TSEC_E_INVALID, "%zu bytes behind the quote that are not all zero",
                         c->rest.len);
    }
    out->padding = c->rest.len;
    return TSEC_OK;
}

tsec_rc
quote_parse(struct tsec_span evidence, struct quote *out, enum tsec_reason *reason,
            struct tsec_err *err)
{
    struct cursor c = { evidence, err };

    memset(out, 0, sizeof(*out));
    *reason = TSEC_REASON_MALFORMED;
    return parse(&c, out, reason);
}
