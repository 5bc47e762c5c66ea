/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mint/mint_cbor.h"

void
mint_cbor_wide_head(struct tsec_buf *out, unsigned major, unsigned width, uint64_t value)
{
    const unsigned info = width == 1 ? 24 : width == 2 ? 25 : width == 4 ? 26 : 27;

    tsec_buf_put_byte(out, (uint8_t)(major << 5 | info));
    for (unsigned i = width; i > 0; i--) {
        tsec_buf_put_byte(out, (uint8_t)(value >> (8 * (i - 1))));
    }
}

void
mint_cbor_head(struct tsec_buf *out, unsigned major, uint64_t value)
{
    if (value < 24) {
        tsec_buf_put_byte(out, (uint8_t)(major << 5 | value));
    } else {
        mint_cbor_wide_head(out, major,
                            value <= UINT8_MAX    ? 1
                            : value <= UINT16_MAX ? 2
                            : value <= UINT32_MAX ? 4
                                                  : 8,
                            value);
    }
}

void
mint_cbor_indefinite(struct tsec_buf *out, unsigned major)
{
    tsec_buf_put_byte(out, (uint8_t)(major << 5 | 31));
}

void
mint_cbor_bytes(struct tsec_buf *out, struct tsec_span bytes)
{
    mint_cbor_head(out, MINT_CBOR_BYTES, bytes.len);
    tsec_buf_put_span(out, bytes);
}

void
mint_cbor_text(struct tsec_buf *out, const char *text)
{
    mint_cbor_head(out, MINT_CBOR_TEXT, strlen(text));
    tsec_buf_put_str(out, text);
}
