/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mint/mint_sgx.h"

#include <string.h>

enum { SGX_LEN = 384, TD10_LEN = 584, TD15_LEN = 648 };
enum { REPORT_DATA = 320, POINT_LEN = 64 };

static void
put_u16(struct tsec_buf *out, unsigned n)
{
    tsec_buf_put_byte(out, (uint8_t)n);
    tsec_buf_put_byte(out, (uint8_t)(n >> 8));
}

static void
put_u32(struct tsec_buf *out, size_t n)
{
    put_u16(out, (unsigned)(n & 0xffff));
    put_u16(out, (unsigned)(n >> 16));
}

static void
put_zeroes(struct tsec_buf *out, size_t n)
{
    (void)tsec_buf_extend(out, n);
}

static size_t
body_len(const struct mint_sgx *spec)
{
    static const size_t lens[] = { SGX_LEN, SGX_LEN, TD10_LEN, TD15_LEN };

    return lens[spec->body_type < 4 ? spec->body_type : 0];
}

static void
put_signed(const struct mint_sgx *spec, struct tsec_buf *out)
{
    static const uint8_t vendor[] = { 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94,
                                      0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07 };

    put_u16(out, spec->version);
    put_u16(out, spec->key_type);
    put_u32(out, spec->tdx ? 0x81 : 0);
    put_zeroes(out, 4);
    tsec_buf_put_byte(out, spec->vendor);
    tsec_buf_put_byte(out, 0x9a);
    tsec_buf_put(out, vendor, sizeof(vendor));
    put_zeroes(out, 20);
    if (spec->version == 5) {
        put_u16(out, spec->body_type);
        put_u32(out, body_len(spec));
    }
    tsec_buf_put(out, spec->body, body_len(spec));
}

static void
put_key(const struct mint_sgx *spec, struct tsec_buf *out)
{
    if (spec->zero_attestation_key) {
        put_zeroes(out, POINT_LEN);
    } else {
        mint_key_point(mint_sgx_key(MINT_SGX_ATTESTATION), out);
    }
}

/* The QE's report, its signature, authentication data, and the chain. */
static void
put_qe(const struct mint_sgx *spec, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(MINT_SGX_MAX);
    TSEC_AUTO_BUF struct tsec_buf chain = TSEC_BUF_INIT(MINT_SGX_MAX);
    uint8_t report[SGX_LEN];

    if (spec->qe_other_key) {
        mint_key_point(mint_sgx_key(MINT_SGX_STRANGER), &key);
    } else {
        put_key(spec, &key);
    }

    const struct tsec_span parts[] = { tsec_buf_span(&key), spec->qe_auth };

    memcpy(report, spec->qe_report, sizeof(report));
    tsec_hash_parts(TSEC_SHA256, parts, TSEC_ARRAY_LEN(parts), report + REPORT_DATA);
    report[sizeof(report) - 1] = spec->qe_tail;
    tsec_buf_put(out, report, sizeof(report));
    mint_sign(mint_sgx_key(spec->qe_signer), TSEC_SIG_ES256, tsec_span(report, sizeof(report)),
              out);
    put_u16(out, (unsigned)spec->qe_auth.len);
    tsec_buf_put_span(out, spec->qe_auth);
    mint_sgx_chain(spec, &chain);
    tsec_buf_put_byte(&chain, '\0');
    put_u16(out, spec->cert_type);
    put_u32(out, chain.len);
    tsec_buf_put_span(out, tsec_buf_span(&chain));
}

static void
put_signature_data(const struct mint_sgx *spec, struct tsec_span message, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf qe = TSEC_BUF_INIT(MINT_SGX_MAX);

    mint_sign(mint_sgx_key(spec->quote_signer), TSEC_SIG_ES256, message, out);
    put_key(spec, out);
    put_qe(spec, &qe);
    if (spec->version > 3) {
        put_u16(out, 6);
        put_u32(out, qe.len);
    }
    tsec_buf_put_span(out, tsec_buf_span(&qe));
}

void
mint_sgx_quote(const struct mint_sgx *spec, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf message = TSEC_BUF_INIT(MINT_SGX_MAX);
    TSEC_AUTO_BUF struct tsec_buf data = TSEC_BUF_INIT(MINT_SGX_MAX);

    put_signed(spec, &message);
    put_signature_data(spec, tsec_buf_span(&message), &data);
    if (spec->wrapped) {
        put_u32(out, 1);
        put_u32(out, 2);
        put_u32(out, message.len + 4 + data.len + spec->padding);
        put_u32(out, 0);
    }
    tsec_buf_put_span(out, tsec_buf_span(&message));
    put_u32(out, data.len);
    tsec_buf_put_span(out, tsec_buf_span(&data));
    for (size_t i = 0; i < spec->padding; i++) {
        tsec_buf_put_byte(out, i + 1 == spec->padding ? spec->padding_byte : 0);
    }
}

/* ---- the PCK's extension ---- */

static void
put_tlv(struct tsec_buf *out, uint8_t tag, struct tsec_span value)
{
    tsec_buf_put_byte(out, tag);
    if (value.len > 255) {
        tsec_buf_put_byte(out, 0x82);
        tsec_buf_put_byte(out, (uint8_t)(value.len >> 8));
    } else if (value.len > 127) {
        tsec_buf_put_byte(out, 0x81);
    }
    tsec_buf_put_byte(out, (uint8_t)value.len);
    tsec_buf_put_span(out, value);
}

/* SEQUENCE { OID 1.2.840.113741.1.13.1.a[.b], value } */
static void
put_entry(struct tsec_buf *out, unsigned a, unsigned b, uint8_t tag, struct tsec_span value)
{
    TSEC_AUTO_BUF struct tsec_buf entry = TSEC_BUF_INIT(MINT_SGX_MAX);
    const uint8_t oid[] = { 0x2a, 0x86, 0x48, 0x86,       0xf8,      0x4d,
                            0x01, 0x0d, 0x01, (uint8_t)a, (uint8_t)b };

    put_tlv(&entry, 0x06, tsec_span(oid, sizeof(oid) - (b == 0 ? 1 : 0)));
    put_tlv(&entry, tag, value);
    put_tlv(out, 0x30, tsec_buf_span(&entry));
}

static void
put_number(struct tsec_buf *out, unsigned b, unsigned n)
{
    const uint8_t bytes[] = { 0, (uint8_t)(n >> 8), (uint8_t)n };
    const size_t skip = n < 0x80 ? 2 : n < 0x8000 ? 1 : 0;

    put_entry(out, 2, b, 0x02, tsec_span(bytes + skip, sizeof(bytes) - skip));
}

void
mint_sgx_extension(const struct mint_sgx_platform *p, struct tsec_buf *der)
{
    static const uint8_t type[] = { 1 };
    TSEC_AUTO_BUF struct tsec_buf list = TSEC_BUF_INIT(MINT_SGX_MAX);
    TSEC_AUTO_BUF struct tsec_buf tcb = TSEC_BUF_INIT(MINT_SGX_MAX);

    for (unsigned i = 0; i < 16; i++) {
        put_number(&tcb, i + 1, p->components[i]);
    }
    put_number(&tcb, 17, p->pce_svn);
    put_entry(&tcb, 2, 18, 0x04, tsec_span(p->cpu_svn, sizeof(p->cpu_svn)));
    put_entry(&list, 1, 0, 0x04, tsec_span(p->ppid, sizeof(p->ppid)));
    put_entry(&list, 2, 0, 0x30, tsec_buf_span(&tcb));
    put_entry(&list, 3, 0, 0x04, tsec_span(p->pce_id, sizeof(p->pce_id)));
    put_entry(&list, 4, 0, 0x04, tsec_span(p->fmspc, sizeof(p->fmspc)));
    put_entry(&list, 5, 0, 0x0a, tsec_span(type, sizeof(type)));
    if (p->has_instance) {
        put_entry(&list, 6, 0, 0x04, tsec_span(p->instance, sizeof(p->instance)));
    }
    if (p->has_configuration) {
        put_entry(&list, 7, 0, 0x30, tsec_span(NULL, 0));
    }
    put_tlv(der, 0x30, tsec_buf_span(&list));
}
