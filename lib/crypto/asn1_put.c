/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/asn1_put.h"

#include "crypto/asn1.h"
#include "crypto/internal.h"

static void
put_head(struct tsec_buf *out, uint8_t tag, size_t len)
{
    tsec_buf_put_byte(out, tag);
    if (len > UINT16_MAX) {
        tsec_crypto_abort("DER of more than 64 KiB");
    }
    if (len > UINT8_MAX) {
        tsec_buf_put_byte(out, 0x82);
        tsec_buf_put_byte(out, (uint8_t)(len >> 8));
    } else if (len >= 0x80) {
        tsec_buf_put_byte(out, 0x81);
    }
    tsec_buf_put_byte(out, (uint8_t)len);
}

void
tsec_asn1_put(struct tsec_buf *out, uint8_t tag, struct tsec_span contents)
{
    put_head(out, tag, contents.len);
    tsec_buf_put_span(out, contents);
}

void
tsec_asn1_put_magnitude(struct tsec_buf *out, struct tsec_span big_endian)
{
    while (big_endian.len > 1 && big_endian.ptr[0] == 0) {
        big_endian = tsec_span(big_endian.ptr + 1, big_endian.len - 1);
    }
    if (big_endian.len == 0 || (big_endian.ptr[0] & 0x80) != 0) {
        put_head(out, ASN1_TAG_INTEGER, big_endian.len + 1);
        tsec_buf_put_byte(out, 0);
    } else {
        put_head(out, ASN1_TAG_INTEGER, big_endian.len);
    }
    tsec_buf_put_span(out, big_endian);
}

void
tsec_asn1_put_bytes(struct tsec_buf *out, struct tsec_span bytes)
{
    put_head(out, ASN1_TAG_BITS, bytes.len + 1);
    tsec_buf_put_byte(out, 0);
    tsec_buf_put_span(out, bytes);
}
