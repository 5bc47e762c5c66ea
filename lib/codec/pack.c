/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/pack.h"

static void
pack(struct tsec_buf *out, uint64_t v, size_t len)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < len; i++) {
        bytes[len - 1 - i] = (uint8_t)(v >> (8 * i));
    }
    tsec_buf_put(out, bytes, len);
}

void
tsec_pack_u8(struct tsec_buf *out, uint8_t v)
{
    tsec_buf_put_byte(out, v);
}

void
tsec_pack_u16(struct tsec_buf *out, uint16_t v)
{
    pack(out, v, 2);
}

void
tsec_pack_u32(struct tsec_buf *out, uint32_t v)
{
    pack(out, v, 4);
}

void
tsec_pack_u64(struct tsec_buf *out, uint64_t v)
{
    pack(out, v, 8);
}

void
tsec_pack_i64(struct tsec_buf *out, int64_t v)
{
    pack(out, (uint64_t)v, 8);
}

/* Room for both first: a length never stands without its bytes. */
void
tsec_pack_bytes(struct tsec_buf *out, struct tsec_span bytes)
{
    if (bytes.len > UINT32_MAX) {
        out->failed = true;
        return;
    }
    tsec_buf_reserve(out, bytes.len + 4);
    tsec_pack_u32(out, (uint32_t)bytes.len);
    tsec_buf_put_span(out, bytes);
}

void
tsec_pack_str(struct tsec_buf *out, const char *text)
{
    tsec_pack_bytes(out, tsec_span_str(text));
}

struct tsec_span
tsec_read_fixed(struct tsec_reader *in, size_t len)
{
    if (in->failed || len > in->rest.len) {
        in->failed = true;
        return tsec_span(NULL, 0);
    }
    if (len == 0) {
        return tsec_span(in->rest.ptr, 0);
    }

    const struct tsec_span taken = tsec_span(in->rest.ptr, len);

    in->rest = tsec_span(in->rest.ptr + len, in->rest.len - len);
    return taken;
}

static uint64_t
read_number(struct tsec_reader *in, size_t len)
{
    const struct tsec_span bytes = tsec_read_fixed(in, len);
    uint64_t v = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        v = (v << 8) | bytes.ptr[i];
    }
    return v;
}

uint8_t
tsec_read_u8(struct tsec_reader *in)
{
    return (uint8_t)read_number(in, 1);
}

uint16_t
tsec_read_u16(struct tsec_reader *in)
{
    return (uint16_t)read_number(in, 2);
}

uint32_t
tsec_read_u32(struct tsec_reader *in)
{
    return (uint32_t)read_number(in, 4);
}

uint64_t
tsec_read_u64(struct tsec_reader *in)
{
    return read_number(in, 8);
}

int64_t
tsec_read_i64(struct tsec_reader *in)
{
    return (int64_t)read_number(in, 8);
}

struct tsec_span
tsec_read_bytes(struct tsec_reader *in, size_t max)
{
    const size_t len = tsec_read_u32(in);

    if (len > max) {
        in->failed = true;
    }
    return tsec_read_fixed(in, len);
}

tsec_rc
tsec_reader_end(const struct tsec_reader *in, const char *what, struct tsec_err *err)
{
    if (in->failed) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%s: cut short, or a length past its limit", what);
    }
    if (in->rest.len != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%s: %zu bytes left over", what, in->rest.len);
    }
    return TSEC_OK;
}
