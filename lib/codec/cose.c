/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/cose.h"

#include "codec/cbor.h"

enum {
    TAG_SIGN1 = 18, /* RFC 9052 table 1 */
    LABEL_ALG = 1,
    HEAD_BYTES = 0x40,
};

/* RFC 9052 section 3: the encoded header map, of which only alg is understood here. */
static tsec_rc
protected_header(struct tsec_span bytes, int64_t *alg, struct tsec_err *err)
{
    struct tsec_cbor in = tsec_cbor(bytes);
    struct tsec_cbor_map map;
    int64_t label = 0;
    bool more = false;

    TSEC_TRY(tsec_cbor_map(&in, 1, false, &map, err));
    TSEC_TRY(tsec_cbor_map_next(&in, &map, &more, err));
    if (!more) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "COSE: protected header without alg");
    }
    TSEC_TRY(tsec_cbor_int(&in, &label, err));
    if (label != LABEL_ALG) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "COSE: protected parameter %lld", (long long)label);
    }
    TSEC_TRY(tsec_cbor_int(&in, alg, err));
    return tsec_cbor_end(&in, err);
}

static tsec_rc
no_unprotected(struct tsec_cbor *in, struct tsec_err *err)
{
    struct tsec_cbor_map map;

    return tsec_cbor_map(in, 0, false, &map, err);
}

tsec_rc
tsec_cose_sign1_parse(struct tsec_span bytes, struct tsec_cose_sign1 *out, struct tsec_err *err)
{
    struct tsec_cbor in = tsec_cbor(bytes);
    size_t count = 0;

    (void)tsec_cbor_tag(&in, TAG_SIGN1);
    TSEC_TRY(tsec_cbor_array(&in, 4, &count, err));
    if (count != 4) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "COSE: an array of %zu, not 4", count);
    }
    TSEC_TRY(tsec_cbor_bytes(&in, &out->protected, err));
    TSEC_TRY(no_unprotected(&in, err));
    TSEC_TRY(tsec_cbor_bytes(&in, &out->payload, err));
    TSEC_TRY(tsec_cbor_bytes(&in, &out->signature, err));
    TSEC_TRY(tsec_cbor_end(&in, err));
    return protected_header(out->protected, &out->alg, err);
}

static void
put_bytes(struct tsec_buf *out, struct tsec_span bytes)
{
    uint8_t head[9];
    unsigned width = 0;
    const uint64_t len = bytes.len;

    if (len < 24) {
        tsec_buf_put_byte(out, (uint8_t)(HEAD_BYTES | len));
        tsec_buf_put_span(out, bytes);
        return;
    }
    while (width < 3 && len >> (8u << width) != 0) {
        width++;
    }
    head[0] = (uint8_t)(HEAD_BYTES | (24 + width));
    for (unsigned i = 0; i < 1u << width; i++) {
        head[1 + i] = (uint8_t)(len >> (8 * ((1u << width) - 1 - i)));
    }
    tsec_buf_put(out, head, 1 + ((size_t)1 << width));
    tsec_buf_put_span(out, bytes);
}

void
tsec_cose_signed_bytes(const struct tsec_cose_sign1 *sign1, struct tsec_buf *out)
{
    static const uint8_t start[] = "\x84\x6a"
                                   "Signature1";

    tsec_buf_put(out, start, sizeof(start) - 1);
    put_bytes(out, sign1->protected);
    put_bytes(out, tsec_span(NULL, 0)); /* external_aad */
    put_bytes(out, sign1->payload);
}
